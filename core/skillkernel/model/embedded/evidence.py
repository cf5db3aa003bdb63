"""Everything in a request that an argument may be made of: moments, durations, numbers, addresses, quoted words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from skillkernel.model.embedded.durations import Duration, find_durations, number_of
from skillkernel.model.embedded.moments import Moment, find_moments
from skillkernel.model.embedded.other_languages import moments_by_library
from skillkernel.model.embedded.phrases import one_of
from skillkernel.model.embedded.time_words import NUMBERS, ONES
from skillkernel.model.embedded.unspaced import spaced

_DIGITS = re.compile(r"(?<![\w.,])[-−]?\d+(?:[.,]\d+)*(?![\w]*@)")
_WORDS = re.compile(
    rf"(?<![\w'-]){one_of(word for word in NUMBERS if word not in ONES)}(?![\w'-])",
    re.IGNORECASE,
)
_PERCENT = re.compile(
    r"\s*(?:%|(?:percent|per cent|prozent|pour ?cent|por ?ciento|per ?cento|por ?cento|procent)\b)", re.IGNORECASE
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(
    r"(?<![\w.])(?:\+|00|\(?0)\d*(?:[\s()/.-]{0,2}\d+)+(?!\w)|(?<![\w.])\d{3}[-.\s]\d{3,4}(?:[-.\s]\d{3,4})?(?![\w.])"
)
_URL = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")
_FILE = re.compile(r"(?<![\w@/.-])[\w-]+(?:\.[\w-]+)*\.[A-Za-z]\w{1,4}(?![\w@])")
_QUOTED = re.compile(r"[\"“”„«]\s*([^\"“”„«»]+?)\s*[\"“”»]|(?<!\w)['‘‚]([^'‘’]+)['’](?!\w)")
_EVENING = re.compile(
    r"\b(?:dinner|supper|party|concert|movie|cinema|drinks|abendessen|konzert|kino|dîner|fiesta|cena|concerto|jantar|avondeten)\b",
    re.IGNORECASE,
)
_EXACT = re.compile(
    r"\ba\.?m\b|:|morning|früh|morgens|vormittag|matin|mañana|mattin|manhã|ochtend|\b0\d", re.IGNORECASE
)
_ENGLISH = re.compile(
    r"\b(?:the|a|an|is|are|what|how|of|my|to|in|for|on|at|and|with|i|me|much|many|convert)\b", re.IGNORECASE
)
_OTHER = re.compile(
    r"\b(?:der|die|das|den|ein|eine|wie|was|ist|sind|von|mit|mir|für|le|les|la|une|des|du|est|que|el|los|un|una|es|de|"
    r"cuánto|per|il|di|che|quanto|o|os|um|uma|em|het|een|van|hoeveel|wieviel|combien|font|euro|viel|rechne|quanto)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number, where it stands, and whether it is a percentage."""

    start: int
    end: int
    value: float
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the request that is taken as it stands."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found in `text`; `numbers` are those that no moment or duration is made of."""

    text: str
    moments: tuple[Moment, ...]
    durations: tuple[Duration, ...]
    numbers: tuple[Number, ...]
    emails: tuple[Piece, ...]
    urls: tuple[Piece, ...]
    phones: tuple[Piece, ...]
    files: tuple[Piece, ...]
    quotes: tuple[Piece, ...]
    english: bool


def gather(text: str, now: datetime, *, month_first: bool = False) -> Evidence:
    """Read the request `text` as said at `now`, which is aware and in the user's time zone."""
    text = spaced(text, now.date())
    emails = _pieces(_EMAIL, text)
    urls = _pieces(_URL, text)
    phones = [each for each in _pieces(_PHONE, text) if sum(sign.isdigit() for sign in each.text) >= 7]
    moments = [
        moment
        for moment in moments_by_library(text, now) or find_moments(text, now, month_first=month_first)
        if not _overlaps(moment.start, moment.end, [*emails, *urls, *phones])
    ]
    moments = [_in_the_evening(moment, text) for moment in moments]
    fixed = [moment for moment in moments if moment.ahead is None]
    durations = [length for length in find_durations(text) if not _overlaps(length.start, length.end, fixed)]
    english = len(_ENGLISH.findall(text)) > len(_OTHER.findall(text))
    taken: list[_Placed] = [*moments, *durations, *emails, *urls, *phones]
    return Evidence(
        text,
        tuple(moments),
        tuple(durations),
        tuple(number for number in _numbers(text, english) if not _overlaps(number.start, number.end, taken)),
        tuple(emails),
        tuple(urls),
        tuple(phones),
        tuple(each for each in _pieces(_FILE, text) if not _overlaps(each.start, each.end, [*taken, *urls])),
        tuple(_quoted(text)),
        english,
    )


def as_quantities(evidence: Evidence) -> Evidence:
    """The same with its lengths of time read as numbers of a unit: what a conversion is asked for (`3 weeks in hours`)."""
    taken: list[_Placed] = [*evidence.emails, *evidence.urls, *evidence.phones]
    numbers = [each for each in _numbers(evidence.text, evidence.english) if not _overlaps(each.start, each.end, taken)]
    lengths = [(each.start, each.end) for each in evidence.durations]
    counted = [moment for moment in evidence.moments if moment.ahead is not None]
    lengths += [(each.start, each.end) for each in counted]
    known = {(each.start, each.end) for each in evidence.numbers}
    numbers = [
        each
        for each in numbers
        if (each.start, each.end) in known or any(start <= each.start < end for start, end in lengths)
    ]
    kept = tuple(moment for moment in evidence.moments if moment not in counted)
    return replace(evidence, moments=kept, durations=(), numbers=tuple(numbers))


def _in_the_evening(moment: Moment, text: str) -> Moment:
    """A bare hour of a dinner or a party is one of the evening."""
    said = text[moment.start : moment.end]
    if moment.clock is None or not 5 <= moment.clock.hour < 12 or _EXACT.search(said) or not _EVENING.search(text):
        return moment
    last = moment.last_clock and moment.last_clock.replace(hour=moment.last_clock.hour % 12 + 12)
    return replace(moment, clock=moment.clock.replace(hour=moment.clock.hour + 12), last_clock=last)


_Placed = Moment | Duration | Piece


def _overlaps(start: int, end: int, others: Sequence[_Placed]) -> bool:
    return any(start < other.end and other.start < end for other in others)


def _pieces(pattern: re.Pattern[str], text: str) -> list[Piece]:
    return [Piece(match.start(), match.end(), match.group()) for match in pattern.finditer(text)]


def _quoted(text: str) -> list[Piece]:
    return [Piece(match.start(), match.end(), match[1] or match[2]) for match in _QUOTED.finditer(text)]


def _numbers(text: str, english: bool) -> list[Number]:
    found: list[Number] = []
    for match in _DIGITS.finditer(text):
        percent = _PERCENT.match(text, match.end())
        end = percent.end() if percent else match.end()
        found.append(Number(match.start(), end, read_number(match.group(), english=english), bool(percent)))
    for match in _WORDS.finditer(text):
        if any(number.start < match.end() and match.start() < number.end for number in found):
            continue
        percent = _PERCENT.match(text, match.end())
        end = percent.end() if percent else match.end()
        found.append(Number(match.start(), end, number_of(match.group()), bool(percent)))
    return sorted(found, key=lambda number: number.start)


def read_number(digits: str, *, english: bool) -> float:
    """The value of digits with separators: `1,250.5` in English, `1.250,5` elsewhere; a lone one by its group."""
    plain = digits.replace("−", "-")
    marks = [mark for mark in plain if mark in ".,"]
    if not marks:
        return float(plain)
    if len(set(marks)) == 2:
        decimal = marks[-1]
    elif len(marks) > 1:
        return float(plain.replace(marks[0], ""))
    else:
        thousands = len(re.split(r"[.,]", plain)[1]) == 3 and not plain.lstrip("-").startswith("0")
        decimal = "" if thousands and (marks[0] == ",") == english else marks[0]
    grouping = {".": ",", ",": "."}.get(decimal, marks[0])
    return float(plain.replace(grouping, "").replace(decimal or " ", "."))
