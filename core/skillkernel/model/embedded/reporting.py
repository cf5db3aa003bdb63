"""Says what came of a call, from its result alone and in the user's language.

A half-billion-parameter model that retells a result gets times and people wrong (`12:30` became `12:30 AM`); what stands
here cannot contradict the result, since it is the result.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeGuard, cast

from skillkernel.model.driver import Message, ToolCall

_DONE: dict[str, str] = {
    "en": "Done",
    "de": "Erledigt",
    "fr": "C'est fait",
    "es": "Hecho",
    "it": "Fatto",
    "pt": "Feito",
    "nl": "Gedaan",
    "zh": "完成",
    "ja": "完了しました",
    "ko": "완료",
}
_NOTHING: dict[str, str] = {
    "en": "There is nothing.",
    "de": "Da ist nichts.",
    "fr": "Il n'y a rien.",
    "es": "No hay nada.",
    "it": "Non c'è niente.",
    "pt": "Não há nada.",
    "nl": "Er is niets.",
    "zh": "没有找到。",
    "ja": "何もありません。",
    "ko": "없습니다.",
}
_SIGNS: dict[str, re.Pattern[str]] = {
    language: re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
    for language, words in {
        "en": "the|is|are|what|what's|how|of|my|to|for|on|at|and|with|me|do|in|please|add|book|set|show|next|tomorrow|today",
        "de": "der|die|das|den|dem|ein|eine|einen|ist|und|mit|um|uhr|am|auf|für|mir|mein|meine|meinen|meinem|was|wie|viel|"
        "bitte|morgen|heute|von|trag|wann|im|zu",
        "fr": "le|la|les|un|une|des|du|est|et|avec|à|pour|mon|ma|mes|je|que|quel|quelle|dans|demain|aujourd'hui|de|sur|font",
        "es": "el|la|los|las|un|una|es|y|con|para|mi|mis|que|qué|cuánto|en|mañana|hoy|de|por|del|al|añade|pon",
        "it": "il|lo|la|gli|un|una|è|e|con|per|mio|mia|che|cosa|quanto|in|domani|oggi|di|del|alla|alle|nel|aggiungi",
        "pt": "o|a|os|as|um|uma|é|e|com|para|meu|minha|que|quanto|em|amanhã|hoje|de|do|da|na|no|às",
        "nl": "de|het|een|is|en|met|voor|mijn|wat|hoe|hoeveel|op|om|morgen|vandaag|van|in|uur|zet",
    }.items()
}
_SCRIPTS = {
    "ja": re.compile(r"[\u3040-\u30ff]"),
    "ko": re.compile(r"[\uac00-\ud7af]"),
    "zh": re.compile(r"[\u4e00-\u9fff]"),
}
_FIRST = ("title", "name", "subject", "summary", "text", "value", "answer", "result", "message", "content")
_HIDDEN = re.compile(r"(?:^|_)(?:id|uid|uuid|hash|token|etag|time_?zone|exact|version)s?$", re.IGNORECASE)
MOST_LINES = 12
MOST_CHARACTERS = 1500


def language_of(text: str) -> str:
    """The language of a request as a two-letter code, of the ten that are known; English when in doubt."""
    if script := next((language for language, signs in _SCRIPTS.items() if signs.search(text)), ""):
        return script
    counts = {language: len(signs.findall(text)) for language, signs in _SIGNS.items()}
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] > counts["en"] else "en"


def report_of(request: str, done: Sequence[tuple[ToolCall, Message]], changing: bool) -> str:
    """The answer after the calls `done`: their errors, else their results; `changing` when they changed something."""
    failed = [f"{call.name.replace('__', '.')}: {problem(result.text)}" for call, result in done if result.failed]
    if failed:
        return "\n".join(failed)[:MOST_CHARACTERS]
    language = language_of(request)
    lines = [line for _, result in done for line in _lines(_value(result.text), language)]
    shown = lines[:MOST_LINES] + (["…"] if len(lines) > MOST_LINES else [])
    if not changing:
        return "\n".join(shown)[:MOST_CHARACTERS] or _NOTHING[language]
    told = "\n".join(shown)[:MOST_CHARACTERS]
    return f"{_DONE[language]}: {told}" if told else f"{_DONE[language]}."


def problem(text: str) -> str:
    """The error of a failed call and its hint as one line, from the text of its result."""
    told = _value(text)
    if not isinstance(told, dict):
        return text
    parts = cast("Mapping[str, Any]", told)
    return ". ".join(str(parts[name]) for name in ("error", "hint") if parts.get(name)) or text


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _lines(value: Any, language: str) -> list[str]:
    if isinstance(value, Mapping):
        row = cast("Mapping[str, Any]", value)
        lines: list[str] = []
        for name, item in row.items():
            if _is_records(item):
                label = f"{name.replace('_', ' ')}: " if lines else ""
                lines += [label + line for line in _lines(item, language)]
        own = _row(row, language, counted=any(isinstance(item, list) for item in row.values()))
        return [*lines, own] if own else lines
    if isinstance(value, list):
        return [line for item in cast("Sequence[Any]", value) for line in _lines(item, language)]
    return [_shown(value)] if value not in (None, "") else []


def _is_records(item: object) -> bool:
    """Whether an item of a row is shown in lines of its own: a record, or a list that holds one."""
    if _is_list(item):
        return any(isinstance(each, Mapping) for each in item)
    return isinstance(item, Mapping) and bool(cast("Mapping[str, Any]", item))


def _is_list(item: object) -> TypeGuard[list[Any]]:
    return isinstance(item, list)


def _row(row: Mapping[str, Any], language: str, *, counted: bool) -> str:
    """One line of what a record says, with the names of its parts in English alone, since they are English.

    With its list shown (`counted`), a count of nothing more is not worth saying.
    """
    plain: dict[str, Any] = {}
    for name, item in row.items():
        if _is_list(item) and not _is_records(item):
            plain[name] = ", ".join(map(_shown, item))
        elif not isinstance(item, dict | list):
            plain[name] = item
    plain = {name: item for name, item in plain.items() if _worth(name, item) and not (counted and item == 0)}
    if "value" in plain:
        plain["value"] = _quantity(plain)
    parts = [_shown(plain.pop(name)) for name in _FIRST if name in plain]
    if "start" in plain:
        parts.append(_span(plain.pop("start"), plain.pop("end", None)))
    named = language == "en"
    parts += [f"{name.replace('_', ' ')} {_shown(item)}" if named else _shown(item) for name, item in plain.items()]
    return ", ".join(parts)


def _quantity(plain: dict[str, Any]) -> str:
    """A value with its unit and what it comes to: `6.21371 mile`, `1/3 ≈ 0.333333`; takes those out of `plain`."""
    said = _short(plain["value"])
    if "approximately" in plain:
        said += f" ≈ {_short(plain.pop('approximately'))}"
    return f"{said} {plain.pop('unit')}" if "unit" in plain else said


def _short(value: Any) -> str:
    """A number with endless decimals cut to six digits that count."""
    text = str(value)
    return f"{float(text):.6g}" if re.fullmatch(r"-?\d{1,6}\.\d{9,}", text) else text


def _worth(name: str, item: Any) -> bool:
    return item not in (None, "") and not isinstance(item, bool) and not _HIDDEN.search(name)


def _span(start: Any, end: Any) -> str:
    first, last = _moment(start), _moment(end)
    if isinstance(first, datetime) and isinstance(last, datetime) and first.date() == last.date():
        return f"{first:%Y-%m-%d %H:%M}-{last:%H:%M}"
    return _shown(start) if end in (None, start) else f"{_shown(start)} - {_shown(end)}"


def _moment(value: Any) -> date | None:
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d", value):
        return None
    try:
        return datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
    except ValueError:
        return None


def _shown(value: Any) -> str:
    moment = _moment(value)
    if isinstance(moment, datetime):
        return f"{moment:%Y-%m-%d %H:%M}"
    return str(value)
