"""Permissions that are used and never asked for, or asked for and never used, as far as the source tells. Pure."""

from collections.abc import Iterator, Sequence

from skillkernel.manifest.types import Manifest
from skillkernel_registry.authoring.finding import Finding, error, warning
from skillkernel_registry.authoring.use_tables import SET_VARIABLES
from skillkernel_registry.authoring.uses import Use

_NAMED = ("environment", "secrets", "programs", "kernel")
"""Kinds whose value stands in the call, so that reading it tells nearly everything."""


def permission_findings(manifest: Manifest, uses: Sequence[Use], manifest_place: str) -> Iterator[Finding]:
    """Compare what the source reaches for with what the manifest asks; `manifest_place` is where permissions stand."""
    yield from _started(uses)
    yield from _network_missing(manifest, uses)
    yield from _files_missing(manifest, uses)
    for kind in _NAMED:
        yield from _named_missing(manifest, uses, kind)
    yield from _opaque(uses)
    yield from _unused(manifest, uses, manifest_place)
    yield from _skills_not_required(manifest, uses)


def _rows(manifest: Manifest, kind: str) -> tuple[str, ...]:
    prefix = f"{kind}:"
    return tuple(row.removeprefix(prefix) for row in manifest.permissions.rows() if row.startswith(prefix))


def _of(uses: Sequence[Use], kind: str) -> list[Use]:
    return [use for use in uses if use.kind == kind]


def _started(uses: Sequence[Use]) -> Iterator[Finding]:
    for use in _of(uses, "spawn"):
        what = f"{use.what} starts a process, which the walls do not allow"
        fix = 'use context.run([…]) and ask for the program: permissions = { programs = ["NAME"] }'
        if use.certain:
            yield error("starts-a-process", use.place, what, fix)
        else:
            yield warning("starts-a-process", use.place, what + " everywhere", "use threads")


def _network_missing(manifest: Manifest, uses: Sequence[Use]) -> Iterator[Finding]:
    rows = _rows(manifest, "network")
    found = _of(uses, "network")
    opened = any(use.certain for use in found)
    for use in found:
        fix = f'permissions = {{ network = ["{use.value or "HOST:PORT"}"] }} in [tool.skill]'
        if not rows and use.certain:
            yield error(
                "network-not-asked", use.place, f"{use.what} uses the network, and no permission is asked for", fix
            )
        elif not rows and not opened:
            yield warning("network-not-asked", use.place, f"{use.what}, and no network permission is asked for", fix)
        elif use.value and use.value not in rows:
            kind = warning if any("{" in row for row in rows) else error
            yield kind("host-not-asked", use.place, f"connects to {use.value}, which is not asked for", fix)


def _files_missing(manifest: Manifest, uses: Sequence[Use]) -> Iterator[Finding]:
    rows = (*_rows(manifest, "files.read"), *_rows(manifest, "files.write"))
    for use in _of(uses, "files"):
        if use.value is None:
            if not rows:
                what = f"{use.what} leads out of the skill's own folder, and no file is asked for"
                yield warning("files-not-asked", use.place, what, "use context.data, or ask with files.read")
        elif not any("{" in row or _beneath(use.value, row) for row in rows):
            fix = f'use context.data, or ask: permissions = {{ "files.read" = ["{use.value}"] }}'
            yield error("files-not-asked", use.place, f"{use.what}: that file is not asked for", fix)


def _beneath(path: str, row: str) -> bool:
    return path == row or path.startswith(row.rstrip("/") + "/")


def _named_missing(manifest: Manifest, uses: Sequence[Use], kind: str) -> Iterator[Finding]:
    rows = _rows(manifest, kind)
    for use in _of(uses, kind):
        if use.value is None:
            if not rows:
                kind_of = warning if kind == "environment" else error
                what = f"{use.what} needs {kind}, and none are asked for"
                yield kind_of(f"{kind}-not-asked", use.place, what, f"name them in permissions.{kind}")
        elif use.value not in rows and not (kind == "environment" and use.value in SET_VARIABLES):
            fix = f'permissions = {{ {kind} = ["{use.value}"] }} in [tool.skill]'
            yield error(
                f"{kind}-not-asked", use.place, f"{use.what} needs {kind}:{use.value}, which is not asked for", fix
            )


def _opaque(uses: Sequence[Use]) -> Iterator[Finding]:
    for use in _of(uses, "opaque"):
        yield warning(
            "hidden-code",
            use.place,
            f"{use.what} runs what nobody can read here, so permissions cannot be compared",
            "write it out",
        )


def _unused(manifest: Manifest, uses: Sequence[Use], place: str) -> Iterator[Finding]:
    opaque, foreign = bool(_of(uses, "opaque")), bool(_of(uses, "foreign"))
    for row in manifest.permissions.rows():
        kind, _, value = row.partition(":")
        used = _of(uses, "files" if kind.startswith("files.") else kind)
        if kind in _NAMED:
            hit = any(use.value in (value, None) for use in used)
            certain = not opaque and not (foreign and kind == "environment")
        else:
            hit = bool(used) or (kind.startswith("files.") and "{" in value)
            certain = kind == "network" and not opaque and not foreign
        if hit:
            continue
        what = f"{row} is asked for, and nothing in the source uses it"
        if certain:
            yield error("permission-unused", place, what, "take it out: a user would grant it for nothing")
        else:
            yield warning(
                "permission-unused", place, f"{what} as far as can be seen", "take it out if nothing needs it"
            )


def _skills_not_required(manifest: Manifest, uses: Sequence[Use]) -> Iterator[Finding]:
    required = {text.split("=")[0].rstrip("<>!~ ") for text in manifest.requires_skills}
    for use in _of(uses, "kernel"):
        if use.what == "context.call" and use.value and use.value not in required | {manifest.name}:
            what = f"calls the skill {use.value}, which requires_skills does not name"
            yield warning("skill-not-required", use.place, what, f'requires_skills = ["{use.value}"]')
