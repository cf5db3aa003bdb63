"""Shapes of dates, times and decimals: apart from the others, so that a skill without them does not import them."""

import re
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from skillkernel.sdk.shapes import Misfit, Shape, Zone, as_text, shown

TIME_PATTERN = r"^\d{2}:\d{2}(:\d{2}(\.\d+)?)?$"
DECIMAL_PATTERN = r"^-?\d+(\.\d+)?([eE][-+]?\d+)?$"


class Date(Shape):
    """A day, `2026-11-25`."""

    rank = 1

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}

    def decode(self, value: Any, zone: Zone) -> date:
        try:
            return date.fromisoformat(as_text(value))
        except ValueError:
            raise Misfit(f"{shown(value)} is not a date such as 2026-11-25") from None


class DateTime(Shape):
    """A moment, `2026-11-25T12:30:00+01:00`; without an offset it is meant in the user's time zone."""

    rank = 1

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}

    def decode(self, value: Any, zone: Zone) -> datetime:
        text = as_text(value)
        try:
            moment = datetime.fromisoformat(text)
            if ":" not in text:  # fromisoformat reads a bare day as its midnight
                raise ValueError
        except ValueError:
            raise Misfit(f"{shown(value)} is not a date-time such as 2026-11-25T12:30:00+01:00") from None
        return moment.replace(tzinfo=zone()) if moment.tzinfo is None and zone is not None else moment


class TimeOfDay(Shape):
    """A time on the wall clock, `12:30`; the standard's own format `time` would ask for an offset."""

    rank = 1

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": TIME_PATTERN}

    def decode(self, value: Any, zone: Zone) -> time:
        text = as_text(value)
        try:
            if not re.match(TIME_PATTERN, text):
                raise ValueError
            return time.fromisoformat(text)
        except ValueError:
            raise Misfit(f"{shown(value)} is not a time such as 12:30") from None


class Exact(Shape):
    """A decimal number kept exactly, so written as a text."""

    rank = 2

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": DECIMAL_PATTERN}

    def decode(self, value: Any, zone: Zone) -> Decimal:
        try:
            number = Decimal(as_text(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise Misfit(f'{shown(value)} is not a decimal number such as "12.50"')
        return number


MOMENTS: dict[Any, type[Shape]] = {date: Date, datetime: DateTime, time: TimeOfDay, Decimal: Exact}
"""The shape of each type of this file."""
