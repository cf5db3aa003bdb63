"""Fills in what has few possible values: options of a list, and what is on or off, by the words the request has for them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from skillkernel.model.embedded.option_words import languages_in, named, option_in, polarity, switched
from skillkernel.model.embedded.properties import Kind, Property
from skillkernel.model.embedded.recurrence import recurrence_in
from skillkernel.model.embedded.verbs import renames

Place = tuple[int, int]
_CLASSIFIES = re.compile(r"categor|type|tag|kind|genre|mood", re.IGNORECASE)
_NOT = re.compile(
    r"(?<!\w)(?:not|without|no|don't|ohne|nicht|kein\w*|sans|pas|sin|senza|sem|não|zonder|geen|niet)\s+$", re.IGNORECASE
)
_UNDONE = re.compile(r"^(?:un|dis|de)")
_PAIRS = (
    ("open", "closed"),
    ("lock", "unlock"),
    ("up", "down"),
    ("start", "stop"),
    ("add", "remove"),
    ("mute", "unmute"),
)
_SHUT = re.compile(r"(?<!\w)(?:zu|runter|dicht|down|shut)\W*$", re.IGNORECASE)
"""The second part of a verb that shuts: `Mach das Fenster zu`."""
_QUOTES = re.compile(r"(?<!\w)([\"'“„«‘]).+?[\"'”“»’](?!\w)")
_IS_LANGUAGE = re.compile(r"\blanguage\b(?! of the (?:user|reply|answer))", re.IGNORECASE)
_IS_SOURCE = re.compile(r"\b(?:source|from|original|is in)\b|language of the text", re.IGNORECASE)
_FROM = re.compile(r"(?:from|von|aus dem|du|de l'|del|dal|do|uit het|van)\s+(?:the\s+)?$", re.IGNORECASE)
_SMALL_FLAGS = frozenset(
    ("include", "with", "only", "show", "use", "is", "in", "the", "a", "on", "whether", "and", "or")
)


@dataclass(slots=True)
class Choosing:
    """Values by property name, and the places of the request that they were read from."""

    values: dict[str, Any] = field(default_factory=dict[str, Any])
    used: list[Place] = field(default_factory=list[Place])


def choosing_of(properties: Sequence[Property], text: str, shown: Sequence[str] = ()) -> Choosing:
    """The options and flags among `properties` that `text` names; a required switch is on unless it is said to be off.

    A required option that it does not name is the one of the first of the examples `shown` that names one.
    """
    choosing = Choosing()
    for each in properties:
        if each.kind is Kind.CHOICE:
            _choose(each, text, choosing)
            if each.required and each.name not in choosing.values and not switched(each):
                _as_shown(each, shown, choosing)
        elif each.kind is Kind.BOOLEAN:
            _flag(each, text, choosing)
    _languages(
        [each for each in properties if each.kind is Kind.TEXT and _IS_LANGUAGE.search(_label(each))], text, choosing
    )
    return choosing


def _label(each: Property) -> str:
    return f"{each.name.replace('_', ' ')}: {each.description[:40]}"


def _languages(wanted: Sequence[Property], text: str, choosing: Choosing) -> None:
    """The languages named, the one that is translated from apart from the one that is translated into."""
    quoted = [match.span() for match in _QUOTES.finditer(text)]
    places = [place for place in languages_in(text) if not any(start < place[0] < end for start, end in quoted)]
    source = next((place for place in places if _FROM.search(text[: place[0]])), None) if len(places) > 1 else None
    targets = [place for place in places if place != source]
    for each in wanted:
        origin = bool(_IS_SOURCE.search(_label(each)))
        place = source if origin else targets[-1] if targets else None
        if place:
            choosing.values[each.name] = text[slice(*place)]
            choosing.used.append(place)


def _choose(each: Property, text: str, choosing: Choosing) -> None:
    if switched(each):
        _switch(each, text, choosing)
    elif not each.required and renames(text):
        return
    elif often := recurrence_in(text, each.choices):
        choosing.values[each.name] = often[0]
        choosing.used.append(often[1])
    elif option := option_in(text, each):
        choosing.values[each.name] = option[0]
        if not _CLASSIFIES.search(each.name):
            choosing.used.append(_with_label(text, option[1], each))


def _as_shown(each: Property, shown: Sequence[str], choosing: Choosing) -> None:
    if option := next((option for example in shown if (option := option_in(example, each))), None):
        choosing.values[each.name] = option[0]


def _switch(each: Property, text: str, choosing: Choosing) -> None:
    said = polarity(text)
    if said:
        choosing.used.append(said[1])
    if not said and not each.required:
        return
    on = said[0] if said else True
    if each.kind is Kind.BOOLEAN:
        choosing.values[each.name] = on
    else:
        choosing.values[each.name] = next(
            choice for choice in each.choices if str(choice).lower() == ("on", "off")[not on]
        )


def _flag(each: Property, text: str, choosing: Choosing) -> None:
    if switched(each):
        _switch(each, text, choosing)
        return
    for word in _flag_words(each):
        if place := named(text, word):
            choosing.values[each.name] = not _NOT.search(text[: place[0]])
            choosing.used.append(place)
            return
    if place := next(
        (place for word in each.words for opposite in _opposites(word) if (place := named(text, opposite))), None
    ):
        choosing.values[each.name] = False
        choosing.used.append(place)
    elif each.required:
        choosing.values[each.name] = not (_SHUT.search(text) and "open" in each.words)


def _opposites(word: str) -> Iterator[str]:
    yield from (f"un{word}", f"dis{word}", f"de{word}")
    stem = word.removesuffix("ed") if word != "closed" else word
    yield from (other for pair in _PAIRS for one, other in (pair, pair[::-1]) if one in (word, stem))


def _flag_words(each: Property) -> Iterator[str]:
    yield each.name.replace("_", " ")
    yield from sorted(word for word in each.words - _SMALL_FLAGS if len(word) > 3 and not _UNDONE.match(word))


def _with_label(text: str, place: Place, each: Property) -> Place:
    """The place of an option with the property's own name beside it: `high priority`, `priority: high`."""
    label = "|".join(map(re.escape, sorted(each.words)))
    before = re.search(rf"(?:{label})(?: is|:)?\s+$", text[: place[0]], re.IGNORECASE)
    after = re.match(rf"\s+(?:{label})\b", text[place[1] :], re.IGNORECASE)
    return (before.start() if before else place[0], place[1] + after.end() if after else place[1])
