"""`skill doctor` finds the tier by trying to get out, and says what to do where there is none."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from skillkernel.errors import SandboxMissing
from skillkernel.worker import remedies, run_once, sandbox_check, walls
from skillkernel.worker.bubblewrap import Tools
from skillkernel.worker.canaries import CANARIES
from skillkernel.worker.interpreter import this_interpreter
from skillkernel.worker.ownership import closed_to_others
from skillkernel.worker.remedies import remedy
from skillkernel.worker.run_once import Completed
from skillkernel.worker.sandbox_check import Walled, check_sandbox, read_report


def tiers_here() -> list[Walled]:
    """Those that an interpreter only root may reach does not rule out."""
    return ["A"] if os.geteuid() == 0 and closed_to_others(this_interpreter().executable) else ["A", "B"]


def test_here_every_canary_is_held() -> None:
    for tier in tiers_here():
        report = check_sandbox(tier)
        assert report.holds, report
        assert len(report.escapes) == len(CANARIES)
        assert not any(report.escapes.values())
        assert report.fix == ""


def test_without_the_walls_the_same_canaries_get_out(tmp_path: Path) -> None:
    with sandbox_check._outside("B") as outside:  # pyright: ignore[reportPrivateUsage] # what the canaries get
        command = [sys.executable, "-m", "skillkernel.worker.canaries", json.dumps(outside)]
        environment = {"CANARY": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
        with Path(os.devnull).open() as null:
            done = subprocess.run(
                command, env=environment, capture_output=True, check=True, pass_fds=[null.fileno()], timeout=60
            )
    escapes = json.loads(done.stdout)
    held = {name for name, how in escapes.items() if not how}
    # Linux itself may hold these: an ordinary user is not root, a descriptor of /dev/null is no terminal, …
    assert held <= {"write the core pattern", "become root", "read the first environment", "make a user namespace",
                    "trace the kernel", "connect by the first packet", "connect by multipath", "write outside"}  # fmt: skip
    report = read_report(Completed(0, done.stdout, b""))
    assert not report.holds
    assert "read a private file" in " ".join(report.reasons)


def test_canaries_that_say_nothing_are_no_proof() -> None:
    assert not read_report(Completed(0, b"{}", b"")).holds
    assert not read_report(Completed(1, b"", b"Traceback")).holds


def test_where_there_is_no_bubblewrap_the_report_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walls, "_TRUSTED_FOLDERS", "/nonexistent")
    monkeypatch.setenv("PATH", "/nonexistent")
    report = check_sandbox()
    assert not report.holds
    assert "apt install bubblewrap" in report.fix


def test_a_bubblewrap_that_cannot_build_the_walls_is_reported_with_what_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: Unknown option --disable-userns' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(run_once, "find_tools", lambda: Tools(fake, Path("/usr/bin/setpriv")))
    report = check_sandbox()
    assert not report.holds
    assert report.reasons == ("the sandbox cannot be built: bwrap: Unknown option --disable-userns",)
    assert "too old" in report.fix


def test_a_linux_without_landlock_is_told_what_tier_b_needs() -> None:
    said = (
        b"Traceback\nskillkernel.worker.inside.confine.CannotConfine: Landlock of version 6 is needed, this Linux has 3"
    )
    report = read_report(Completed(1, b"", said), "B")
    assert report.reasons == ("the sandbox cannot be built: Landlock of version 6 is needed, this Linux has 3",)
    assert "Linux 6.12" in report.fix


def test_on_another_operating_system_the_answer_names_wsl2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SandboxMissing) as caught:
        walls.find_tools()
    assert "WSL2" in caught.value.hint


@pytest.mark.parametrize(
    ("switch", "value", "said"),
    [
        ("_APPARMOR", "1\n", "/etc/apparmor.d/bwrap"),
        ("_CLONE", "0\n", "kernel.unprivileged_userns_clone=1"),
        ("_MOST", "0\n", "user.max_user_namespaces"),
    ],
)
def test_a_switch_that_forbids_user_namespaces_is_named_with_its_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, switch: str, value: str, said: str
) -> None:
    for name in ("_APPARMOR", "_CLONE", "_MOST"):
        monkeypatch.setattr(remedies, name, tmp_path / name)
    (tmp_path / switch).write_text(value)
    assert said in remedy("bwrap: setting up uid map: Permission denied")


def test_in_a_container_the_fix_is_how_to_start_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_APPARMOR", "_CLONE", "_MOST"):
        monkeypatch.setattr(remedies, name, tmp_path / name)
    assert "seccomp" in remedy("bwrap: No permissions to create new namespace")


def test_only_absolute_folders_of_path_are_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "some-program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"bin:.:{os.devnull}")
    assert walls.find_program("some-program") is None
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert walls.find_program("some-program") == program
