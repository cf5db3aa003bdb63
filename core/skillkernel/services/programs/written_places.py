"""The places that skills may write, all of them: what lies there is run for none.

Threat: one skill that puts a program where another one is granted to run it.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from skillkernel.catalogue.types import Installed
from skillkernel.errors import PermissionRefused
from skillkernel.services.caller import Caller
from skillkernel.services.files.person_files import PersonFiles


def written_places(
    home: Path, files: PersonFiles, installed: Callable[[], Iterable[Installed]]
) -> Callable[[Caller], list[Path]]:
    """A function that names them, as real paths: SKILL_HOME, and every `files.write` grant of an installed skill."""

    def places(caller: Caller) -> list[Path]:
        found = [home.resolve()]
        for skill in installed():
            rows = tuple(row for row in skill.granted.rows() if row.startswith("files.write:"))
            with suppress(PermissionRefused):  # a grant that means nothing
                paths = files.paths(caller.session, rows, skill.settings)
                found += [granted.path for granted in paths if granted.access == "write"]
        return found

    return places
