"""A skill's wheel is looked through before anything of it is unpacked."""

import json
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.wheels import HELLO_TOOL, SkillWheelFake, pin, record_of, write_library
from skillkernel.errors import IntegrityError, ManifestError
from skillkernel_registry import archive
from skillkernel_registry.errors import UnsafeWheel
from skillkernel_registry.wheel import inspect_wheel, unpack


def refused(path: Path) -> str:
    with pytest.raises(UnsafeWheel) as caught:
        inspect_wheel(path)
    assert path.name in caught.value.message
    return caught.value.message


def with_entry(folder: Path, entry: zipfile.ZipInfo, data: bytes = b"x") -> Path:
    fake = SkillWheelFake()
    path = fake.write(folder)
    with zipfile.ZipFile(path, "a") as wheel:
        wheel.writestr(entry, data)
    return path


def test_a_right_wheel_says_what_it_holds(tmp_path: Path) -> None:
    wheel = inspect_wheel(SkillWheelFake(requires_python=">=3.11").write(tmp_path))
    assert (wheel.manifest.name, wheel.manifest.version, wheel.module) == ("tiny", "1.0", "skill_tiny")
    assert wheel.requires_python == ">=3.11"
    assert wheel.lock.pins == ()


def test_a_right_wheel_is_unpacked_as_it_is(tmp_path: Path) -> None:
    fake = SkillWheelFake()
    unpack(inspect_wheel(fake.write(tmp_path)), tmp_path / "env")
    assert (tmp_path / "env" / "skill_tiny" / "__init__.py").read_bytes() == fake.files()["skill_tiny/__init__.py"]


def test_nothing_of_a_dependency_is_overwritten(tmp_path: Path) -> None:
    wheel = inspect_wheel(SkillWheelFake().write(tmp_path))
    (tmp_path / "env" / "skill_tiny").mkdir(parents=True)
    (tmp_path / "env" / "skill_tiny" / "__init__.py").write_bytes(b"")
    with pytest.raises(UnsafeWheel, match="overwrite"):
        unpack(wheel, tmp_path / "env")


@pytest.mark.parametrize(
    "name",
    [
        "../climbs.py",
        "skill_tiny/../../climbs.py",
        "/absolute.py",
        "C:/drive.py",
        "skill_tiny//doubled.py",
        "skill_tiny/./dot.py",
        "skill_tiny/back\\slash.py",
        "skill_tiny/con\u202etrol.py",
        "skill_tiny/nul.txt",
        "skill_tiny/" + "x" * 250,
        "skill_tiny/__INIT__.py",
        "skill_tiny/__init__.py/inside",
        "skill_tiny/ending. ",
        "skill_tiny/hidden\ufe0f.txt",
        "skill_tiny/joined\u034f.txt",
    ],
)
def test_a_path_that_is_not_plain_is_refused(tmp_path: Path, name: str) -> None:
    refused(with_entry(tmp_path, zipfile.ZipInfo(name)))
    assert list(tmp_path.iterdir()) == [tmp_path / "skill_tiny-1.0-py3-none-any.whl"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("data/one.txt", "DATA/two.txt"),
        ("caf\u00e9/one.txt", "cafe\u0301/two.txt"),
        ("caf\u00e9", "cafe\u0301/inside.txt"),
        ("\uff41.txt", "a.txt"),
    ],
)
def test_names_that_a_file_system_may_take_for_one_are_refused(tmp_path: Path, first: str, second: str) -> None:
    extra = {f"skill_tiny/{name}": b"x" for name in (first, second)}
    said = refused(SkillWheelFake(extra=extra).write(tmp_path))
    assert "collides with" in said or "both a file and a folder" in said


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFDIR])
def test_links_and_devices_are_refused(tmp_path: Path, kind: int) -> None:
    entry = zipfile.ZipInfo("skill_tiny/link")
    entry.external_attr = (kind | 0o777) << 16
    assert "link or a device" in refused(with_entry(tmp_path, entry, b"/etc/passwd"))


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = with_entry(tmp_path, zipfile.ZipInfo("skill_tiny/__init__.py"), b"evil = 1")
    assert "twice" in refused(path)


def test_more_bytes_than_allowed_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "UNPACKED_LIMIT", 10_000)
    bomb = zipfile.ZipInfo("skill_tiny/zeros")
    bomb.compress_type = zipfile.ZIP_DEFLATED
    assert "unpacks to" in refused(with_entry(tmp_path, bomb, bytes(1_000_000)))


def test_more_files_than_allowed_are_refused(tmp_path: Path) -> None:
    fake = SkillWheelFake(extra={f"skill_tiny/{number}.txt": b"" for number in range(archive.MEMBER_LIMIT)})
    assert f"{archive.MEMBER_LIMIT} are allowed" in refused(fake.write(tmp_path))


def test_bytes_before_between_or_after_the_files_are_refused(tmp_path: Path) -> None:
    path = SkillWheelFake().write(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(b"#!/bin/sh\n" + whole)
    assert "hides bytes" in refused(path)
    path.write_bytes(whole + b"more")
    assert "belong to no file" in refused(path)
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.comment = b"PK"
    assert "belong to no file" in refused(path)


@pytest.mark.parametrize("length", [0, 10, 300, -1])
def test_a_wheel_that_is_cut_off_is_refused(tmp_path: Path, length: int) -> None:
    path = SkillWheelFake().write(tmp_path)
    path.write_bytes(path.read_bytes()[:length])
    refused(path)


def test_every_byte_that_is_changed_is_noticed(tmp_path: Path) -> None:
    fake = SkillWheelFake()
    files = fake.files()
    record = record_of(files, fake.info)
    files["skill_tiny/__init__.py"] += b"\nevil = 1\n"
    path = tmp_path / "skill_tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, data in (files | {f"{fake.info}/RECORD": record.encode()}).items():
            wheel.writestr(zipfile.ZipInfo(name), data)
    assert "not what RECORD says" in refused(path)


def test_a_file_that_record_does_not_name_is_refused(tmp_path: Path) -> None:
    assert "RECORD" in refused(with_entry(tmp_path, zipfile.ZipInfo("skill_tiny/more.py")))


@pytest.mark.parametrize(
    ("fake", "problem"),
    [
        (SkillWheelFake(filename="skill_tiny-1.0-cp311-cp311-linux_x86_64.whl"), "not pure Python"),
        (SkillWheelFake(filename="skill_tiny-1.1-py3-none-any.whl"), "not for skill-tiny 1.1"),
        (SkillWheelFake(filename="not-a-wheel.whl"), "not-a-wheel"),
        (SkillWheelFake(wheel_text="Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-any\n"), "pure wheel"),
        (SkillWheelFake(wheel_text="Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: cp311-none-any\n"), "other tags"),
        (SkillWheelFake(extra={"other-1.0.dist-info/METADATA": b""}), "2 .dist-info"),
        (SkillWheelFake(extra={"skill_tiny/data/skill.json": b"{}"}), "second manifest"),
        (SkillWheelFake(extra={"evil.pth": b"import evil"}), "elsewhere"),
        (SkillWheelFake(extra={"skill_tiny-1.0.data/scripts/skill": b"#!python"}), "elsewhere"),
        (SkillWheelFake(extra={"skillkernel/__init__.py": b""}), "stand before"),
        (SkillWheelFake(extra={"pluggy.py": b""}), "stand before"),
        (SkillWheelFake(extra={"json/__init__.py": b""}), "stand before"),
        (SkillWheelFake(extra={"other/__init__.py": b""}), "does not belong"),
        (SkillWheelFake(extra={"skill_tiny/__pycache__/a.cpython-311.pyc": b""}), "compiled"),
        (SkillWheelFake(extra={"skill_tiny/fast.so": b""}), "compiled"),
        (SkillWheelFake(entry_points="[skillkernel.skills]\ntiny = skill_tiny\nother = skill_tiny\n"), "2 skills"),
        (SkillWheelFake(entry_points="[skillkernel.skills]\ntiny = skill_tiny:run\n"), "not a module"),
        (SkillWheelFake(entry_points="[skillkernel.drivers]\ntiny = skill_tiny\n"), "no other"),
        (
            SkillWheelFake(
                entry_points="[skillkernel.skills]\ntiny = skill_tiny\n[console_scripts]\nls = skill_tiny:x\n"
            ),
            "no other",
        ),
        (SkillWheelFake(entry_points="[skillkernel.skills]\ntiny = json\n"), "stand before"),
        (SkillWheelFake(metadata_name="skill-other"), "names skill-other"),
        (SkillWheelFake(metadata_version="2.0"), "version 2.0"),
        (SkillWheelFake(manifest={"version": "2.0"}), "skill.json 2.0"),
        (SkillWheelFake(manifest={"instructions": "SKILL.md"}), "is missing"),
        (SkillWheelFake(requires=["skillkernel>=0.1"]), "requires_kernel"),
        (SkillWheelFake(requires=["!"]), "METADATA"),
        (SkillWheelFake(requires_python="three"), "METADATA"),
        (SkillWheelFake(metadata_version="one"), "METADATA"),
        (SkillWheelFake(extra={"skill_tiny-1.0.dist-info/METADATA": b""}), "METADATA"),
        (SkillWheelFake(extra={"skill_tiny-1.0.dist-info/METADATA": b"\xff"}), "METADATA"),
        (SkillWheelFake(extra={"skill_tiny-1.0.dist-info/entry_points.txt": b"tiny"}), "entry_points.txt"),
        (SkillWheelFake(wheel_text="Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: x\n"), "other tags"),
        (SkillWheelFake(requires=["six"]), "skill build"),
        (SkillWheelFake(without=["skill_tiny/skill.json"]), "is missing"),
        (SkillWheelFake(without=["skill_tiny-1.0.dist-info/METADATA"]), "is missing"),
        (SkillWheelFake(without=["skill_tiny-1.0.dist-info/entry_points.txt"]), "is missing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_does_not_belong_into_a_skills_wheel_is_refused(
    tmp_path: Path, fake: SkillWheelFake, problem: str
) -> None:
    assert problem in refused(fake.write(tmp_path))


def test_a_distribution_that_is_not_a_skills_is_refused(tmp_path: Path) -> None:
    assert "skill-NAME" in refused(write_library(tmp_path, "six", "1.0", {"six.py": b""}))


@pytest.mark.parametrize("manifest", [{"name": "other"}, {"manifest_version": 9}, {"tools": "none"}])
def test_a_manifest_that_cannot_be_used_is_named(tmp_path: Path, manifest: dict[str, Any]) -> None:
    with pytest.raises(ManifestError, match=r"skill\.json"):
        inspect_wheel(SkillWheelFake(manifest=manifest).write(tmp_path))


def test_a_manifest_that_is_not_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"skill_tiny/skill\.json"):
        inspect_wheel(SkillWheelFake(extra={"skill_tiny/skill.json": b"{"}).write(tmp_path))


def test_a_lock_that_leaves_a_dependency_open_is_refused(tmp_path: Path) -> None:
    library = write_library(tmp_path, "six", "1.0", {"six.py": b""})
    fake = SkillWheelFake(requires=["six>=2"], lock=pin(library, "six", "1.0"))
    assert "pins six 1.0, which is not >=2" in refused(fake.write(tmp_path / "out"))


def test_a_lock_that_is_more_than_pins_is_refused(tmp_path: Path) -> None:
    fake = SkillWheelFake(requires=["six"], lock="--index-url https://evil.example/\nsix==1.0\n")
    with pytest.raises(IntegrityError, match="not a pinned dependency"):
        inspect_wheel(fake.write(tmp_path))


@pytest.mark.parametrize("line", ["six===odd", "six==" + "9" * 5_000])
def test_a_pin_that_cannot_be_compared_is_refused(tmp_path: Path, line: str) -> None:
    lock = f"{line} --hash=sha256:{'0' * 64}\n"
    with pytest.raises(IntegrityError, match="not a pinned dependency"):
        inspect_wheel(SkillWheelFake(requires=["six"], lock=lock).write(tmp_path))


def test_a_requirement_that_cannot_be_compared_is_refused(tmp_path: Path) -> None:
    lock = f"six==1.0 --hash=sha256:{'0' * 64}\n"
    fake = SkillWheelFake(requires=["six==" + "9" * 5_000], lock=lock)
    assert "requires 'six==999" in refused(fake.write(tmp_path))


def test_the_tool_of_the_fake_is_the_tool_of_its_manifest(tmp_path: Path) -> None:
    wheel = inspect_wheel(SkillWheelFake().write(tmp_path))
    assert json.loads(json.dumps(HELLO_TOOL))["input_schema"] == wheel.manifest.tools[0].input_schema


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6))
def test_any_damage_is_an_error_that_names_the_wheel_or_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[float, int]]
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    path = SkillWheelFake().write(folder)
    whole = inspect_wheel(path)
    data = bytearray(path.read_bytes())
    for place, byte in damage:
        data[int(place * len(data))] = byte
    path.write_bytes(data)
    try:
        found = inspect_wheel(path)
    except (IntegrityError, ManifestError):
        return
    assert (found.manifest, found.module, found.lock) == (whole.manifest, whole.module, whole.lock)
