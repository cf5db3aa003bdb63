"""update_event and delete_event: single events, series, and one occasion of a series."""

from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from skillkernel import ToolError


def starts(call: Any, first: str, last: str, query: str | None = None) -> list[str]:
    found = call("list_events", date=first, until=last, **({"query": query} if query else {}))
    return [event["start"][:16] for event in found["events"]]


@pytest.fixture
def lunch(call: Any) -> Any:
    call("create_event", title="Lunch with Sam", start="2026-11-25T12:30", duration_minutes=45, location="Canteen")
    return call


@pytest.fixture
def standup(call: Any) -> Any:
    """Every day at nine from Monday 23 November on."""
    call("create_event", title="Standup", start="2026-11-23T09:00", duration_minutes=15, repeat="daily")
    return call


def test_a_new_start_keeps_the_length_and_says_what_was(lunch: Any) -> None:
    answer = lunch("update_event", event="lunch with sam", start="2026-11-25T13:00")
    assert (answer["event"]["start"], answer["event"]["end"]) == ("2026-11-25T13:00+01:00", "2026-11-25T13:45+01:00")
    assert answer["was"] == ["start: 2026-11-25T12:30+01:00", "end: 2026-11-25T13:15+01:00"]


def test_a_date_alone_keeps_the_time_of_the_day(lunch: Any) -> None:
    answer = lunch("update_event", event="Lunch", start="2026-11-27")
    assert answer["event"]["start"] == "2026-11-27T12:30+01:00"


def test_only_the_end_or_the_length_changes(lunch: Any) -> None:
    assert lunch("update_event", event="Lunch", end="2026-11-25T14:00")["event"]["end"] == "2026-11-25T14:00+01:00"
    assert lunch("update_event", event="Lunch", duration_minutes=30)["event"]["end"] == "2026-11-25T13:00+01:00"


def test_an_empty_text_removes_and_what_is_left_out_stays(lunch: Any) -> None:
    event = lunch("update_event", event="Lunch", location="", attendees=["Sam", "Kim"])["event"]
    assert "location" not in event
    assert event["attendees"] == ["Sam", "Kim"]
    assert event["title"] == "Lunch with Sam"


def test_a_change_is_noted_as_rfc_5545_asks(lunch: Any, folder: Path) -> None:
    lunch("update_event", event="Lunch", title="Late lunch")
    (event,) = Calendar.from_ical((folder / "calendar.ics").read_bytes()).events
    assert event.get("SEQUENCE") == 1
    assert "LAST-MODIFIED" in event


def test_moving_onto_another_event_is_said(lunch: Any) -> None:
    lunch("create_event", title="Call", start="2026-11-25T15:00")
    answer = lunch("update_event", event="Lunch", start="2026-11-25T15:30")
    assert answer["conflicts"][0].startswith("Call, ")


def test_whole_days_stay_whole_days_when_their_date_changes(call: Any) -> None:
    call("create_event", title="Fair", start="2026-12-01", end="2026-12-02")
    event = call("update_event", event="Fair", start="2026-12-08")["event"]
    assert (event["start"], event["end"]) == ("2026-12-08", "2026-12-09")


def test_whole_days_become_hours_by_a_start_with_a_time(call: Any) -> None:
    call("create_event", title="Fair", start="2026-12-01", end="2026-12-02")
    event = call("update_event", event="Fair", start="2026-12-08T10:00")["event"]
    assert (event["start"], event["end"]) == ("2026-12-08T10:00+01:00", "2026-12-08T11:00+01:00")


def test_an_event_stays_in_the_zone_that_it_was_made_in(call: Any, folder: Path) -> None:
    call("create_event", title="Call", start="2026-11-25T08:00", time_zone="America/New_York")
    assert call("update_event", event="Call", start="2026-11-25T15:00")["event"]["start"] == "2026-11-25T15:00+01:00"
    assert "DTSTART;TZID=America/New_York:20261125T090000" in (folder / "calendar.ics").read_text()


def test_a_change_of_nothing_is_refused(lunch: Any) -> None:
    with pytest.raises(ToolError, match="nothing to change"):
        lunch("update_event", event="Lunch")


def test_a_refused_change_leaves_the_file_as_it_was(lunch: Any, folder: Path) -> None:
    before = (folder / "calendar.ics").read_bytes()
    with pytest.raises(ToolError):
        lunch("update_event", event="Lunch", title="new", end="2020-01-01T00:00")
    assert (folder / "calendar.ics").read_bytes() == before


def test_an_unknown_title_names_those_that_are_near(lunch: Any) -> None:
    with pytest.raises(ToolError, match=r"no event is called 'Lunch with Pam'; did you mean 'Lunch with Sam'\?"):
        lunch("update_event", event="Lunch with Pam", title="x")


def test_several_of_one_title_are_listed_with_their_ids(lunch: Any) -> None:
    other = lunch("create_event", title="Lunch", start="2026-11-26T12:30")["event"]
    lunch("create_event", title="Lunch", start="2026-11-27T12:30")
    with pytest.raises(ToolError, match=rf"may be any of 2 events.*{other['id']}"):
        lunch("delete_event", event="Lunch")
    assert lunch("delete_event", event="lunch", date="2026-11-27")["deleted"].startswith("Lunch, 2026-11-27")
    assert lunch("delete_event", event=other["id"])["deleted"].startswith("Lunch, 2026-11-26")


def test_what_is_over_does_not_stand_in_the_way(lunch: Any) -> None:
    lunch("create_event", title="Lunch with Sam", start="2026-10-25T12:30")
    assert lunch("update_event", event="Lunch with Sam", title="Dinner")["was"] == ["title: Lunch with Sam"]
    assert starts(lunch, "2026-11-25", "2026-11-25", "dinner") == ["2026-11-25T12:30"]


def test_a_date_on_which_it_does_not_take_place_is_said(lunch: Any) -> None:
    with pytest.raises(ToolError, match="does not take place on 2026-11-26"):
        lunch("delete_event", event="Lunch", date="2026-11-26")


def test_a_deleted_event_is_gone_from_the_file(lunch: Any, folder: Path) -> None:
    lunch("delete_event", event="Lunch")
    assert b"Lunch" not in (folder / "calendar.ics").read_bytes()


def test_all_of_a_series_moves_by_as_much_as_the_occasion_next_to_the_new_start(standup: Any) -> None:
    standup("update_event", event="Standup", start="2026-11-26T10:30")
    assert starts(standup, "2026-11-23", "2026-11-25") == ["2026-11-23T10:30", "2026-11-24T10:30", "2026-11-25T10:30"]


def test_one_occasion_moves_and_the_others_stay(standup: Any) -> None:
    answer = standup("update_event", event="Standup", date="2026-11-24", start="2026-11-24T16:00", title="Late one")
    assert answer["event"]["id"].endswith("@2026-11-24T09:00")
    assert starts(standup, "2026-11-23", "2026-11-25") == ["2026-11-23T09:00", "2026-11-24T16:00", "2026-11-25T09:00"]


def test_an_occasion_that_was_moved_can_be_moved_and_deleted_by_its_id(standup: Any) -> None:
    moved = standup("update_event", event="Standup", date="2026-11-24", start="2026-12-24T16:00")["event"]["id"]
    standup("update_event", event=moved, start="2026-12-24T17:00")
    assert "2026-12-24T17:00" in starts(standup, "2026-12-24", "2026-12-24")
    standup("delete_event", event=moved)
    assert starts(standup, "2026-11-24", "2026-11-24") == []
    assert starts(standup, "2026-12-24", "2026-12-24") == ["2026-12-24T09:00"]


def test_deleted_and_moved_occasions_stay_so_when_the_series_moves(standup: Any) -> None:
    standup("delete_event", event="Standup", date="2026-11-24")
    standup("update_event", event="Standup", date="2026-11-25", title="Special")
    standup("update_event", event="Standup", scope="all", start="2026-11-26T10:00")
    assert starts(standup, "2026-11-23", "2026-11-26") == ["2026-11-23T10:00", "2026-11-25T09:00", "2026-11-26T10:00"]


def test_a_series_is_deleted_whole_only_when_that_is_said(standup: Any) -> None:
    with pytest.raises(ToolError, match=r"repeats \(daily\): say the date of one occasion, or scope all"):
        standup("delete_event", event="Standup")
    assert standup("delete_event", event="Standup", scope="all")["deleted"].startswith("the whole series Standup")
    assert starts(standup, "2026-11-23", "2026-12-23") == []


def test_a_series_gets_an_end(standup: Any) -> None:
    standup("update_event", event="Standup", repeat_until="2026-11-25")
    assert starts(standup, "2026-11-23", "2026-12-23")[-1] == "2026-11-25T09:00"


def test_a_series_becomes_a_single_event(standup: Any) -> None:
    standup("update_event", event="Standup", date="2026-11-24", title="Special")
    standup("update_event", event="Standup", repeat="never", scope="all")
    assert starts(standup, "2026-11-01", "2026-12-23") == ["2026-11-23T09:00"]


def test_a_single_event_becomes_a_series(lunch: Any) -> None:
    assert lunch("update_event", event="Lunch", repeat="weekly")["event"]["repeats"] == "weekly"
    assert len(starts(lunch, "2026-11-25", "2026-12-09")) == 3


def test_one_occasion_does_not_repeat(standup: Any) -> None:
    with pytest.raises(ToolError, match="does not repeat by itself"):
        standup("update_event", event="Standup", date="2026-11-24", repeat="weekly")


def test_a_series_bound_to_weekdays_does_not_move_to_another_day_unasked(call: Any) -> None:
    call("create_event", title="Gym", start="2026-11-24T18:00", rrule="FREQ=WEEKLY;BYDAY=TU")
    with pytest.raises(ToolError, match="bound to days by its rule"):
        call("update_event", event="Gym", start="2026-11-25T18:00")
    call("update_event", event="Gym", start="2026-11-25T18:00", repeat="weekly")
    assert starts(call, "2026-11-24", "2026-12-02") == ["2026-11-25T18:00", "2026-12-02T18:00"]


def test_which_occasion_is_asked_when_only_one_shall_change(standup: Any) -> None:
    with pytest.raises(ToolError, match="say the date of the occasion"):
        standup("update_event", event="Standup", scope="this", title="x")


def test_an_occasion_that_is_not_there_is_said(standup: Any) -> None:
    series = standup("list_events", date="2026-11-25")["events"][0]["id"].partition("@")[0]
    with pytest.raises(ToolError, match="does not take place on 2026-11-25T08:00"):
        standup("delete_event", event=f"{series}@2026-11-25T08:00")
    with pytest.raises(ToolError, match="does not take place on 2026-13-45"):
        standup("delete_event", event=f"{series}@2026-13-45")
