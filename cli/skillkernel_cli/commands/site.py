"""`skill site`: an index as pages for people."""

from pathlib import Path
from typing import Annotated

import typer

from skillkernel_cli.options import Json


def site_command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of the index.")],
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="OUT", help="Another folder for the pages; the index's own unless said."),
    ] = None,
    base_url: Annotated[
        str, typer.Option("--base-url", metavar="URL", help="The https address that the index is served at.")
    ] = "",
    json: Json = False,
) -> None:
    """Build a web site of an index: a page a skill, a search that needs no server, and what pip and uv read.

    In the index's own folder each later `skill publish` or `skill index add` brings it up to date. No private key is needed.

    Example: skill site public --base-url https://skills.example.org/
    """
    from skillkernel_cli.output import json_document, note
    from skillkernel_registry.keeper.folder_files import FolderFiles
    from skillkernel_registry.site.build import build_site

    apart = to is not None and to.absolute() != folder.absolute()
    built = build_site(FolderFiles(folder), FolderFiles(to) if apart and to else None, base=base_url)
    for warning in built.warnings:
        note(warning, ("!", "yellow"))
    page = (to or folder).absolute() / "index.html"
    note(f"{built.skills} skill{'' if built.skills == 1 else 's'}; {built.written} files changed; open {page}")
    if json:
        json_document({"page": str(page), "skills": built.skills, "written": built.written, "warnings": built.warnings})
