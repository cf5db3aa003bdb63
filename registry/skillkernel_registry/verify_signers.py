"""`skill verify`: whether the attestations of what is installed still hold, against whom its indexes pin now."""

from collections.abc import Sequence
from dataclasses import dataclass

from skillkernel.catalogue.types import Installed, Layout
from skillkernel.errors import IntegrityError, SkillKernelError
from skillkernel_registry.errors import SkillNotFound
from skillkernel_registry.index import Index, IndexTerms
from skillkernel_registry.lockfile.opening import Openings, openings
from skillkernel_registry.progress import silent
from skillkernel_registry.verify import Finding


@dataclass(frozen=True, slots=True)
class Attested:
    """`unchecked` says of which skills nothing could be found out, and why; that is no finding."""

    findings: tuple[Finding, ...]
    unchecked: tuple[str, ...]


async def verify_signers(layout: Layout, skills: Sequence[Installed], terms: IndexTerms) -> Attested:
    """Check again the attestation of every skill that came with one; its index is asked, or what is kept of it."""
    findings: list[Finding] = []
    unchecked: list[str] = []
    async with openings(layout, {}, terms, silent) as opened:
        for skill in skills:
            if not skill.signer:
                continue
            try:
                signer = await _signer(opened, await opened.open(skill.index), skill)
            except (IntegrityError, SkillNotFound) as error:
                findings.append(_finding(skill, error.message))
            except SkillKernelError as error:
                unchecked.append(f"the attestation of {skill.name} was not checked again: {error.message}")
            else:
                if signer != skill.signer:
                    now = f"is attested by {signer}" if signer else "has no attestation that its index vouches for"
                    findings.append(_finding(skill, f"{now}; when it was installed it was {skill.signer}"))
    return Attested(tuple(findings), tuple(unchecked))


async def _signer(opened: Openings, index: Index, skill: Installed) -> str:
    record = await index.record(skill.name)
    release = next((one for one in record.releases if one.version == skill.version), None)
    if release is None or release.sha256 != skill.wheel:
        raise IntegrityError(f"{index.identity} does not have the release that is installed any more")
    return await opened.signer(index, record, release, await index.wheel(skill.name, release, silent))


def _finding(skill: Installed, problem: str) -> Finding:
    return Finding(f"{skill.name} {skill.version}", problem, f"`skill info {skill.name}` says where it is from")
