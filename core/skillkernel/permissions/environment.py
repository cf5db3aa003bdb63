"""The variables of the kernel's own environment that a skill was granted.

Threat: a name that no manifest may hold, in a grant that came another way: it is not handed on.
"""

import os
from collections.abc import Iterable, Mapping

from skillkernel.manifest.variables import environment_problem

_ROW = "environment:"


def granted_environment(rows: Iterable[str], environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables that these permission rows name and that are set, by name."""
    names = [row.removeprefix(_ROW) for row in rows if row.startswith(_ROW)]
    return {name: environ[name] for name in names if name in environ and not environment_problem(name)}
