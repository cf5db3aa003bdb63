"""`skill version`: a skill's version, and what the next one has to say."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skillkernel_cli.options import Json, Unsigned

if TYPE_CHECKING:
    from skillkernel_registry.authoring.new_version import Standing


def version_command(
    bump: Annotated[
        str, typer.Argument(metavar="[major|minor|patch|X.Y.Z]", help="What to raise it to; without, it is shown.")
    ] = "",
    folder: Annotated[Path, typer.Option("--folder", metavar="FOLDER", help="The skill's source.")] = Path(),
    against: Annotated[
        str,
        typer.Option("--against", metavar="WHAT", help="An index, a wheel or a commit to compare with; else HEAD."),
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Raise it even if more breaks than it says.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Keep the locked dependencies as they are.")] = False,
    unsigned: Unsigned = False,
    json: Json = False,
) -> None:
    """Show a skill's version and what changed since the last one, or raise it in pyproject.toml and skill.json.

    Example: skill version minor --against https://skills.example.org/
    """
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.index_terms import index_terms
    from skillkernel_cli.output import data, json_document, note

    async def main() -> "tuple[Standing, str]":
        from skillkernel.home import open_home
        from skillkernel_registry.authoring.new_version import next_version, standing, write_version

        now = await standing(
            open_home(), folder, against=against, terms=index_terms(unsigned=unsigned), offline=offline
        )
        if not bump:
            return now, now.project.version
        version = next_version(now, bump, force=force)
        if not dry_run:
            for file in await write_version(now, version):
                note(f"wrote {file}")
        return now, version

    now, version = run_async(main)
    if json:
        json_document(_as_json(now, version))
        return
    _tell(now)
    data(version)


def _tell(now: "Standing") -> None:
    from skillkernel_cli.output import note

    if now.baseline is None:
        note("there is nothing to compare with yet: no skill.json is committed or released")
        return
    note(f"compared with {now.baseline.where}, version {now.baseline.manifest.version}:")
    for change in now.changes:
        note(f"  breaks  {change}")
    for tool in now.added:
        note(f"  new     {tool}")
    if not now.changes and not now.added:
        note("  nothing breaks, and no tool is new")
    note(f"the next version is a {now.least.value} one, or larger")


def _as_json(now: "Standing", version: str) -> dict[str, object]:
    return {
        "name": now.project.name,
        "version": version,
        "before": now.project.version,
        "against": None if now.baseline is None else now.baseline.where,
        "least": now.least.value,
        "breaking": [{"place": change.place, "what": change.what} for change in now.changes],
        "added": list(now.added),
    }
