"""`skill config`: the settings of a skill, shown and changed."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from skillkernel_cli.options import Json

if TYPE_CHECKING:
    from skillkernel.catalogue.types import Installed
    from skillkernel_registry.settings import SettingsChange, SettingsResult


def config_command(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    settings: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY[=VALUE]", help="KEY=VALUE sets one, KEY= unsets it, KEY alone shows it."),
    ] = None,
    unset: Annotated[
        list[str] | None, typer.Option("--unset", metavar="KEY", help="Unset one. May be repeated.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Agree beforehand to what the skill may reach afterwards.")
    ] = False,
    json: Json = False,
) -> None:
    """Show the settings of a skill, or change some: all of them, or none.

    Example: skill config calendar server=dav.example.org
    """
    from skillkernel.catalogue.read import read_catalogue
    from skillkernel.errors import UsageError
    from skillkernel.home import open_home
    from skillkernel_registry.settings import find_installed

    words = settings or []
    values = dict(word.split("=", 1) for word in words if "=" in word)
    alone = [word for word in words if "=" not in word]
    if len(values) + len(alone) < len(words):
        raise UsageError("one setting is named twice", hint="name each once")
    if not values and not unset:
        _show(find_installed(read_catalogue(open_home()), name), alone, json=json)
        return
    if alone:
        raise UsageError(f"{alone[0]!r} has no value", hint=f"write {alone[0]}=VALUE, or {alone[0]}= to unset it")
    emptied = [key for key, value in values.items() if not value]
    result = _change(name, {key: value for key, value in values.items() if value}, [*emptied, *(unset or [])], yes=yes)
    _say(result)
    if json:
        _show(result.skill, [], json=True)


def _change(name: str, values: dict[str, str], unset: list[str], *, yes: bool) -> "SettingsResult":
    from skillkernel_cli.event_loop import run_async

    async def consent(change: "SettingsChange") -> bool:
        return await _consent(change, yes=yes)

    async def main() -> "SettingsResult":
        from skillkernel.home import open_home
        from skillkernel_registry.settings import change_settings

        return await change_settings(open_home(), name, values, unset, consent=consent)

    return run_async(main)


async def _consent(change: "SettingsChange", *, yes: bool) -> bool:
    from skillkernel_cli.asking import ask_consent

    name = change.skill.name
    return await ask_consent(name, change.reaches, "agree?", needs=f"what {name} may reach needs", yes=yes)


def _say(result: "SettingsResult") -> None:
    from skillkernel_cli.output import note
    from skillkernel_registry.settings import missing_settings

    name = result.skill.name
    if not result.changed:
        note(f"{name}: nothing changed")
        return
    did = [f"{key} is {'set' if key in result.skill.settings else 'unset'}" for key in result.changed]
    note(f"{name}: {', '.join(did)} (generation {result.generation}; `skill rollback` undoes it)")
    if missing := missing_settings(result.skill):
        note(f"still to be set: {', '.join(missing)}")


def _show(skill: "Installed", alone: list[str], *, json: bool) -> None:
    from skillkernel.errors import UsageError
    from skillkernel.near import nearest
    from skillkernel_cli.output import json_document, note, print_table

    rows = _rows(skill)
    known = {row["name"]: row for row in rows}
    for key in alone:
        if key not in known:
            near = nearest(key, known, limit=1)
            raise UsageError(
                f"{skill.name} has no setting {key!r}",
                hint=f"did you mean {near[0]}?" if near else f"there are: {', '.join(known) or 'none'}",
            )
    rows = [known[key] for key in alone] or rows
    if json:
        json_document({"name": skill.name, "settings": rows})
    elif not rows:
        note(f"{skill.name} has no settings")
    else:
        print_table(
            [(row["name"], _value(row), _text(row["default"]), row["description"]) for row in rows],
            ("SETTING", "VALUE", "DEFAULT", "WHAT IT IS"),
        )


def _rows(skill: "Installed") -> list[dict[str, Any]]:
    from skillkernel.schema.kinds import is_object
    from skillkernel_registry.settings import properties

    known = properties(skill.manifest)
    for key in skill.settings:
        known.setdefault(key, {})
    required = skill.manifest.settings.get("required", ())
    return [
        {
            "name": name,
            "value": skill.settings.get(name),
            "set": name in skill.settings,
            "default": schema.get("default") if is_object(schema) else None,
            "required": name in required,
            "description": schema.get("description", "") if is_object(schema) else "",
            "schema": schema,
        }
        for name, schema in known.items()
    ]


def _value(row: dict[str, Any]) -> str:
    if row["set"]:
        return _text(row["value"])
    return "not set, required" if row["required"] and row["default"] is None else "not set"


def _text(value: Any) -> str:
    import msgspec

    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
