"""Whether and when to ask again: a pure decision over what went wrong."""

import email.utils
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

LONGEST_WAIT = 60.0
"""Seconds; an endpoint that asks for more is not waited for."""
FIRST_WAIT = 0.5
LONGEST_BACKOFF = 8.0
CONNECTION_RETRIES = 2
"""An endpoint that is not there is given up sooner than one that is busy."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt ended before the reply began: HTTP status (0: no answer) and what Retry-After says."""

    status: int = 0
    retry_after: str = ""


def wait_before_retry(failed: Sequence[Attempt], retries: int, jitter: float, now: datetime) -> float | None:
    """Seconds to wait after the attempts that failed, the last one last, or None to give up.

    `jitter` is a number in [0, 1): it shortens the exponential backoff by up to a quarter. A wait that the endpoint
    asks for is obeyed to the second, or, beyond `LONGEST_WAIT`, not tried.
    """
    last = failed[-1]
    unanswered = sum(attempt.status == 0 for attempt in failed)
    if len(failed) > retries or (last.status == 0 and unanswered > CONNECTION_RETRIES):
        return None
    asked = asked_wait(last.retry_after, now)
    if asked is not None:
        return asked if asked <= LONGEST_WAIT else None
    return min(FIRST_WAIT * 2.0 ** min(len(failed) - 1, 16), LONGEST_BACKOFF) * (1 - jitter / 4)


def asked_wait(retry_after: str, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for (RFC 9110, 10.2.3: seconds or a date); None when it says nothing."""
    text = retry_after.strip()
    try:
        seconds = float(text)
    except ValueError:
        return _until(text, now)
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _until(text: str, now: datetime) -> float | None:
    try:
        date = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max((aware - now).total_seconds(), 0.0)
