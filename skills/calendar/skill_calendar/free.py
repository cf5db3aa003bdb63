"""Free time between busy spans: pure interval arithmetic."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

Interval = tuple[datetime, datetime]


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the same busy time as intervals in order that neither overlap nor touch."""
    result: list[Interval] = []
    for start, end in sorted(intervals):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        elif start < end:
            result.append((start, end))
    return result


def gaps(window: Interval, busy: Iterable[Interval], at_least: timedelta) -> Iterator[Interval]:
    """Yield what the window has left beside the busy time, in order, each gap at least that long."""
    free_from, closes = window
    for start, end in merged(busy):
        if start >= closes:
            break
        if start - free_from >= at_least:
            yield free_from, start
        free_from = max(free_from, end)
    if closes - free_from >= at_least and free_from < closes:
        yield free_from, closes
