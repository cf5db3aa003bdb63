"""A calendar in an .ics file or on a CalDAV server: events with time zones, whole days, repetition, and conflicts that
are said.

The tools are here; what they do is in the modules beside, loaded by the first call that needs them, so that listing
the tools costs the standard library alone.
"""

from datetime import date, datetime, time
from typing import Annotated

from skill_calendar.answers import Agenda, Booked, Deleted, FreeTime
from skill_calendar.choices import Repeat, RepeatAnew, Scope
from skillkernel import Context, Field, tool

Minutes = Annotated[int, Field(minimum=1, maximum=525_600)]


@tool(
    effect="write",
    idempotent=False,
    examples=(
        "Put a dentist appointment on Thursday at 9 am into my calendar",
        "Trag am Montag um 15 Uhr eine Besprechung mit Frau Keller ein, zwei Stunden",
        "Add Anna's birthday on 4 March, every year",
    ),
)
def create_event(
    context: Context,
    title: str,
    start: datetime | date,
    end: datetime | date | None = None,
    duration_minutes: Minutes | None = None,
    location: str | None = None,
    attendees: list[str] | None = None,
    notes: str | None = None,
    repeat: Repeat | None = None,
    repeat_until: date | None = None,
    rrule: str | None = None,
    time_zone: str | None = None,
    busy: bool | None = None,
) -> Booked:
    """Put an event into the calendar: an appointment, meeting, meal, trip or birthday. Overlapping events are named in
    the answer as conflicts. Nobody is invited.

    Args:
        title: What it is, in a few words, with whom.
        start: When it begins. A date without a time makes it last whole days.
        end: When it ends; of whole days, the last day.
        duration_minutes: How long it lasts, instead of end. One hour when neither is given.
        location: Where it is.
        attendees: Names or mail addresses of those who take part.
        notes: Anything else to remember.
        repeat: How often it comes back.
        repeat_until: The last day on which it may come back.
        rrule: Instead of repeat, a rule as in iCalendar, such as FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10.
        time_zone: IANA name such as America/New_York, when start is a time somewhere else; write start without offset.
        busy: Whether it takes up the time. Hours do and whole days do not unless said.
    """
    from skill_calendar.booking import book, rule_for
    from skill_calendar.events import Details
    from skill_calendar.times import zone_of
    from skill_calendar.when import as_said, requested

    zone = zone_of(time_zone or context.time_zone)
    begins = as_said(start, context.time_zone, time_zone)
    ends = None if end is None else as_said(end, context.time_zone, time_zone)
    when = requested(begins, ends, duration_minutes, zone)
    rule = rule_for(repeat, rrule, repeat_until, when.span.start, zone)
    return book(context, when, Details(title, location, notes, attendees, busy), rule)


@tool(
    effect="read",
    idempotent=True,
    examples=(
        "What is in my calendar on Friday?",
        "¿Qué tengo mañana?",
        "When is my next appointment with the dentist?",
    ),
)
def list_events(
    context: Context,
    date: date | None = None,
    until: date | None = None,
    query: str | None = None,
) -> Agenda:
    """List the events of a day or of a range of days, or find events by words. Without a date: the coming seven days,
    with a query the coming year.

    Args:
        date: The day, or the first day of the range.
        until: The last day of the range. Only the one day when left out.
        query: Words in title, place, people or notes.
    """
    from skill_calendar.agenda import listed

    return listed(context, date, until, query)


@tool(
    effect="read",
    idempotent=True,
    examples=(
        "When am I free for two hours next week?",
        "Quand suis-je libre jeudi après-midi ?",
        "Find half an hour for a call on Tuesday",
    ),
)
def find_free_time(
    context: Context,
    date: date | None = None,
    until: date | None = None,
    duration_minutes: Minutes = 60,
    earliest: time = time(9),
    latest: time = time(18),
) -> FreeTime:
    """Find stretches of free time on a day or in a range of days, today when no date is given.

    Args:
        date: The day, or the first day of the range.
        until: The last day of the range. Only the one day when left out.
        duration_minutes: How long the free time must be at least.
        earliest: Not before this time of the day.
        latest: Not after this time of the day.
    """
    from skill_calendar.agenda import free_time

    return free_time(context, date, until, duration_minutes, earliest, latest)


@tool(
    effect="write",
    idempotent=True,
    examples=(
        "Move the dentist to 11 o'clock",
        "Verschiebe die Besprechung mit Frau Keller auf Mittwoch",
        "The book club now ends at 10 pm and is at Maria's place",
    ),
)
def update_event(
    context: Context,
    event: str,
    date: date | None = None,
    start: datetime | date | None = None,
    end: datetime | date | None = None,
    duration_minutes: Minutes | None = None,
    title: str | None = None,
    location: str | None = None,
    attendees: list[str] | None = None,
    notes: str | None = None,
    repeat: RepeatAnew | None = None,
    repeat_until: date | None = None,
    rrule: str | None = None,
    busy: bool | None = None,
    scope: Scope | None = None,
) -> Booked:
    """Change an event that is in the calendar: move it, rename it, or change its place, people or repetition. The
    answer says what it was before. What is left out stays; an empty text removes.

    Args:
        event: The event's id from list_events, or its title.
        date: The day on which it takes place now, to tell it from others of that title or to pick one occasion.
        start: The new beginning. A date without a time keeps the time of the day. The length stays.
        end: The new end.
        duration_minutes: The new length.
        title: The new title.
        location: The new place.
        attendees: All who take part from now on.
        notes: The new notes.
        repeat: How often it comes back from now on.
        repeat_until: The last day on which it may come back.
        rrule: Instead of repeat, a rule as in iCalendar.
        busy: Whether it takes up the time.
        scope: Of a repeating event, this occasion or all of them. All unless an occasion is named by date or id.
    """
    from skill_calendar.change import Repetition, update
    from skill_calendar.events import Details
    from skill_calendar.moving import Move
    from skill_calendar.when import as_said

    begins = None if start is None else as_said(start, context.time_zone, None)
    ends = None if end is None else as_said(end, context.time_zone, None)
    return update(
        context,
        event,
        date,
        scope,
        Move(begins, ends, duration_minutes),
        Details(title, location, notes, attendees, busy),
        Repetition(repeat, rrule, repeat_until),
    )


# "destroy", not "write": no tool brings a deleted event back, so a person is asked before it goes.
@tool(
    effect="destroy",
    idempotent=False,
    examples=(
        "Delete the dentist appointment",
        "Streiche den Yogakurs am 3. Dezember",
        "Cancel next week's book club",
    ),
)
def delete_event(
    context: Context,
    event: str,
    date: date | None = None,
    scope: Scope | None = None,
) -> Deleted:
    """Delete an event, or one occasion of a repeating one, for good.

    Args:
        event: The event's id from list_events, or its title.
        date: The day on which it takes place, to tell it from others of that title or to pick one occasion.
        scope: Of a repeating event, this occasion or all of them. All must be said.
    """
    from skill_calendar.removal import delete

    return delete(context, event, date, scope)
