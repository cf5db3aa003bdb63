"""`skill publish`: from a skill's source, or its wheel, to an index that others install from."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skillkernel_cli.index_keeping import (
    AttestationFiles,
    KeyFolders,
    NewPublisher,
    PinGitHub,
    PinGitLab,
    PinGoogle,
    PinIdentity,
    PinIssuer,
    Workflow,
)
from skillkernel_cli.options import Json, TrustConfig

if TYPE_CHECKING:
    from skillkernel_registry.index_files import IndexFiles
    from skillkernel_registry.keeper.intake import Arrival
    from skillkernel_registry.keeper.keeper import Keeper
    from skillkernel_registry.keeper.state import State


def publish_command(
    what: Annotated[
        list[Path] | None, typer.Argument(metavar="[WHEEL|FOLDER]...", help="Wheels, or folders of source to build.")
    ] = None,
    to: Annotated[
        str,
        typer.Option("--to", metavar="DEST", help="A folder, git+FOLDER, an https:// address or s3://BUCKET/FOLDER."),
    ] = "",
    keys: KeyFolders = None,
    publisher: Annotated[str, typer.Option("--publisher", help="Who publishes, if not the index's publisher.")] = "",
    attestation: AttestationFiles = None,
    trust_config: TrustConfig = None,
    pin_identity: PinIdentity = "",
    pin_issuer: PinIssuer = "",
    pin_github: PinGitHub = "",
    pin_gitlab: PinGitLab = "",
    workflow: Workflow = "",
    pin_google: PinGoogle = "",
    new_publisher: NewPublisher = False,
    git: Annotated[bool, typer.Option("--git", help="DEST is a git working tree: make one commit.")] = False,
    push: Annotated[bool, typer.Option("--push", help="And push it.")] = False,
    site: Annotated[bool, typer.Option("--site", help="Build the index's web site too.")] = False,
    unsigned: Annotated[bool, typer.Option("--unsigned", help="DEST may be an index that nobody signs.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do all of it but the writing.")] = False,
    json: Json = False,
) -> None:
    """Publish skills in an index, which `skill index init` made: builds, checks, signs and writes.

    The token for an https:// address is SKILL_PUBLISH_TOKEN or a login in ~/.netrc; for a bucket the AWS_* variables.

    Example: skill publish weather --to git+site --push
    """
    from skillkernel.errors import UsageError
    from skillkernel_cli.index_keeping import attestations_of, pins_of
    from skillkernel_cli.output import json_document, note
    from skillkernel_registry.publishing.destination import open_files
    from skillkernel_registry.publishing.rehearsal import Rehearsal

    if not to:
        raise UsageError("nobody said where to", hint="add --to with a folder, git+FOLDER, https:// or s3:// address")
    files = open_files(to, git=git, push=push)
    state = _state(files, to, unsigned=unsigned)
    wheels = [wheel for path in what or [Path()] for wheel in _wheels(path)]
    given = attestations_of(attestation or [], wheels)
    arrivals = _looked_through(wheels, given)
    pins = pins_of(
        identity=pin_identity,
        issuer=pin_issuer,
        github=pin_github,
        gitlab=pin_gitlab,
        workflow=workflow,
        google=pin_google,
    )
    keeper = _keeper(Rehearsal(files) if dry_run else files, keys, state, trust_config)
    outcome = keeper.add(wheels, publisher=publisher, pins=pins, attestations=given, new_publisher=new_publisher)
    warnings = (*outcome.warnings, *_site(keeper.files, [one.name for one in arrivals], build=site))
    for warning in warnings:
        note(warning, ("!", "yellow"))
    for one in arrivals:
        verb = "would be published" if dry_run else "is published"
        note(f"{one.name} {one.release.version} {verb} in {files.place('').rstrip('/')}  sha256 {one.release.sha256}")
    commands = [] if dry_run else _how_to_install(files, arrivals, signed=state.ledger is not None)
    for command in commands:
        note(f"install it with `{command}`")
    if json:
        published = [
            {"name": one.name, "version": one.release.version, "wheel": one.release.wheel, "sha256": one.release.sha256}
            for one in arrivals
        ]
        json_document(
            {
                "index": files.place(""),
                "published": published,
                "written": not dry_run,
                "warnings": list(warnings),
                "install": commands,
            }
        )


def _state(files: "IndexFiles", to: str, *, unsigned: bool) -> "State":
    from skillkernel.errors import UsageError
    from skillkernel_registry.errors import IndexUnsigned
    from skillkernel_registry.keeper.keeper import utc_now
    from skillkernel_registry.keeper.shelf import INDEX, METADATA
    from skillkernel_registry.keeper.state import open_state

    if files.read(INDEX) is None and files.read(f"{METADATA}timestamp.json") is None:
        raise UsageError(
            f"there is no index at {to} yet",
            hint="`skill index init FOLDER` makes one; put that folder there, then publish again",
        )
    state = open_state(files, utc_now())
    if state.ledger is None and not unsigned:
        raise IndexUnsigned(files.place(""))
    return state


def _wheels(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    from skillkernel.errors import UsageError
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.installing import InstallProgress

    async def main() -> Path | None:
        from skillkernel.home import open_home
        from skillkernel_registry.build import build

        progress = InstallProgress()
        try:
            return (await build(open_home(), path, on_progress=progress)).wheel
        finally:
            progress.clear()

    wheel = run_async(main)
    if wheel is None:
        raise UsageError(f"{path} gave no wheel", hint="run `skill build` there to see why")
    return [wheel]


def _looked_through(wheels: Sequence[Path], given: dict[str, bytes]) -> "list[Arrival]":
    from skillkernel_registry.keeper.intake import arrive

    return [arrive(wheel, given.get(wheel.name), "") for wheel in wheels]


def _keeper(files: "IndexFiles", keys: Sequence[Path] | None, state: "State", trust_config: Path | None) -> "Keeper":
    from skillkernel_cli.index_keeping import asking, attestation_check, default_keys
    from skillkernel_registry.keeper.keeper import Keeper

    folders = list(keys or [default_keys(state.file.name)])
    return Keeper.open(files, folders, passphrase=asking(), check=attestation_check(trust_config))


def _site(files: "IndexFiles", names: Sequence[str], *, build: bool) -> list[str]:
    from skillkernel_cli.index_keeping import site_follows
    from skillkernel_registry.site.build import build_site

    warnings = site_follows(files, names)
    if warnings is None and build:
        warnings = build_site(files).warnings
    return warnings or []


def _how_to_install(files: "IndexFiles", arrivals: "Sequence[Arrival]", *, signed: bool) -> list[str]:
    """Empty for a bucket: only its owner knows the address that it is served at."""
    where = files.place("")
    if where.startswith("s3://"):
        return []
    index = shlex.quote(where.rstrip("/") or "/")
    unsigned = "" if signed else " --unsigned"
    return [f"skill install {one.name} --index {index}{unsigned}" for one in arrivals]
