"""What comes from an index is bounded, checked while it arrives, and from where it was said to be."""

import gzip
import json
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from fakes.index_server import IndexServer, body, endless, redirect, serve
from fakes.indexes import UNSIGNED, write_index
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.types import Layout
from skillkernel.errors import IntegrityError, Missing, UsageError
from skillkernel.names import skill_name
from skillkernel_registry.errors import IndexUnreachable, SkillNotFound
from skillkernel_registry.index import Index
from skillkernel_registry.indexes.opening import open_index
from skillkernel_registry.progress import Progress, silent

TINY = skill_name("tiny")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_index(tmp_path / "index", SkillWheelFake(), SkillWheelFake(name="calendar"))


@pytest.fixture
def server(folder: Path) -> Iterator[IndexServer]:
    with serve(folder) as running:
        yield running


@asynccontextmanager
async def opened(layout: Layout, where: str) -> AsyncGenerator[Index]:
    index = await open_index(layout, where, UNSIGNED)
    try:
        yield index
    finally:
        await index.aclose()


async def fetch(layout: Layout, where: str) -> Path:
    async with opened(layout, where) as index:
        record = await index.record(TINY)
        return await index.wheel(TINY, record.releases[0], silent)


def edit(file: Path, change: Callable[[dict[str, Any]], object]) -> None:
    value = json.loads(file.read_text())
    change(value)
    file.write_text(json.dumps(value))


def assert_nothing_kept(layout: Layout) -> None:
    assert not list((layout.cache / "wheels").rglob("*.whl"))
    assert not list((layout.cache / "scratch").glob("*"))


@pytest.mark.parametrize("form", ["{folder}", "{folder}/index.json", "file://{folder}", "{url}", "{url}index.json"])
async def test_an_index_is_a_folder_a_file_address_or_a_web_address(
    layout: Layout, folder: Path, server: IndexServer, form: str
) -> None:
    wheel = await fetch(layout, form.format(folder=folder, url=server.url))
    assert wheel.read_bytes() == (folder / "wheels" / wheel.name).read_bytes()


async def test_a_wheel_is_fetched_once(layout: Layout, server: IndexServer) -> None:
    await fetch(layout, server.url)
    await fetch(layout, server.url)
    assert len([path for path in server.asked if path.endswith(".whl")]) == 1


async def test_a_kept_wheel_that_was_changed_is_fetched_again(layout: Layout, folder: Path) -> None:
    kept = await fetch(layout, str(folder))
    kept.write_bytes(b"evil")
    assert (await fetch(layout, str(folder))).read_bytes() != b"evil"


async def test_progress_counts_to_the_length(layout: Layout, folder: Path) -> None:
    seen: list[Progress] = []
    async with opened(layout, str(folder)) as index:
        release = (await index.record(TINY)).releases[0]
        await index.wheel(TINY, release, seen.append)
    assert seen[0].done == 0
    assert seen[-1].done == seen[-1].total == release.length


async def test_gzip_is_understood_and_counted_unpacked(layout: Layout, folder: Path, server: IndexServer) -> None:
    packed = gzip.compress((folder / "skills" / "tiny.json").read_bytes())
    server.answers["/skills/tiny.json"] = body(packed, headers={"Content-Encoding": "gzip"})
    await fetch(layout, server.url)
    server.answers["/skills/tiny.json"] = body(gzip.compress(bytes(50_000_000)), headers={"Content-Encoding": "gzip"})
    with pytest.raises(IntegrityError, match="longer than 4000000 bytes"):
        await fetch(layout, server.url)


async def test_another_content_is_refused_with_both_hashes(layout: Layout, folder: Path, server: IndexServer) -> None:
    wheel = next((folder / "wheels").glob("skill_tiny*"))
    wrong = bytes(wheel.stat().st_size)
    server.answers[f"/wheels/{wheel.name}"] = body(wrong)
    with pytest.raises(IntegrityError) as caught:
        await fetch(layout, server.url)
    assert f"{server.url}wheels/{wheel.name}" in caught.value.message
    assert "expected sha256" in caught.value.message
    assert_nothing_kept(layout)


@pytest.mark.parametrize("change", [-1, 1])
async def test_another_length_is_refused(layout: Layout, folder: Path, server: IndexServer, change: int) -> None:
    wheel = next((folder / "wheels").glob("skill_tiny*"))
    server.answers[f"/wheels/{wheel.name}"] = body(bytes(wheel.stat().st_size + change))
    with pytest.raises(IntegrityError, match=r"expected \d+ bytes, got"):
        await fetch(layout, server.url)
    assert_nothing_kept(layout)


async def test_a_body_without_an_end_is_cut_off(layout: Layout, folder: Path, server: IndexServer) -> None:
    wheel = next((folder / "wheels").glob("skill_tiny*"))
    server.answers[f"/wheels/{wheel.name}"] = endless
    with pytest.raises(IntegrityError, match="got more"):
        await fetch(layout, server.url)
    server.answers["/index.json"] = endless
    with pytest.raises(IntegrityError, match="longer than"):
        await fetch(layout, server.url)
    assert_nothing_kept(layout)


async def test_a_body_that_stops_too_early_is_refused(layout: Layout, folder: Path, server: IndexServer) -> None:
    wheel = next((folder / "wheels").glob("skill_tiny*"))
    half = wheel.read_bytes()[:200]
    server.answers[f"/wheels/{wheel.name}"] = body(half, headers={"Content-Length": str(wheel.stat().st_size)})
    with pytest.raises((IntegrityError, IndexUnreachable)):
        await fetch(layout, server.url)
    assert_nothing_kept(layout)


async def test_a_redirect_on_the_same_server_is_followed(layout: Layout, server: IndexServer) -> None:
    server.answers["/skills/tiny.json"] = redirect("/skills/../skills/tiny.json?again")
    await fetch(layout, server.url)
    assert "/skills/tiny.json?again" in server.asked


@pytest.mark.parametrize("to", ["http://127.0.0.1:1/tiny.json", "file:///etc/passwd", "https://elsewhere.example/x"])
async def test_a_redirect_to_elsewhere_is_refused(layout: Layout, server: IndexServer, to: str) -> None:
    server.answers["/skills/tiny.json"] = redirect(to)
    with pytest.raises(IntegrityError, match=f"redirects to {to}"):
        await fetch(layout, server.url)


async def test_a_declared_base_may_be_redirected_to(layout: Layout, folder: Path, server: IndexServer) -> None:
    edit(folder / "index.json", lambda value: value.update(bases=["https://127.0.0.1:1/wheels/"]))
    for climbing in ("..", "%2e%2e"):
        server.answers["/skills/tiny.json"] = redirect(f"https://127.0.0.1:1/wheels/{climbing}/tiny.json")
        with pytest.raises(IntegrityError, match="does not declare"):
            await fetch(layout, server.url)
    server.answers["/skills/tiny.json"] = redirect("https://127.0.0.1:1/wheels/tiny.json")
    with pytest.raises(IndexUnreachable, match=r"https://127.0.0.1:1/wheels/tiny\.json cannot be read"):
        await fetch(layout, server.url)


async def test_a_redirect_in_a_circle_ends(layout: Layout, server: IndexServer) -> None:
    server.answers["/skills/tiny.json"] = redirect("/skills/tiny.json")
    with pytest.raises(IndexUnreachable, match="redirects more than"):
        await fetch(layout, server.url)


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
async def test_a_server_that_refuses_is_named_with_its_answer(layout: Layout, server: IndexServer, status: int) -> None:
    server.answers["/index.json"] = body(b"<html>", status=status)
    with pytest.raises(IndexUnreachable, match=f"index.json answered {status}"):
        await fetch(layout, server.url)


async def test_a_server_that_is_not_there_is_named(layout: Layout) -> None:
    with pytest.raises(IndexUnreachable, match=r"http://127.0.0.1:1/index\.json cannot be read"):
        await fetch(layout, "http://127.0.0.1:1")


async def test_a_folder_without_an_index_is_named(layout: Layout, tmp_path: Path) -> None:
    with pytest.raises(IndexUnreachable, match=r"nowhere/index\.json is not there"):
        await fetch(layout, str(tmp_path / "nowhere"))


async def test_an_unknown_skill_comes_with_what_looks_alike(layout: Layout, folder: Path) -> None:
    async with opened(layout, str(folder)) as index:
        with pytest.raises(SkillNotFound) as caught:
            await index.record(skill_name("calender"))
    assert caught.value.hint == "did you mean calendar?"


async def test_a_wheel_that_the_record_names_and_the_index_lacks_is_said(layout: Layout, folder: Path) -> None:
    next((folder / "wheels").glob("skill_tiny*")).unlink()
    with pytest.raises(IntegrityError, match="is not there, though the record of tiny names it"):
        await fetch(layout, str(folder))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'{"index_version": 1, "name": "x"}'])
async def test_an_index_file_that_is_damaged_is_named(layout: Layout, folder: Path, content: bytes) -> None:
    (folder / "index.json").write_bytes(content)
    with pytest.raises(IntegrityError, match=r"index\.json is not what an index holds"):
        await fetch(layout, str(folder))


async def test_an_index_of_a_later_form_asks_for_a_later_skillkernel(layout: Layout, folder: Path) -> None:
    edit(folder / "index.json", lambda value: value.update(index_version=2))
    with pytest.raises(Missing, match="index_version 2"):
        await fetch(layout, str(folder))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("wheel", "../../etc/passwd"),
        ("wheel", "/etc/passwd"),
        ("wheel", "https://elsewhere.example/x.whl"),
        ("wheel", "a%2e%2e/x.whl"),
        ("length", -1),
        ("length", "12"),
        ("sha256", "0"),
        ("sha256", None),
    ],
)
async def test_a_record_with_a_wrong_field_is_refused(layout: Layout, folder: Path, field: str, value: Any) -> None:
    edit(folder / "skills" / "tiny.json", lambda record: record["releases"][0].update({field: value}))
    with pytest.raises(IntegrityError, match=r"tiny\.json"):
        await fetch(layout, str(folder))


async def test_a_record_of_another_skill_is_refused(layout: Layout, folder: Path) -> None:
    (folder / "skills" / "tiny.json").write_bytes((folder / "skills" / "calendar.json").read_bytes())
    with pytest.raises(IntegrityError, match="it is about 'calendar', not tiny"):
        await fetch(layout, str(folder))


async def test_a_record_in_a_folder_that_is_too_long_is_not_read_to_its_end(layout: Layout, folder: Path) -> None:
    with (folder / "skills" / "tiny.json").open("r+b") as record:
        record.truncate(1 << 40)
    with pytest.raises(IntegrityError, match="longer than 4000000 bytes"):
        await fetch(layout, str(folder))


async def test_a_record_that_cannot_be_read_is_not_a_skill_that_is_not_there(layout: Layout, folder: Path) -> None:
    (folder / "skills" / "tiny.json").unlink()
    (folder / "skills" / "tiny.json").mkdir()
    with pytest.raises(IndexUnreachable, match=r"tiny\.json cannot be read: Is a directory"):
        await fetch(layout, str(folder))


async def test_a_link_out_of_the_folder_is_refused(layout: Layout, folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    (folder / "skills" / "tiny.json").replace(outside)
    (folder / "skills" / "tiny.json").symlink_to(outside)
    with pytest.raises(IntegrityError, match="link out of the index"):
        await fetch(layout, str(folder))


@pytest.mark.parametrize(
    ("where", "problem"),
    [
        ("http://index.example/", "not protected"),
        ("ftp://index.example/", "cannot be read"),
        ("https://name:secret@index.example/", "user name or password"),
        ("https://index.example/?token=secret", "query"),
        ("https://", "cannot be read"),
        ("file://elsewhere/index", "another machine"),
    ],
)
async def test_an_address_that_cannot_be_an_index_is_refused(layout: Layout, where: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem) as caught:
        await fetch(layout, where)
    assert "secret" not in caught.value.message


async def test_an_index_of_sources_is_not_read_over_the_web(layout: Layout, folder: Path, server: IndexServer) -> None:
    (folder / "index.json").write_text('{"index_version": 1, "name": "x", "sources": {"tiny": "tiny"}}')
    with pytest.raises(UsageError, match="sources"):
        await fetch(layout, server.url)
