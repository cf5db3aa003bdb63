"""What is kept of an index survives damage, a kill at any moment, and two processes at once."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from anyio import to_thread

import fakes
from fakes.index_server import IndexServer, Silent
from fakes.signed_use import fetched
from fakes.tuf_repository import TufRepository
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.types import Layout
from skillkernel.errors import Missing
from skillkernel_registry.errors import IndexRolledBack
from skillkernel_registry.trust.roots import TrustFolder

TESTS = Path(next(iter(fakes.__path__))).parent


def started(layout: Layout, where: str) -> "subprocess.Popen[str]":
    """Another process that fetches the wheel of tiny."""
    return subprocess.Popen(
        [sys.executable, "-m", "fakes.signed_use", str(layout.home), where],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("garbage", [b"", b"{", bytes(100)], ids=["empty", "cut off", "zeros"])
@pytest.mark.parametrize(
    "name", ["timestamp", "snapshot", "targets", "skills-*", "root_history/*.root", "root", "/index"]
)
async def test_a_kept_file_that_was_damaged_is_fetched_again(
    layout: Layout, repository: TufRepository, where: str, name: str, garbage: bytes
) -> None:
    await fetched(layout, where)
    repository.rotate("root")
    repository.add(SkillWheelFake(version="2.0"))
    await fetched(layout, where)
    folder = TrustFolder(layout, where)
    kept = [folder.index] if name == "/index" else list(folder.metadata.glob(f"{name}.json"))
    assert kept
    for file in kept:
        file.write_bytes(garbage)
    assert "2.0" in (await fetched(layout, where)).name
    for file in kept:
        file.unlink(missing_ok=True)
    assert "2.0" in (await fetched(layout, where)).name


async def test_a_kept_record_that_was_damaged_is_fetched_again(
    layout: Layout, repository: TufRepository, where: str
) -> None:
    await fetched(layout, where)
    record = TrustFolder(layout, where).kept / "skills/tiny.json"
    record.write_bytes(record.read_bytes().replace(b"1.0", b"6.6"))
    assert "1.0" in (await fetched(layout, where)).name


async def test_a_kept_snapshot_that_was_damaged_opens_no_way_back(
    layout: Layout, repository: TufRepository, where: str
) -> None:
    old = repository.state()
    repository.add(SkillWheelFake(version="2.0"))
    await fetched(layout, where)
    (TrustFolder(layout, where).metadata / "snapshot.json").write_bytes(b"{")
    repository.restore(old)
    with pytest.raises(IndexRolledBack):
        await fetched(layout, where)


async def test_a_trust_folder_that_cannot_be_written_is_named(
    layout: Layout, repository: TufRepository, where: str
) -> None:
    await fetched(layout, where)
    repository.add(SkillWheelFake(version="2.0"))
    timestamp = TrustFolder(layout, where).metadata / "timestamp.json"
    timestamp.unlink()
    timestamp.mkdir()
    with pytest.raises(Missing, match=f"{TrustFolder(layout, where).path} cannot be used: "):
        await fetched(layout, where)


async def test_two_processes_at_once_see_the_same(
    layout: Layout, repository: TufRepository, server: IndexServer
) -> None:
    await fetched(layout, server.url)
    repository.rotate("snapshot")
    repository.add(SkillWheelFake(version="2.0"))
    for process in [started(layout, server.url) for _ in range(3)]:
        out, errors = await to_thread.run_sync(process.communicate)
        assert (process.returncode, errors) == (0, "")
        assert "2.0" in out
    await fetched(layout, server.url)


@pytest.mark.parametrize(
    "moment", ["1.root", "2.root", "3.root", "timestamp", "snapshot", "targets", "bin", "index", "record"]
)
async def test_a_kill_at_any_moment_leaves_what_can_be_used(
    layout: Layout, repository: TufRepository, server: IndexServer, moment: str
) -> None:
    if moment != "1.root":
        await fetched(layout, server.url)
    repository.rotate("root")
    repository.rotate("timestamp")
    repository.file = msgspec.structs.replace(repository.file, name="renamed")
    repository.write_index()
    repository.add(SkillWheelFake(version="2.0"))
    bin_ = repository.bin_of("skills/tiny.json")
    record = repository.role_of("skills/tiny.json").targets["skills/tiny.json"].hashes["sha256"]
    index = repository.targets.targets["index.json"].hashes["sha256"]
    path = {
        "timestamp": "metadata/timestamp.json",
        "snapshot": f"metadata/{repository.snapshot.version}.snapshot.json",
        "targets": f"metadata/{repository.targets.version}.targets.json",
        "bin": f"metadata/{repository.bins[bin_].version}.{bin_}.json",
        "index": f"{index}.index.json",
        "record": f"skills/{record}.tiny.json",
    }.get(moment, f"metadata/{moment}.json")
    with Silent() as silence:
        server.answers[f"/{path}"] = silence
        process = started(layout, server.url)
        await to_thread.run_sync(silence.asked.wait)
        process.kill()
        await to_thread.run_sync(process.communicate)
    del server.answers[f"/{path}"]
    assert "2.0" in (await fetched(layout, server.url)).name
