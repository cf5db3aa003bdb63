"""What it costs to add one release to a signed index: files and bytes written and read, seconds.

    python benchmarks/publish.py [SKILLS...]

Without numbers: 1,000 and 100,000 skills; 1000000 takes several minutes to build. The index is built by a bulk path of
this script, with the keeper's own signing and without wheels; what is measured is `Keeper.add` as the command runs it.
"""

import hashlib
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from fakes.wheels import SkillWheelFake
from skillkernel_registry.index_format import Record, Release, Releases, SearchLine
from skillkernel_registry.keeper.folder_files import FolderFiles
from skillkernel_registry.keeper.founding import Plan, found_signed
from skillkernel_registry.keeper.keeper import Keeper
from skillkernel_registry.keeper.keys import Keys
from skillkernel_registry.keeper.reshape import reshape
from skillkernel_registry.keeper.search_lists import all_lists
from skillkernel_registry.keeper.shape import wanted_bits
from skillkernel_registry.keeper.state import open_state

WORDS = 4_000
NOW = datetime.now(UTC)


class Counting(FolderFiles):
    """A folder that counts the bytes of every write and read."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.written: list[int] = []
        self.read_: list[int] = []

    def write(self, path: str, data: bytes) -> None:
        self.written.append(len(data))
        super().write(path, data)

    def read(self, path: str) -> bytes | None:
        data = super().read(path)
        self.read_.append(len(data or b""))
        return data


class Quick(FolderFiles):
    """A folder without care for a crash, for building."""

    def write(self, path: str, data: bytes) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def records(count: int) -> Iterator[Record]:
    """Skills whose summaries have words as often as a language has them."""
    chance = random.Random(6)  # noqa: S311 # the same index each time
    letters = "etaoinshrdlu"
    words = ["".join(chance.choices(letters, k=chance.randint(3, 9))) for _ in range(WORDS)]
    weights = [1 / (rank + 10) for rank in range(WORDS)]
    for number in range(count):
        name = f"s{number:07}"
        release = Release(
            version="1.0",
            wheel=f"skill_{name}-1.0-py3-none-any.whl",
            length=4_000,
            sha256=hashlib.sha256(name.encode()).hexdigest(),
            summary=" ".join(chance.choices(words, weights, k=8)),
            uploaded="2026-11-24T00:00:00+00:00",
        )
        yield Record(record_version=1, name=name, publisher="somebody", releases=(release,))


def build(folder: Path, keys: Path, count: int) -> None:
    files = Quick(folder)
    found_signed(files, Keys([keys]), Plan("bench", publisher="somebody"), NOW)
    state = open_state(files, NOW)
    ledger = state.ledger
    if ledger is None:
        raise SystemExit("the index is not signed")
    ledger.rebin(wanted_bits(count))
    lines: list[SearchLine] = []
    for record in records(count):
        ledger.put(f"skills/{record.name}.json", msgspec.json.encode(record))
        lines.append(SearchLine(name=record.name, summary=record.releases[0].summary))
    state.skills = count
    for path, data in all_lists(Releases(), lines).items():
        ledger.put(path, data)
    reshape(state, ledger)
    ledger.save(Keys([keys]), skills=count)
    files.write("index.json", ledger.read_target("index.json") or b"")


def measure(folder: Path, keys: Path, wheel: Path) -> tuple[int, int, int, int, float]:
    files = Counting(folder)
    start = time.perf_counter()
    Keeper.open(files, keys).add([wheel])
    seconds = time.perf_counter() - start
    return len(files.written), sum(files.written), len(files.read_), sum(files.read_), seconds


def main() -> None:
    counts = [int(word) for word in sys.argv[1:]] or [1_000, 100_000]
    print(f"{'skills':>9}  {'what':<24}{'files':>6}{'bytes':>11}{'read':>6}{'bytes':>11}{'seconds':>9}")
    for count in counts:
        with tempfile.TemporaryDirectory() as name:
            place = Path(name)
            start = time.perf_counter()
            build(place / "index", place / "keys", count)
            files = len(list((place / "index/metadata").iterdir()))
            print(f"{count:>9}  built in {time.perf_counter() - start:.0f} s, {files} files of metadata")
            for what, version in (("a new skill", "1.0"), ("its next release", "1.1"), ("and the next", "1.2")):
                wheel = SkillWheelFake("brand-new", version=version).write(place / "built")
                written, out, read, into, seconds = measure(place / "index", place / "keys", wheel)
                print(f"{count:>9}  {what:<24}{written:>6}{out:>11,}{read:>6}{into:>11,}{seconds:>9.2f}")


if __name__ == "__main__":
    main()
