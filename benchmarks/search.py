"""What it costs to search a signed index: requests, bytes and milliseconds, against one list of everything.

    python -m benchmarks.search [--skills N ...] [--rounds N] [--smoke]

The index is that of benchmarks.publish, served on loopback without gzip. *First*: the index is new to the machine; *again*:
it was used before and nobody published since. The peer is what a list of all skills in one file would cost: its bytes, and
the time to decode it and look through it, without fetching it.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import msgspec

from benchmarks.publish import build, records
from benchmarks.samples import milliseconds, ratio, table
from benchmarks.setting import machine

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from fakes.index_server import IndexServer, serve
from skillkernel.catalogue.types import Layout
from skillkernel_registry.index import IndexTerms
from skillkernel_registry.index_format import SearchFile, SearchLine
from skillkernel_registry.inventory import matching, search
from skillkernel_registry.search_words import words

RARE, COMMON = -1, 40
"""Which word of the vocabulary, by how often summaries have it."""


def vocabulary(count: int) -> list[str]:
    """The words of all summaries, the commonest first."""
    seen: dict[str, int] = {}
    for record in records(count):
        for word in record.releases[0].summary.split():
            seen[word] = seen.get(word, 0) + 1
    return sorted(seen, key=lambda word: (-seen[word], word))


def passed(server: IndexServer, folder: Path) -> tuple[int, int]:
    """Requests and bytes of bodies since the last look."""
    files = [folder / path.lstrip("/") for path in server.asked]
    server.asked.clear()
    return len(files), sum(file.stat().st_size for file in files if file.is_file())


def one_search(layout: Layout, server: IndexServer, word: str) -> tuple[float, int]:
    """The seconds of a search as the command makes it, and how many skills it found."""
    started = perf_counter()
    terms = IndexTerms(accept_root=lambda root: True)
    found = asyncio.run(search(layout, word, index=server.url, terms=terms))
    return perf_counter() - started, len(found)


def peer(data: bytes, word: str) -> float:
    """The seconds to decode one list of everything and look through it."""
    started = perf_counter()
    matching(msgspec.json.decode(data, type=SearchFile).skills, word)
    return perf_counter() - started


def beginning(lines: tuple[SearchLine, ...], word: str) -> int:
    """How many skills have a word that begins so."""
    return sum(any(one.startswith(word) for one in words(f"{line.name} {line.summary}")) for line in lines)


def rows(place: Path, count: int, rounds: int) -> list[tuple[str, ...]]:
    """The rows of one size."""
    build(place / "index", place / "keys", count)
    known = vocabulary(count)
    lines = tuple(SearchLine(name=one.name, summary=one.releases[0].summary) for one in records(count))
    everything = msgspec.json.encode(SearchFile(skills=lines))
    told: list[tuple[str, ...]] = []
    with serve(place / "index") as server:
        for kind, word in (("a rare word", known[RARE]), ("a common word", known[min(COMMON, len(known) - 1)])):
            home = place / f"home-{kind[2:6]}"
            home.mkdir(mode=0o700)
            passed(server, place / "index")
            spent, found = one_search(Layout(home), server, word)
            first = passed(server, place / "index")
            told.append(_row(count, f"{kind}, first", found, *first, spent, 0, 0))
            again = [one_search(Layout(home), server, word)[0] for _ in range(rounds)]
            requests, size = passed(server, place / "index")
            best = min(again)
            whole = min(peer(everything, word) for _ in range(rounds))
            if (there := beginning(lines, word)) > found:
                raise SystemExit(f"{found} skills found, {there} there")
            told.append(
                _row(count, f"{kind}, again", found, requests // rounds, size // rounds, best, len(everything), whole)
            )
    return told


def _row(
    count: int, what: str, found: int, requests: int, size: int, spent: float, all_: int, whole: float
) -> tuple[str, ...]:
    peers = (f"{all_:,}", milliseconds(whole), ratio(spent, whole)) if all_ else ("", "", "")
    return (f"{count:,}: {what}", f"{found:,}", str(requests), f"{size:,}", milliseconds(spent), *peers)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--skills", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--smoke", action="store_true", help="a small index, to see that it runs")
    options = parser.parse_args()
    print(machine(), end="\n\n")
    told: list[tuple[str, ...]] = []
    for count in [300] if options.smoke else options.skills:
        with tempfile.TemporaryDirectory(prefix="skill-benchmark-") as name:
            told += rows(Path(name), count, 1 if options.smoke else options.rounds)
    header = ("skills", "found", "requests", "bytes", "ms", "one list: bytes", "ms to look through", "to that")
    print(table(header, told))


if __name__ == "__main__":
    main()
