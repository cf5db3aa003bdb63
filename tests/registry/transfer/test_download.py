"""Skills with all that they need in a folder, installed from there on a machine that reaches nothing."""

from pathlib import Path

import pytest

from fakes.index_server import serve
from fakes.indexes import UNSIGNED, write_index
from fakes.signed_indexes import SignedIndex
from fakes.signed_use import TRUSTING
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Catalogue, Layout
from skillkernel.errors import IntegrityError, Missing, UsageError
from skillkernel.names import skill_name
from skillkernel_registry.index import IndexTerms
from skillkernel_registry.indexes.config import add_index
from skillkernel_registry.indexes.opening import open_indexes
from skillkernel_registry.install import install
from skillkernel_registry.lock import parse_lock
from skillkernel_registry.lockfile.locking import lock_requests
from skillkernel_registry.lockfile.repair import repair
from skillkernel_registry.lockfile.sync import sync
from skillkernel_registry.plan import Plan
from skillkernel_registry.transfer.download import download_skills
from skillkernel_registry.transfer.mirror import mirror
from skillkernel_registry.transfer.python_wheels import Target, marker_environment
from skillkernel_registry.upgrade import upgrade


def agree(plan: Plan) -> bool:
    """As a person who says yes."""
    return True


def cut_off(links: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine where nothing is within reach, and nothing was cached."""
    for file in links.iterdir():
        file.unlink()
    monkeypatch.setenv("UV_CACHE_DIR", str(cache))


async def test_what_was_downloaded_is_installed_where_nothing_else_is_within_reach(
    layout: Layout, elsewhere: Layout, signed: SignedIndex, links: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(signed.folder) as server:
        done = await download_skills(layout, ["tiny"], tmp_path / "usb", index=server.url, terms=TRUSTING)
    assert set(done.skills) == {"tiny 1.0", "base 1.0"}
    assert done.python == ("greeting-1.0-py3-none-any.whl",)
    cut_off(links, tmp_path / "cold", monkeypatch)
    result = await install(elsewhere, ["tiny"], index=str(tmp_path / "usb"), terms=TRUSTING, consent=agree)
    assert {skill.name for skill in result.installed} == {"tiny", "base"}


async def test_an_upgrade_from_a_folder_finds_its_libraries_there(
    layout: Layout,
    elsewhere: Layout,
    signed: SignedIndex,
    greeting: str,
    links: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usb = tmp_path / "usb"
    await download_skills(layout, ["base"], usb, index=str(signed.folder), terms=TRUSTING)
    await install(elsewhere, ["base"], index=str(usb), terms=TRUSTING, consent=agree)
    signed.add(SkillWheelFake(name="base", version="2.0", requires=["greeting"], lock=greeting))
    await download_skills(layout, ["base"], usb, index=str(signed.folder), terms=TRUSTING)
    cut_off(links, tmp_path / "cold", monkeypatch)
    await upgrade(elsewhere, ["base"], index=str(usb), terms=TRUSTING, consent=agree)
    assert [(skill.name, skill.version) for skill in read_catalogue(elsewhere).skills] == [("base", "2.0")]


@pytest.mark.parametrize("wheels", ["kept", "to be fetched"])
async def test_a_sync_from_a_folder_finds_its_libraries_there(
    layout: Layout,
    elsewhere: Layout,
    signed: SignedIndex,
    links: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    wheels: str,
) -> None:
    usb, file = tmp_path / "usb", tmp_path / "skill.lock"
    await download_skills(layout, ["tiny"], usb, index=str(signed.folder), terms=TRUSTING)
    lock = await lock_requests(elsewhere, ["tiny"], index=str(usb), terms=TRUSTING)
    if wheels == "to be fetched":
        elsewhere = Layout(tmp_path / "third")
    cut_off(links, tmp_path / "cold", monkeypatch)
    await sync(elsewhere, lock, file, terms=TRUSTING, offline=True, consent=bool)
    assert {skill.name for skill in read_catalogue(elsewhere).skills} == {"tiny", "base"}


async def test_a_repair_finds_the_libraries_of_the_folder_that_a_skill_came_from(
    layout: Layout, elsewhere: Layout, signed: SignedIndex, links: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usb = tmp_path / "usb"
    await download_skills(layout, ["tiny"], usb, index=str(signed.folder), terms=TRUSTING)
    cut_off(links, tmp_path / "cold", monkeypatch)
    result = await install(elsewhere, ["tiny"], index=str(usb), terms=TRUSTING, consent=agree)
    (tiny,) = [skill for skill in result.installed if skill.name == "tiny"]
    library = elsewhere.environment(tiny.store) / "greeting.py"
    good = library.read_bytes()
    library.write_bytes(b"evil = 1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "colder"))
    assert await repair(elsewhere, ["tiny"], terms=TRUSTING) == ("tiny",)
    assert library.read_bytes() == good


async def test_a_plain_index_is_downloaded_from_too(
    layout: Layout, elsewhere: Layout, plain: Path, tmp_path: Path
) -> None:
    await download_skills(layout, ["base"], tmp_path / "usb", index=str(plain), terms=UNSIGNED)
    result = await install(elsewhere, ["base"], index=str(tmp_path / "usb"), terms=UNSIGNED, consent=agree)
    assert [skill.name for skill in result.installed] == ["base"]
    assert result.installed[0].index == str(tmp_path / "usb")


async def test_a_version_that_was_asked_for_is_the_one_that_is_offered_and_a_newer_one_is_named(
    layout: Layout, elsewhere: Layout, signed: SignedIndex, tmp_path: Path
) -> None:
    signed.add(SkillWheelFake(name="maps", version="2.0"))
    await download_skills(layout, ["maps<2"], tmp_path / "usb", index=str(signed.folder), terms=TRUSTING)
    index = await open_indexes(elsewhere, str(tmp_path / "usb"), TRUSTING, Catalogue())
    record = await index.record(skill_name("maps"))
    assert [release.version for release in record.releases] == ["1.0"]
    assert [text for text in index.warnings if "maps 2.0 is the newest" in text]
    await index.aclose()


async def test_a_second_download_adds_to_the_folder(
    layout: Layout, elsewhere: Layout, signed: SignedIndex, tmp_path: Path
) -> None:
    usb = tmp_path / "usb"
    await download_skills(layout, ["base"], usb, index=str(signed.folder), terms=TRUSTING)
    signed.add(SkillWheelFake(name="maps", version="2.0"), SkillWheelFake(name="base", version="2.0"))
    await download_skills(layout, ["maps"], usb, index=str(signed.folder), terms=TRUSTING)
    result = await install(elsewhere, ["base", "maps"], index=str(usb), terms=TRUSTING, consent=agree)
    assert {(skill.name, skill.version) for skill in result.installed} == {("base", "1.0"), ("maps", "2.0")}


async def test_a_whole_copy_is_left_to_mirror(layout: Layout, plain: Path, tmp_path: Path) -> None:
    await mirror(layout, str(plain), tmp_path / "copy", terms=UNSIGNED)
    with pytest.raises(UsageError) as caught:
        await download_skills(layout, ["base"], tmp_path / "copy", index=str(plain), terms=UNSIGNED)
    assert "skill mirror" in caught.value.hint


async def test_skills_of_two_indexes_do_not_go_into_one_folder(layout: Layout, plain: Path, tmp_path: Path) -> None:
    other = write_index(tmp_path / "other", SkillWheelFake(name="only-here"))
    add_index(layout, "plain", str(plain), unsigned=True)
    add_index(layout, "other", str(other), unsigned=True)
    with pytest.raises(UsageError) as caught:
        await download_skills(layout, ["base", "only-here"], tmp_path / "usb")
    assert "one index at a time" in caught.value.hint


async def test_a_library_that_cannot_be_had_is_an_error_and_can_be_left_out(
    layout: Layout, plain: Path, links: Path, tmp_path: Path
) -> None:
    (links / "greeting-1.0-py3-none-any.whl").unlink()
    with pytest.raises(Missing) as caught:
        await download_skills(layout, ["tiny"], tmp_path / "usb", index=str(plain), terms=UNSIGNED)
    assert "greeting" in caught.value.message
    done = await download_skills(layout, ["tiny"], tmp_path / "usb", index=str(plain), terms=UNSIGNED, deps=False)
    assert done.python == ()


async def test_a_library_that_was_changed_is_refused(layout: Layout, plain: Path, links: Path, tmp_path: Path) -> None:
    with (links / "greeting-1.0-py3-none-any.whl").open("ab") as file:
        file.write(b"evil")
    with pytest.raises(IntegrityError) as caught:
        await download_skills(layout, ["tiny"], tmp_path / "usb", index=str(plain), terms=UNSIGNED)
    assert "lock" in caught.value.message


async def test_nobody_is_trusted_for_a_download_alone(layout: Layout, signed: SignedIndex, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="nobody said that it is to be trusted"):
        await download_skills(layout, ["base"], tmp_path / "usb", index=str(signed.folder), terms=IndexTerms())
    assert not (tmp_path / "usb").exists()


@pytest.mark.parametrize(
    ("platform", "python", "holds"),
    [
        ("manylinux_2_28_x86_64", "3.12", 'sys_platform == "linux" and platform_machine == "x86_64"'),
        ("musllinux_1_2_aarch64", "3.12", 'sys_platform == "linux" and platform_machine == "aarch64"'),
        ("macosx_11_0_arm64", "3.13", 'sys_platform == "darwin" and platform_machine == "arm64"'),
        ("win_amd64", "3.11.4", 'os_name == "nt" and python_full_version < "3.11.5"'),
    ],
)
def test_markers_are_judged_for_the_machine_that_the_wheels_are_for(platform: str, python: str, holds: str) -> None:
    (pin,) = parse_lock(f"a==1 ; {holds} --hash=sha256:{'0' * 64}\n", "lock").pins
    assert pin.requirement.marker is not None
    assert pin.requirement.marker.evaluate(marker_environment(Target((platform,), python)))


@pytest.mark.parametrize("target", [Target(("amiga_68000",)), Target((), "three"), Target((), "3")])
def test_a_machine_that_nobody_knows_is_refused(target: Target) -> None:
    with pytest.raises(UsageError):
        marker_environment(target)
