"""One choice of ours as a process of its own, for benchmarks/resolve.py.

    python -m benchmarks.choosing FOLDER NAME...

FOLDER is an unsigned index of records. Prints the seconds that the choice took without start and imports, and what was
chosen.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import anyio
from anyio import to_thread

from skillkernel.catalogue.types import Catalogue, Layout
from skillkernel_registry.index import Index, IndexTerms
from skillkernel_registry.indexes.opening import open_indexes
from skillkernel_registry.progress import silent
from skillkernel_registry.request import parse_named
from skillkernel_registry.resolution.choice import Problem
from skillkernel_registry.resolution.explain import choose_all
from skillkernel_registry.resolution.records import open_records
from skillkernel_registry.resolution.versions import this_host


async def choose(records: Path, asked: Sequence[str]) -> tuple[float, dict[str, str]]:
    """The seconds from an opened index to the choice, and the version of each skill."""
    problem = Problem(tuple(map(parse_named, asked)), {}, Catalogue(), this_host())
    index = await open_indexes(Layout(records / "home"), str(records), IndexTerms(unsigned=True), Catalogue())

    async def opened() -> Index:
        return index

    begun = perf_counter()
    async with open_records(problem, opened, silent) as found:
        found.ahead()
        choices = await to_thread.run_sync(choose_all, problem, found.look_up)
    return perf_counter() - begun, {choice.name: str(choice.version) for choice in choices}


if __name__ == "__main__":
    print(json.dumps(anyio.run(choose, Path(sys.argv[1]), sys.argv[2:])))
