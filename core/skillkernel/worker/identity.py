"""Which host user a worker is when the kernel runs as root: one per skill, from a range that nobody else uses."""

import hashlib
from dataclasses import dataclass

_PREFERRED = range(1_900_000_000, 2_000_000_000)
"""Above every range that distributions, containers and systemd hand out, below 2^31."""
_SMALL = range(40_000, 60_000)
"""Inside a container whose user namespace maps 65,536 ids."""


@dataclass(frozen=True, slots=True)
class IdMap:
    """The ids that exist in this user namespace, as half-open ranges (user_namespaces(7), /proc/PID/uid_map)."""

    ranges: tuple[range, ...]

    def holds(self, wanted: range) -> bool:
        """Whether every id of `wanted` exists."""
        return any(ids.start <= wanted.start and wanted.stop <= ids.stop for ids in self.ranges)


def parse_id_map(text: str) -> IdMap:
    """Read the text of a uid_map or gid_map: `first-inside first-outside count` per line."""
    lines = (line.split() for line in text.splitlines())
    return IdMap(tuple(range(int(first), int(first) + int(count)) for first, _, count in lines))


def worker_uid(key: str, ids: IdMap) -> int | None:
    """The uid (and gid) for the skill of this key: the same key always gets the same; None when no range is free."""
    chosen = next((wanted for wanted in (_PREFERRED, _SMALL) if ids.holds(wanted)), None)
    if chosen is None:
        return None
    digest = hashlib.sha256(key.encode()).digest()
    return chosen.start + int.from_bytes(digest[:8], "big") % len(chosen)
