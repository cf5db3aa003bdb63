"""What of the host a Python needs to run inside the walls, and not a file more: no shell, no tools, no /usr."""

import os
import sys
import sysconfig
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_SHARED_PREFIXES = (Path("/"), Path("/usr"), Path("/usr/local"))


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The running Python's own files.

    `read_only` are host paths to be mounted where they are, since a Python moved elsewhere loads another libpython;
    `links` are (path, target) of symbolic links in the root folder; `hidden` are folders to be covered.
    """

    executable: Path
    read_only: tuple[Path, ...]
    links: tuple[tuple[Path, str], ...]
    hidden: tuple[Path, ...]


@cache
def this_interpreter() -> Interpreter:
    """The interpreter that runs this code, without its virtual environment."""
    executable = Path(getattr(sys, "_base_executable", None) or sys.executable).resolve()
    base = Path(sys.base_prefix).resolve()
    stdlib = Path(sysconfig.get_path("stdlib", vars={"installed_base": str(base)}))
    whole = base not in _SHARED_PREFIXES
    own = (base,) if whole else (executable, stdlib, *_shared_library(base))
    return Interpreter(
        executable=executable,
        read_only=(*own, *_system_libraries(), *_existing("/etc/ld.so.cache", "/usr/share/zoneinfo")),
        links=tuple((path, os.readlink(path)) for path in _root_folders() if path.is_symlink()),  # noqa: PTH115 # a text
        hidden=tuple(_existing(str(stdlib / "site-packages"))),
    )


def _existing(*paths: str) -> tuple[Path, ...]:
    return tuple(path for path in map(Path, paths) if path.exists())


def _root_folders() -> tuple[Path, ...]:
    return Path("/lib"), Path("/lib64")


def _shared_library(base: Path) -> tuple[Path, ...]:
    name = sysconfig.get_config_var("INSTSONAME")
    return _existing(str(base / "lib" / name)) if name else ()


def _system_libraries() -> tuple[Path, ...]:
    """The folders of the C library and its like: Debian's per-architecture ones, Fedora's lib64, else lib."""
    triple = sysconfig.get_config_var("MULTIARCH") or "none"
    lib64 = _real("/usr/lib64", "/lib64")
    for folders in (_real(f"/usr/lib/{triple}", f"/lib/{triple}"), lib64):
        if any((folder / "libc.so.6").exists() for folder in folders):
            return tuple(dict.fromkeys((*folders, *lib64)))
    return tuple(dict.fromkeys((*_real("/usr/lib", "/lib"), *lib64)))


def _real(*paths: str) -> tuple[Path, ...]:
    """Those of `paths` that are folders reached by no symbolic link."""
    return tuple(path for path in map(Path, paths) if path.is_dir() and path.resolve() == path)
