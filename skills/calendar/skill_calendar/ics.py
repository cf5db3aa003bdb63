"""The typed door to icalendar, whose own signatures leave much open: properties read and written by name."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# icalendar ships py.typed but leaves the parameters of add, walk, decoded and to_ical without types.

from collections.abc import Mapping
from datetime import date
from typing import Any

from icalendar import Calendar, Component, Event
from icalendar.parser import Contentline
from icalendar.prop import vRecur

PRODUCT = "-//skillkernel//skill-calendar//EN"


def put(component: Component, name: str, *values: Any) -> None:
    """Set a property to these values, one line each, in place of what it held; without values it is gone."""
    component.pop(name, None)
    for value in values:
        component.add(name, value)


def append(component: Component, name: str, value: Any) -> None:
    """Add one more line of a property."""
    component.add(name, value)


def held(component: Component, name: str) -> list[Any]:
    """The values of a property as icalendar's own types, none when it is not there."""
    value = component.get(name)
    if value is None:
        return []
    return list(value) if type(value) is list else [value]


def text(component: Component, name: str) -> str:
    """The text of a property, the first where it stands twice, empty when it is not there."""
    return "".join(str(value) for value in held(component, name)[:1]).strip()


def decoded(component: Component, name: str) -> Any:
    """The Python value of a property, None when it is not there."""
    return component.decoded(name, None)


def when(component: Component, name: str) -> date | None:
    """The date or the time that a property holds."""
    value = decoded(component, name)
    return value if isinstance(value, date) else None


def rules_of(event: Event) -> list[vRecur]:
    """The event's RRULEs; RFC 5545 wants one at most, some programs write more."""
    return [rule for rule in held(event, "RRULE") if isinstance(rule, vRecur)]


def events_in(calendar: Calendar) -> list[Event]:
    """Every VEVENT, those of single occasions too."""
    return [part for part in calendar.walk("VEVENT") if isinstance(part, Event)]


def every_part(calendar: Calendar) -> list[Component]:
    """The calendar and all components in it."""
    return calendar.walk()


def parsed_rule(written: str) -> vRecur:
    """Read an RRULE; raise `ValueError` or `KeyError` when it is none."""
    rule: vRecur = vRecur.from_ical(written)
    return rule


def rule_part(rule: Mapping[str, Any], part: str) -> list[Any]:
    """The values of one part of a rule, which are a list in a file and may be a single one in Python."""
    value: Any = rule.get(part, [])
    return list(value) if type(value) is list else [value]


def rule_parts(rule: vRecur) -> dict[str, list[Any]]:
    """All parts of a rule."""
    return {str(part): rule_part(rule, part) for part in rule}


def written_rule(rule: vRecur) -> str:
    """The RRULE as a file holds it."""
    written: Any = rule
    return bytes(written.to_ical()).decode()


def parts_of_line(line: str) -> tuple[str, str]:
    """Name and value of an unfolded content line; raise `ValueError` when it is none."""
    content: Any = Contentline
    name, _, value = content(line).parts()
    return str(name), str(value)


def empty_calendar() -> Calendar:
    """A calendar with nothing in it but what RFC 5545 requires."""
    calendar = Calendar()
    put(calendar, "prodid", PRODUCT)
    put(calendar, "version", "2.0")
    return calendar


def serialised(component: Component) -> bytes:
    """The component as a file holds it, its properties in the order that they came in."""
    return bytes(component.to_ical(sorted=False))
