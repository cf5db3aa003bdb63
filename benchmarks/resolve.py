"""What it costs to choose releases, against uv and pip on the same graph.

    python -m benchmarks.resolve [--sizes 100 1000 10000] [--rounds N]

Each size is one index: easy, deep and conflicting parts, filled up with skills that nobody needs. Ours reads records from
a folder; uv and pip read the same graph as minimal wheels behind PEP 503 pages. Every time is one process, start-up and
imports included; `choice alone` is the time inside ours without them, `processor` for how long a process kept processors
busy, which other programs disturb less. uv keeps what it read of the wheels in a cache, which is warm; ours and pip keep
nothing. All rows take turns, so that they can be compared with each other; pip runs once.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import perf_counter

from benchmarks.samples import Measure, Samples, in_turns, milliseconds, ratio, table
from benchmarks.setting import command, machine

Graph = dict[str, dict[str, list[str]]]
"""For each skill its versions, for each version what it requires."""
ASKED: Mapping[str, Sequence[str]] = {
    "easy": [f"easy-{number * 10}" for number in range(5)],
    "deep": ["deep-0"],
    "conflicting": [f"{side}-{number}" for number in range(5) for side in ("left", "right")],
}
DEPTH = 200
CHOICES = 8
OURS, ALONE, UV, PIP = "skillkernel", "choice alone", "uv", "pip"


def graph_of(size: int) -> Graph:
    """`size` skills or a few more; the parts that are asked for are the same from 1,000 on."""
    graph: Graph = {}
    for number in range(50):
        later = [f"easy-{other}" for other in range(number + 1, number // 10 * 10 + 10)][:3]
        graph[f"easy-{number}"] = {f"1.{minor}": [f"{name}>=1.1" for name in later] for minor in range(3)}
    depth = min(DEPTH, size // 4)
    for number in range(depth):
        after = [f"deep-{number + 1}<3"] if number + 1 < depth else []
        graph[f"deep-{number}"] = dict.fromkeys(("1.0", "2.0", "3.0rc1"), after)
    for number in range(5):
        graph[f"shared-{number}"] = {f"{version}.0": [] for version in range(CHOICES)}
        graph[f"left-{number}"] = {f"{n}.0": [f"shared-{number}=={n}.0"] for n in range(CHOICES)}
        graph[f"right-{number}"] = {f"{n}.0": [f"shared-{number}<={CHOICES - 1 - n}.0"] for n in range(CHOICES)}
    for number in range(size - len(graph)):
        graph[f"other-{number}"] = {"1.0": [], "1.1": []}
    return graph


def write_records(graph: Graph, folder: Path) -> Path:
    """The graph as a published index without wheels."""
    (folder / "skills").mkdir(parents=True)
    (folder / "index.json").write_text(json.dumps({"index_version": 1, "name": "graph", "releases": {}}))
    for name, versions in graph.items():
        releases = [
            {"version": version, "wheel": "x.whl", "length": 1, "sha256": "0" * 64, "requires_skills": requires}
            for version, requires in versions.items()
        ]
        record = {"record_version": 1, "name": name, "releases": releases}
        (folder / "skills" / f"{name}.json").write_text(json.dumps(record))
    return folder


def write_wheels(graph: Graph, folder: Path) -> Path:
    """The graph as wheels that hold metadata and nothing else, behind one page a name."""
    (folder / "wheels").mkdir(parents=True)
    for name, versions in graph.items():
        links = [_link(_wheel(folder / "wheels", name, version, requires)) for version, requires in versions.items()]
        page = folder / "simple" / name / "index.html"
        page.parent.mkdir(parents=True)
        page.write_text(f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>")
    return folder / "simple"


def _wheel(folder: Path, name: str, version: str, requires: Sequence[str]) -> Path:
    stem = f"{name.replace('-', '_')}-{version}"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {text}" for text in requires]
    files = {
        "METADATA": "\n".join(lines) + "\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: graph\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(f"{stem}.dist-info/{file}", text)
    return path


def _link(wheel: Path) -> str:
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return f'<a href="../../wheels/{wheel.name}#sha256={digest}">{wheel.name}</a>\n'


class Contest:
    """One question, asked of all three; `alone` are the times inside ours, `busy` and `uv_busy` those of the processor."""

    def __init__(self, records: Path, pages: Path, asked: Sequence[str], work: Path) -> None:
        self.alone, self.busy, self.uv_busy = Samples(), Samples(), Samples()
        self.chosen = 0
        self._asked = list(asked)
        self._records = records
        self._wanted = work / f"{asked[0]}.in"
        self._wanted.write_text("\n".join(asked))
        self._address = pages.as_uri()
        self._cache = work / "uv-cache"

    def ours(self) -> float:
        """The seconds of one process of ours."""
        seconds, busy, out = _run([sys.executable, "-m", "benchmarks.choosing", str(self._records), *self._asked])
        alone, chosen = json.loads(out)
        self.alone.add([alone])
        self.busy.add([busy])
        self.chosen = len(chosen)
        return seconds

    def uv(self) -> float:
        """The seconds of one `uv pip compile`."""
        options = [
            "--default-index",
            self._address,
            "--cache-dir",
            str(self._cache),
            "--no-config",
            "-q",
            "--no-header",
        ]
        seconds, busy, out = _run([command("uv"), "pip", "compile", *options, "--no-annotate", str(self._wanted)])
        self.uv_busy.add([busy])
        self._same(len(out.split()))
        return seconds

    def pip(self) -> float:
        """The seconds of one `pip install --dry-run`."""
        options = ["--index-url", self._address, "--dry-run", "--ignore-installed", "--quiet", "--isolated"]
        report = ["--disable-pip-version-check", "--no-cache-dir", "--report", "-", "-r", str(self._wanted)]
        seconds, _, out = _run([sys.executable, "-m", "pip", "install", *options, *report])
        self._same(len(json.loads(out)["install"]))
        return seconds

    def _same(self, count: int) -> None:
        if count != self.chosen:
            raise SystemExit(f"they chose {count} and we {self.chosen} of {self._asked}")


def _run(argv: Sequence[str]) -> tuple[float, float, str]:
    """The seconds that a process took, those of them in which it kept a processor busy, and what it printed."""
    begun, before = perf_counter(), _processor_seconds()
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{argv[:5]}: {done.stderr or done.stdout}")
    return perf_counter() - begun, _processor_seconds() - before, done.stdout


def _processor_seconds() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def contests(size: int, work: Path) -> dict[str, Contest]:
    """A contest for each part of one index."""
    graph = graph_of(size)
    records, pages = write_records(graph, work / "records"), write_wheels(graph, work / "python")
    return {f"{size:,}, {part}": Contest(records, pages, asked, work) for part, asked in ASKED.items()}


def compare(every: Mapping[str, Contest], rounds: int) -> list[list[str]]:
    """A row for each contest."""
    measures: dict[str, Measure] = {}
    for name, contest in every.items():
        measures |= {f"{name} {OURS}": contest.ours, f"{name} {UV}": contest.uv}
    samples = in_turns(measures, rounds)
    return [_row(name, every[name], samples[f"{name} {OURS}"], samples[f"{name} {UV}"]) for name in every]


def _row(name: str, contest: Contest, ours: Samples, uv: Samples) -> list[str]:
    pip = contest.pip()
    times = [ours.median, contest.alone.median, contest.busy.median, uv.median, contest.uv_busy.median, pip]
    ratios = [
        ratio(ours.median, uv.median),
        ratio(contest.busy.median, contest.uv_busy.median),
        ratio(ours.median, pip),
    ]
    return [name, str(contest.chosen), *map(milliseconds, times), *ratios]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    every: dict[str, Contest] = {}
    with tempfile.TemporaryDirectory(prefix="skill-benchmark-") as folder:
        for size in options.sizes:
            work = Path(folder) / str(size)
            work.mkdir()
            every |= contests(size, work)
        rows = compare(every, options.rounds)
    print(machine())
    print()
    times = [OURS, ALONE, "processor", UV, "its processor", f"{PIP} (once)"]
    header = ["ms, index of", "chosen", *times, f"to {UV}", f"processor to {UV}'s", f"to {PIP}"]
    print(table(header, rows))


if __name__ == "__main__":
    main()
