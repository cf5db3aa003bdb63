"""`skill publish` and `skill site`."""

import os
from pathlib import Path

import pytest

from fakes.buckets import BUCKET, bucket_server
from fakes.command import Command
from fakes.git_trees import git, git_alone, git_tree
from fakes.put_server import put_server
from fakes.signed_indexes import SignedIndex, write_signed_index
from fakes.wheels import SkillWheelFake, write_source
from skillkernel_registry.publishing.destination import open_files


@pytest.fixture
def index(tmp_path: Path) -> SignedIndex:
    """An empty signed index."""
    return write_signed_index(tmp_path / "index", tmp_path / "keys")


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A skill's wheel."""
    return SkillWheelFake().write(tmp_path / "built")


def install(bare: Command, where: str) -> str:
    """What an install from there says, on a home that knows nothing."""
    ran = bare("install", "tiny", "--index", where, "--yes")
    assert ran.code == 0, ran.err
    return ran.err


def copied(index: SignedIndex, destination: str) -> None:
    """Put a new index where its files will be kept."""
    there = open_files(destination)
    for path in index.files.paths(""):
        there.write(path, index.files.read(path) or b"")
    there.commit("begin")


def test_a_source_folder_is_built_and_published_into_a_folder(
    bare: Command, index: SignedIndex, tmp_path: Path
) -> None:
    source = write_source(tmp_path / "tiny")
    ran = bare("publish", str(source), "--to", str(index.folder), "--keys", str(index.keys), "--json")
    assert ran.code == 0, ran.err
    said = ran.json()
    assert [one["name"] for one in said["published"]] == ["tiny"]
    assert said["install"] == [f"skill install tiny --index {index.folder}"]
    assert "installed tiny 1.0" in install(bare, str(index.folder))


def test_a_wheel_is_published_over_http_and_installed_from_there(
    bare: Command, index: SignedIndex, wheel: Path
) -> None:
    with put_server() as server:
        copied(index, server.url)
        ran = bare("publish", str(wheel), "--to", server.url, "--keys", str(index.keys), "--site")
        assert ran.code == 0, ran.err
        assert f"skill install tiny --index {server.url.rstrip('/')}" in ran.err
        assert "installed tiny 1.0" in install(bare, server.url)
        assert "/skill/tiny.html" in server.files


def test_an_index_is_kept_where_it_is_over_http(bare: Command, index: SignedIndex, wheel: Path) -> None:
    with put_server() as server:
        copied(index, server.url)
        keys = ("--keys", str(index.keys))
        assert bare("index", "add", server.url, str(wheel), *keys).code == 0
        newer = SkillWheelFake(version="2.0").write(wheel.parent)
        assert bare("index", "add", server.url, str(newer), *keys).code == 0
        assert bare("index", "yank", server.url, "tiny", "2.0", "--reason", "it lost data", *keys).code == 0
        assert "installed tiny 1.0" in install(bare, server.url)
        before = server.files["/metadata/timestamp.json"]
        ran = bare("index", "refresh", server.url, *keys)
        assert ran.code == 0, ran.err
        assert server.files["/metadata/timestamp.json"] != before
        ran = bare("index", "rotate-key", server.url, "timestamp", *keys)
        assert ran.code == 0, ran.err
        assert "tiny" in bare("search", "tiny", "--index", server.url).out


def test_a_wheel_is_published_into_a_git_tree_in_one_commit(
    bare: Command, tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_alone(monkeypatch)
    tree = git_tree(tmp_path / "tree")
    index = write_signed_index(tree / "index", tmp_path / "keys")
    git(tree, "add", "index")
    git(tree, "commit", "--quiet", "--message", "found the index")
    names = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL")
    author = bare.with_environment(**dict.fromkeys(names, "ada@example.org"))
    ran = author("publish", str(wheel), "--to", f"git+{index.folder}", "--keys", str(index.keys))
    assert ran.code == 0, ran.err
    assert git(tree, "log", "--format=%s").splitlines() == ["Publish tiny 1.0", "found the index", "begin"]
    assert git(tree, "status", "--porcelain") == ""


def test_a_wheel_is_published_into_a_bucket(
    bare: Command, index: SignedIndex, wheel: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with bucket_server(monkeypatch):
        bucket = bare.with_environment(**{name: value for name, value in os.environ.items() if name.startswith("AWS_")})
        destination = f"s3://{BUCKET}/index/"
        copied(index, destination)
        ran = bucket("publish", str(wheel), "--to", destination, "--keys", str(index.keys))
        assert ran.code == 0, ran.err
        files = open_files(destination)
        for path in list(files.paths("")):
            open_files(str(tmp_path / "copy")).write(path, files.read(path) or b"")
    assert "installed tiny 1.0" in install(bare, str(tmp_path / "copy"))


def test_where_no_index_is_nothing_is_written_and_the_hint_says_how_to_make_one(
    bare: Command, wheel: Path, tmp_path: Path
) -> None:
    ran = bare.here("publish", str(wheel), "--to", str(tmp_path / "nothing"))
    assert ran.code == 2
    assert "there is no index at" in ran.err
    assert "skill index init" in ran.err
    assert not (tmp_path / "nothing").exists()


def test_an_index_that_nobody_signs_is_written_only_when_that_is_said(
    bare: Command, wheel: Path, tmp_path: Path
) -> None:
    folder = str(tmp_path / "plain")
    assert bare.here("index", "init", folder, "--unsigned").code == 0
    refused = bare.here("publish", str(wheel), "--to", folder)
    assert refused.code == 4
    assert "is not signed" in refused.err
    ran = bare.here("publish", str(wheel), "--to", folder, "--unsigned")
    assert ran.code == 0, ran.err
    assert f"skill install tiny --index {folder} --unsigned" in ran.err


def test_a_dry_run_checks_all_and_writes_nothing(bare: Command, index: SignedIndex, wheel: Path) -> None:
    before = {path: index.files.read(path) for path in index.files.paths("")}
    ran = bare.here("publish", str(wheel), "--to", str(index.folder), "--keys", str(index.keys), "--dry-run")
    assert ran.code == 0, ran.err
    assert "tiny 1.0 would be published" in ran.err
    assert {path: index.files.read(path) for path in index.files.paths("")} == before


def test_a_dry_run_refuses_what_the_index_would_refuse(bare: Command, index: SignedIndex, tmp_path: Path) -> None:
    index.add(SkillWheelFake())
    other = SkillWheelFake(extra={"skill_tiny/more.py": b""}).write(tmp_path / "built")
    to = ("--to", str(index.folder), "--dry-run")
    refused = bare.here("publish", str(other), *to, "--keys", str(index.keys))
    assert (refused.code, "published already, with other bytes" in refused.err) == (2, True)
    new = SkillWheelFake(version="1.1").write(tmp_path / "built")
    assert bare.here("publish", str(new), *to, "--keys", str(tmp_path / "nothing")).code == 5


def test_a_place_with_a_space_can_be_copied_from_what_is_said(
    bare: Command, index: SignedIndex, wheel: Path, tmp_path: Path
) -> None:
    there = index.folder.rename(tmp_path / "my index")
    ran = bare.here("publish", str(wheel), "--to", str(there), "--keys", str(index.keys), "--json")
    assert ran.json()["install"] == [f"skill install tiny --index '{there}'"]


def test_keys_inside_a_git_tree_that_is_the_index_are_refused(bare: Command, index: SignedIndex, wheel: Path) -> None:
    inside = index.keys.rename(index.folder / "keys")
    git(index.folder, "init", "--quiet")
    ran = bare.here("publish", str(wheel), "--to", f"git+{index.folder}", "--keys", str(inside))
    assert (ran.code, "is inside the index" in ran.err) == (2, True)


def test_a_wheel_that_nobody_could_install_is_not_published(bare: Command, index: SignedIndex, tmp_path: Path) -> None:
    bad = SkillWheelFake(extra={"skill_tiny/evil.pth": b""}).write(tmp_path / "built")
    ran = bare.here("publish", str(bad), "--to", str(index.folder), "--keys", str(index.keys))
    assert ran.code == 4
    assert "evil.pth" in ran.err


def test_a_site_that_is_there_follows_each_publication(bare: Command, index: SignedIndex, wheel: Path) -> None:
    assert bare.here("site", str(index.folder)).code == 0
    ran = bare.here("publish", str(wheel), "--to", str(index.folder), "--keys", str(index.keys))
    assert ran.code == 0, ran.err
    assert "skill/tiny.html" in (index.folder / "index.html").read_text()
    assert (index.folder / "skill/tiny.html").is_file()


def test_a_site_says_where_it_is(bare: Command, index: SignedIndex) -> None:
    ran = bare.here("site", str(index.folder), "--json")
    assert ran.code == 0, ran.err
    said = ran.json()
    assert (said["skills"], said["page"]) == (0, str(index.folder / "index.html"))
