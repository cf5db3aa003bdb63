"""What the wall costs: a warm call, a cold start and fifty skills at once, behind each tier and without one.

    python -m benchmarks.wall [--rounds N] [--smoke]

The same worker each time, so what differs is the wall. The floors are plain Python processes without a kernel: one that
echoes the same JSON over a socket pair, and ones that only start. An HTTPS request through a passed descriptor is measured
by `python -m benchmarks.https`.
"""

import argparse
import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.samples import Samples, milliseconds, ratio, table
from benchmarks.setting import machine
from skillkernel.errors import SandboxMissing, WorkerStartFailed
from skillkernel.worker.pool import WorkerPool
from skillkernel.worker.seam import Invocation, Tier, WorkerSpec

_SKILL = '''
from skillkernel import tool

@tool(effect="read")
def echo(text: str) -> str:
    """Say the same."""
    return text
'''
_ECHO = """
import json, socket, sys
sock = socket.socket(fileno=int(sys.argv[1]))
while data := sock.recv(65536):
    asked = json.loads(data)
    sock.sendall(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": asked["params"]["text"]}).encode())
"""
TIERS: dict[Tier, str] = {"none": "a worker without a wall", "A": "**Tier A**", "B": "**Tier B**"}
FLOOR = "**floor**: bare JSON over a socket pair"
START_FLOOR = "**floor**: `python -I -S -c pass`"
MANY_FLOOR = "**floor**: `python -I -S`, waiting"
_TEXT = "x" * 100


@dataclass(frozen=True, slots=True)
class Many:
    """Fifty at once: seconds until each has answered, bytes of memory of all (shared pages in parts, PSS)."""

    seconds: float
    memory: int


class Bench:
    """Specs of the echoing skill under one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = folder / "environment"
        self._environment.mkdir()
        (self._environment / "skill_echo.py").write_text(_SKILL, encoding="utf-8")
        for path in (folder, self._environment):
            path.chmod(0o755)

    def spec(self, tier: Tier, number: int = 0) -> WorkerSpec:
        """The skill of that number."""
        name = f"echo-{tier.lower()}-{number}"
        data = self._folder / "data" / name
        data.parent.mkdir(exist_ok=True)
        data.parent.chmod(0o711)
        return WorkerSpec(name, "skill_echo", self._environment, data, "0" * 64, name, tier=tier)


async def echo(pool: WorkerPool, spec: WorkerSpec) -> float:
    """Seconds of one call."""
    asked = Invocation("echo", {"text": _TEXT}, 30.0, "benchmark")
    started = perf_counter()
    await pool.call(spec, asked)
    return perf_counter() - started


async def tiers_here(bench: Bench) -> list[Tier]:
    """Those that a worker can be started in; says why one cannot."""
    found: list[Tier] = []
    for tier in TIERS:
        pool = WorkerPool()
        try:
            await echo(pool, bench.spec(tier))
        except (SandboxMissing, WorkerStartFailed) as error:
            print(f"Tier {tier} is left out: {error.message}\n")
        else:
            found.append(tier)
        finally:
            await pool.aclose()
    return found


async def warm(bench: Bench, tiers: list[Tier], rounds: int, calls: int) -> dict[str, Samples]:
    """Calls to workers that are up, in turns."""
    found = {FLOOR: Samples(), **{TIERS[tier]: Samples() for tier in tiers}}
    pool = WorkerPool()
    try:
        with _echoing() as sock:
            for number in range(rounds + 1):
                times = {FLOOR: [_bare_echo(sock) for _ in range(calls)]}
                for tier in tiers:
                    times[TIERS[tier]] = [await echo(pool, bench.spec(tier)) for _ in range(calls)]
                if number:
                    for name, seconds in times.items():
                        found[name].add(seconds)
    finally:
        await pool.aclose()
    return found


async def cold(bench: Bench, tiers: list[Tier], rounds: int) -> dict[str, Samples]:
    """First calls in a pool that has no worker, in turns; ending the worker does not count."""
    found = {START_FLOOR: Samples(), **{TIERS[tier]: Samples() for tier in tiers}}
    for number in range(rounds + 1):
        times = {START_FLOOR: _bare_start()}
        for tier in tiers:
            pool = WorkerPool()
            times[TIERS[tier]] = await echo(pool, bench.spec(tier))
            await pool.aclose()
        if number:
            for name, seconds in times.items():
                found[name].add([seconds])
    return found


async def many(bench: Bench, tiers: list[Tier], count: int) -> dict[str, Many]:
    """All started at once, each called, all kept."""
    found = {MANY_FLOOR: _bare_many(count)}
    for tier in tiers:
        pool = WorkerPool(most_workers=count, start_seconds=120.0)
        before = _children()
        started = perf_counter()
        await asyncio.gather(*(echo(pool, bench.spec(tier, number)) for number in range(count)))
        seconds = perf_counter() - started
        found[TIERS[tier]] = Many(seconds, sum(map(_memory, _children() - before)))
        await pool.aclose()
    return found


def report_times(found: dict[str, Samples]) -> str:
    """Milliseconds, and ratios to the floor and to the worker without a wall."""
    floor, plain = next(iter(found.values())), found[TIERS["none"]]
    rows = [
        (
            title,
            *(milliseconds(value) for value in (samples.median, samples.best, samples.p99)),
            ratio(samples.median, floor.median),
            "-" if samples is floor else ratio(samples.median, plain.median),
            "-" if samples is floor else ratio(samples.p99, plain.p99),
        )
        for title, samples in found.items()
    ]
    head = ("p50", "best", "p99", "to the floor", "to no wall, p50", "to no wall, p99")
    return table(("ms", *head), rows)


def report_many(found: dict[str, Many], count: int) -> str:
    """Seconds and megabytes of all, and of one."""
    floor = next(iter(found.values()))
    rows = [
        (
            title,
            f"{each.seconds:.2f}",
            f"{each.memory / 1e6:.0f}",
            milliseconds(each.seconds / count),
            f"{each.memory / 1e6 / count:.1f}",
            ratio(each.seconds, floor.seconds),
            ratio(each.memory, floor.memory),
        )
        for title, each in found.items()
    ]
    head = ("s", "MB", "ms each", "MB each", "time to the floor", "memory to the floor")
    return table((f"{count} at once", *head), rows)


@contextlib.contextmanager
def _echoing() -> Generator[socket.socket]:
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-I", "-S", "-c", _ECHO, str(theirs.fileno())]
    with subprocess.Popen(command, pass_fds=[theirs.fileno()], env={}) as process:
        theirs.close()
        with ours:
            yield ours
        process.wait()


def _bare_echo(sock: socket.socket) -> float:
    asked: dict[str, Any] = {"jsonrpc": "2.0", "id": "0" * 32, "method": "call", "params": {"text": _TEXT}}
    started = perf_counter()
    sock.sendall(json.dumps(asked).encode())
    json.loads(sock.recv(65_536))
    return perf_counter() - started


def _bare_start() -> float:
    started = perf_counter()
    subprocess.run([sys.executable, "-I", "-S", "-c", "pass"], env={}, check=True)
    return perf_counter() - started


def _bare_many(count: int) -> Many:
    command = [sys.executable, "-I", "-S", "-c", "import sys; print(flush=True); sys.stdin.read()"]
    started = perf_counter()
    with contextlib.ExitStack() as stack:
        all_of_them = [
            subprocess.Popen(command, env={}, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(count)
        ]
        for process in all_of_them:
            stack.enter_context(process)
            if process.stdout is not None:
                process.stdout.readline()
        seconds = perf_counter() - started
        memory = sum(_memory(process.pid) for process in all_of_them)
        for process in all_of_them:
            if process.stdin is not None:
                process.stdin.close()
    return Many(seconds, memory)


def _children() -> set[int]:
    """All processes below this one."""
    return set(_below(os.getpid()))


def _below(process: int) -> Iterator[int]:
    for listed in Path(f"/proc/{process}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in listed.read_text().split():
                yield int(child)
                yield from _below(int(child))


def _memory(process: int) -> int:
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return 0


async def measure(rounds: int, calls: int, count: int) -> None:
    """Measure, and print the tables."""
    with tempfile.TemporaryDirectory(prefix="wall-") as folder:
        bench = Bench(Path(folder))
        tiers = await tiers_here(bench)
        print(f"A warm call\n\n{report_times(await warm(bench, tiers, rounds, calls))}\n")
        print(f"A cold start, to the first answer\n\n{report_times(await cold(bench, tiers, rounds * 3))}\n")
        print(report_many(await many(bench, tiers, count), count))


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--smoke", action="store_true", help="a handful of rounds, to see that it runs")
    options = parser.parse_args()
    print(machine(), end="\n\n")
    if options.smoke:
        asyncio.run(measure(1, 5, 3))
    else:
        asyncio.run(measure(options.rounds, 500, 50))


if __name__ == "__main__":
    main()
