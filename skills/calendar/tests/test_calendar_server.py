"""The calendar on a CalDAV server, Radicale: what is kept there, which calendar is meant, and who else changes it."""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import skill_calendar
from fakes.dav_servers import DavServer, forward_to
from fakes.radicale import Account, Radicale
from skillkernel import Context, ToolError
from skillkernel.errors import SecretMissing
from skillkernel.sdk.invoke import call_tool

Use = Callable[..., Any]

WEEKLY = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Other//EN
X-KEPT:yes
BEGIN:VTIMEZONE
TZID:Custom
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0100
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:weekly
DTSTAMP:20261101T000000Z
DTSTART;TZID=Custom:20261123T170000
DTEND;TZID=Custom:20261123T180000
RRULE:FREQ=WEEKLY
SUMMARY:Yoga
X-COLOUR:green
BEGIN:VALARM
TRIGGER:-PT15M
ACTION:DISPLAY
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:weekly
DTSTAMP:20261101T000000Z
RECURRENCE-ID;TZID=Custom:20261207T170000
DTSTART;TZID=Custom:20261208T170000
DTEND;TZID=Custom:20261208T180000
SUMMARY:Yoga (moved)
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def use(account: Account, folder: Path, tool: str, *, server: str, calendar: str = "", **arguments: Any) -> Any:
    """Call a tool for that user, on 24 November 2026 in Berlin."""
    context = Context.for_tests(
        folder,
        settings={"server": server, "user": account.user, "calendar": calendar},
        secrets={"password": account.password},
        now=datetime(2026, 11, 24, 10, 7),
        time_zone="Europe/Berlin",
        idempotency_key=str(arguments.pop("key", "key")),
    )
    return call_tool(getattr(skill_calendar, tool), arguments, context)


@pytest.fixture
def path(account: Account) -> str:
    """The path of the user's one calendar."""
    return account.make_calendar("Personal")


@pytest.fixture
def tools(account: Account, path: str, tmp_path: Path) -> Use:
    """Call a tool with the address of that calendar."""

    def run(tool: str, **arguments: Any) -> Any:
        return use(account, tmp_path, tool, server=account.origin + path, **arguments)

    return run


def test_an_event_is_an_entry_of_its_own_with_its_time_zone(tools: Use, account: Account, path: str) -> None:
    tools("create_event", title="Lunch", start="2026-11-25T12:30", key="a")
    tools("create_event", title="Call", start="2026-11-25T15:00", key="b")
    texts = [account.get(entry) for entry in account.entries(path)]
    assert [text.count("BEGIN:VEVENT") for text in texts] == [1, 1]
    assert all("TZID:Europe/Berlin" in text and "UID:" in text for text in texts)


def test_nothing_is_kept_in_the_folder(tools: Use, tmp_path: Path) -> None:
    tools("create_event", title="Lunch", start="2026-11-25T12:30")
    assert list(tmp_path.iterdir()) == []


def test_another_programs_event_is_changed_and_the_rest_of_it_stays(tools: Use, account: Account, path: str) -> None:
    account.put(f"{path}weekly.ics", WEEKLY)
    tools("update_event", event="Yoga", date="2026-11-30", start="2026-11-30T19:00")
    text = account.get(f"{path}weekly.ics")
    for line in ("X-COLOUR:green", "TRIGGER:-PT15M", "SUMMARY:Yoga (moved)", "TZID:Custom", "RRULE:FREQ=WEEKLY"):
        assert line in text
    assert text.count("BEGIN:VEVENT") == 3
    starts = [event["start"] for event in tools("list_events", date="2026-11-23", until="2026-12-14")["events"]]
    assert [start[:16] for start in starts] == [
        "2026-11-23T17:00",
        "2026-11-30T19:00",
        "2026-12-08T17:00",
        "2026-12-14T17:00",
    ]


def test_a_series_is_deleted_with_its_changed_occasions(tools: Use, account: Account, path: str) -> None:
    account.put(f"{path}weekly.ics", WEEKLY)
    tools("delete_event", event="Yoga", scope="all")
    assert account.entries(path) == []


def test_only_the_changed_entry_is_written(account: Account, path: str, tmp_path: Path) -> None:
    account.put(f"{path}weekly.ics", WEEKLY)
    with DavServer(forward_to(account.port, lambda method, at: None)) as between:
        server = between.origin + path
        use(account, tmp_path, "create_event", server=server, title="Lunch", start="2026-11-25T12:30")
        use(account, tmp_path, "update_event", server=server, event="Lunch", title="Dinner")
        writes = [at for method, at in between.requests if method in ("PUT", "DELETE")]
    assert len(writes) == 2
    assert len(set(writes)) == 1


def test_a_repeated_call_makes_no_second_event(tools: Use, account: Account, path: str) -> None:
    for _ in range(2):
        tools("create_event", title="Lunch", start="2026-11-25T12:30", key="same")
    assert len(account.entries(path)) == 1


@pytest.mark.parametrize("tool", ["update_event", "delete_event"])
def test_what_somebody_else_changed_between_read_and_write_is_not_overwritten(
    account: Account, path: str, tmp_path: Path, tool: str
) -> None:
    account.put(f"{path}weekly.ics", WEEKLY)
    theirs = WEEKLY.replace("SUMMARY:Yoga\r\n", "SUMMARY:Pilates\r\n")

    def change_it(method: str, at: str) -> None:
        if method in ("PUT", "DELETE"):
            account.put(f"{path}weekly.ics", theirs)

    arguments = {"title": "Judo"} if tool == "update_event" else {}
    with (
        DavServer(forward_to(account.port, change_it)) as between,
        pytest.raises(ToolError, match=r"'Yoga' was changed elsewhere meanwhile; nothing was overwritten"),
    ):
        use(account, tmp_path, tool, server=between.origin + path, event="Yoga", scope="all", **arguments)
    assert "SUMMARY:Pilates" in account.get(f"{path}weekly.ics")


@pytest.mark.parametrize("tool", ["update_event", "delete_event"])
def test_what_somebody_else_deleted_between_read_and_write_does_not_come_back(
    account: Account, path: str, tmp_path: Path, tool: str
) -> None:
    account.put(f"{path}weekly.ics", WEEKLY)

    def delete_it(method: str, at: str) -> None:
        if method in ("PUT", "DELETE"):
            account.delete(f"{path}weekly.ics")

    arguments = {"title": "Judo"} if tool == "update_event" else {}
    with (
        DavServer(forward_to(account.port, delete_it)) as between,
        pytest.raises(ToolError, match="was changed elsewhere meanwhile"),
    ):
        use(account, tmp_path, tool, server=between.origin + path, event="Yoga", scope="all", **arguments)
    assert account.entries(path) == []


def test_calls_side_by_side_lose_no_event(tools: Use, account: Account, path: str) -> None:
    failures: list[Exception] = []

    def make(number: int) -> None:
        try:
            tools("create_event", title=f"Event {number}", start="2026-11-25T12:30", key=f"key-{number}")
        except ToolError as error:
            failures.append(error)

    threads = [threading.Thread(target=make, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(account.entries(path)) == 6


@pytest.mark.parametrize("address", ["", "/", "/{user}", "/{user}/"])
def test_the_only_calendar_is_found_from_the_servers_address(
    account: Account, path: str, tmp_path: Path, address: str
) -> None:
    server = account.origin + address.format(user=account.user)
    use(account, tmp_path, "create_event", server=server, title="Lunch", start="2026-11-25T12:30")
    assert len(account.entries(path)) == 1


def test_of_several_calendars_one_has_to_be_named(account: Account, path: str, tmp_path: Path) -> None:
    work = account.make_calendar("Work and Play")
    account.make_calendar("Chores", kind="VTODO")
    arguments = {"server": account.origin, "title": "Lunch", "start": "2026-11-25T12:30"}
    with pytest.raises(ToolError, match=r"has 2 calendars that fit: '(Personal|Work and Play)', '") as refusal:
        use(account, tmp_path, "create_event", **arguments)
    assert "skill config calendar calendar=NAME" in refusal.value.hint
    with pytest.raises(ToolError, match=r"has no calendar 'Wrk', but '"):
        use(account, tmp_path, "create_event", calendar="Wrk", **arguments)
    use(account, tmp_path, "create_event", calendar="work AND play", **arguments)
    assert (len(account.entries(work)), len(account.entries(path))) == (1, 0)


def test_an_account_without_a_calendar_is_named(account: Account, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=rf"127\.0\.0\.1:{account.port} has no calendar for {account.user}"):
        use(account, tmp_path, "list_events", server=account.origin + account.home)


def test_a_calendar_that_moved_is_found_anew(account: Account, path: str, tmp_path: Path) -> None:
    use(account, tmp_path, "list_events", server=account.origin)
    account.delete(path)
    new = account.make_calendar("Other")
    use(account, tmp_path, "create_event", server=account.origin, title="Lunch", start="2026-11-25T12:30")
    assert len(account.entries(new)) == 1


def test_an_address_with_nothing_there_is_named(account: Account, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"(nothing at the address|has no calendar)"):
        use(account, tmp_path, "list_events", server=f"{account.origin}{account.home}gone/")


def test_a_wrong_password_is_named_with_the_way_to_set_it(account: Account, path: str, tmp_path: Path) -> None:
    wrong = Account(account.port, account.user, "wr0ng-Passw0rd")
    with pytest.raises(ToolError, match=f"does not accept the password of {account.user}") as refusal:
        use(wrong, tmp_path, "list_events", server=account.origin + path)
    assert "skill secret set calendar password" in refusal.value.hint
    assert "wr0ng" not in str(refusal.value) + refusal.value.hint


def test_a_missing_password_is_named_before_anything_is_sent(account: Account, path: str, tmp_path: Path) -> None:
    context = Context.for_tests(tmp_path, settings={"server": account.origin + path, "user": account.user})
    with pytest.raises(SecretMissing, match=f"there is no password for {account.user} at 127"):
        call_tool(skill_calendar.list_events, {}, context)


def test_without_a_user_the_server_asks_who_it_is(account: Account, path: str, tmp_path: Path) -> None:
    context = Context.for_tests(tmp_path, settings={"server": account.origin + path})
    with pytest.raises(ToolError, match="asks who you are") as refusal:
        call_tool(skill_calendar.list_events, {}, context)
    assert "skill config calendar user=" in refusal.value.hint


def test_somebody_elses_calendar_is_refused(account: Account, radicale: Radicale, tmp_path: Path) -> None:
    other = radicale.account()
    path = other.make_calendar("Personal")
    with pytest.raises(ToolError, match=rf"does not let {account.user} do this \(403\)"):
        use(account, tmp_path, "list_events", server=account.origin + path)
