"""The time zones written into the file, read by a library that knows nothing of how they were made."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical
from icalendar import Calendar, Event

from skill_calendar.ics import put, serialised
from skill_calendar.zones import add_zones, described_zone

RULED = [
    "Europe/Berlin",
    "Europe/London",
    "Europe/Dublin",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Asia/Beirut",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Chatham",
]


def as_others_read_it(name: str) -> Any:
    described = described_zone(name, 2026)
    assert described is not None
    return tzical(io.StringIO(serialised(described).decode())).get(name)


@pytest.mark.parametrize("name", RULED)
def test_a_described_zone_shows_the_same_clock(name: str) -> None:
    described, zone = as_others_read_it(name), ZoneInfo(name)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    while moment.year < 2030:
        wall = moment.astimezone(zone).replace(tzinfo=None)
        certain = wall.replace(tzinfo=zone).utcoffset() == wall.replace(tzinfo=zone, fold=1).utcoffset()
        if certain:
            assert wall.replace(tzinfo=described).utcoffset() == wall.replace(tzinfo=zone).utcoffset(), wall
        moment += timedelta(hours=7)


@pytest.mark.parametrize("name", RULED)
def test_a_described_zone_is_short(name: str) -> None:
    described = described_zone(name, 2026)
    assert described is not None
    assert len(serialised(described).splitlines()) <= 20


@pytest.mark.parametrize("name", ["Africa/Casablanca", "America/Santiago", "No/Such_Zone", "../etc/passwd"])
def test_a_zone_without_a_simple_rule_is_left_to_the_library(name: str) -> None:
    assert described_zone(name, 2026) is None


def test_such_a_zone_is_in_the_file_all_the_same() -> None:
    event = Event()
    put(event, "dtstart", datetime(2026, 1, 1, 10, tzinfo=ZoneInfo("Africa/Casablanca")))
    calendar = Calendar()
    calendar.add_component(event)
    add_zones(calendar, 2026)
    assert [zone.tz_name for zone in calendar.timezones] == ["Africa/Casablanca"]
