"""`skill rules`: the [rules] of config.toml, and what they say of a call."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from skillkernel_cli.options import Json

if TYPE_CHECKING:
    from skillkernel.calls.resolve import ToolTable
    from skillkernel.catalogue.types import Target
    from skillkernel.permissions.rules import Rule
    from skillkernel.permissions.rules_config import Written

rules_group = typer.Typer(name="rules", add_completion=False, rich_markup_mode=None, invoke_without_command=True)


@rules_group.callback(epilog='Example: skill rules test \'calendar.delete_event {"event": "Lunch"}\'')
def rules_command(context: typer.Context, json: Json = False) -> int:
    """Show the rules of config.toml in the order in which they decide, and what each matches now.

    `skill rules test CALL` says which rule decides of a call. docs/rules.md has the grammar.
    """
    if context.invoked_subcommand is not None:
        return 0
    from skillkernel.permissions.rules_config import invalid, written_rules
    from skillkernel_cli.failures import say_error
    from skillkernel_cli.output import json_document, note, print_table

    config, table = _open()
    written = written_rules(config, table.targets())
    if json:
        json_document([_as_json(each, table) for each in written])
    elif written:
        rows = [(each.kind.value, each.text, _says(each, table)) for each in written]
        print_table(rows, ("SAYS", "RULE", "MATCHES NOW"))
        for each in written:
            if each.is_wrong:
                error = invalid(each)
                say_error(error.message, error.hint)
    else:
        note(
            'no rules: reads pass, all else asks. [rules] in config.toml takes some, such as deny = ["effect:destroy"]'
        )
    return 2 if any(each.is_wrong for each in written) else 0


@rules_group.command("test")
def try_command(
    call: Annotated[str, typer.Argument(metavar="CALL", help='SKILL.TOOL, or both as one: \'mail.send {"to": "…"}\'')],
    arguments: Annotated[str | None, typer.Argument(metavar="JSON", help="The arguments.")] = None,
    json: Json = False,
) -> None:
    """Say which rule, or which default, decides of a call; nothing runs.

    Example: skill rules test calendar.delete_event '{"event": "Lunch"}'
    """
    from skillkernel.calls.arguments import parse_arguments
    from skillkernel.calls.schemas import SchemaCache
    from skillkernel.calls.validate import validate
    from skillkernel.permissions.rules import decide
    from skillkernel.permissions.rules_config import read_rules
    from skillkernel_cli.output import data, json_document

    config, table = _open()
    name, _, behind = call.strip().partition(" ")
    target = table.resolve(name)
    parsed = parse_arguments(behind if arguments is None else arguments, repair=False)
    checked, _ = validate(target, parsed.value, SchemaCache())
    rules = read_rules(config, table.targets())
    rule = decide(rules, target.id, target.tool.effect, checked, target.tool.input_schema).rule
    if json:
        json_document(_decided(target, checked, rule))
    else:
        data(f"{rule.kind.value}: {rule}" if rule is not None else f"no rule: {_DEFAULTS[target.tool.effect.value]}")


_DEFAULTS = {
    "read": "a read passes",
    "write": "a write asks, unless --yes or --allow",
    "send": "what sends asks, unless --allow",
    "destroy": "what destroys asks, unless --allow",
}


def _open() -> "tuple[dict[str, Any], ToolTable]":
    from skillkernel.calls.resolve import ToolTable
    from skillkernel.catalogue.read import read_catalogue
    from skillkernel.home import open_home, read_config

    layout = open_home()
    return read_config(layout.config), ToolTable(read_catalogue(layout))


def _matched(written: "Written", table: "ToolTable") -> list[str]:
    from skillkernel.permissions.rules_check import matched

    return [] if written.rule is None else [str(target.id) for target in matched(written.rule, table.targets())]


def _says(written: "Written", table: "ToolTable") -> str:
    if written.trouble is not None:
        return f"{'nothing yet: ' if written.trouble.sleeps else 'MISTAKE: '}{written.trouble.problem}"
    tools = _matched(written, table)
    more = f" and {len(tools) - 5} more" if len(tools) > 5 else ""
    return ", ".join(tools[:5]) + more or "nothing yet"


def _as_json(written: "Written", table: "ToolTable") -> dict[str, Any]:
    trouble = written.trouble
    return {
        "ruling": written.kind.value,
        "rule": written.text,
        "place": written.place,
        "state": "ok" if trouble is None else "sleeps" if trouble.sleeps else "mistake",
        "problem": None if trouble is None else trouble.problem,
        "hint": "" if trouble is None else trouble.hint,
        "tools": _matched(written, table),
    }


def _decided(target: "Target", arguments: dict[str, Any], rule: "Rule | None") -> dict[str, Any]:
    return {
        "tool": str(target.id),
        "effect": target.tool.effect.value,
        "arguments": arguments,
        "ruling": None if rule is None else rule.kind.value,
        "rule": None if rule is None else rule.text,
        "place": None if rule is None else rule.place,
        "otherwise": _DEFAULTS[target.tool.effect.value],
    }
