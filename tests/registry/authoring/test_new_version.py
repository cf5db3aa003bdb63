"""`skill version`: what breaks, what a version has to say of it, and where it is written."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fakes.indexes import write_index
from fakes.wheels import HELLO, HELLO_TOOL, SkillWheelFake, write_source
from skillkernel.catalogue.types import Layout
from skillkernel.errors import UsageError
from skillkernel.manifest.types import Effect, Manifest, Permissions, schema_json
from skillkernel_registry.authoring.new_version import next_version, standing, write_version
from skillkernel_registry.authoring.release_changes import Part, breaking_changes, least_part, may_break, raised
from skillkernel_registry.backend import build_wheel
from skillkernel_registry.build import build
from skillkernel_registry.errors import VersionTooSmall
from skillkernel_registry.index import IndexTerms
from skillkernel_registry.wheel import inspect_wheel


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    tool = {
        **HELLO_TOOL,
        "output_schema": {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
    }
    return inspect_wheel(SkillWheelFake(tools=[tool]).write(tmp_path / "fake")).manifest


def with_tool(manifest: Manifest, **changes: Any) -> Manifest:
    return msgspec.structs.replace(manifest, tools=(msgspec.structs.replace(manifest.tools[0], **changes),))


def test_nothing_breaks_between_equals(manifest: Manifest) -> None:
    assert breaking_changes(manifest, manifest) == ()
    assert least_part(manifest, manifest) is Part.PATCH


def test_what_takes_away_or_asks_for_more_breaks(manifest: Manifest) -> None:
    tool = manifest.tools[0]
    grown = msgspec.structs.replace(manifest, permissions=Permissions(network=("x.example:443",)))
    required = schema_json({"type": "object", "required": ["name", "day"], "properties": {"name": {"type": "string"}}})
    cases = {
        "is gone": msgspec.structs.replace(manifest, tools=()),
        "has send": with_tool(manifest, effect=Effect.SEND),
        "asks for network:x.example:443": grown,
        "is new and required": with_tool(manifest, input_json=required),
        "was always there and may be missing": with_tool(manifest, output_json=schema_json({"type": "object"})),
        "may be what it could not be": with_tool(manifest, output_json=schema_json({"type": "string"})),
        "uses the permission": with_tool(manifest, permissions=("secrets:key",)),
    }
    for said, after in cases.items():
        assert any(said in str(change) for change in breaking_changes(manifest, after)), said
        assert least_part(manifest, after) is Part.MAJOR
    more = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a"]}
    assert breaking_changes(manifest, with_tool(manifest, output_json=schema_json(more))) == ()
    weaker = with_tool(with_tool(manifest, effect=Effect.SEND), idempotent=True)
    assert breaking_changes(weaker, msgspec.structs.replace(weaker, tools=(tool, *weaker.tools[1:])))


@pytest.mark.parametrize(
    ("version", "part", "next_one"),
    [
        ("1.2.3", Part.PATCH, "1.2.4"),
        ("1.2.3", Part.MINOR, "1.3.0"),
        ("1.2.3", Part.MAJOR, "2.0.0"),
        ("1", Part.MINOR, "1.1.0"),
        ("2.0.0rc1", Part.MAJOR, "2.0.0"),
        ("2.1.0a1", Part.MINOR, "2.1.0"),
        ("2.1.3b1", Part.PATCH, "2.1.3"),
        ("2.1.3b1", Part.MAJOR, "3.0.0"),
    ],
)
def test_a_part_is_raised(version: str, part: Part, next_one: str) -> None:
    assert raised(version, part) == next_one


def test_a_larger_major_number_or_a_pre_release_may_break() -> None:
    assert may_break("1.0", "2.0")
    assert may_break("2.0rc1", "2.0")
    assert not may_break("1.0", "1.9")
    assert not may_break("0.1", "0.2")


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


async def committed(layout: Layout, tmp_path: Path) -> Path:
    folder = write_source(tmp_path / "tiny")
    await build(layout, folder)
    git(folder, "init")
    git(folder, "add", "-A")
    git(folder, "commit", "-m", "first")
    git(folder, "tag", "v1")
    return folder


async def test_a_minor_version_that_breaks_is_refused_with_each_change(layout: Layout, tmp_path: Path) -> None:
    folder = await committed(layout, tmp_path)
    module = folder / "skill_tiny" / "__init__.py"
    module.write_text(
        HELLO.replace("name: str", "whom: str").replace("name: Whom", "whom: Whom").replace("{name}", "x")
    )
    for against in ("", "v1"):
        now = await standing(layout, folder, against=against)
        with pytest.raises(VersionTooSmall) as caught:
            next_version(now, "minor")
        assert set(caught.value.changes) == {"hello(name): is gone", "hello(whom): is new and required"}
        assert "2.0.0" in caught.value.hint
        assert next_version(now, "minor", force=True) == "1.1.0"
        assert next_version(now, "major") == "2.0.0"
        with pytest.raises(UsageError, match="does not come after"):
            next_version(now, "1.0")
        with pytest.raises(UsageError, match="not a version"):
            next_version(now, "larger")


async def test_a_version_is_written_with_comments_kept_and_skill_json_anew(layout: Layout, tmp_path: Path) -> None:
    folder = await committed(layout, tmp_path)
    project = folder / "pyproject.toml"
    text = "# ours\r\n" + project.read_text().replace("\n", "\r\n")
    project.write_bytes(text.encode())
    now = await standing(layout, folder)
    await write_version(now, next_version(now, "patch"))
    assert project.read_bytes().decode() == text.replace('version = "1.0"', 'version = "1.0.1"')
    assert (await build(layout, folder, check=True)).manifest.version == "1.0.1"
    assert sorted(os.listdir(folder)) == [".git", "dist", "pyproject.toml", "skill_tiny"]  # noqa: PTH208 # names alone


async def test_without_a_commit_there_is_nothing_to_compare_with(layout: Layout, tmp_path: Path) -> None:
    now = await standing(layout, write_source(tmp_path / "tiny"))
    assert now.baseline is None
    assert next_version(now, "minor") == "1.1.0"


async def test_a_wheel_and_an_index_are_compared_with_too(layout: Layout, tmp_path: Path) -> None:
    fake = SkillWheelFake(version="3.0", tools=[{**HELLO_TOOL, "name": "other"}])
    folder = write_source(tmp_path / "tiny")
    index = str(write_index(tmp_path / "index", fake))
    for against in (str(fake.write(tmp_path)), index):
        now = await standing(layout, folder, against=against, terms=IndexTerms(unsigned=True))
        assert [str(change) for change in now.changes] == ["other: is gone"]
        with pytest.raises(UsageError, match="does not come after 3"):
            next_version(now, "2.0")


@pytest.mark.parametrize("against", ["nothing", "--output=x"])
async def test_what_is_no_baseline_is_said(layout: Layout, tmp_path: Path, against: str) -> None:
    folder = await committed(layout, tmp_path)
    with pytest.raises(UsageError):
        await standing(layout, folder, against=against)
    assert not (folder / "x").exists()


async def test_a_repositorys_own_settings_start_nothing(layout: Layout, tmp_path: Path) -> None:
    folder = await committed(layout, tmp_path)
    for key in ("core.fsmonitor", "core.sshCommand", "diff.external"):
        git(folder, "config", key, f"touch {tmp_path / 'ran'}")
    assert (await standing(layout, folder)).baseline is not None
    assert not (tmp_path / "ran").exists()


def test_the_same_source_gives_the_same_bytes_whatever_is_around_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other folders, times, rights, umask, and SOURCE_DATE_EPOCH: none of these is the source."""
    first = write_source(tmp_path / "one")
    (first / "skill_tiny" / "skill.json").write_text("{}")
    second = tmp_path / "deep" / "er" / "two"
    shutil.copytree(first, second)
    for number, path in enumerate(sorted(second.rglob("*"))):
        os.utime(path, (1_000_000_000 + number, 1_200_000_000 + number))
        if path.is_file():
            path.chmod(0o600 if number % 2 else 0o755)
    bytes_of: list[bytes] = []
    for folder, mask, epoch in ((first, 0o022, ""), (second, 0o077, "1700000000")):
        home = tmp_path / f"home-{mask}"
        home.mkdir()
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
        before = os.umask(mask)
        try:
            bytes_of.append(build_wheel(Layout(home), folder).read_bytes())
        finally:
            os.umask(before)
    assert bytes_of[0] == bytes_of[1]
