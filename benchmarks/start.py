"""What it costs to start the command, against a hello-world of the library that it is made with.

python -m benchmarks.start [--rounds N] [--smoke]
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.samples import Measure, Samples, in_turns, milliseconds, ratio, table
from benchmarks.setting import command, machine
from skillkernel.catalogue.read import encode_catalogue
from skillkernel.catalogue.types import Catalogue, Installed
from skillkernel.manifest.types import Effect, Manifest, Permissions, Tool, schema_json
from skillkernel.names import sha256, skill_name, tool_name

HELLO = """
import typer

def hello(name: str = "world") -> None:
    print(f"hello {name}")

typer.run(hello)
"""
TOOLS_A_SKILL = 4
PYTHON, TYPER = "`python -c pass`", "**floor**: a Typer hello-world"
VERSION, HELP = "`skill --version`", "`skill --help`"


def home_of(skills: int, folder: Path) -> Path:
    """A home whose catalogue has so many skills; nothing of them is in a store, since a list needs none of it."""
    home = folder / f"home-{skills}"
    generation = home / "generations/1"
    generation.mkdir(parents=True)
    (home / "current").symlink_to("generations/1")
    catalogue = Catalogue(generation=1, skills=tuple(_installed(number) for number in range(skills)))
    (generation / "catalogue.json").write_bytes(encode_catalogue(catalogue))
    return home


def _installed(number: int) -> Installed:
    name, digest = skill_name(f"skill-{number:04d}"), sha256(f"{number:064x}")
    manifest = Manifest(
        manifest_version=1,
        name=name,
        version="1.0.0",
        summary=f"The skill number {number}, which stands for an ordinary one.",
        tools=tuple(_tool(f"tool_{each}") for each in range(TOOLS_A_SKILL)),
    )
    return Installed(
        name=name,
        version="1.0.0",
        manifest=manifest,
        manifest_hash=digest,
        module=f"skill_{number:04d}",
        store=digest,
        tree=digest,
        index="benchmark",
        publisher="benchmark",
        owner=name,
        granted=Permissions(),
    )


def _tool(name: str) -> Tool:
    text = {"type": "string", "description": "What to look for, in the words of whoever asks."}
    moment = {"type": "string", "format": "date-time", "description": "From when on, with its offset from UTC."}
    schema = {
        "type": "object",
        "properties": {"text": text, "since": moment, "limit": {"type": "integer", "minimum": 1, "maximum": 100}},
        "required": ["text"],
        "additionalProperties": False,
    }
    return Tool(
        name=tool_name(name),
        description="Find what holds a text, newest first, since a moment if one is given.",
        effect=Effect.READ,
        input_json=schema_json(schema),
        examples=("find what I wrote about milk", "was habe ich zu Milch notiert?"),
    )


def process(argv: list[str], home: Path) -> Measure:
    """The seconds from the start of a command to its end, its output thrown away."""
    environ = {**os.environ, "SKILL_HOME": str(home)}

    def measure() -> float:
        started = perf_counter()
        subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environ, check=True)
        return perf_counter() - started

    return measure


def report(found: dict[str, Samples]) -> str:
    """Milliseconds, the ratio to the floor and the distance from it."""
    floor = found[TYPER].median
    rows = [
        (
            title,
            milliseconds(samples.median),
            milliseconds(samples.best),
            milliseconds(samples.p99),
            ratio(samples.median, floor),
            f"{(samples.median - floor) * 1e3:+.0f} ms",
        )
        for title, samples in found.items()
    ]
    return table(("ms", "median", "best", "p99", "to the floor", "above the floor"), rows)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--smoke", action="store_true", help="one round, to see that it runs")
    options = parser.parse_args()
    print(machine(), end="\n\n")
    with tempfile.TemporaryDirectory(prefix="skill-benchmark-") as name:
        folder = Path(name)
        hello = folder / "hello.py"
        hello.write_text(HELLO, encoding="utf-8")
        few, many = home_of(20, folder), home_of(1_000, folder)
        found = {
            PYTHON: process([sys.executable, "-c", "pass"], few),
            TYPER: process([sys.executable, str(hello)], few),
            VERSION: process([command(), "--version"], few),
            HELP: process([command(), "--help"], few),
            "`skill tools`, 20 skills": process([command(), "tools"], few),
            "`skill tools`, 1,000 skills": process([command(), "tools"], many),
            "`skill tools --search`, 1,000 skills": process([command(), "tools", "--search", "milk"], many),
            "`skill tools --json`, 1,000 skills": process([command(), "tools", "--json"], many),
        }
        print(report(in_turns(found, 1 if options.smoke else options.rounds)))


if __name__ == "__main__":
    main()
