"""What a skill's first call costs, when its sandboxed worker has to be started.

    python -m benchmarks.cold [--home SKILL_HOME] [--rounds N] [--smoke]

Without --home it is the skill `notes` of the tests, which brings no library. With it, also `calendar` and `calculator`
where they are installed there: their floor is the libraries alone, in the same sandbox.
"""

import argparse
import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.samples import Measure, Samples, in_turns, milliseconds, ratio, table
from benchmarks.setting import command, home_with_notes, machine
from skillkernel import Kernel
from skillkernel.calls.pipeline import json_arguments, run_call
from skillkernel.calls.run import worker_spec
from skillkernel.calls.types import CallRequest
from skillkernel.catalogue.types import Target
from skillkernel.permissions.decide import effective
from skillkernel.worker.bubblewrap import ENVIRONMENT
from skillkernel.worker.launch import worker_argv
from skillkernel.worker.pool import WorkerPool
from skillkernel.worker.walls import find_tools, host_uid


@dataclass(frozen=True)
class First:
    """A first call, and what of its libraries no worker of the skill can answer it without, as bare code."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])
    libraries: str = ""


FIRST = (
    First("notes.count"),
    First("calculator.convert", {"value": 1, "from_unit": "m", "to_unit": "km"}, "import pint; pint.UnitRegistry()"),
    First("calendar.list_events", {"date": "2030-01-01"}, "import icalendar, recurring_ical_events"),
)


def process(argv: list[str], environ: Mapping[str, str]) -> Measure:
    """The seconds from the start of a command to its end."""

    def measure() -> float:
        started = perf_counter()
        subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environ, check=True)
        return perf_counter() - started

    return measure


def in_walls(kernel: Kernel, target: Target, code: str) -> Measure:
    """Python with some code, in the sandbox that the skill's worker gets."""
    spec = worker_spec(target.skill, effective(target.skill), kernel.desk("benchmark"))
    argv = worker_argv(spec, find_tools(), host_uid(spec.uid_key), 0, 0)
    return process([*argv[: argv.index("-c")], "-c", code], {})


def first_call(runner: asyncio.Runner, kernel: Kernel, first: First) -> Measure:
    """A call in a pool that has no worker yet; ending the worker afterwards does not count."""

    async def call() -> float:
        desk = kernel.desk(kernel.journal.begin_session("api", "benchmark", ""))
        pool = desk.workers = WorkerPool()
        started = perf_counter()
        outcome = await run_call(CallRequest("c1", first.tool, json_arguments(first.arguments)), desk)
        spent = perf_counter() - started
        await pool.aclose()
        if outcome.error is not None:
            raise outcome.error
        return spent

    return lambda: runner.run(call())


def measures(runner: asyncio.Runner, kernel: Kernel, home: Path) -> dict[str, Measure]:
    """What is compared, by title."""
    environ = {**os.environ, "SKILL_HOME": str(home)}
    found: dict[str, Measure] = {PLAIN: process([sys.executable, "-I", "-S", "-c", "pass"], {})}
    known = {str(target.id): target for target in kernel.targets()}
    for first in FIRST:
        target = known.get(first.tool)
        if target is None:
            continue
        runner.run(_warmed(kernel, first))
        found.setdefault(FLOOR, in_walls(kernel, target, "pass"))
        if first.libraries:
            code = f"import sys; sys.path.append({str(ENVIRONMENT)!r}); {first.libraries}"
            found[_bare(first)] = in_walls(kernel, target, code)
        found[first.tool] = first_call(runner, kernel, first)
        arguments = json_arguments(first.arguments)
        found[f"`skill call {first.tool}`"] = process([command(), "call", first.tool, arguments], environ)
    return found


PLAIN = "`python -I -S -c pass`"
FLOOR = "**floor**: the same in the worker's sandbox"


def _bare(first: First) -> str:
    return f"the same + `{first.libraries}`"


async def _warmed(kernel: Kernel, first: First) -> None:
    """Make the data folder and compile the schema, once."""
    outcome = await kernel.call(first.tool, first.arguments)
    if outcome.error is not None:
        raise outcome.error


def report(found: dict[str, Samples]) -> str:
    """Milliseconds, and ratios to the floor and to a skill's libraries alone."""
    bare = {first.tool: found[_bare(first)].median for first in FIRST if _bare(first) in found}
    rows = [
        (
            f"**first call of {title}**" if "." in title and " " not in title else title,
            milliseconds(samples.median),
            milliseconds(samples.best),
            milliseconds(samples.p99),
            ratio(samples.median, found[FLOOR].median),
            ratio(samples.median, bare[title]) if title in bare else "-",
        )
        for title, samples in found.items()
    ]
    return table(("ms", "median", "best", "p99", "to the floor", "to its libraries alone"), rows)


async def _opened(kernel: Kernel) -> Kernel:
    return await kernel.__aenter__()


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--home", type=Path, help="a SKILL_HOME with skills in it")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--smoke", action="store_true", help="one round, to see that it runs")
    options = parser.parse_args()
    print(machine(), end="\n\n")
    with nullcontext(options.home) if options.home else home_with_notes() as home, asyncio.Runner() as runner:
        kernel = Kernel(home)
        runner.run(_opened(kernel))
        try:
            print(report(in_turns(measures(runner, kernel, home), 1 if options.smoke else options.rounds)))
        finally:
            runner.run(kernel.__aexit__(None, None, None))


if __name__ == "__main__":
    main()
