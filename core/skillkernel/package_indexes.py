"""Where this machine gets Python packages from, said in the way that uv understands.

uv does not read pip's configuration, yet that is where a machine's mirror, its certificate or its folder of wheels is
usually written down. A setting of uv's own (a `UV_*` variable, or an index in the user's or system's uv.toml) always
wins over pip's setting of the same kind. Values travel by environment, never on a command line that every process
can read: an index's address may hold a password.
"""

import configparser
import os
import shutil
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from skillkernel.errors import Missing

UV_WORKING_FOLDER = "/"
"""Where to run uv: it reads uv.toml and pyproject.toml upwards from its working folder, and ours must not count."""

PIP_SYSTEM_FILE = Path("/etc/pip.conf")
UV_SYSTEM_FILE = Path("/etc/uv/uv.toml")

_UV_INDEX_KEYS = {"index", "index-url", "extra-index-url", "find-links", "no-index"}
_TRUE = {"1", "true", "yes", "on", "y", "t"}


def uv_executable() -> str:
    """The path of uv; raise `Missing` when it is neither beside this Python nor on PATH."""
    import uv  # only needed by installs and fetches, not at start-up

    try:
        return uv.find_uv_bin()
    except FileNotFoundError:
        found = shutil.which("uv")
    if found is None:
        raise Missing("the program uv is not here", hint="pip install uv")
    return found


def uv_index_arguments() -> list[str]:
    """The index settings that uv takes only as arguments; everything else is in `uv_environment`."""
    if not _uv_has_indexes(os.environ) and _pip_settings().get("no-index", "").lower() in _TRUE:
        return ["--no-index"]
    return []


def uv_environment() -> dict[str, str]:
    """This process's environment with pip's index, certificate, proxy and time-out settings as uv's variables.

    Folders that are not there are left out: pip passes over them, uv stops at them. Several indexes are searched as
    pip does, best version first, so pin what you install by hash.
    """
    environment = dict(os.environ)
    for name, value in _uv_variables(_pip_settings(), environment).items():
        environment.setdefault(name, value)
    return environment


def _uv_variables(pip: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    variables = {
        "SSL_CERT_FILE": pip.get("cert", ""),
        "SSL_CLIENT_CERT": pip.get("client-cert", ""),
        "ALL_PROXY": pip.get("proxy", ""),
        "UV_HTTP_TIMEOUT": pip.get("timeout", pip.get("default-timeout", "")),
    }
    if not _uv_has_indexes(environ):
        extra = [url for url in pip.get("extra-index-url", "").split() if not _is_absent_file(url)]
        variables |= {
            "UV_DEFAULT_INDEX": pip.get("index-url", ""),
            "UV_INDEX": " ".join(extra),
            "UV_INDEX_STRATEGY": "unsafe-best-match" if extra else "",
            "UV_FIND_LINKS": ",".join(_present_links(pip.get("find-links", "").split())),
            "UV_INSECURE_HOST": " ".join(pip.get("trusted-host", "").split()),
        }
    return {name: value for name, value in variables.items() if value}


def _present_links(links: Iterable[str]) -> Iterator[str]:
    for link in links:
        if "://" in link:
            if not _is_absent_file(link):
                yield link
        elif (folder := Path(link).expanduser()).is_dir():
            yield str(folder.resolve())


def _is_absent_file(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "file" and not Path(unquote(parts.path)).exists()


def _uv_has_indexes(environ: Mapping[str, str]) -> bool:
    names = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_CONFIG_FILE")
    return any(environ.get(name) for name in names) or any(map(_names_an_index, _uv_files()))


def _names_an_index(file: Path) -> bool:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    pip_table = table.get("pip")
    return bool(_UV_INDEX_KEYS & (table.keys() | (pip_table.keys() if isinstance(pip_table, dict) else set())))


def _uv_files() -> list[Path]:
    return [_user_configuration() / "uv" / "uv.toml", UV_SYSTEM_FILE]


def _user_configuration() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")


def _pip_settings() -> dict[str, str]:
    """pip's options for `pip install`, later places over earlier ones, as pip's `Configuration` orders them."""
    settings: dict[str, str] = {}
    parsers = [parser for file in _pip_files() if (parser := _parsed(file)) is not None]
    for section in ("global", "install"):
        for parser in parsers:
            if parser.has_section(section):
                settings |= {_option(name): value for name, value in parser.items(section) if value}
    for name, value in os.environ.items():
        if name.startswith("PIP_") and value:
            settings[_option(name.removeprefix("PIP_"))] = value
    return settings


def _parsed(file: Path) -> configparser.RawConfigParser | None:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, configparser.Error):
        return None
    return parser


def _option(name: str) -> str:
    return name.lower().replace("_", "-").removeprefix("--")


def _pip_files() -> list[Path]:
    """pip's configuration files, weakest first (pip/_internal/configuration.py)."""
    named = os.environ.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return []
    everywhere = os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    files = [Path(folder) / "pip" / "pip.conf" for folder in everywhere.split(os.pathsep) if folder]
    files.append(PIP_SYSTEM_FILE)
    if not (named and Path(named).exists()):
        files += [Path.home() / ".pip" / "pip.conf", _user_configuration() / "pip" / "pip.conf"]
    files.append(Path(sys.prefix) / "pip.conf")
    return [*files, Path(named)] if named else files
