"""What a tool is handed beside its arguments."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from skillkernel import Context, ToolError
from skillkernel.errors import Cancelled, SecretMissing


def test_the_time_is_aware_and_in_the_users_zone(tmp_path: Path) -> None:
    now = Context.for_tests(tmp_path, time_zone="Asia/Tokyo").now()
    assert now.utcoffset() is not None
    assert str(now.tzinfo) == "Asia/Tokyo"


def test_a_test_can_stop_the_clock(tmp_path: Path) -> None:
    local = Context.for_tests(tmp_path, now=datetime(2026, 7, 1, 12), time_zone="Europe/Berlin")
    assert local.now() == datetime(2026, 7, 1, 10, tzinfo=UTC)
    aware = Context.for_tests(tmp_path, now=datetime(2026, 7, 1, 12, tzinfo=UTC), time_zone="Europe/Berlin")
    assert aware.now().hour == 14


def test_an_unknown_zone_is_named(tmp_path: Path) -> None:
    for name in ("Mars/Olympus", "../etc/passwd", ""):
        with pytest.raises(ToolError, match="time zone"):
            Context.for_tests(tmp_path, time_zone=name).now()


def test_a_secret_that_was_not_granted_is_an_error_that_says_so(tmp_path: Path) -> None:
    context = Context.for_tests(tmp_path, secrets={"token": "s3cret"})
    assert context.secret("token") == "s3cret"
    with pytest.raises(SecretMissing, match="'password'") as missing:
        context.secret("password")
    assert "permissions.secrets" in missing.value.hint


def test_no_secret_is_in_what_a_context_shows_of_itself(tmp_path: Path) -> None:
    assert "s3cret" not in repr(Context.for_tests(tmp_path, secrets={"token": "s3cret"}))


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    given = {"server": "example.org"}
    context = Context.for_tests(tmp_path, settings=given)
    given["server"] = "evil.example"
    assert context.settings == {"server": "example.org"}
    assert not hasattr(context.settings, "update")


def test_progress_is_held_between_0_and_1(tmp_path: Path) -> None:
    said: list[tuple[float | None, str]] = []
    context = Context.for_tests(tmp_path, progress=lambda fraction, text: said.append((fraction, text)))
    context.progress(1.5, "more than done")
    context.progress(-1)
    context.progress(None, "somewhere")
    assert said == [(1.0, "more than done"), (0.0, ""), (None, "somewhere")]


def test_a_stopped_call_is_told(tmp_path: Path) -> None:
    context = Context.for_tests(tmp_path, tool="create_event")
    context.check_cancelled()
    context.cancel()
    assert context.cancelled
    with pytest.raises(Cancelled, match="create_event was stopped"):
        context.check_cancelled()


def test_a_reaction_runs_once_whether_it_comes_before_or_after_the_stop(tmp_path: Path) -> None:
    early, late = Context.for_tests(tmp_path), Context.for_tests(tmp_path)
    runs: list[str] = []
    early.on_cancel(lambda: runs.append("early"))
    early.cancel()
    early.cancel()
    late.cancel()
    late.on_cancel(lambda: runs.append("late"))
    assert runs == ["early", "late"]
