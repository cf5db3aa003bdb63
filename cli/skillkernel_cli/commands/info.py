"""`skill info`: one skill in full."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from skillkernel_cli.options import Index, Json, Unsigned

if TYPE_CHECKING:
    from skillkernel.catalogue.types import Installed
    from skillkernel.manifest.types import Manifest
    from skillkernel_registry.inventory import SkillInfo


def info_command(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    index: Index = None,
    unsigned: Unsigned = False,
    json: Json = False,
) -> None:
    """Show what a skill does, asks for and uses: as installed, else as the index has it.

    Example: skill info calendar
    """
    from skillkernel.catalogue.read import read_catalogue
    from skillkernel.home import open_home
    from skillkernel_cli.output import json_document
    from skillkernel_cli.to_be_set import commands_to_set

    layout = open_home()
    installed = read_catalogue(layout).skill(name)
    if installed is not None and index is None:
        if json:
            json_document(_installed_json(installed))
        else:
            _print_manifest(installed.manifest, f"installed from {installed.editable or installed.index}")
            _print_origin(installed)
            _print_data(str(layout.data(installed.owner)))
            _print_to_be_set(commands_to_set(layout, installed))
        return
    _from_index(name, index, unsigned=unsigned, json=json)


def _from_index(name: str, index: str | None, *, unsigned: bool, json: bool) -> None:
    from msgspec import to_builtins

    from skillkernel.home import open_home
    from skillkernel.text import visible
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.index_terms import index_terms
    from skillkernel_cli.output import SUMMARY_SHOWN, data, json_document
    from skillkernel_registry.inventory import info

    async def main() -> "SkillInfo":
        return await info(open_home(), name, index=index, terms=index_terms(unsigned=unsigned))

    found = run_async(main)
    record: dict[str, Any] = to_builtins(found.record)
    if json:
        json_document({**record, "index": found.index, "installed": None})
        return
    latest = found.latest
    data(
        f"{found.record.name}  {latest.version if latest else 'no release runs here'}  in {found.index}, not installed"
    )
    if latest is not None:
        data(f"  {visible(latest.summary, limit=SUMMARY_SHOWN)}")
        for tool in latest.tools:
            data(f"  {found.record.name}.{tool.name}  ({tool.effect})")
        data(f"  asks for  {visible(', '.join(latest.permissions.rows())) or 'nothing'}")
    data(f"  releases  {', '.join(release.version for release in found.record.releases)}")


def _installed_json(skill: "Installed") -> dict[str, Any]:
    return {
        "name": skill.name,
        "version": skill.version,
        "index": skill.index,
        "publisher": skill.publisher,
        "signer": skill.signer or None,
        "editable": skill.editable or None,
        "installed": skill.version,
        "granted": list(skill.granted.rows()),
        "manifest": skill.manifest.as_json(),
    }


def _print_manifest(manifest: "Manifest", origin: str) -> None:
    from skillkernel_cli.output import data

    data(f"{manifest.name}  {manifest.version}  {origin}")
    data(f"  {manifest.summary}")
    for tool in manifest.tools:
        data(f"  {manifest.name}.{tool.name}  ({tool.effect.value})  {tool.description.splitlines()[0]}")
    data(f"  asks for  {', '.join(manifest.permissions.rows()) or 'nothing'}")
    memory = manifest.memory
    data(f"  uses      up to {memory.rss_mb} MB of memory, {memory.storage_mb} MB of disk")


def _print_origin(skill: "Installed") -> None:
    from skillkernel_cli.output import data

    if skill.publisher:
        data(f"  publisher {skill.publisher}")
    data(f"  signer    {skill.signer or 'nobody'}")


def _print_to_be_set(commands: list[str]) -> None:
    from skillkernel_cli.output import data

    for command in commands:
        data(f"  needs     `{command}`")


def _print_data(folder: str) -> None:
    from skillkernel_cli.output import data

    data(f"  data      {folder}")
