"""What an index asks of its releases, in a field of its root that the root's keys sign."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

import msgspec

from skillkernel.names import SkillName
from skillkernel_registry.errors import IndexTampered

FIELD = "x-skillkernel"


@dataclass(frozen=True, slots=True)
class Policy:
    """`attestations` are names, or patterns of fnmatch: no release of such a skill passes without an attestation."""

    attestations: tuple[str, ...] = ()

    def must_attest(self, name: SkillName) -> bool:
        """Whether this skill's releases need one."""
        return any(fnmatchcase(name, pattern) for pattern in self.attestations)


class _Field(msgspec.Struct):
    attestations: Literal["none", "all"] | tuple[str, ...] = "none"


def parse_policy(fields: Mapping[str, Any], place: str) -> Policy:
    """Read the policy from the fields of a root that TUF does not know; raise `IndexTampered` when it has no form.

    {"x-skillkernel": {"attestations": "none" | "all" | [name or pattern, …]}}; without the field nothing is asked.
    """
    try:
        asked = msgspec.convert(fields.get(FIELD, {}), _Field).attestations
    except msgspec.ValidationError as error:
        raise IndexTampered(
            f"{place} has a field {FIELD} that cannot be followed: {error}", hint="tell whoever runs the index"
        ) from error
    if isinstance(asked, str):
        return Policy(("*",) if asked == "all" else ())
    return Policy(asked)
