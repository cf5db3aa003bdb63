"""Finds which of a property's options a request names, in its own language: `kitchen` in `Licht in der Küche`."""

import re
from collections.abc import Iterator
from functools import lru_cache

from skillkernel.model.embedded.option_concepts import LANGUAGE_CODES, OFF, ON, ROOMS, words_for
from skillkernel.model.embedded.properties import Kind, Property

Place = tuple[int, int]
_SMALL = frozenset(("this", "all", "any", "none", "of", "on", "no", "and", "or", "in", "at", "to", "it", "is", "us"))
"""Options that a request may hold as ordinary words."""
_LANGUAGE = re.compile(r"lang|idiom|translat", re.IGNORECASE)
_INTO = re.compile(r"(?:to|into|in|auf|ins|nach|en|al|in het|para|para o|naar)\s+(?:the\s+)?$", re.IGNORECASE)
_SWITCH = re.compile(r"\b(?:on|off|enabled?|active|power(?:ed)?|state|switch)\b", re.IGNORECASE)


def option_in(text: str, each: Property) -> tuple[object, Place] | None:
    """The option that the request names and where; an optional one is not read into an ordinary little word."""
    if switched(each):
        return None
    found = [
        (choice, place)
        for choice in each.choices
        if isinstance(choice, str) and (each.required or choice.lower() not in _SMALL)
        for place in _places(text, choice, each)
    ]
    if not found:
        return None
    into = [one for one in found if _INTO.search(text[: one[1][0]])] if _LANGUAGE.search(_told(each)) else []
    return max(into or found, key=lambda one: (one[1][1] - one[1][0], -one[1][0]))


def switched(each: Property) -> bool:
    """Whether the property says on or off, as options or as true and false."""
    if each.kind is Kind.BOOLEAN:
        return bool(_SWITCH.search(_told(each)))
    return {str(choice).lower() for choice in each.choices} == {"on", "off"}


def polarity(text: str) -> tuple[bool, Place] | None:
    """Whether the request switches something on or off, and the word that says so; None when it says neither."""
    for words, value in ((OFF, False), (ON, True)):
        if found := list(_pattern(words).finditer(text)):
            return value, found[-1].span()
    return None


def named(text: str, word: str) -> Place | None:
    """Where the request says `word`, or the same in another language."""
    return next(iter(_spoken(text, word)), None)


def languages_in(text: str) -> list[Place]:
    """Where the request names a language, in order."""
    places = {place for language in LANGUAGE_CODES.values() for place in _spoken(text, language)}
    return sorted(places)


def room_in(text: str) -> str:
    """The room that `text` names, as it says it; empty when it names none that is known."""
    places = [place for room in ROOMS if (place := named(text, room))]
    longest = max(places, key=lambda place: place[1] - place[0], default=(0, 0))
    return text[slice(*longest)]


def _told(each: Property) -> str:
    return f"{each.name.replace('_', ' ')} {each.description}"


def _places(text: str, choice: str, each: Property) -> Iterator[Place]:
    if choice.lower() in LANGUAGE_CODES and _LANGUAGE.search(_told(each)):
        yield from _spoken(text, LANGUAGE_CODES[choice.lower()])
    elif len(choice) > 1:
        yield from _spoken(text, choice)


def _spoken(text: str, word: str) -> Iterator[Place]:
    plain = re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word)).strip().lower()
    for found in _pattern(words_for(plain)).finditer(text):
        yield found.span()


@lru_cache(maxsize=1024)
def _pattern(words: frozenset[str]) -> re.Pattern[str]:
    listed = "|".join(
        re.escape(word.rstrip("*")).replace(r"\ ", r"[\s-]+") + (r"\w*" if word.endswith("*") else "")
        for word in sorted(words, key=len, reverse=True)
    )
    return re.compile(rf"(?<![\w'])(?:{listed})(?![\w])", re.IGNORECASE)
