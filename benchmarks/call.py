"""What one checked call costs, against a bare round trip and against other agent libraries.

    python -m benchmarks.call [--rounds N] [--only NAME ...] [--smoke]

Every peer is a process that stays alive; in each round each of them runs one session of so many steps, in turn.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.peers.answering import TELEMETRY_OFF
from benchmarks.samples import Samples, milliseconds, ratio, table
from benchmarks.setting import ROOT, home_with_notes, machine

ALL = SHORT, LONG, LONGEST = (50, 200, 2_000)


@dataclass(frozen=True)
class Peer:
    """Something that takes steps: `module` runs it, `needs` is the package without which it is left out."""

    title: str
    module: str
    argument: str = ""
    needs: str = ""
    lengths: tuple[int, ...] = (SHORT, LONG)


RAW, CHECKED, FLOOR = "raw", "checked", "floor"
PEERS = {
    RAW: Peer("socketpair, the same bytes", "bare_steps", "bytes", lengths=ALL),
    CHECKED: Peer("the same + jsonschema", "bare_steps", "checked", lengths=ALL),
    FLOOR: Peer("**floor**: bare JSON-RPC + jsonschema + the tool's function", "bare_steps", "rpc", lengths=ALL),
    "call": Peer("**skillkernel**, `read` call", "kernel_steps", "call", lengths=ALL),
    "whole": Peer("skillkernel, `Kernel.call` (a session row each)", "kernel_steps", "whole", lengths=ALL),
    "session": Peer("skillkernel, session step (scripted model + call)", "kernel_steps", "session", lengths=ALL),
    "send": Peer("skillkernel, `send` call", "kernel_steps", "send", lengths=ALL),
    "fastmcp": Peer("FastMCP over stdio, `call_tool`", "fastmcp_steps", needs="fastmcp"),
    "pydantic-ai": Peer("pydantic-ai, step", "pydantic_ai_steps", needs="pydantic_ai"),
    "openai-agents": Peer("OpenAI Agents SDK, step", "openai_agents_steps", needs="agents"),
    "langgraph": Peer("LangGraph, step", "langgraph_steps", needs="langgraph"),
}


@dataclass
class Measured:
    """One peer's times by session length."""

    peer: Peer
    versions: dict[str, str]
    by_length: dict[int, Samples] = field(default_factory=dict[int, Samples])


class Child:
    """A peer's process."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.versions: dict[str, str] = self._answer()["versions"]

    def run(self, steps: int) -> list[float]:
        """The seconds of each step of one session."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{steps}\n")
        self._process.stdin.flush()
        times: list[float] = self._answer()["steps"]
        return times

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"a peer ended: {' '.join(map(str, self._process.args))}")  # type: ignore[arg-type] # a list
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def started(peer: Peer, home: Path, folder: Path) -> Generator[Child]:
    """The peer's process, in an empty folder."""
    argv = [sys.executable, "-m", f"benchmarks.peers.{peer.module}", *([peer.argument] if peer.argument else [])]
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
    env = {**os.environ, **TELEMETRY_OFF, "SKILL_HOME": str(home), "PYTHONPATH": path}
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder, env=env
    ) as process:
        try:
            yield Child(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()


def measure(home: Path, names: list[str], rounds: int, lengths: dict[int, int]) -> dict[str, Measured]:
    """Every peer of these that is installed, in turns; `lengths` says how many steps stand for a length."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="skill-benchmark-peers-")))
        children: dict[str, Child] = {}
        found: dict[str, Measured] = {}
        for name in names:
            peer = PEERS[name]
            if peer.needs and find_spec(peer.needs) is None:
                print(f"not installed, left out: {peer.title}", file=sys.stderr)
                continue
            children[name] = stack.enter_context(started(peer, home, folder))
            found[name] = Measured(peer, children[name].versions, {length: Samples() for length in peer.lengths})
        for number in range(rounds + 1):
            for length, steps in lengths.items():
                for name, child in children.items():
                    if length in found[name].by_length:
                        times = child.run(steps)
                        if number:
                            found[name].by_length[length].add(times)
        return found


def fsync_floor(home: Path, times: int) -> Samples:
    """One page appended to a file beside the journal, and synced."""
    samples = Samples()
    path = home / "fsync"
    with path.open("wb") as file:
        for _ in range(times):
            started = perf_counter()
            file.write(bytes(4096))
            file.flush()
            os.fdatasync(file.fileno())
            samples.add([perf_counter() - started])
    path.unlink()
    return samples


def report(found: dict[str, Measured]) -> str:
    """Milliseconds a step: medians by session length, p99, and the ratio to the floor."""
    base = found[FLOOR].by_length[LONG].median
    rows: list[tuple[str, ...]] = []
    for measured in found.values():
        long = measured.by_length[LONG]
        longest = measured.by_length.get(LONGEST)
        rows.append(
            (
                measured.peer.title,
                milliseconds(measured.by_length[SHORT].median),
                milliseconds(long.median),
                milliseconds(longest.median) if longest else "-",
                milliseconds(long.best),
                milliseconds(long.p99),
                ratio(long.median, base),
            )
        )
    return table(("ms a step", "50", "200", "2,000", "200, best round", "200, p99", "200, to the floor"), rows)


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", nargs="+", choices=PEERS, default=list(PEERS), help="beside the floor")
    parser.add_argument("--smoke", action="store_true", help="a handful of steps, to see that it runs")
    options = parser.parse_args()
    rounds = 1 if options.smoke else options.rounds
    lengths: dict[int, int] = {length: number if options.smoke else length for number, length in enumerate(ALL, 3)}
    print(machine())
    with home_with_notes() as home:
        found = measure(home, [name for name in PEERS if name in {FLOOR, *options.only}], rounds, lengths)
        synced = fsync_floor(home, 5 if options.smoke else 200)
    versions = {name: number for each in found.values() for name, number in each.versions.items()}
    print(", ".join(f"{name} {number}" for name, number in versions.items()))
    print()
    print(report(found))
    if not {"send", "call"} <= found.keys():
        return
    send, read = found["send"].by_length[LONG].median, found["call"].by_length[LONG].median
    print(
        f"\nOne fsync beside the journal: {milliseconds(synced.median)} ms, p99 {milliseconds(synced.p99)} ms. "
        f"A `send` call costs {milliseconds(send - read)} ms more than a `read` call: "
        f"{ratio(send - read, synced.median)} that fsync."
    )


if __name__ == "__main__":
    main()
