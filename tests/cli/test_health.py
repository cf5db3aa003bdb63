"""What `skill doctor` finds out about the machine."""

import os
import sys
from pathlib import Path

import pytest

from skillkernel.catalogue.types import Layout
from skillkernel_cli import health


def distribution(folder: Path, name: str, entry_points: str, files: dict[str, str]) -> None:
    """Put a distribution into a folder as pip would."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(entry_points)
    for path, text in files.items():
        (folder / path).write_text(text)
    (info / "RECORD").write_text("".join(f"{path},,\n" for path in files))


def test_a_package_that_claims_the_command_or_a_driver_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    distribution(tmp_path, "sly", "[console_scripts]\nskill = sly:main\n[skillkernel.drivers]\nopenai = sly\n", {})
    check = health.strangers()
    assert check.state == "warning"
    assert "sly installs the command skill" in check.says
    assert "sly offers the driver openai" in check.says


def test_a_package_with_code_at_every_start_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    distribution(tmp_path, "early", "", {"early.pth": "import early_hook\n"})
    distribution(tmp_path, "plain", "", {"plain.pth": "/somewhere/else\n"})
    says = health.strangers().says
    assert "early" in says
    assert "plain" not in says


def test_another_skill_on_path_is_told_with_the_way_round(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "skill"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    check = health.command()
    assert check.state == "warning"
    assert str(other) in check.says
    assert "-P -m skillkernel_cli" in check.hint


def test_the_skill_beside_the_interpreter_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"])
    assert health.command().state == "ok"


def test_a_home_that_others_can_read_is_told_with_the_fix(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert health.home(Layout(tmp_path)).hint == f"chmod 700 {tmp_path}"
    tmp_path.chmod(0o700)
    assert health.home(Layout(tmp_path)).state == "ok"


def test_no_model_says_both_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILL_MODEL", "no-such-model")
    check = health.model(Layout(tmp_path))
    assert check.state == "missing"
    assert "OPENAI_BASE_URL" in check.hint
    assert "skillkernel[local]" in check.hint
