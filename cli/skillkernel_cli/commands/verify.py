"""`skill verify`: is what is installed what was installed, and who signed a wheel."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skillkernel_cli.options import Json, TrustConfig, Unsigned

if TYPE_CHECKING:
    from skillkernel_registry.index_format import PublisherPin
    from skillkernel_registry.verify import Rebuilt, Verification

_INTEGRITY = 4


def verify_command(
    what: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME|FILE.whl]...", help="Installed skills, or wheels.")
    ] = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Make files that were changed anew, from their wheels.")
    ] = False,
    rebuild: Annotated[
        Path | None,
        typer.Option("--rebuild", metavar="FOLDER", help="Build this source: does it give the installed bytes?"),
    ] = None,
    identity: Annotated[
        str, typer.Option("--identity", metavar="WHO", help="Who must have signed a wheel: an e-mail address or a URI.")
    ] = "",
    issuer: Annotated[
        str, typer.Option("--issuer", metavar="URL", help="Who must have said that it is them: an OpenID issuer.")
    ] = "",
    repository: Annotated[
        str, typer.Option("--repository", metavar="OWNER/REPO", help="Or the GitHub repository that it must come from,")
    ] = "",
    workflow: Annotated[str, typer.Option("--workflow", metavar="FILE", help="and the workflow that signed it.")] = "",
    attestation: Annotated[
        Path | None,
        typer.Option("--attestation", metavar="FILE", help="A wheel's attestation, if it does not stand beside it."),
    ] = None,
    trust_config: TrustConfig = None,
    unsigned: Unsigned = False,
    json: Json = False,
) -> None:
    """Read every file of the installed skills, and say at once what is not as it was installed.

    With a wheel: check its attestation. With --rebuild: check that a source gives the installed bytes.

    Example: skill verify

    Example: skill verify skill_weather-1.0-py3-none-any.whl --identity me@example.org --issuer https://accounts.example.org

    Example: skill verify skill_weather-1.0-py3-none-any.whl --repository someone/weather --workflow release.yml
    """
    wheels = [Path(text) for text in what or () if text.endswith(".whl")]
    names = [text for text in what or () if not text.endswith(".whl")]
    if wheels:
        _refuse_together(names or repair or rebuild)
        _verify_wheels(wheels, _pin(identity, issuer, repository, workflow), attestation, trust_config, json=json)
        return
    _refuse_without_wheel(identity or issuer or repository or workflow or attestation)
    if rebuild is not None:
        raise typer.Exit(_rebuild(rebuild, json=json))
    raise typer.Exit(_verify(names, repair=repair, unsigned=unsigned, trust_config=trust_config, json=json))


def _refuse_together(other: object) -> None:
    from skillkernel.errors import UsageError

    if other:
        raise UsageError("wheels are verified on their own", hint="leave out names, --repair and --rebuild")


def _refuse_without_wheel(option: object) -> None:
    from skillkernel.errors import UsageError

    if option:
        raise UsageError(
            "--identity, --issuer, --repository, --workflow and --attestation are about wheels", hint="name a FILE.whl"
        )


def _pin(identity: str, issuer: str, repository: str, workflow: str) -> "PublisherPin":
    """The one publisher that the options name; raise `UsageError` for none, for half of one and for two."""
    from skillkernel.errors import UsageError
    from skillkernel_registry.index_format import PublisherPin

    match bool(identity), bool(issuer), bool(repository), bool(workflow):
        case True, True, False, False:
            return PublisherPin(kind="Identity", identity=identity, issuer=issuer)
        case False, False, True, True:
            if len([part for part in repository.split("/") if part]) != 2 or repository.count("/") != 1:
                raise UsageError(f"{repository!r} is no repository", hint="write OWNER/REPO")
            return PublisherPin(kind="GitHub", repository=repository, workflow=workflow)
        case _:
            raise UsageError(
                "a signature proves something only of somebody",
                hint="say who with --identity WHO --issuer URL, or with --repository OWNER/REPO --workflow FILE",
            )


def _verify(names: Sequence[str], *, repair: bool, unsigned: bool, trust_config: Path | None, json: bool) -> int:
    from skillkernel.home import open_home
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.index_terms import index_terms
    from skillkernel_cli.installing import InstallProgress
    from skillkernel_cli.output import note
    from skillkernel_registry.lockfile.repair import repair as make_anew
    from skillkernel_registry.verify import verify

    layout = open_home()
    progress = InstallProgress()

    terms = index_terms(unsigned=unsigned, trust_config=trust_config)

    async def main() -> "Verification":
        found = await verify(layout, names)
        broken = {finding.skill for finding in found.findings if finding.skill}
        if not (repair and broken):
            return await _with_signers(found)
        try:
            repaired = await make_anew(layout, broken, terms=terms, on_progress=progress)
        finally:
            progress.clear()
        note(f"repaired {', '.join(repaired)}")
        return await _with_signers(await verify(layout, names))

    async def _with_signers(found: "Verification") -> "Verification":
        from skillkernel_registry.verify_signers import verify_signers

        attested = await verify_signers(layout, found.skills, terms)
        for line in attested.unchecked:
            note(line)
        return replace(found, findings=(*found.findings, *attested.findings))

    found = run_async(main)
    _show(found, json=json)
    return _INTEGRITY if found.findings else 0


def _show(found: "Verification", *, json: bool) -> None:
    from skillkernel_cli.output import json_document, note, print_table

    broken = {finding.skill for finding in found.findings}
    if json:
        json_document(_as_json(found))
        return
    if found.skills:
        rows = [
            (one.name, one.version, "broken" if one.name in broken else "ok", one.signer or "nobody", one.index)
            for one in found.skills
        ]
        print_table(rows, ("NAME", "VERSION", "STATUS", "SIGNED BY", "FROM"))
    for finding in found.findings:
        note(f"{finding.place}: {finding.problem}")
    for fix in dict.fromkeys(finding.fix for finding in found.findings):
        note(f"hint: {fix}")
    if not found.findings:
        note("everything is as it was installed")


def _as_json(found: "Verification") -> dict[str, Any]:
    broken = {finding.skill for finding in found.findings}
    return {
        "ok": not found.findings,
        "skills": [
            {
                "name": one.name,
                "version": one.version,
                "ok": one.name not in broken,
                "index": one.index,
                "publisher": one.publisher,
                "signer": one.signer or None,
                "wheel": one.wheel or None,
            }
            for one in found.skills
        ],
        "findings": [
            {"place": one.place, "problem": one.problem, "fix": one.fix, "skill": one.skill or None}
            for one in found.findings
        ],
    }


def _rebuild(folder: Path, *, json: bool) -> int:
    from skillkernel.home import open_home
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.output import json_document, note
    from skillkernel_registry.verify import rebuild

    layout = open_home()

    async def main() -> "Rebuilt":
        return await rebuild(layout, folder)

    made = run_async(main)
    skill = made.skill
    if json:
        json_document(
            {
                "name": skill.name,
                "version": skill.version,
                "same": made.same,
                "built": made.sha256,
                "installed": skill.wheel,
            }
        )
    elif made.same:
        note(f"{folder} gives the very bytes of the installed {skill.name} {skill.version}: sha256 {made.sha256}")
    else:
        note(f"{folder} gives other bytes than the installed {skill.name} {skill.version}")
        note(f"  built      sha256 {made.sha256}")
        note(f"  installed  sha256 {skill.wheel or 'not written down'}")
        note("hint: is it the source of that release, and the skillkernel that built it?")
    return 0 if made.same else _INTEGRITY


def _verify_wheels(
    wheels: Sequence[Path],
    pin: "PublisherPin",
    attestation: Path | None,
    trust_config: Path | None,
    *,
    json: bool,
) -> None:
    from skillkernel.errors import UsageError
    from skillkernel.home import open_home
    from skillkernel_cli.output import json_document, note
    from skillkernel_registry.provenance.check import verify_file
    from skillkernel_registry.provenance.signing import attestation_place
    from skillkernel_registry.provenance.trust_root import configured_trust

    if attestation is not None and len(wheels) > 1:
        raise UsageError("--attestation is of one wheel", hint="verify them one by one")
    trust = configured_trust(open_home(), trust_config)
    checked = [(wheel, verify_file(wheel, attestation or attestation_place(wheel), pin, trust)) for wheel in wheels]
    if json:
        json_document([{"wheel": str(wheel), "ok": True, "signer": signer.words} for wheel, signer in checked])
        return
    for wheel, signer in checked:
        note(f"{wheel.name} is signed by {signer.words}")
