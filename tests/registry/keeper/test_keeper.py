"""What a keeper publishes, tuf's own client accepts, and it sees what was meant."""

from datetime import timedelta
from pathlib import Path

import pytest
from tuf.api.exceptions import ExpiredMetadataError

from fakes.index_server import serve
from fakes.signed_indexes import SignedIndex, TufClient, write_signed_index
from fakes.wheels import SkillWheelFake
from skillkernel.errors import IntegrityError, Refused, UsageError
from skillkernel.names import skill_name
from skillkernel_registry.errors import IndexBusy, IndexTampered, KeyMissing, SkillNotFound, UnsafeWheel
from skillkernel_registry.index_files import IndexFiles
from skillkernel_registry.index_format import PublisherPin, parse_record
from skillkernel_registry.keeper import shape
from skillkernel_registry.keeper.check import check
from skillkernel_registry.keeper.folder_files import FolderFiles
from skillkernel_registry.keeper.founding import Plan, found_signed, found_unsigned
from skillkernel_registry.keeper.keeper import Keeper, utc_now
from skillkernel_registry.keeper.keys import Keys

SAM = PublisherPin(kind="Identity", identity="sam@example.org", issuer="https://accounts.example.org")
KIM = PublisherPin(kind="Identity", identity="kim@example.org", issuer="https://accounts.example.org")


@pytest.fixture
def index(tmp_path: Path) -> SignedIndex:
    return write_signed_index(tmp_path / "index", tmp_path / "keys")


@pytest.fixture
def client(tmp_path: Path, index: SignedIndex) -> TufClient:
    return TufClient(tmp_path / "client", index.folder, index.first_root)


def is_well(index: SignedIndex) -> bool:
    findings = check(index.files, index.now)
    assert [finding for finding in findings if not finding.harmless] == []
    return True


def test_a_client_follows_an_index_through_everything_that_its_keeper_does(tmp_path: Path, index: SignedIndex) -> None:
    with serve(index.folder) as server:
        client = TufClient(tmp_path / "client", server.url, index.first_root)
        assert client.record("tiny") is None
        index.add(SkillWheelFake())
        assert client.versions("tiny") == ["1.0"]
        index.add(SkillWheelFake(version="1.1"), SkillWheelFake("other"))
        assert client.versions("tiny") == ["1.0", "1.1"]
        index.keeper.yank("tiny", "1.1", reason="it was wrong")
        assert client.versions("tiny") == ["1.0"]
        for role in ("timestamp", "snapshot", "targets", "bins", "root"):
            index.keeper.rotate_key(role)
            assert client.versions("tiny") == ["1.0"]
        index.keeper.refresh()
        assert client.versions("tiny") == ["1.0"]
        index.keeper.remove("tiny")
        assert client.versions("tiny") == []
        assert client.versions("other") == ["1.0"]
    assert is_well(index)


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "bins", "root"])
def test_what_a_rotated_key_signs_afterwards_counts_and_the_old_key_is_out_of_use(
    index: SignedIndex, client: TufClient, role: str
) -> None:
    client.read()
    before = {file.name for file in index.keys.glob(f"{role}-*.pem")}
    index.keeper.rotate_key(role)
    assert {file.name for file in index.keys.glob(f"{role}-*.pem")}.isdisjoint(before)
    assert {file.name.removesuffix(".revoked") for file in index.keys.glob("*.revoked")} == before
    index.add(SkillWheelFake())
    index.keeper.set_policy(["corp-*"])
    assert client.versions("tiny") == ["1.0"]
    assert is_well(index)


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "bins"])
def test_a_lost_key_can_be_replaced(index: SignedIndex, client: TufClient, role: str) -> None:
    index.add(SkillWheelFake())
    client.read()
    for file in index.keys.glob(f"{role}-*.pem"):
        file.unlink()
    index.keeper.rotate_key(role)
    index.add(SkillWheelFake(version="2.0"))
    assert client.versions("tiny") == ["1.0", "2.0"]


def test_an_index_that_grows_is_cut_up_anew_and_clients_follow(
    index: SignedIndex, client: TufClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add(SkillWheelFake(), SkillWheelFake("other"))
    client.read("skills/tiny.json")
    monkeypatch.setattr(shape, "LEAST_BITS", 6)
    monkeypatch.setattr(shape, "_PREFIXES", ((1, 0), (1000, 2)))
    done = index.keeper.refresh().done
    assert "the index is cut up anew, in 64 bins" in done
    assert client.versions("tiny") == ["1.0"]
    (search,) = client.read("search/ti.json")
    assert search == b'{"skills":[{"name":"tiny","summary":"The skill tiny."}]}'
    index.add(SkillWheelFake("timer"))
    (search,) = client.read("search/ti.json")
    assert search is not None
    assert b'"timer"' in search
    assert is_well(index)


def test_an_index_that_cannot_wait_is_cut_up_when_a_skill_is_added(
    index: SignedIndex, client: TufClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.read()
    monkeypatch.setattr(shape, "LEAST_BITS", 6)
    index.add(SkillWheelFake())
    assert client.versions("tiny") == ["1.0"]
    assert len(list(index.folder.glob("metadata/1.skills-??.json"))) == 64
    for file in index.keys.glob("targets-*.pem"):
        file.unlink()
    monkeypatch.setattr(shape, "LEAST_BITS", 8)
    assert "has outgrown its bins" in index.add(SkillWheelFake("other")).warnings[0]
    assert client.versions("other") == ["1.0"]


def test_what_runs_out_is_signed_anew_and_what_ran_out_is_refused_until_then(
    index: SignedIndex, client: TufClient
) -> None:
    index.add(SkillWheelFake())
    index.now -= timedelta(days=400)
    index.keeper.refresh()
    with pytest.raises(ExpiredMetadataError):
        client.read()
    assert any("ran out" in finding.problem for finding in check(index.files, utc_now()))
    index.now = utc_now()
    outcome = index.keeper.refresh()
    assert "the timestamp had run out" in outcome.warnings[0]
    assert client.versions("tiny") == ["1.0"]


def test_a_refresh_in_time_renews_bins_targets_and_root_before_they_run_out(index: SignedIndex) -> None:
    index.add(SkillWheelFake())
    index.now += timedelta(days=500)
    done = " / ".join(index.keeper.refresh().done)
    assert "the root is good until" in done
    assert "targets.json is signed anew" in done
    assert "16 bins are signed anew" in done
    assert is_well(index)


def test_a_refresh_without_root_keys_says_when_the_root_runs_out(index: SignedIndex) -> None:
    for file in index.keys.glob("root-*.pem"):
        file.unlink()
    index.now += timedelta(days=700)
    assert "the root runs out on" in " ".join(index.keeper.refresh().warnings)


def test_what_nothing_names_any_more_goes_after_a_while_and_not_before(index: SignedIndex, client: TufClient) -> None:
    index.add(SkillWheelFake(), SkillWheelFake(version="2.0"))
    index.keeper.yank("tiny", "1.0")
    index.keeper.remove("tiny", "2.0")
    wheel = index.folder / "wheels/skill_tiny-2.0-py3-none-any.whl"
    index.now += timedelta(days=6)
    index.keeper.refresh()
    assert wheel.exists()
    assert (index.folder / "metadata/1.snapshot.json").exists()
    index.now += timedelta(days=8)
    index.keeper.refresh()
    assert not wheel.exists()
    assert not (index.folder / "metadata/1.snapshot.json").exists()
    assert len(list(index.folder.glob("skills/*.tiny.json"))) == 1
    assert (index.folder / "metadata/1.root.json").exists()
    client.folder.joinpath("metadata/timestamp.json").unlink(missing_ok=True)
    assert is_well(index)


def test_what_is_in_use_again_is_not_deleted_with_what_was_left(index: SignedIndex, client: TufClient) -> None:
    index.add(SkillWheelFake(), SkillWheelFake(version="2.0"))
    index.keeper.yank("tiny", "1.0")
    index.keeper.yank("tiny", "1.0", undo=True)
    index.keeper.remove("tiny", "2.0")
    index.add(SkillWheelFake(version="2.0"))
    index.now += timedelta(days=30)
    index.keeper.refresh()
    index.keeper.refresh()
    assert is_well(index)


def test_the_same_wheel_again_changes_no_record_and_other_bytes_are_refused(
    index: SignedIndex, client: TufClient
) -> None:
    index.add(SkillWheelFake())
    before = client.record("tiny")
    index.now += timedelta(days=1)
    index.add(SkillWheelFake())
    assert client.record("tiny") == before
    with pytest.raises(UsageError, match=r"tiny 1\.0 is published already, with other bytes"):
        index.add(SkillWheelFake(permissions={"network": ["example.org:443"]}))
    assert client.record("tiny") == before


def test_a_wheel_that_is_not_safe_is_not_published(index: SignedIndex) -> None:
    with pytest.raises(UnsafeWheel):
        index.add(SkillWheelFake(), SkillWheelFake("evil", extra={"evil.pth": b"import os"}))
    assert not (index.folder / "wheels").exists()


def test_a_name_stays_with_its_publisher_until_somebody_says_that_it_changes_hands(
    index: SignedIndex, client: TufClient
) -> None:
    index.add(SkillWheelFake(), publisher="sam", pins=[SAM])
    with pytest.raises(Refused, match="tiny is published by 'sam', not by 'kim'"):
        index.add(SkillWheelFake(version="2.0"), publisher="kim")
    with pytest.raises(Refused, match=r"tiny is pinned to sam@example\.org .*, not by 'kim@example\.org"):
        index.add(SkillWheelFake(version="2.0"), pins=[KIM])
    index.add(SkillWheelFake(version="2.0"))
    record = client.record("tiny")
    assert record is not None
    assert (record.publisher, record.publishers) == ("sam", (SAM,))
    said = index.add(SkillWheelFake(version="3.0"), publisher="kim", new_publisher=True).warnings
    assert said[0] == "tiny was published by 'sam', from now on by 'kim'"
    assert said[1].startswith(
        "tiny was pinned to sam@example.org (by https://accounts.example.org), from now on to nobody"
    )
    record = client.record("tiny")
    assert record is not None
    assert (record.publisher, record.publishers) == ("kim", ())


def test_a_name_that_looks_like_another_is_published_with_a_warning(index: SignedIndex) -> None:
    index.add(SkillWheelFake("calendar"))
    assert (
        index.add(SkillWheelFake("calender")).warnings[0].startswith("calender looks like calendar, which is here too")
    )


def test_a_policy_that_asks_for_attestations_refuses_a_release_without(tmp_path: Path) -> None:
    index = write_signed_index(tmp_path / "index", tmp_path / "keys", attestations=["corp-*"])
    index.add(SkillWheelFake())
    with pytest.raises(Refused, match=r"corp-mail 1\.0 has no attestation, and the index asks for one"):
        index.add(SkillWheelFake("corp-mail"))
    index.keeper.set_policy("all")
    with pytest.raises(Refused, match="has no attestation"):
        index.add(SkillWheelFake(version="2.0"))
    assert any("has no attestation" in finding.problem for finding in check(index.files, index.now))
    index.keeper.set_policy("none")
    index.add(SkillWheelFake("corp-mail"))
    assert is_well(index)


@pytest.mark.parametrize("harm", ["damaged", "gone", "wrong"])
def test_a_search_file_that_is_not_right_is_written_anew_from_the_records(
    index: SignedIndex, client: TufClient, harm: str
) -> None:
    index.add(SkillWheelFake(), SkillWheelFake("other"))
    (right,) = client.read("search.json")
    (file,) = index.folder.glob("*.search.json")
    if harm == "damaged":
        file.write_bytes(b"x" + file.read_bytes())
    elif harm == "gone":
        file.unlink()
    else:
        state = index.keeper.state()
        assert state.ledger is not None
        state.ledger.put("search.json", b'{"skills":[{"name":"tiny","version":"7"},{"name":"ghost"}]}')
        state.ledger.save(index.keeper.keys, skills=9)
    findings = [finding for finding in check(index.files, index.now) if not finding.harmless]
    assert {finding.fix for finding in findings} == {"run `skill index refresh --rebuild-search`"}
    assert len(findings) == (4 if harm == "wrong" else 1)
    assert "the search is written anew, with 2 skills" in index.keeper.refresh(rebuild_search=True).done
    assert client.read("search.json") == [right]
    assert is_well(index)
    index.now += timedelta(days=30)
    index.keeper.refresh()
    assert client.read("search.json") == [right]
    assert is_well(index)


def test_an_index_is_searched_as_it_was_when_its_pieces_are_written_anew(
    index: SignedIndex, client: TufClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shape, "_PREFIXES", ((1, 0), (1000, 2)))
    index.add(SkillWheelFake(), SkillWheelFake("other"), SkillWheelFake("third"))
    index.keeper.refresh()
    before = client.read("search/ti.json", "search/ot.json", "search/th.json")
    assert None not in before
    index.keeper.refresh(rebuild_search=True)
    assert client.read("search/ti.json", "search/ot.json", "search/th.json") == before
    assert is_well(index)


def test_a_record_that_pins_half_a_publisher_is_not_built_upon(index: SignedIndex) -> None:
    with pytest.raises(IntegrityError, match="a publisher of kind GitHub has no workflow"):
        parse_record(
            b'{"record_version":1,"name":"tiny","publishers":[{"kind":"GitHub","repository":"a/b"}]}',
            skill_name("tiny"),
            "skills/tiny.json",
        )
    with pytest.raises(UsageError, match="a publisher of kind GitHub has no workflow"):
        index.add(SkillWheelFake(), pins=[PublisherPin(kind="GitHub", repository="a/b")])


def test_keys_are_refused_inside_what_is_served(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path / "index")
    with pytest.raises(UsageError, match="is inside the index"):
        found_signed(files, Keys([tmp_path / "index" / "keys"]), Plan("test"), utc_now())
    write_signed_index(tmp_path / "index", tmp_path / "keys")
    (tmp_path / "link").symlink_to(tmp_path / "index")
    with pytest.raises(UsageError, match="is inside the index"):
        Keeper.open(files, tmp_path / "link" / "keys")


def test_a_missing_key_is_named_with_the_place_and_nothing_is_written(index: SignedIndex) -> None:
    (key,) = index.keys.glob("snapshot-*.pem")
    key.rename(key.parent.with_name("elsewhere"))
    before = sorted(index.files.paths(""))
    with pytest.raises(
        KeyMissing, match=f"the role snapshot needs the key to sign: looked for {key.name} in {index.keys}"
    ):
        index.add(SkillWheelFake())
    assert sorted(index.files.paths("")) == before


def test_keys_may_be_in_several_folders(index: SignedIndex, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    for file in index.keys.glob("root-*.pem"):
        file.rename(stick / file.name)
    with pytest.raises(KeyMissing, match="the role root needs the key to sign"):
        index.keeper.set_policy("all")
    Keeper.open(index.files, [index.keys, stick]).set_policy("all")


def test_as_many_root_keys_sign_as_have_to(tmp_path: Path) -> None:
    index = write_signed_index(tmp_path / "index", tmp_path / "keys", SkillWheelFake(), root_keys=3, threshold=2)
    client = TufClient(tmp_path / "client", index.folder, index.first_root)
    first, second, third = sorted(index.keys.glob("root-*.pem"))
    third.unlink()
    index.keeper.rotate_key("timestamp")
    assert client.versions("tiny") == ["1.0"]
    index.keeper.rotate_key("root", old=third.name.removeprefix("root-")[:6])
    assert client.versions("tiny") == ["1.0"]
    assert len(list(index.keys.glob("root-*.pem"))) == 3
    first.unlink()
    second.unlink()
    with pytest.raises(KeyMissing, match="needs 2 of the 3 keys to sign"):
        index.keeper.rotate_key("root")


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "root", "bins"])
def test_metadata_that_was_edited_by_hand_is_not_built_upon(index: SignedIndex, role: str) -> None:
    index.add(SkillWheelFake())
    ledger = index.keeper.state().ledger
    assert ledger is not None
    edited = index.folder / ledger.path_of(
        ledger.bins.get_role_for_target("skills/tiny.json") if role == "bins" else role
    )
    edited.write_bytes(edited.read_bytes().replace(b'"expires":"20', b'"expires":"21'))
    with pytest.raises(IndexTampered, match=f"{edited.name} is not"):
        index.add(SkillWheelFake(version="2.0"))


def test_a_record_that_was_edited_by_hand_is_not_built_upon(index: SignedIndex) -> None:
    index.add(SkillWheelFake())
    (record,) = index.folder.glob("skills/*.tiny.json")
    record.write_bytes(record.read_bytes().replace(b"somebody", b"evilbody") + b" ")
    with pytest.raises(IndexTampered, match="is not what was signed"):
        index.add(SkillWheelFake(version="2.0"))


def test_one_keeper_at_a_time(index: SignedIndex) -> None:
    with index.files.exclusive(), pytest.raises(IndexBusy, match="another command is changing it"):
        index.keeper.refresh()


def test_whoever_finds_that_the_index_moved_stops_before_it_counts(index: SignedIndex, client: TufClient) -> None:
    class Unlocked(FolderFiles):
        """A place without locks, where another keeper publishes just before our timestamp."""

        moved = False

        def write(self, path: str, data: bytes) -> None:
            if path.startswith("skills/") and not self.moved:
                self.moved = True
                index.add(SkillWheelFake("other"))
            super().write(path, data)

    index.add(SkillWheelFake())
    theirs = Keeper.open(Unlocked(index.folder), index.keys)
    Unlocked.exclusive = IndexFiles.exclusive  # type: ignore[method-assign,assignment] # as where nothing locks
    wheel = SkillWheelFake(version="2.0").write(index.folder.parent / "built")
    with pytest.raises(IndexBusy, match="somebody else published to it"):
        theirs.add([wheel])
    assert (client.versions("tiny"), client.versions("other")) == (["1.0"], ["1.0"])
    theirs.add([wheel])
    assert client.versions("tiny") == ["1.0", "2.0"]


def test_an_unsigned_folder_is_kept_too(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path / "index")
    found_unsigned(files, "plain", "somebody")
    keeper = Keeper.open(files, tmp_path / "no-keys")
    keeper.add([SkillWheelFake(version=v).write(tmp_path / "built") for v in ("1.0", "1.1")])
    keeper.yank("tiny", "1.1")
    assert b'"yanked":true' in (tmp_path / "index/skills/tiny.json").read_bytes()
    assert b'"version":"1.0"' in (tmp_path / "index/search.json").read_bytes()
    assert check(files, utc_now()) == ()
    (tmp_path / "index/search.json").unlink()
    assert [finding.fix for finding in check(files, utc_now())] == ["run `skill index refresh --rebuild-search`"]
    keeper.refresh(rebuild_search=True)
    assert check(files, utc_now()) == ()
    keeper.remove("tiny", "1.1")
    keeper.refresh()
    keeper.remove("tiny")
    assert not (tmp_path / "index/skills").exists()
    with pytest.raises(UsageError, match="is not signed"):
        keeper.rotate_key("timestamp")


@pytest.mark.parametrize(("name", "version", "error"), [("nobody", "1", SkillNotFound), ("tiny", "9", UsageError)])
def test_what_is_not_there_cannot_be_yanked(
    index: SignedIndex, name: str, version: str, error: type[Exception]
) -> None:
    index.add(SkillWheelFake())
    with pytest.raises(error):
        index.keeper.yank(name, version)


def test_a_second_index_is_not_made_over_the_first(index: SignedIndex) -> None:
    with pytest.raises(UsageError, match="is an index already"):
        found_signed(index.files, Keys([index.keys]), Plan("test"), utc_now())
