"""Regular expressions of date and time phrases, made of the words in `time_words`; each matches one whole phrase."""

import re
from collections.abc import Iterable

from skillkernel.model.embedded.time_words import (
    AND_A_HALF,
    COMING,
    DAY_PARTS,
    DAYS_FROM_TODAY,
    HALF_HOURS,
    LAST,
    MIDNIGHTS,
    MONTHS,
    NEXT,
    NOONS,
    NUMBERS,
    ONE_AND_A_HALF,
    QUARTER_HOURS,
    THREE_QUARTERS,
    UNITS,
    WEEKDAYS,
)


def one_of(words: Iterable[str]) -> str:
    """A group that matches one of `words`, the longest first."""
    return "(?:" + "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True)) + ")"


def phrase(pattern: str) -> re.Pattern[str]:
    """Compile `pattern` so that it begins and ends at the edge of a word, whatever the case."""
    return re.compile(rf"(?<![\w@.#-])(?:{pattern})(?![\w@])(?!\.\d)", re.IGNORECASE)


_WEEKDAY = one_of(word for day in WEEKDAYS for word in day)
_MONTH = one_of(word for month in MONTHS for word in month)
_NUMBER = rf"(?:\d+(?:[.,]\d+)?|{one_of(NUMBERS)})"
_SMALL = rf"(?:\d{{1,2}}|{one_of(word for word, value in NUMBERS.items() if value <= 12)})"
_UNIT = one_of(UNITS)
_BEFORE = one_of((*NEXT, *COMING, *LAST))
_WEEK = one_of(word for word, unit in UNITS.items() if unit == "week")
_MONTH_WORD = one_of(word for word, unit in UNITS.items() if unit == "month")
_WEEKEND = one_of(("weekend", "wochenende", "week-end", "fin de semana", "fine settimana", "fim de semana"))
_PART = one_of(DAY_PARTS)
_PART_LINK = one_of(
    [
        "in the",
        "at",
        "am",
        "in der",
        "du",
        "dans la",
        "le",
        "de la",
        "por la",
        "a la",
        "del",
        "della",
        "di",
        "da",
        "de",
        "à",
        "pela",
        "na",
        "in de",
        "des",
        "this",
        "cette",
        "esta",
        "questa",
        "this coming",
    ]
)
_ORDINAL = r"(?:st|nd|rd|th|er|\.|º|ª|°|e)?"
_OF = r"(?:\s+(?:of|de|del|di|d'))?"

ISO_DATE = phrase(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
DOTTED_DATE = phrase(r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.(?:\s?(?P<year>\d{4}|\d{2})(?!:))?")
SLASHED_DATE = phrase(r"(?P<first>\d{1,2})/(?P<second>\d{1,2})(?:/(?P<year>\d{4}|\d{2}))?")
DAY_MONTH = phrase(
    rf"(?:(?:the|den|dem|le|el|il|o|de)\s+)?(?P<day>\d{{1,2}}){_ORDINAL}{_OF}\s+(?P<month>{_MONTH})\.?"
    rf"(?:,?(?:\s+(?:de|del))?\s+(?P<year>\d{{4}}))?"
)
MONTH_DAY = phrase(
    rf"(?P<month>{_MONTH})\.?\s+(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year>\d{{4}}))?(?![:.]\d)"
)
DAY_RANGE = phrase(
    rf"(?:(?:from|between|vom|von|zwischen|du|de|del|dal|entre|tra|van|tussen)\s+)?(?:(?:the|dem|le|el|il|al|l')\s+)?(?P<day>\d{{1,2}}){_ORDINAL}"
    rf"\s*(?:to|until|till|through|and|bis(?:\s+zum)?|und|au|al|a|à|até|tot|en|y|e|-|–)\s*(?:(?:the|le|el|il|o)\s+)?"
    rf"(?P<day2>\d{{1,2}}){_ORDINAL}{_OF}\s+(?P<month>{_MONTH})\.?(?:,?(?:\s+(?:de|del))?\s+(?P<year>\d{{4}}))?"
    rf"|(?P<month2>{_MONTH})\s+(?P<day3>\d{{1,2}})(?:st|nd|rd|th)?\s*(?:to|until|through|-|–)\s*(?P<day4>\d{{1,2}})(?:st|nd|rd|th)?(?!\w|:)"
)
DAY_ONLY = phrase(
    r"the\s+(?P<en>\d{1,2})(?:st|nd|rd|th)|am\s+(?P<de>\d{1,2})\.(?!\s*\d)"
    r"|(?:el\s+d[ií]a|no\s+dia|dia)\s+(?P<es>\d{1,2})|le\s+(?P<fr>\d{1,2})(?!\s*(?:h|heures|%|:))|de\s+(?P<nl>\d{1,2})e"
)
RELATIVE_DAY = phrase(rf"(?P<word>{one_of(DAYS_FROM_TODAY)})")
WEEKDAY = phrase(
    rf"(?:(?P<before>{_BEFORE})\s+)?(?P<name>{_WEEKDAY})(?:\s+(?P<after>{_BEFORE}))?"
    rf"(?:\s+(?P<week>(?:{_BEFORE})\s+{_WEEK}|{_WEEK}\s+{_BEFORE}))?"
)
WEEK_THEN_DAY = phrase(rf"(?P<before>{_BEFORE})\s+{_WEEK}\s+(?:am\s+|on\s+|op\s+)?(?P<name>{_WEEKDAY})")
WEEK = phrase(rf"(?P<before>{_BEFORE})\s+{_WEEK}|{_WEEK}\s+(?P<after>{_BEFORE})")
MONTH_SPAN = phrase(rf"(?P<before>{_BEFORE})\s+{_MONTH_WORD}|{_MONTH_WORD}\s+(?P<after>{_BEFORE})")
WEEKEND = phrase(rf"(?:(?P<before>{_BEFORE}|the|am|le|el|il|no|het|in het)\s+)?{_WEEKEND}(?:\s+(?P<after>{_BEFORE}))?")
NAMED_MONTH = phrase(rf"(?:in|im|en|em|a|ad)\s+(?P<month>{_MONTH})(?:\s+(?P<year>\d{{4}}))?")
AHEAD = phrase(
    rf"(?:in|dans|d'ici|en|dentro\s+de|tra|fra|em|daqui\s+a|over|within)\s+"
    rf"(?:(?:(?:an?|eine?[nr]?|une?|una|uma?|een)\s+)?(?P<half>{one_of(HALF_HOURS)})|(?P<quarter>{one_of(QUARTER_HOURS)})|(?P<number>{_NUMBER})\s*(?P<unit>{_UNIT}))"
    rf"|(?P<number2>{_NUMBER})\s+(?P<unit2>{_UNIT})\s+from\s+(?:now|today)"
)
BEHIND = phrase(
    rf"(?:vor|il\s+y\s+a|hace|há)\s+(?P<number>{_NUMBER})\s+(?P<unit>{_UNIT})"
    rf"|(?P<number2>{_NUMBER})\s+(?P<unit2>{_UNIT})\s+(?:ago|fa|geleden|atrás)"
)
DURATION = phrase(
    rf"(?P<three>{one_of(THREE_QUARTERS)})|(?:(?:an?|eine?n?|une?|una|um|uma|een|un)\s+)?"
    rf"(?:(?P<half>{one_of(HALF_HOURS)})|(?P<quarter>{one_of(QUARTER_HOURS)}))"
    rf"|(?P<onehalf>{one_of(ONE_AND_A_HALF)})\s+(?P<unit0>{_UNIT})"
    rf"|(?P<hours>\d{{1,2}})\s?h\s?(?P<minutes>\d{{2}})(?:\s?min)?"
    rf"|(?P<number>{_NUMBER}|un['’]|l['’])[\s-]*(?P<unit>{_UNIT})(?:\s+(?P<andhalf>{one_of(AND_A_HALF)}))?"
    rf"(?:\s*(?:and|und|et|y|e|en|,)?\s*(?P<number2>{_NUMBER})\s*(?P<unit2>{_UNIT}))?"
)

LONG = phrase(
    rf"(?P<number>\d+-?|{one_of((*NUMBERS, 'ein', *ONE_AND_A_HALF))})(?P<unit>stündig|minütig|tägig|wöchig)(?:e[nrsm]?)?"
)
"""`zweistündig`, `90-minütig`: a length in one word."""

_CLOCK_LINK = r"(?:at|um|gegen|à|vers|a\s+las|a\s+la|alle|all'|alle\s+ore|às|as|à|om|rond|@|by|ab|until|bis|tot)"
_AMPM = r"(?:a\.?m\b\.?|p\.?m\b\.?)"
_DAY_PART_AFTER = rf"(?:\s+(?:{_PART_LINK}\s+)?(?P<part>{_PART}|mañana))"
CLOCK = phrase(
    rf"(?:{_CLOCK_LINK}\s+)?(?P<hour>\d{{1,2}})[:.](?P<minute>[0-5]\d)(?!\.\d)\s*(?P<ampm>{_AMPM})?"
    rf"(?:\s*(?P<word>uhr|h|uur|o'clock|hours|horas))?{_DAY_PART_AFTER}?"
)
CLOCK_H = phrase(rf"(?:{_CLOCK_LINK}\s+)?(?P<hour>\d{{1,2}})\s?h(?:\s?(?P<minute>[0-5]\d))?{_DAY_PART_AFTER}?")
CLOCK_AMPM = phrase(rf"(?:{_CLOCK_LINK}\s+)?(?P<hour>\d{{1,2}})\s*(?P<ampm>{_AMPM})")
CLOCK_WORD = phrase(
    rf"(?:{_CLOCK_LINK}\s+)?(?P<hour>{_SMALL})\s+(?P<word>uhr|o'clock|uur|heures?|horas?|ore)"
    rf"(?:\s+(?P<minute>[0-5]?\d))?(?:\s+(?P<half>{one_of(AND_A_HALF)}))?{_DAY_PART_AFTER}?"
)
_HOUR_WORD = rf"(?:\d{{1,2}}|eins|een|één|{one_of(word for word, value in NUMBERS.items() if 1 < value <= 12)})"
CLOCK_MINUTES = phrase(
    rf"(?:(?:at|um|om|à|a\s+las|alle)\s+)?(?P<minutes>\d{{1,2}}|{one_of(word for word, value in NUMBERS.items() if value in {5, 10, 20, 25})})"
    rf"\s+(?:minutes?\s+|minuten\s+)?(?P<way>past|to|nach|vor|over|voor)\s+(?P<hour>{_HOUR_WORD})\s*(?P<ampm>{_AMPM})?{_DAY_PART_AFTER}?"
)
CLOCK_HALF_BEFORE = phrase(
    rf"(?:um\s+|om\s+)?(?:halb|half)\s+(?P<hour>{_HOUR_WORD})(?:\s+(?:uhr|uur))?{_DAY_PART_AFTER}?"
)
CLOCK_HALF_PAST = phrase(rf"(?:at\s+)?half\s+past\s+(?P<hour>{_SMALL})\s*(?P<ampm>{_AMPM})?{_DAY_PART_AFTER}?")
CLOCK_QUARTER = phrase(
    rf"(?:(?:at|um|om)\s+)?(?:a\s+)?(?P<quarter>quarter|viertel|kwart)\s+(?P<way>past|after|nach|over|to|vor|voor)\s+"
    rf"(?P<hour>{_SMALL})\s*(?P<ampm>{_AMPM})?{_DAY_PART_AFTER}?"
)
CLOCK_LINKED = phrase(
    rf"(?:at|um|gegen|a\s+las|a\s+la|alle|all'|às|as|om|@|à)\s+(?P<hour>{_SMALL})"
    rf"(?:\s+(?:(?P<half>{one_of(AND_A_HALF)})|(?P<plus>y\s+cuarto|e\s+un\s+quarto|e\s+quinze|et\s+quart)"
    rf"|(?P<less>menos\s+cuarto|meno\s+un\s+quarto|moins\s+le\s+quart)))?{_DAY_PART_AFTER}?(?!\s*[%€$/*+x×°]|\s+(?:{_UNIT}|degr\w+|grad\w*|grau\w*|percent|prozent)\b)"
)
CLOCK_NAMED = phrase(
    rf"(?:(?:at|um|am|à|a|al|a\s+las|alle|ao|om|zu)\s+)?(?:(?P<noon>{one_of(NOONS)})|(?P<midnight>{one_of(MIDNIGHTS)}))"
)
CLOCK_RANGE = phrase(
    rf"(?:(?:from|between|von|zwischen|de|entre|dalle|dalle\s+ore|das|van|tussen|les|las)\s+(?:las\s+|as\s+|às\s+)?)?"
    rf"(?P<hour>\d{{1,2}})(?:(?:[:.]|\s?h\s?)(?P<minute>[0-5]\d)|\s?h)?\s*(?P<ampm>{_AMPM})?(?:\s*uhr)?"
    rf"\s*(?:to|until|till|and|bis|und|à|a|alle|até|às|et|y|e|tot|en|-|–|—)\s*(?:las\s+|as\s+|às\s+|le\s+)?"
    rf"(?P<hour2>\d{{1,2}})(?:(?:[:.]|\s?h\s?)(?P<minute2>[0-5]\d)|\s?h)?\s*(?P<ampm2>{_AMPM})?"
    rf"(?:\s*(?P<word>uhr|h|uur|o'clock|heures|horas))?{_DAY_PART_AFTER}?"
)
RANGE_EVIDENCE = re.compile(
    rf"\b(?:from|between|von|zwischen|dalle|van|tussen|entre|das)\b|uhr|[:h]|{_AMPM}", re.IGNORECASE
)
DAY_PART = phrase(
    rf"(?<!['’]\s)(?<!['’]s\s)(?:(?P<link>{_PART_LINK})\s+)?(?P<part>{_PART})|(?:por|de|en)\s+la\s+mañana|am\s+morgen|(?<=heute\s)morgen"
)

JOINTS = re.compile(
    r"[\s,;.]*(?:(?:on|at|the|um|am|den|dem|der|le|la|les|à|a|el|las|de|del|il|alle|às|na|no|op|om|in|per|para|em|dia|"
    r"früh|von|from|between|of|and|, |at around|around|gegen|este|this|do|da|pela|por|ao)[\s,]+)*",
    re.IGNORECASE,
)
"""What may stand between a day and a time of the same moment."""
