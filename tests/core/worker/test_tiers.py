"""Which walls a skill gets: the best that hold, found out once a boot, never taken from a file that is not ours."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skillkernel.errors import SandboxMissing, UsageError
from skillkernel.worker import tiers
from skillkernel.worker.sandbox_check import SandboxReport, Walled
from skillkernel.worker.sandbox_config import SandboxConfig, sandbox_config
from skillkernel.worker.tiers import check_all, choose_tier, tier_of


class Machine:
    """One where some tiers hold; it counts how often canaries flew."""

    def __init__(self, *holding: Walled) -> None:
        self.holding: set[str] = set(holding)
        self.flown: list[Walled] = []

    def check(self, tier: Walled) -> SandboxReport:
        self.flown.append(tier)
        holds = tier in self.holding
        return SandboxReport(tier, holds, (f"{tier} was tried",), {"connect": ""}, "" if holds else f"mend {tier}")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine where both tiers hold, in place of this one."""
    machine = Machine("A", "B")
    monkeypatch.setattr(tiers, "check_sandbox", machine.check)
    return machine


def test_the_best_that_holds_is_chosen(machine: Machine, tmp_path: Path) -> None:
    assert choose_tier(SandboxConfig(), tmp_path) == "A"
    machine.holding = {"B"}
    assert choose_tier(SandboxConfig(), tmp_path / "fresh") == "B"


def test_where_none_holds_no_skill_runs_and_the_fix_is_said(machine: Machine, tmp_path: Path) -> None:
    machine.holding = set()
    with pytest.raises(SandboxMissing, match="Tier A: A was tried; Tier B: B was tried") as caught:
        choose_tier(SandboxConfig(), tmp_path)
    assert caught.value.hint == "mend A"


def test_a_tier_that_was_asked_for_has_to_hold(machine: Machine, tmp_path: Path) -> None:
    assert choose_tier(SandboxConfig(tier="B"), tmp_path) == "B"
    machine.holding = {"A"}
    with pytest.raises(SandboxMissing, match="Tier B"):
        choose_tier(SandboxConfig(tier="B"), tmp_path / "fresh")


def test_what_holds_is_found_out_once_and_what_does_not_each_time(machine: Machine, tmp_path: Path) -> None:
    machine.holding = {"B"}
    for _ in range(3):
        assert choose_tier(SandboxConfig(), tmp_path) == "B"
    assert machine.flown == ["A", "B", "A", "A"]
    machine.holding = {"A", "B"}
    assert choose_tier(SandboxConfig(), tmp_path) == "A"


def others_can_read_it(path: Path) -> None:
    path.chmod(0o644)


def others_can_write_it(path: Path) -> None:
    path.chmod(0o660)


def it_is_cut_off(path: Path) -> None:
    path.write_text("{")


def it_is_made_up(path: Path) -> None:
    path.write_text('{"surroundings":"x","findings":{"A":{"holds":true}}}')


def it_is_gone(path: Path) -> None:
    path.unlink()


def it_is_a_link(path: Path) -> None:
    path.rename(path.with_name("y"))
    path.symlink_to("y")


def it_is_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "spoil",
    [
        others_can_read_it,
        others_can_write_it,
        it_is_cut_off,
        it_is_made_up,
        it_is_gone,
        it_is_a_link,
        it_is_a_folder,
    ],
)
def test_a_kept_answer_that_is_odd_is_found_out_again(
    machine: Machine, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    choose_tier(SandboxConfig(), tmp_path)
    spoil(tmp_path / "sandbox.json")
    machine.flown.clear()
    assert choose_tier(SandboxConfig(), tmp_path) == "A"
    assert machine.flown == ["A"]


def test_another_boot_is_another_machine(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    choose_tier(SandboxConfig(), tmp_path)
    boot = tmp_path / "boot_id"
    boot.write_text("another\n")
    monkeypatch.setattr(tiers, "_BOOT", boot)
    choose_tier(SandboxConfig(), tmp_path)
    assert machine.flown == ["A", "A"]


def test_where_nothing_can_be_kept_it_is_found_out_each_time(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for _ in range(2):
        assert choose_tier(SandboxConfig(), tmp_path / "file") == "A"
    assert machine.flown == ["A", "A"]


def test_doctor_tries_every_tier_whatever_is_kept(machine: Machine, tmp_path: Path) -> None:
    choose_tier(SandboxConfig(), tmp_path)
    machine.flown.clear()
    assert set(check_all(tmp_path)) == {"A", "B"}
    assert machine.flown == ["A", "B"]


def test_on_another_operating_system_no_tier_holds_and_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    reports = check_all(tmp_path)
    assert not any(report.holds for report in reports.values())
    assert "WSL2" in reports["A"].fix
    assert not list(tmp_path.iterdir())
    with pytest.raises(SandboxMissing):
        choose_tier(SandboxConfig(), tmp_path)


def test_a_skill_runs_without_walls_only_where_the_config_names_it(machine: Machine, tmp_path: Path) -> None:
    config = sandbox_config({"sandbox": {"unprotected": ["calendar"]}})
    assert tier_of("calendar", config, tmp_path) == "none"
    assert tier_of("mail", config, tmp_path) == "A"


def test_nothing_said_means_the_best(machine: Machine) -> None:
    assert sandbox_config({}) == SandboxConfig()
    assert sandbox_config({"sandbox": {"tier": "B"}}).tier == "B"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("off", "not a table"),
        ({"tier": "none"}, "sandbox.tier is 'none'"),
        ({"tier": "b"}, "sandbox.tier is 'b'"),
        ({"tier": ["B"]}, "sandbox.tier"),
        ({"tier": True}, "sandbox.tier"),
        ({"unprotectd": ["calendar"]}, "sandbox.unprotectd is not a setting"),
        ({"unprotected": "calendar"}, "sandbox.unprotected is 'calendar'"),
        ({"unprotected": [1]}, "sandbox.unprotected"),
        ({"unprotected": ["*"]}, "'*' is not a skill name"),
        ({"unprotected": ["Calendar"]}, "'Calendar' is not a skill name"),
        ({"enabled": False}, "sandbox.enabled"),
    ],
)
def test_what_is_not_understood_is_an_error(table: Any, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        sandbox_config({"sandbox": table})
    assert said in caught.value.message
    assert caught.value.hint
