"""A worker starts only when the store's files are those that were installed."""

import os
from pathlib import Path

import msgspec
import pytest

from fakes.skills import DIGEST, installed
from skillkernel.catalogue.types import Installed, Layout
from skillkernel.catalogue.verify import digest, measure_tree, verify_store, verify_tree
from skillkernel.errors import IntegrityError, SkillBroken


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path)
    folder = layout.environment(DIGEST) / "skill_notes"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("x = 1\n")
    (folder / "skill.json").write_text("{}")
    return layout


@pytest.fixture
def skill(layout: Layout) -> Installed:
    encoded = measure_tree(layout.environment(DIGEST)).encode()
    layout.tree(DIGEST).write_bytes(encoded)
    return msgspec.structs.replace(installed("notes"), tree=digest(encoded))


@pytest.mark.parametrize("quick", [True, False])
def test_what_was_installed_passes_again_and_again(layout: Layout, skill: Installed, quick: bool) -> None:
    for _ in range(3):
        verify_tree(layout, skill, quick=quick)
    verify_store(layout, skill)


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize("before", [True, False], ids=["verified before", "never verified"])
def test_every_change_is_found(layout: Layout, skill: Installed, quick: bool, before: bool) -> None:
    if before:
        verify_tree(layout, skill)
    source = layout.environment(DIGEST) / "skill_notes" / "__init__.py"
    status = source.stat()
    source.write_text("x = 2\n")
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))
    with pytest.raises(IntegrityError, match=r"skill_notes/__init__\.py was changed"):
        verify_tree(layout, skill, quick=quick)


def test_a_file_that_is_added_or_gone_is_found(layout: Layout, skill: Installed) -> None:
    verify_tree(layout, skill)
    added = layout.environment(DIGEST) / "sitecustomize.py"
    added.write_text("")
    with pytest.raises(IntegrityError, match=r"sitecustomize\.py was added"):
        verify_tree(layout, skill)
    added.unlink()
    verify_tree(layout, skill)
    (layout.environment(DIGEST) / "skill_notes" / "skill.json").unlink()
    with pytest.raises(IntegrityError, match=r"skill\.json is gone"):
        verify_tree(layout, skill)


def test_stale_bytecode_is_found(layout: Layout, skill: Installed) -> None:
    verify_tree(layout, skill)
    cache = layout.environment(DIGEST) / "skill_notes" / "__pycache__"
    cache.mkdir()
    (cache / "__init__.cpython-311.pyc").write_bytes(b"evil")
    with pytest.raises(IntegrityError, match="pyc was added"):
        verify_tree(layout, skill)


def test_a_link_is_refused(layout: Layout, skill: Installed) -> None:
    (layout.environment(DIGEST) / "link").symlink_to("/etc/passwd")
    with pytest.raises(IntegrityError, match="link or a device"):
        verify_tree(layout, skill)


def test_a_list_that_was_changed_with_the_files_is_found(layout: Layout, skill: Installed) -> None:
    (layout.environment(DIGEST) / "skill_notes" / "__init__.py").write_text("x = 2\n")
    layout.tree(DIGEST).write_bytes(measure_tree(layout.environment(DIGEST)).encode())
    for check in (verify_store, verify_tree):
        with pytest.raises(IntegrityError, match="not the list that was installed"):
            check(layout, skill)


def test_a_store_that_is_gone_is_broken_with_the_fix(layout: Layout, skill: Installed) -> None:
    environment = layout.environment(DIGEST)
    environment.rename(environment.with_name("elsewhere"))
    for check in (verify_store, verify_tree):
        with pytest.raises(SkillBroken, match="is missing") as caught:
            check(layout, skill)
        assert "skill install notes" in caught.value.hint
    layout.tree(DIGEST).unlink()
    with pytest.raises(SkillBroken, match=r"tree\.json is missing"):
        verify_tree(layout, skill)


def test_a_quick_look_reads_no_file_again(layout: Layout, skill: Installed) -> None:
    verify_tree(layout, skill)
    stamp = layout.cache / "stamps" / DIGEST
    kept = stamp.stat()
    verify_tree(layout, skill, quick=True)
    assert stamp.stat().st_ino == kept.st_ino
    verify_tree(layout, skill, quick=False)
    assert stamp.stat().st_ino != kept.st_ino


def test_a_name_that_is_not_text_is_found_and_not_stumbled_over(layout: Layout, skill: Installed) -> None:
    environment = os.fsencode(layout.environment(DIGEST))
    Path(os.fsdecode(environment + b"/\xff.py")).write_text("")
    with pytest.raises(IntegrityError):
        verify_tree(layout, skill)
