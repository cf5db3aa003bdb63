"""Finds how often something comes back: `every Monday`, `täglich`, `tous les mois`."""

from collections.abc import Sequence

from skillkernel.model.embedded.phrases import one_of, phrase
from skillkernel.model.embedded.time_words import UNITS, WEEKDAYS

_EVERY = r"(?:every|each|jede[nrs]?|alle|chaque|tous\s+les|toutes\s+les|cada|todos\s+(?:los|os)|todas\s+(?:las|as)|ogni|elke|iedere?)"
_WEEKDAY = one_of(form for day in WEEKDAYS for word in day for form in (word, word + "s"))
_WORDS: dict[str, str] = {
    "daily": r"daily|täglich|quotidien(?:nement)?|diariamente|quotidianamente|dagelijks",
    "weekly": r"weekly|wöchentlich|hebdomadaire|semanalmente|semanal|settimanalmente|wekelijks",
    "monthly": r"monthly|monatlich|mensuel(?:lement)?|mensualmente|mensual|mensilmente|mensalmente|maandelijks",
    "yearly": r"yearly|annually|jährlich|annuel(?:lement)?|anualmente|anual|annualmente|jaarlijks",
    "weekdays": r"weekdays|on weekdays|werktags|unter der woche|en semaine|entre semana|nei giorni feriali|op werkdagen",
}
_UNIT_OF = {"day": "daily", "week": "weekly", "month": "monthly", "year": "yearly"}
_PATTERNS = (
    *(
        (phrase(rf"{_EVERY}\s+{one_of(w for w, unit in UNITS.items() if unit == name)}"), often)
        for name, often in _UNIT_OF.items()
    ),
    (phrase(r"every\s+(?:weekday|workday)|jeden\s+werktag"), "weekdays"),
    *((phrase(pattern), often) for often, pattern in _WORDS.items()),
)
_EVERY_WEEKDAY = phrase(rf"(?P<every>{_EVERY})\s+{_WEEKDAY}")


def recurrence_in(text: str, choices: Sequence[object]) -> tuple[str, tuple[int, int]] | None:
    """The one of `choices` (such as `daily`, `weekly`) that the request asks for, and the words that say it."""
    if len({"daily", "weekly", "monthly", "yearly", "weekdays"} & {str(choice) for choice in choices}) < 2:
        return None
    if (found := _EVERY_WEEKDAY.search(text)) and "weekly" in choices:
        return "weekly", found.span("every")
    for pattern, often in _PATTERNS:
        if (found := pattern.search(text)) and often in choices:
            return often, found.span()
    return None
