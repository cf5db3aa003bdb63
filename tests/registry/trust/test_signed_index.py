"""A signed index is used like any other, and asks for no more than what changed."""

import hashlib
import subprocess
import sys

import msgspec
import pytest

from fakes.index_server import IndexServer
from fakes.signed_use import fetched, opened
from fakes.tuf_repository import TufRepository
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.types import Layout
from skillkernel.errors import IntegrityError, UsageError
from skillkernel.names import skill_name
from skillkernel_registry.errors import SkillNotFound
from skillkernel_registry.index_format import FileRef, Releases, SearchFile, SearchLine
from skillkernel_registry.progress import silent
from skillkernel_registry.search_words import shards_of

TINY = skill_name("tiny")


async def test_a_record_and_its_wheel_are_read(layout: Layout, repository: TufRepository, where: str) -> None:
    async with opened(layout, where) as index:
        record = await index.record(TINY)
        wheel = await index.wheel(TINY, record.releases[0], silent)
    assert record == repository.record("tiny")
    assert wheel.read_bytes() == (repository.folder / "wheels" / wheel.name).read_bytes()


async def test_a_name_that_no_bin_lists_comes_with_what_looks_alike(
    layout: Layout, repository: TufRepository, where: str
) -> None:
    async with opened(layout, where) as index:
        with pytest.raises(SkillNotFound) as caught:
            await index.record(skill_name("calender"))
    assert caught.value.hint == "did you mean calendar?"


async def test_a_record_that_nobody_vouches_for_is_not_there(
    layout: Layout, repository: TufRepository, where: str
) -> None:
    repository.put("skills/stray.json", (repository.folder / "index.json").read_bytes())
    async with opened(layout, where) as index:
        with pytest.raises(SkillNotFound):
            await index.record(skill_name("stray"))


async def test_when_nothing_changed_only_the_timestamp_comes(
    layout: Layout, repository: TufRepository, server: IndexServer
) -> None:
    await fetched(layout, server.url)
    server.asked.clear()
    await fetched(layout, server.url)
    assert server.asked == ["/metadata/2.root.json", "/metadata/timestamp.json"]


async def test_when_others_published_the_own_record_does_not_come_again(
    layout: Layout, repository: TufRepository, server: IndexServer
) -> None:
    await fetched(layout, server.url)
    name = next(name for name in ("weather", "music", "notes", "clock") if not in_one_bin(repository, name))
    repository.add(SkillWheelFake(name=name))
    server.asked.clear()
    await fetched(layout, server.url)
    snapshot = f"/metadata/{repository.snapshot.version}.snapshot.json"
    assert server.asked == ["/metadata/2.root.json", "/metadata/timestamp.json", snapshot]


def in_one_bin(repository: TufRepository, name: str) -> bool:
    return repository.bin_of(f"skills/{name}.json") == repository.bin_of("skills/tiny.json")


async def test_a_root_that_is_not_there_is_asked_for_once(
    layout: Layout, repository: TufRepository, server: IndexServer
) -> None:
    await fetched(layout, server.url)
    repository.rotate("timestamp")
    repository.rotate("root")
    repository.publish()
    server.asked.clear()
    await fetched(layout, server.url)
    assert server.asked[:4] == [f"/metadata/{file}.json" for file in ("2.root", "3.root", "4.root", "timestamp")]
    assert len([path for path in server.asked if "root" in path]) == 3


async def test_the_search_list_is_vouched_for(layout: Layout, repository: TufRepository, where: str) -> None:
    async with opened(layout, where) as index:
        assert {line.name for line in await index.lines()} == {"tiny", "calendar"}
        assert {line.name for line in await index.lines("tiny")} == {"tiny", "calendar"}
    repository.put("search.json", b'{"skills": [{"name": "evil"}]}')
    for file in repository.folder.glob("*.search.json"):
        file.write_bytes(file.read_bytes().replace(b"calendar", b"calender"))
    async with opened(Layout(layout.home / "new"), where) as index:
        with pytest.raises(IntegrityError, match=r"search\.json is not what the index promised"):
            await index.lines()


def cut_up_search(repository: TufRepository, *lines: SearchLine) -> None:
    """Put the search list into a file for each beginning of a word."""
    form = Releases(metadata="metadata/", search="search/{prefix}.json", search_prefix=3)
    shards: dict[str, list[SearchLine]] = {}
    for line in lines:
        for path in shards_of(line.name, line.summary, form):
            shards.setdefault(path, []).append(line)
    for path, found in shards.items():
        repository.target(path, msgspec.json.encode(SearchFile(skills=tuple(found))))
    repository.file = msgspec.structs.replace(repository.file, releases=form)
    repository.write_index()
    repository.publish()


async def test_a_large_search_list_is_read_by_the_longest_word(
    layout: Layout, repository: TufRepository, server: IndexServer
) -> None:
    mail, rain = SearchLine(name="mail-box", summary="Reads mail."), SearchLine(name="rain", summary="Radar of rain.")
    cut_up_search(repository, mail, rain)
    async with opened(layout, server.url) as index:
        assert await index.lines("the radar") == (rain,)
        assert await index.lines("mail") == (mail,)
        assert await index.lines("zebra") == ()
        with pytest.raises(SkillNotFound) as caught:
            await index.record(skill_name("mail-bix"))
        assert caught.value.near == ("mail-box",)
        server.asked.clear()
        await index.lines("the radar")
        assert server.asked == []
        for text in ("", "x", "!"):
            with pytest.raises(UsageError, match="too large to be listed"):
                await index.lines(text)


async def test_provenance_is_what_the_record_promised(layout: Layout, repository: TufRepository, where: str) -> None:
    data = b'{"version": 1, "attestation_bundles": []}'
    file = FileRef(path="tiny.whl.provenance", length=len(data), sha256=hashlib.sha256(data).hexdigest())
    record = repository.record("tiny")
    release = msgspec.structs.replace(record.releases[0], provenance=file)
    repository.target("skills/tiny.json", msgspec.json.encode(msgspec.structs.replace(record, releases=(release,))))
    repository.publish()
    repository.put("provenance/tiny.whl.provenance", data)
    async with opened(layout, where) as index:
        assert (await index.record(TINY)).releases == (release,)
        assert await index.provenance(TINY, release) == data
        assert await index.provenance(TINY, record.releases[0]) is None
        repository.put("provenance/tiny.whl.provenance", data.replace(b"1", b"2"))
        with pytest.raises(IntegrityError, match="expected sha256"):
            await index.provenance(TINY, release)
        (repository.folder / "provenance/tiny.whl.provenance").unlink()
        with pytest.raises(IntegrityError, match="is not there, though the record of tiny names it"):
            await index.provenance(TINY, release)


def test_whoever_uses_no_signed_index_does_not_wait_for_tuf() -> None:
    code = "import sys, skillkernel_registry.install, skillkernel_registry.trust.roots; print('tuf' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
