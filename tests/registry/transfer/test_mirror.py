"""A copy of an index: whole, checked, made again for what changed, and never half."""

import json
import shutil
from pathlib import Path

import pytest

from fakes.index_server import body, serve
from fakes.indexes import UNSIGNED, write_index
from fakes.signed_indexes import SignedIndex
from fakes.signed_use import TRUSTING
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.types import Catalogue, Layout
from skillkernel.errors import IntegrityError, Missing, UsageError
from skillkernel.names import skill_name
from skillkernel_registry.errors import IndexRolledBack, SkillNotFound
from skillkernel_registry.index import Index, IndexTerms
from skillkernel_registry.indexes.config import add_index
from skillkernel_registry.indexes.opening import open_indexes
from skillkernel_registry.progress import silent
from skillkernel_registry.transfer.download import download_skills
from skillkernel_registry.transfer.mirror import mirror

TINY, BASE = skill_name("tiny"), skill_name("base")


async def opened(layout: Layout, where: Path | str, terms: IndexTerms = TRUSTING) -> Index:
    return await open_indexes(layout, str(where), terms, Catalogue())


async def identity_of(layout: Layout, where: Path | str, terms: IndexTerms = TRUSTING) -> str:
    index = await opened(layout, where, terms)
    await index.aclose()
    return index.identity


async def wheels_of(layout: Layout, where: Path, terms: IndexTerms, *names: str) -> list[str]:
    index = await opened(layout, where, terms)
    found: list[str] = []
    for name in names:
        record = await index.record(skill_name(name))
        found += [(await index.wheel(skill_name(name), one, silent)).name for one in record.releases]
    await index.aclose()
    return found


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_a_copy_of_a_plain_index_is_that_index(
    layout: Layout, elsewhere: Layout, plain: Path, tmp_path: Path
) -> None:
    with serve(plain) as server:
        done = await mirror(layout, server.url, tmp_path / "copy", terms=UNSIGNED)
    assert done.skills == ("base", "maps", "tiny")
    copied = files(tmp_path / "copy")
    assert json.loads(copied.pop("mirror.json")) == {
        "mirror_version": 1,
        "of": server.url,
        "python": False,
        "skills": None,
    }
    assert copied == files(plain)
    assert len(await wheels_of(elsewhere, tmp_path / "copy", UNSIGNED, "tiny", "base", "maps")) == 3


async def test_a_copy_of_a_signed_index_is_verified_by_the_keys_of_the_original(
    layout: Layout, elsewhere: Layout, signed: SignedIndex, tmp_path: Path
) -> None:
    with serve(signed.folder) as server:
        await mirror(layout, server.url, tmp_path / "copy", terms=TRUSTING)
    original, copied = files(signed.folder), files(tmp_path / "copy")
    copied.pop("mirror.json")
    assert {path: original[path] for path in copied} == copied
    assert len(await wheels_of(elsewhere, tmp_path / "copy", TRUSTING, "tiny", "base", "maps")) == 3
    index = await opened(elsewhere, tmp_path / "copy")
    with pytest.raises(SkillNotFound):
        await index.record(skill_name("unknown"))
    assert {line.name for line in await index.lines()} == {"tiny", "base", "maps"}
    await index.aclose()


async def test_a_second_run_fetches_what_changed(layout: Layout, signed: SignedIndex, tmp_path: Path) -> None:
    with serve(signed.folder) as server:
        await mirror(layout, server.url, tmp_path / "copy", terms=TRUSTING)
        server.asked.clear()
        again = await mirror(layout, server.url, tmp_path / "copy", terms=TRUSTING)
        assert again.fetched == 0
        assert not [path for path in server.asked if path.startswith(("/wheels/", "/skills/"))]
        signed.add(SkillWheelFake(name="maps", version="2.0"))
        server.asked.clear()
        await mirror(layout, server.url, tmp_path / "copy", terms=TRUSTING)
        assert [path for path in server.asked if path.startswith("/wheels/")] == [
            "/wheels/skill_maps-2.0-py3-none-any.whl"
        ]
    assert len(await wheels_of(layout, tmp_path / "copy", TRUSTING, "maps")) == 2


async def test_a_damaged_file_of_a_copy_is_mended(layout: Layout, plain: Path, tmp_path: Path) -> None:
    await mirror(layout, str(plain), tmp_path / "copy", terms=UNSIGNED)
    (wheel,) = (tmp_path / "copy/wheels").glob("skill_tiny*")
    wheel.write_bytes(b"evil")
    assert (await mirror(layout, str(plain), tmp_path / "copy", terms=UNSIGNED)).fetched == 1
    assert wheel.read_bytes() == (plain / "wheels" / wheel.name).read_bytes()


@pytest.mark.parametrize("kind", ["plain", "signed"])
async def test_a_changed_wheel_is_not_copied_and_there_is_no_half_index(
    layout: Layout, plain: Path, signed: SignedIndex, tmp_path: Path, kind: str
) -> None:
    folder, terms = (plain, UNSIGNED) if kind == "plain" else (signed.folder, TRUSTING)
    (wheel,) = (folder / "wheels").glob("skill_tiny*")
    good = wheel.read_bytes()
    wheel.write_bytes(good[:-1] + b"!")
    with pytest.raises(IntegrityError) as caught:
        await mirror(layout, str(folder), tmp_path / "copy", terms=terms)
    assert "not what the index promised" in caught.value.message
    assert not (tmp_path / "copy/index.json").exists()
    assert not (tmp_path / "copy/metadata/timestamp.json").exists()
    wheel.write_bytes(good)
    done = await mirror(layout, str(folder), tmp_path / "copy", terms=terms)
    assert len(done.skills) == 3, "the next run goes on there"


async def test_while_an_update_fails_the_copy_stays_what_it_was(
    layout: Layout, signed: SignedIndex, tmp_path: Path
) -> None:
    await mirror(layout, str(signed.folder), tmp_path / "copy", terms=TRUSTING)
    before = (tmp_path / "copy/metadata/timestamp.json").read_bytes()
    signed.add(SkillWheelFake(name="maps", version="2.0"))
    (signed.folder / "wheels/skill_maps-2.0-py3-none-any.whl").unlink()
    with pytest.raises(IntegrityError) as caught:
        await mirror(layout, str(signed.folder), tmp_path / "copy", terms=TRUSTING)
    assert "skill_maps-2.0" in caught.value.message
    assert (tmp_path / "copy/metadata/timestamp.json").read_bytes() == before


async def test_some_skills_come_with_what_they_require_and_nothing_else_is_offered(
    layout: Layout, elsewhere: Layout, signed: SignedIndex, tmp_path: Path
) -> None:
    done = await mirror(layout, str(signed.folder), tmp_path / "copy", ["tiny"], terms=TRUSTING)
    assert set(done.skills) == {"tiny", "base"}
    index = await opened(elsewhere, tmp_path / "copy")
    assert {line.name for line in await index.lines()} == {"tiny", "base"}
    with pytest.raises(SkillNotFound):
        await index.record(skill_name("maps"))
    await index.aclose()
    assert not list((tmp_path / "copy/wheels").glob("*maps*"))


async def test_what_a_copy_on_the_web_leaves_out_is_not_called_tampered_with(
    layout: Layout, elsewhere: Layout, signed: SignedIndex, tmp_path: Path
) -> None:
    await mirror(layout, str(signed.folder), tmp_path / "copy", ["tiny"], terms=TRUSTING)
    with serve(tmp_path / "copy") as server:
        for _ in ("the first time", "later"):
            index = await opened(elsewhere, server.url)
            with pytest.raises(SkillNotFound, match="of which this copy is a part"):
                await index.record(skill_name("maps"))
            assert (await index.record(BASE)).name == "base"
            await index.aclose()
        (tmp_path / "copy/mirror.json").unlink()
        index = await opened(elsewhere, server.url)
        with pytest.raises(IntegrityError):
            await index.record(skill_name("maps"))
        await index.aclose()


async def test_a_release_that_a_copy_on_the_web_leaves_out_is_named(
    layout: Layout, elsewhere: Layout, signed: SignedIndex, tmp_path: Path
) -> None:
    signed.add(SkillWheelFake(name="maps", version="2.0"))
    await download_skills(layout, ["maps<2"], tmp_path / "copy", index=str(signed.folder), terms=TRUSTING)
    with serve(tmp_path / "copy") as server:
        await identity_of(elsewhere, server.url)
        index = await opened(elsewhere, server.url)
        newest = next(one for one in (await index.record(skill_name("maps"))).releases if one.version == "2.0")
        with pytest.raises(Missing, match=r"maps 2.0 is in .* and not in this copy of it, which has 1.0"):
            await index.wheel(skill_name("maps"), newest, silent)
        await index.aclose()


async def test_a_copy_counts_as_its_original_where_the_original_is_trusted(
    layout: Layout, elsewhere: Layout, signed: SignedIndex, tmp_path: Path
) -> None:
    await mirror(layout, str(signed.folder), tmp_path / "copy", terms=TRUSTING)
    assert await identity_of(layout, tmp_path / "copy") == str(signed.folder)
    assert await identity_of(elsewhere, tmp_path / "copy") == str(tmp_path / "copy"), "its keys are not known there"


async def test_an_index_that_says_it_is_a_copy_of_a_trusted_one_has_to_have_its_keys(
    layout: Layout, signed: SignedIndex, tmp_path: Path
) -> None:
    from fakes.signed_indexes import write_signed_index

    await identity_of(layout, signed.folder)
    liar = write_signed_index(tmp_path / "liar", tmp_path / "other-keys", SkillWheelFake(name="tiny", version="9.0"))
    (liar.folder / "mirror.json").write_text(json.dumps({"mirror_version": 1, "of": str(signed.folder)}))
    with pytest.raises(IntegrityError):
        await identity_of(layout, liar.folder)


async def test_an_unsigned_index_never_counts_as_another(layout: Layout, plain: Path) -> None:
    (plain / "mirror.json").write_text(json.dumps({"mirror_version": 1, "of": "first-party"}))
    assert await identity_of(layout, plain, UNSIGNED) == str(plain)


async def test_config_says_where_the_files_of_an_index_are(
    elsewhere: Layout, layout: Layout, signed: SignedIndex, tmp_path: Path
) -> None:
    await mirror(layout, str(signed.folder), tmp_path / "copy", terms=TRUSTING)
    add_index(elsewhere, "corp", "https://skills.corp.example/", mirror=str(tmp_path / "copy"))
    assert await identity_of(elsewhere, "corp") == "https://skills.corp.example/"


async def test_the_root_of_config_is_asked_for_in_place_of_a_person(
    layout: Layout, signed: SignedIndex, plain: Path
) -> None:
    import hashlib

    strict = IndexTerms()
    add_index(layout, "wrong", str(signed.folder), root="0" * 64)
    with pytest.raises(IntegrityError) as caught:
        await identity_of(layout, "wrong", strict)
    assert "config.toml says" in caught.value.message
    add_index(layout, "wrong", str(signed.folder), root=hashlib.sha256(signed.first_root).hexdigest())
    assert await identity_of(layout, "wrong", strict) == str(signed.folder)
    add_index(layout, "bare", str(plain), root="0" * 64)
    with pytest.raises(IntegrityError) as caught:
        await identity_of(layout, "bare", UNSIGNED)
    assert "has no root" in caught.value.message


@pytest.mark.parametrize("metadata", ["left in place", "taken away"])
@pytest.mark.parametrize("terms", [UNSIGNED, TRUSTING], ids=["unsigned", "trusting"])
async def test_an_index_that_was_signed_is_not_taken_unsigned(
    layout: Layout, signed: SignedIndex, metadata: str, terms: IndexTerms
) -> None:
    await identity_of(layout, signed.folder)
    say_unsigned(signed.folder)
    if metadata == "taken away":
        shutil.rmtree(signed.folder / "metadata")
    else:
        (kept,) = layout.trust.glob("*/index.json")
        kept.unlink()
    with pytest.raises(IntegrityError):
        await identity_of(layout, signed.folder, terms)


async def test_what_an_index_that_was_signed_says_of_itself_unsigned_is_not_read(
    layout: Layout, signed: SignedIndex
) -> None:
    await identity_of(layout, signed.folder)
    say_unsigned(signed.folder)
    (signed.folder / "skills/maps.json").write_text('{"record_version": 1, "name": "maps", "releases": []}')
    index = await opened(layout, signed.folder, UNSIGNED)
    assert [release.version for release in (await index.record(skill_name("maps"))).releases] == ["1.0"]
    await index.aclose()


def say_unsigned(folder: Path) -> None:
    for file in (folder / "index.json", *folder.glob("*.index.json")):
        file.write_text('{"index_version": 1, "name": "x", "releases": {}}')


async def test_an_original_that_was_rolled_back_is_not_handed_on(
    layout: Layout, signed: SignedIndex, tmp_path: Path
) -> None:
    old = (signed.folder / "metadata/timestamp.json").read_bytes()
    signed.add(SkillWheelFake(name="maps", version="2.0"))
    await identity_of(layout, signed.folder)
    (signed.folder / "metadata/timestamp.json").write_bytes(old)
    with pytest.raises(IndexRolledBack):
        await mirror(layout, str(signed.folder), tmp_path / "copy", terms=TRUSTING)


@pytest.mark.parametrize("trick", ["../../evil", "/etc/passwd", "a/../../b", "https://evil.example/x"])
async def test_paths_that_climb_are_not_followed(layout: Layout, plain: Path, tmp_path: Path, trick: str) -> None:
    record = json.loads((plain / "skills/tiny.json").read_text())
    record["releases"][0]["wheel"] = trick
    (plain / "skills/tiny.json").write_text(json.dumps(record))
    with pytest.raises(IntegrityError) as caught:
        await mirror(layout, str(plain), tmp_path / "copy", terms=UNSIGNED)
    assert "out of the index" in caught.value.message


async def test_a_name_in_the_list_that_is_no_name_is_refused(layout: Layout, plain: Path, tmp_path: Path) -> None:
    (plain / "search.json").write_text('{"skills": [{"name": "../../evil"}]}')
    with pytest.raises(IntegrityError):
        await mirror(layout, str(plain), tmp_path / "copy", terms=UNSIGNED)


async def test_a_folder_with_other_things_in_it_is_left_alone(layout: Layout, plain: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("dear")
    with pytest.raises(UsageError) as caught:
        await mirror(layout, str(plain), tmp_path / "mine", terms=UNSIGNED)
    assert "holds other things" in caught.value.message
    await mirror(layout, str(plain), tmp_path / "copy", terms=UNSIGNED)
    other = write_index(tmp_path / "other", SkillWheelFake())
    with pytest.raises(UsageError) as caught:
        await mirror(layout, str(other), tmp_path / "copy", terms=UNSIGNED)
    assert "holds a copy of" in caught.value.message


async def test_a_record_that_is_refused_in_the_middle_leaves_no_index(
    layout: Layout, plain: Path, tmp_path: Path
) -> None:
    with serve(plain) as server:
        server.answers["/skills/maps.json"] = body(b"no", status=403)
        with pytest.raises(Exception, match="403"):
            await mirror(layout, server.url, tmp_path / "copy", terms=UNSIGNED)
    assert not (tmp_path / "copy/index.json").exists()
