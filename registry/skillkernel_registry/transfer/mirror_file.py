"""mirror.json: what a copy of an index says of itself.

Nobody vouches for it. That a copy counts as its original is proved by the original's keys alone (indexes/opening.py);
without them it is an index of its own.
"""

from dataclasses import dataclass

import msgspec

from skillkernel.errors import IntegrityError, InvalidName, Missing
from skillkernel.names import skill_name
from skillkernel_registry.download import read_metadata
from skillkernel_registry.errors import IndexUnreachable
from skillkernel_registry.fetch import Fetcher, NotThere
from skillkernel_registry.location import FolderLocation, Location

MIRROR = "mirror.json"
MIRROR_VERSION = 1
PYTHON = "python/"
"""The folder of Python wheels that the skills of a copy need."""


class MirrorFile(msgspec.Struct, frozen=True, kw_only=True):
    """`of` is the original's identity, `python` whether Python wheels are there.

    `skills` are those of a copy that is not whole, each with its versions, none for all of them; None for a whole copy.
    """

    mirror_version: int = MIRROR_VERSION
    of: str
    python: bool = False
    skills: dict[str, tuple[str, ...]] | None = None


async def read_mirror(fetcher: Fetcher) -> MirrorFile | None:
    """What the index says of being a copy, None when it says nothing that can be used; raise `IntegrityError`."""
    try:
        data = await read_metadata(fetcher, MIRROR)
    except (NotThere, IndexUnreachable):  # some servers answer 403 for what is not there
        return None
    return parse_mirror(data, fetcher.place(MIRROR))


def parse_mirror(data: bytes, place: str) -> MirrorFile:
    """Read mirror.json; raise `IntegrityError`."""
    try:
        mirror = msgspec.json.decode(data, type=MirrorFile)
        for name in mirror.skills or ():
            skill_name(name)
    except (msgspec.DecodeError, RecursionError, InvalidName) as error:
        raise IntegrityError(f"{place} is not what a copy says of itself: {error}", hint="make it again") from error
    if mirror.mirror_version > MIRROR_VERSION:
        raise Missing(f"{place} is of a newer skillkernel", hint="upgrade skillkernel")
    return mirror


@dataclass(frozen=True, slots=True)
class PythonWheels:
    """The Python wheels that may stand beside an index."""

    location: Location
    fetcher: Fetcher

    async def links(self) -> tuple[str, ...]:
        """Where they are, for uv's --find-links; empty when there are none."""
        if isinstance(self.location, FolderLocation):
            folder = self.location.path / PYTHON
            return (str(folder),) if folder.is_dir() else ()
        mirror = await read_mirror(self.fetcher)
        return (self.location.url + PYTHON,) if mirror is not None and mirror.python else ()
