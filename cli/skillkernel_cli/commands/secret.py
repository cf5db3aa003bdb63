"""`skill secret`: values that a skill is handed and nobody sees."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skillkernel_cli.options import Json

if TYPE_CHECKING:
    from skillkernel.catalogue.types import Installed, Layout
    from skillkernel.secrets.store import SecretStore

secret_group = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Store, list and remove what a skill may use and nobody may see.",
    epilog="Example: skill secret set calendar password",
)
_Name = Annotated[str, typer.Argument(metavar="NAME", help="An installed skill.")]
_Key = Annotated[str, typer.Argument(metavar="KEY", help="One of the secrets that it asks for.")]
_LONGEST_LINE = 100_000


@secret_group.command("set", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def set_command(
    context: typer.Context,
    name: _Name,
    key: _Key,
    json: Json = False,
) -> None:
    """Store a secret, typed without echo or piped in as one line.

    Example: skill secret set calendar password
    """
    from skillkernel.errors import UsageError
    from skillkernel.secrets.mask import value_problem
    from skillkernel_cli.output import json_document, note

    if context.args or "=" in key:
        raise UsageError(
            "a secret is not taken from the command line: every program here, and your shell's history, could read it",
            hint=f"write `skill secret set {name} {key.partition('=')[0]}` and type it when asked, or pipe it in",
        )
    layout, skill = _skill(name)
    _check_key(skill, key)
    store, was_file = _store(layout), layout.secrets.exists()
    typed = _read_value(f"{key} for {name}: ")
    if problem := value_problem(typed):
        raise UsageError(f"the secret was not stored: {problem}", hint="nothing was changed")
    where = store.set(skill.owner, key, typed)
    if json:
        json_document({"skill": name, "key": key, "stored_in": where})
    note(f"the secret {key} of {name} is stored in {where}")
    if not was_file and layout.secrets.exists():
        _say_why_a_file(layout)
    if f"secrets:{key}" not in skill.granted.rows():
        note(f"{name} was not granted this secret, and is not handed it before it is")


@secret_group.command("list")
def list_command(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="An installed skill; without it, all.")] = None,
    json: Json = False,
) -> None:
    """Show which secrets are asked for and which are set, never a value.

    Example: skill secret list
    """
    from skillkernel.catalogue.read import read_catalogue
    from skillkernel.home import open_home
    from skillkernel_cli.output import json_document, note, print_table

    if name is None:
        layout = open_home()
        skills = read_catalogue(layout).skills
    else:
        layout, skill = _skill(name)
        skills = (skill,)
    store = _store(layout)
    rows = [row for skill in skills for row in _rows(skill, store)]
    if json:
        json_document(rows)
    elif not rows:
        note(f"{name or 'no installed skill'} asks for {'no' if name else 'a'} secret")
    else:
        print_table([(row["skill"], row["key"], _state(row)) for row in rows], ("SKILL", "SECRET", "STATE"))


@secret_group.command("remove")
def remove_command(name: _Name, key: _Key, json: Json = False) -> None:
    """Forget a secret.

    Example: skill secret remove calendar password
    """
    from skillkernel.errors import UsageError
    from skillkernel_cli.output import json_document, note

    layout, skill = _skill(name)
    removed = _store(layout).remove(skill.owner, key)
    if not removed:
        _check_key(skill, key)
        raise UsageError(f"the secret {key} of {name} is not set", hint=f"`skill secret list {name}` shows what is")
    if json:
        json_document({"skill": name, "key": key, "removed": True})
    note(f"the secret {key} of {name} is removed")


def _skill(name: str) -> "tuple[Layout, Installed]":
    from skillkernel.catalogue.read import read_catalogue
    from skillkernel.home import open_home
    from skillkernel_registry.settings import find_installed

    layout = open_home()
    return layout, find_installed(read_catalogue(layout), name)


def _store(layout: "Layout") -> "SecretStore":
    from skillkernel.home import read_config
    from skillkernel.secrets.choose_store import open_store

    return open_store(layout, read_config(layout.config))


def _check_key(skill: "Installed", key: str) -> None:
    from skillkernel.errors import UsageError
    from skillkernel.near import nearest

    asked = skill.manifest.permissions.secrets
    if key in asked:
        return
    near = nearest(key, asked, limit=1)
    there = f"it asks for: {', '.join(asked)}" if asked else f"{skill.name} asks for no secret"
    raise UsageError(f"{skill.name} asks for no secret {key!r}", hint=f"did you mean {near[0]}?" if near else there)


def _rows(skill: "Installed", store: "SecretStore") -> list[dict[str, Any]]:
    asked = skill.manifest.permissions.secrets
    if not asked:
        return []
    found = store.read(skill.owner, asked)
    granted = skill.granted.secrets
    return [{"skill": skill.name, "key": key, "set": key in found, "granted": key in granted} for key in asked]


def _state(row: dict[str, Any]) -> str:
    state = "set" if row["set"] else "missing"
    return state if row["granted"] else f"{state}, not granted"


def _read_value(prompt: str) -> str:
    """One line, without its end: typed without echo, or from a pipe."""
    from skillkernel.errors import UsageError

    if sys.stdin.isatty():
        return _typed(prompt)
    line = sys.stdin.buffer.readline(_LONGEST_LINE)
    if sys.stdin.buffer.readline(2).strip():
        raise UsageError("the secret was not stored: it has more than one line", hint="pipe one line in")
    try:
        return line.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise UsageError("the secret was not stored: it is not UTF-8", hint="pipe in text") from None


def _typed(prompt: str) -> str:
    import getpass
    import warnings

    from skillkernel.errors import UsageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(prompt)
    except EOFError:
        return ""
    except getpass.GetPassWarning:
        raise UsageError("this terminal would show what is typed", hint="pipe the secret in") from None


def _say_why_a_file(layout: "Layout") -> None:
    """Once: when the first secret goes into a file though nobody chose that."""
    from skillkernel.home import read_config
    from skillkernel_cli.output import note

    if read_config(layout.config).get("secrets", {}).get("store") == "file":
        return
    note(f"no keyring is usable here, so secrets are kept in {layout.secrets}, for you alone (mode 600), not encrypted")
    note("to have them in a keyring, start GNOME Keyring, KWallet or KeePassXC's Secret Service and set them again")
