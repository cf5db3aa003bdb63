"""`skill search`: what an index has."""

from typing import TYPE_CHECKING, Annotated

import typer

from skillkernel_cli.options import Index, Json, Unsigned

if TYPE_CHECKING:
    from skillkernel_registry.index_format import SearchLine


def search_command(
    text: Annotated[str, typer.Argument(metavar="[TEXT]")] = "",
    index: Index = None,
    unsigned: Unsigned = False,
    json: Json = False,
) -> None:
    """Find skills in the index; without a text, all of them.

    Example: skill search calendar
    """
    from msgspec import to_builtins

    from skillkernel.home import open_home
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.index_terms import index_terms
    from skillkernel_cli.output import SUMMARY_SHOWN, json_document, note, print_table
    from skillkernel_registry.inventory import search

    async def main() -> "list[SearchLine]":
        return await search(open_home(), text, index=index, terms=index_terms(unsigned=unsigned), on_remark=note)

    found = run_async(main)
    if json:
        json_document([to_builtins(line) for line in found])
    elif found:
        rows = [(line.name, line.version, line.index, line.summary[:SUMMARY_SHOWN]) for line in found]
        print_table(rows, ("NAME", "VERSION", "INDEX", "DOES"))
    else:
        note(f"no skill matches {text!r}")
