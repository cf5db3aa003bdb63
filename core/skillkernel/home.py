"""SKILL_HOME and its config.toml."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from skillkernel.catalogue.types import Layout
from skillkernel.errors import UsageError
from skillkernel.regular_file import read_regular_file
from skillkernel.text import visible


def find_home(environ: Mapping[str, str]) -> Path:
    """SKILL_HOME, else the platform's folder for a user's data; the folder need not be there; raise `UsageError` for a `~` of nobody."""
    named = environ.get("SKILL_HOME", "")
    if named:
        try:
            return Path(named).expanduser().absolute()
        except RuntimeError as error:
            raise UsageError(f"SKILL_HOME {named!r} cannot be found: {error}", hint="write its whole path") from error
    import platformdirs

    return Path(platformdirs.user_data_dir("skillkernel", appauthor=False))


def open_home(environ: Mapping[str, str] | None = None) -> Layout:
    """The layout of SKILL_HOME, made with mode 0700 when it is not there and tightened to it when it is open to others.

    Raise `UsageError` when it cannot be made, belongs to somebody else, or is a shared folder with other things in it.
    """
    home = find_home(os.environ if environ is None else environ)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = home.stat()
    except (OSError, ValueError) as error:
        raise UsageError(
            f"SKILL_HOME {home} cannot be made: {getattr(error, 'strerror', None) or error}",
            hint="set SKILL_HOME to a folder that you can write to",
        ) from error
    if found.st_uid != os.geteuid():
        raise UsageError(
            f"SKILL_HOME {home} belongs to another user (uid {found.st_uid}, you are {os.geteuid()})",
            hint="run it as that user, or set SKILL_HOME to a folder of your own",
        )
    if found.st_mode & _OTHERS:
        _tighten(home, found.st_mode)
    return Layout(home)


_OTHERS = 0o066
"""Reading and writing; that others may pass through is what root's workers need where there is no bubblewrap."""
_OWN_NAMES = ("generations", "store", "journal.sqlite", "config.toml", "models", "data", "cache", "logs", "secrets")


def _tighten(home: Path, mode: int) -> None:
    """Make a home private, once and not silently; a folder that others work in (`/tmp`) is left as it is and refused."""
    is_own = any((home / name).exists() for name in _OWN_NAMES) or not any(home.iterdir())
    if mode & stat.S_ISVTX or not is_own:
        raise UsageError(
            f"SKILL_HOME {home} is open to others (mode {stat.S_IMODE(mode):o}) and not a folder of skillkernel's own",
            hint=f"set SKILL_HOME to a new folder, for example {home / 'skillkernel'}",
        )
    import logging

    said = f"SKILL_HOME {visible(str(home))} was open to others (mode {stat.S_IMODE(mode):o})"
    log = logging.getLogger("skillkernel")
    try:
        home.chmod(0o700)
    except OSError as error:
        log.warning("%s and cannot be made private: %s", said, error.strerror)
    else:
        log.warning("%s; it is private now (mode 700)", said)


TABLES = ("drivers", "model", "budget", "rules", "secrets", "files", "network", "sandbox", "index", "sigstore")
"""Everything that config.toml may hold at its top level."""
_CONFIG_BYTES = 1_000_000


def read_config(path: Path) -> dict[str, Any]:
    """The settings of config.toml, empty when there is none; raise `UsageError` with the place of a mistake."""
    try:
        text = read_regular_file(path, _CONFIG_BYTES).decode("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} cannot be read: {getattr(error, 'strerror', None) or error}",
            hint="it has to be a UTF-8 text file that you can read",
        ) from error
    config = _parsed(path, text)
    for name in config:
        if name not in TABLES:
            raise _unknown_entry(name)
    return config


def _parsed(path: Path, text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not TOML: {error}", hint="mend that line, or move the file away") from error


def _unknown_entry(name: str) -> UsageError:
    from skillkernel.near import nearest

    near = nearest(name, TABLES, limit=1)
    return UsageError(
        f"config.toml: {visible(name, limit=80)} is not a setting",
        hint=f"did you mean {near[0]}?" if near else f"there are: {', '.join(TABLES)}",
    )
