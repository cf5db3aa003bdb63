"""Options that several commands share, with one wording."""

from pathlib import Path
from typing import Annotated

import typer

Yes = Annotated[
    bool,
    typer.Option("--yes", "-y", help="Agree beforehand to install, to writes and to the first fetch of the model."),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow", metavar="SKILL.TOOL", help="Agree beforehand to one tool, whatever it does. May be repeated."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, as docs/json.md describes it.")]
Index = Annotated[
    str | None, typer.Option("--index", metavar="URL", help="An index to use: a folder, file:// or https://.")
]
Unsigned = Annotated[bool, typer.Option("--unsigned", help="Use an index that is not signed: one of your own.")]
TrustConfig = Annotated[
    Path | None,
    typer.Option("--trust-config", metavar="FILE", help="A private Sigstore instance, as its ClientTrustConfig."),
]
LockPath = Annotated[Path, typer.Option("--file", metavar="FILE", help="The lock file.")]
