"""SKILL_HOME and its config.toml."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from skillkernel.catalogue.types import Layout
from skillkernel.errors import UsageError


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
    """The layout of SKILL_HOME, made with mode 0700 when it is not there; raise `UsageError` when it cannot be."""
    home = find_home(os.environ if environ is None else environ)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"SKILL_HOME {home} cannot be made: {error.strerror}",
            hint="set SKILL_HOME to a folder that you can write to",
        ) from error
    return Layout(home)


def read_config(path: Path) -> dict[str, Any]:
    """The settings of config.toml, empty when there is none; raise `UsageError` with the place of a mistake."""
    if not path.exists():
        return {}
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not TOML: {error}", hint="mend that line, or move the file away") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} cannot be read: {error}", hint="it has to be a UTF-8 text file that you can read"
        ) from error
