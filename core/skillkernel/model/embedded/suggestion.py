"""Reads from a failed call's error what it says was meant: `no event is called 'lunhc'; did you mean 'Lunch'?`."""

import difflib
import re
from collections.abc import Mapping
from typing import Any

_ASKED = re.compile(r"did you mean:?\s+(?P<said>[^?\n]{1,300})\?", re.IGNORECASE)
_QUOTED = re.compile(r"(?<!\w)'((?:[^']|'(?=\w))+)'(?!\w)|\"([^\"]+)\"|[“„]([^“”]+)[”“]")
_OR = re.compile(r"\s*,\s*(?:or\s+)?|\s+or\s+")


def mended(arguments: Mapping[str, Any], complaint: str) -> dict[str, Any] | None:
    """`arguments` with the one value that `complaint` names in place of its near miss; None when it names none or several."""
    asked = _ASKED.search(complaint)
    if asked is None:
        return None
    quoted: list[tuple[str, ...]] = _QUOTED.findall(asked["said"])
    split: list[str] = _OR.split(asked["said"])
    named = [next(filter(None, groups)) for groups in quoted] or split
    if len(set(named)) != 1:
        return None
    texts = {name: value for name, value in arguments.items() if isinstance(value, str) and value}
    blamed = [name for name, value in texts.items() if value[:40] in complaint[: asked.start()]]
    if len(blamed) != 1:
        blamed = sorted(texts, key=lambda name: -_likeness(texts[name], named[0]))[:1]
    if not blamed or texts[blamed[0]] == named[0]:
        return None
    return {**arguments, blamed[0]: named[0]}


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one.casefold(), other.casefold()).ratio()
