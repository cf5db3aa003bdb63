"""`skill list`: what is installed, and what is wrong with it."""

from typing import TYPE_CHECKING

from skillkernel_cli.options import Json

if TYPE_CHECKING:
    from skillkernel.catalogue.types import Broken, Installed


def list_command(json: Json = False) -> None:
    """Show what is installed, and what is wrong with it.

    Example: skill list
    """
    from skillkernel.home import open_home
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.output import json_document, note, print_table
    from skillkernel_registry.inventory import list_installed

    layout = open_home()

    async def main() -> "list[Installed | Broken]":
        return await list_installed(layout)

    skills = run_async(main)
    if json:
        json_document([_as_json(skill) for skill in skills])
    elif skills:
        rows = [_row(skill) for skill in skills]
        print_table(rows, ("NAME", "VERSION", "STATUS", "SIGNED BY", "FROM", "SAYS"))
    else:
        note("nothing is installed yet: try `skill install calendar`, or `skill search` for what there is")


def _as_json(skill: "Installed | Broken") -> dict[str, object]:
    from skillkernel.catalogue.types import Broken

    if isinstance(skill, Broken):
        status, problem, permissions = skill.status, skill.problem, list[str]()
        index = signer = editable = None
    else:
        status, problem, permissions = "ok", None, list(skill.granted.rows())
        index, signer, editable = skill.index, skill.signer or None, skill.editable or None
    return {
        "name": skill.name,
        "version": skill.version,
        "status": status,
        "problem": problem,
        "permissions": permissions,
        "index": index,
        "signer": signer,
        "editable": editable,
    }


def _row(skill: "Installed | Broken") -> tuple[str, ...]:
    from skillkernel.catalogue.types import Broken

    if isinstance(skill, Broken):
        return skill.name, skill.version, skill.status, "", "", skill.problem
    origin = skill.editable or skill.index
    return skill.name, skill.version, "ok", skill.signer or "nobody", origin, skill.manifest.summary
