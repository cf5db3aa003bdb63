"""`skill export`: what is installed, as a bill of materials."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """The forms of a bill of materials."""

    CYCLONEDX = "cyclonedx"


def export_command(
    form: Annotated[Format, typer.Option("--format", help="The form: CycloneDX 1.6, as JSON.")] = Format.CYCLONEDX,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write into a file instead of stdout.")
    ] = None,
) -> None:
    """Write a bill of materials: every skill, its Python packages, their hashes, and what was granted.

    Example: skill export -o skills.cdx.json
    """
    import sys

    from skillkernel.home import open_home
    from skillkernel_cli.output import note
    from skillkernel_registry.export import export_cyclonedx

    text = export_cyclonedx(open_home())
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")
        note(f"wrote {output}")
