"""Loop detection: does this call lead anywhere, or was it just made and will give the same again?

A pure state machine over keys. A call is news when it changed something, or when a call made before now gives a
result that it has not given in the window: the world moved, so looking again is honest. Three rules:
- stale: the same call a third time within `WINDOW` calls, with no news since the first of them (this holds every
  cycle of up to six calls, three times over, since 18 is less than the window);
- repeated change: a call that changed something a third time within `WINDOW`, news or not: it makes copies;
- endless laps: a cycle of up to `MAX_CYCLE` calls `MAX_LAPS` times over, although its results differ: a result with
  a clock in it is always new.
Reads of one batch run side by side: those that are under way count as made, without news.
"""

from collections import Counter, deque
from itertools import islice
from typing import NamedTuple

WINDOW = 20
"""Calls looked back on."""
REPEATS = 3
"""The same call as often as this is a loop."""
MAX_CYCLE = 6
"""Calls of the longest cycle that is looked for."""
MAX_LAPS = 12
"""Laps that a poll with ever new results may take."""


class _Call(NamedTuple):
    key: str
    result: str
    changed: bool


class LoopDetector:
    """One session's calls so far: `check` and `admit` before a call runs, `record` after.

    Replaying the records restores it.
    """

    def __init__(self) -> None:
        self._calls: deque[_Call] = deque(maxlen=MAX_CYCLE * MAX_LAPS)
        self._since_news = 0
        self._under_way: Counter[str] = Counter()

    def begin_batch(self) -> None:
        """Nothing is under way: what was admitted and never recorded did not come to its end."""
        self._under_way.clear()

    def admit(self, call_key: str) -> None:
        """Note a call that begins; `record` ends it."""
        self._under_way[call_key] += 1

    def check(self, call_key: str) -> str | None:
        """Why running this call would complete a loop, or None. Does not change the state."""
        earlier = [call for call in islice(reversed(self._calls), WINDOW - 1) if call.key == call_key]
        under_way = self._under_way[call_key]
        if len(earlier) + under_way < REPEATS - 1:
            return None
        window = list(self._calls)[-(WINDOW - 1) :]
        if sum(call.changed for call in earlier) >= REPEATS - 1:
            return f"this call has made its change {len(earlier)} times within the last {len(window)} calls"
        stale = [call for call in window[len(window) - min(self._since_news, len(window)) :] if call.key == call_key]
        made, among = len(stale) + under_way, len(window) + self._under_way.total()
        if made >= REPEATS - 1:
            return f"this call was made {made} times within the last {among} calls and nothing has changed"
        return self._endless(call_key)

    def record(self, call_key: str, result_digest: str, changed: bool) -> None:
        """Note a call that ended: its key, a digest of its result or error, and whether it changed anything."""
        self._under_way -= Counter((call_key,))
        known = {call.result for call in islice(reversed(self._calls), WINDOW - 1) if call.key == call_key}
        is_news = changed or (bool(known) and result_digest not in known)
        self._calls.append(_Call(call_key, result_digest, changed))
        self._since_news = 1 if is_news else self._since_news + 1

    def _endless(self, call_key: str) -> str | None:
        keys = [*(call.key for call in self._calls), call_key]
        for length in range(1, MAX_CYCLE + 1):
            tail = keys[-length * MAX_LAPS :]
            if len(tail) == length * MAX_LAPS and tail == tail[-length:] * MAX_LAPS:
                calls = "this call" if length == 1 else f"the same {length} calls in turn"
                return f"{calls} {MAX_LAPS} times over"
        return None
