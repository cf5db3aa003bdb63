"""skill.lock as it comes from strangers: what is read is what was written, and everything else is refused with its place."""

import os
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.errors import Missing, UsageError
from skillkernel_registry.errors import LockInvalid
from skillkernel_registry.lockfile.format import LockedIndex, LockedSkill, LockFile
from skillkernel_registry.lockfile.locking import read_lock_file
from skillkernel_registry.lockfile.parse import LOCK_BYTES, parse_lock_file
from skillkernel_registry.lockfile.render import render_lock_file

SHA = "a" * 64
INDEX = LockedIndex(name="corp", address="https://skills.corp.example/", root="b" * 64)
TINY = LockedSkill(
    name="tiny",
    version="1.0",
    index="corp",
    publisher="somebody",
    signer="me@example.org",
    wheel="skill_tiny-1.0-py3-none-any.whl",
    length=100,
    sha256=SHA,
    dependencies="c" * 64,
    grants=("network:example.org:443",),
)
LOCK = LockFile(indexes=(INDEX,), skills=(TINY,))

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
rows = st.sampled_from(
    ("network:example.org:443", "network:{server}:{port}", 'files.read:~/Müsik "a"', "secrets:key", "kernel:memory")
)


@st.composite
def skills(draw: st.DrawFn, name: str) -> LockedSkill:
    version = draw(st.sampled_from(("1.0", "2.0.1", "1.0rc1", "3.0.dev1+local")))
    local = draw(st.booleans())
    return LockedSkill(
        name=name,
        version=version,
        index="local" if local else "corp",
        publisher="" if local else draw(st.sampled_from(("", "somebody", 'Jürgen \\ "x"'))),
        wheel=f"skill_{name.replace('-', '_')}-{version}-py3-none-any.whl",
        length=draw(st.integers(1, 200_000_000)),
        sha256=SHA,
        dependencies=SHA,
        requested=draw(st.booleans()),
        ask_at_use=draw(st.booleans()),
        grants=tuple(draw(st.lists(rows, unique=True))),
        settings=draw(st.none() | st.dictionaries(texts, values, max_size=4)),
    )


@given(st.data())
def test_what_is_read_is_what_was_written(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(("tiny", "big", "two-words", "x1")), unique=True))
    lock = LockFile(indexes=(INDEX,), skills=tuple(data.draw(skills(name)) for name in sorted(names)))
    written = render_lock_file(lock)
    again = parse_lock_file(written, "skill.lock")
    assert again == lock
    assert render_lock_file(again) == written


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    with pytest.raises((LockInvalid, Missing)):
        parse_lock_file(data, "skill.lock")


@given(st.dictionaries(texts, values, min_size=1, max_size=4))
def test_no_toml_breaks_the_reader(table: dict[str, Any]) -> None:
    with pytest.raises(LockInvalid):
        parse_lock_file(tomlkit.dumps({**table, "lock_version": 1, "more": 1}).encode(), "skill.lock")


def changed(**fields: Any) -> bytes:
    return render_lock_file(msgspec.structs.replace(LOCK, skills=(msgspec.structs.replace(TINY, **fields),)))


def indexed(**fields: Any) -> bytes:
    return render_lock_file(msgspec.structs.replace(LOCK, indexes=(msgspec.structs.replace(INDEX, **fields),)))


@pytest.mark.parametrize(
    ("data", "place", "problem"),
    [
        (changed(name="Tiny"), "skill Tiny: name", "not a skill name"),
        (changed(name="../../etc"), "skill ../../etc: name", "not a skill name"),
        (changed(version="1.0.x"), "skill tiny: version", "PEP 440"),
        (changed(version="01.0"), "skill tiny: version", "write it as 1.0"),
        (changed(index="elsewhere"), "skill tiny: index", "no index"),
        (changed(publisher="a\u202eb"), "skill tiny: publisher", "can be seen"),
        (changed(index="local", signer=""), "skill tiny: publisher", "empty for a local skill"),
        (changed(wheel="../skill_tiny-1.0-py3-none-any.whl"), "skill tiny: wheel", "Invalid project name"),
        (changed(wheel="/etc/skill_tiny-1.0-py3-none-any.whl"), "skill tiny: wheel", "Invalid project name"),
        (changed(wheel="skill_other-1.0-py3-none-any.whl"), "skill tiny: wheel", "not the wheel of skill-tiny 1.0"),
        (changed(wheel="skill_tiny-2.0-py3-none-any.whl"), "skill tiny: wheel", "not the wheel of skill-tiny 1.0"),
        (changed(wheel="tiny.exe"), "skill tiny: wheel", "tiny.exe"),
        (changed(length=0), "skill tiny: length", "must be 1 to"),
        (changed(length=10**12), "skill tiny: length", "must be 1 to"),
        (changed(sha256="A" * 64), "skill tiny: sha256", "64 lower-case"),
        (changed(sha256="../" + "a" * 61), "skill tiny: sha256", "64 lower-case"),
        (changed(dependencies="none"), "skill tiny: dependencies", "64 lower-case"),
        (changed(requires=("other>=1",)), "skill tiny: requires", "not among the skills"),
        (changed(requires=("other @ https://x.example/",)), "skill tiny: requires", "no meaning"),
        (changed(grants=("everything",)), "skill tiny: grants: everything", "KIND:VALUE"),
        (changed(grants=("network:*",)), "skill tiny: grants: network:*", "host:port"),
        (changed(grants=("secrets:key", "secrets:key")), "skill tiny: grants", "more than once"),
        (indexed(name="local"), "index local: name", "not `local`"),
        (indexed(name="a b"), "index a b: name", "lower-case"),
        (indexed(address="http://skills.corp.example/"), "index corp: address", "not protected"),
        (indexed(address="https://me:secret@corp.example/"), "index corp: address", "password"),
        (indexed(address="https://corp.example"), "index corp: address", "ends in /"),
        (indexed(address="relative/folder"), "index corp: address", "absolute folder"),
        (indexed(root="1.root.json"), "index corp: root", "64 lower-case"),
        (b"lock_version = 1\nskill = 3\n", "skill", "Expected `array`"),
        (b"lock_version = 1\nmore = 3\n", "", "unknown field `more`"),
        (b"lock_version = 1\n[[skill]]\nname = 'tiny'\n", "skill[0]", "missing required field"),
        (b"lock_version = 1\n[[skill]]\nname = 1\n", "skill[0].name", "Expected `str`"),
        (b"lock_version = true\n", "lock_version", "must be 1"),
        (b"lock_version = 0\n", "lock_version", "must be 1"),
        (b"", "lock_version", "must be 1"),
        (b"lock_version = \n", "", "is not TOML"),
        (b"\xff", "", "not UTF-8"),
        (b"a=" + b"[" * 5000, "", "is not TOML"),
        (b"a=" + b"9" * 5000, "", "is not TOML"),
        (b"#" * (LOCK_BYTES + 1), "", "longer than"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(data: bytes, place: str, problem: str) -> None:
    with pytest.raises(LockInvalid) as caught:
        parse_lock_file(data, "skill.lock")
    assert any(where == place and problem in said for where, said in caught.value.findings), caught.value.findings
    assert caught.value.message.startswith("skill.lock: ")


@pytest.mark.parametrize("value", ["2026-01-01", "nan", "inf", "99999999999999999999", "10:00:00"])
def test_a_setting_that_json_does_not_have_is_refused(value: str) -> None:
    data = render_lock_file(LOCK) + f"\n[skill.settings]\nx = {value}\n".encode()
    assert "settings" in tomllib.loads(data.decode())["skill"][0]
    with pytest.raises(LockInvalid, match="settings"):
        parse_lock_file(data, "skill.lock")


def test_everything_that_is_wrong_is_found_at_once() -> None:
    with pytest.raises(LockInvalid) as caught:
        parse_lock_file(changed(version="x", sha256="y", length=0), "skill.lock")
    assert len(caught.value.findings) >= 3
    assert len(caught.value.detail.splitlines()) == len(caught.value.findings)


def test_a_skill_that_is_there_twice_is_refused() -> None:
    with pytest.raises(LockInvalid, match="skill tiny: is there more than once"):
        parse_lock_file(render_lock_file(msgspec.structs.replace(LOCK, skills=(TINY, TINY))), "skill.lock")


def test_a_lock_of_a_later_form_asks_for_a_newer_skillkernel() -> None:
    with pytest.raises(Missing, match="lock_version 2"):
        parse_lock_file(b"lock_version = 2\nwhatever = 1\n", "skill.lock")


def test_a_pipe_is_no_lock(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "skill.lock")
    with pytest.raises(UsageError, match="not a regular file"):
        read_lock_file(tmp_path / "skill.lock")


def test_a_version_of_more_digits_than_can_be_read_is_none() -> None:
    data = render_lock_file(LOCK).replace(b'version = "1.0"', b'version = "' + b"9" * 5_000 + b'"')
    with pytest.raises(LockInvalid, match="things are wrong") as caught:
        parse_lock_file(data, "place")
    assert "is not a PEP 440 version" in caught.value.detail
