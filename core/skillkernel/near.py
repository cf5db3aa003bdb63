"""Did you mean: the known names that look most like an unknown one."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from heapq import nlargest

CUTOFF = 0.66
"""Likeness, 0 to 1, below which a name is not worth a mention."""
_MAX_NAME = 100
_MIN_PART = 3
_MAX_COMPARED = 60
_EDITS = 3
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATOR = re.compile(r"[^a-z0-9\u0080-\U0010ffff]+")


def nearest(name: str, candidates: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """The candidates that look like `name`, best first, at most `limit`; none when nothing is like it.

    Case, humps and separators do not count (`createEvent`, `calendar__create_event`, `calendar.create-event` are one
    spelling), and a tool's name without its skill is compared with the part after the skill.
    """
    wanted = _spelling(name[:_MAX_NAME])
    if not wanted:
        return ()
    known = list(dict.fromkeys(candidates))
    compared = _worth_comparing(wanted, known)
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    scored = [
        (score, candidate) for candidate in compared if (score := _likeness(matcher, wanted, candidate)) >= CUTOFF
    ]
    return tuple(candidate for _, candidate in sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:limit])


def _spelling(name: str) -> str:
    return _SEPARATOR.sub("_", _HUMP.sub("_", name).lower()).strip("_")


def _worth_comparing(wanted: str, known: list[str]) -> list[str]:
    """The few candidates that share most pieces: with `_EDITS` typos, one of `_EDITS + 1` pieces is still whole."""
    if len(known) <= _MAX_COMPARED:
        return known
    size = max(1, len(wanted) // (_EDITS + 1))
    first, second, third, fourth = (wanted[i * size : (i + 1) * size] for i in range(_EDITS + 1))
    last = wanted[-size:]
    lowered = [(candidate, candidate.lower()) for candidate in known]
    sharing = [
        pair
        for pair in lowered
        if first in pair[1] or second in pair[1] or third in pair[1] or fourth in pair[1] or last in pair[1]
    ]
    pairs = {wanted[i : i + 2] for i in range(len(wanted) - 1)} or {wanted}

    def shared(pair: tuple[str, str]) -> float:
        return sum(2 for piece in pairs if piece in pair[1]) - abs(len(pair[1]) - len(wanted)) / 4

    return [candidate for candidate, _ in nlargest(_MAX_COMPARED, sharing, key=shared)]


def _likeness(matcher: "SequenceMatcher[str]", wanted: str, candidate: str) -> float:
    """Likeness of the whole names, or of the tool's name alone, which counts a little less."""
    whole = _ratio(matcher, wanted, _spelling(candidate))
    _, _, tool = candidate.replace("__", ".", 1).partition(".")
    return max(whole, 0.95 * _ratio(matcher, wanted, _spelling(tool))) if tool else whole


def _ratio(matcher: "SequenceMatcher[str]", wanted: str, text: str) -> float:
    """difflib's ratio; a name that is a part of the text, such as `eval` of `evaluate`, is always like it."""
    if len(wanted) >= _MIN_PART and wanted in text:
        return 0.7 + 0.3 * len(wanted) / len(text)
    matcher.set_seq1(text)
    return matcher.ratio() if matcher.quick_ratio() >= CUTOFF else 0.0
