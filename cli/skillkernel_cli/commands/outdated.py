"""`skill outdated`: what is not the newest, and why."""

from typing import TYPE_CHECKING, Annotated

import typer

from skillkernel_cli.options import Index, Json, TrustConfig, Unsigned

if TYPE_CHECKING:
    from skillkernel_registry.outdated import Outdated


def outdated_command(
    index: Index = None,
    pre: Annotated[bool, typer.Option("--pre", help="Count pre-releases too.")] = False,
    unsigned: Unsigned = False,
    trust_config: TrustConfig = None,
    json: Json = False,
) -> None:
    """Show which installed skills have newer releases, and what keeps them from being taken.

    Example: skill outdated
    """
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.index_terms import index_terms
    from skillkernel_cli.output import json_document, note, print_table

    terms = index_terms(unsigned=unsigned, trust_config=trust_config)

    async def main() -> "tuple[Outdated, ...]":
        from skillkernel.home import open_home
        from skillkernel_cli.installing import InstallProgress
        from skillkernel_registry.outdated import outdated

        progress = InstallProgress()
        try:
            return await outdated(open_home(), index=index, terms=terms, pre=pre, on_progress=progress)
        finally:
            progress.clear()

    found = run_async(main)
    if json:
        json_document([_as_json(one) for one in found])
    elif found:
        rows = [(one.skill.name, one.skill.version, one.fits, one.newest, _says(one)) for one in found]
        print_table(rows, ("NAME", "INSTALLED", "FITS", "NEWEST", "SAYS"))
        if any(one.fits != one.skill.version for one in found):
            note("`skill upgrade` brings what fits")
    else:
        note("everything that came from an index is up to date")


def _says(one: "Outdated") -> str:
    withdrawn = f"withdrawn by its publisher: {one.withdrawn}" if one.withdrawn else ""
    return "; ".join(said for said in (withdrawn, one.why, one.problem) if said)


def _as_json(one: "Outdated") -> dict[str, object]:
    return {
        "name": one.skill.name,
        "installed": one.skill.version,
        "fits": one.fits,
        "newest": one.newest,
        "why": one.why or None,
        "withdrawn": one.withdrawn or None,
        "problem": one.problem or None,
    }
