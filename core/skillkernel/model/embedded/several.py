"""Splits a request that holds several commands: `turn off the lights and play jazz`."""

import re
from collections.abc import Iterator

from skillkernel.model.embedded.verbs import ACTS, Act, opening

_JOINT = re.compile(
    r"\s*[;.!]\s+|,?\s+(?:and(?: then| also)?|then|und(?: dann)?|dann|et(?: puis)?|puis|y(?: luego)?|luego|ed?|poi|en(?: dan)?|depois)\s+",
    re.IGNORECASE,
)
_SAYS = frozenset(
    [
        "remind",
        "note",
        "write",
        "text",
        "message",
        "mail",
        "email",
        "send",
        "tell",
        "say",
        "jot",
        "remember",
        "translate",
        "search",
        "find",
        "call",
        "erinnere",
        "erinner",
        "notiere",
        "schreib",
        "schreibe",
        "merke",
        "sag",
        "sende",
        "rappelle",
        "rappelle-moi",
        "note",
        "écris",
        "dis",
        "envoie",
        "traduis",
        "cherche",
        "recuérdame",
        "apunta",
        "escribe",
        "di",
        "envía",
        "traduce",
        "busca",
        "ricordami",
        "annota",
        "scrivi",
        "invia",
        "traduci",
        "cerca",
        "lembra-me",
        "anota",
        "escreve",
        "envia",
        "traduz",
        "procura",
        "herinner",
        "noteer",
        "schrijf",
        "stuur",
        "vertaal",
        "zoek",
    ]
)
"""Verbs after which anything may be said, commands and conjunctions included."""


def parts_of_request(text: str) -> list[tuple[str, str]]:
    """The request cut in two at each conjunction where that may make two requests, in order of the text.

    The second half begins with a command of its own, or is given the first half's (`add lunch at 12 and yoga at 5`); both
    are tried where what is added may be a command by itself (`add lunch at 12 and call mum at 5`).
    """
    return list(_halves(text))


def _halves(text: str) -> Iterator[tuple[str, str]]:
    verb, begin, end = opening(text)
    if verb in _SAYS or not _commands(verb):
        return
    for joint in _JOINT.finditer(text, end):
        first, second = text[: joint.start()], text[joint.end() :]
        if len(first.split()) < 2 or len(second.split()) < 2:
            continue
        acts = ACTS.get(opening(second)[0], frozenset()) - {Act.LOOK}
        if acts:
            yield first, second
        if not acts or (Act.ADD in ACTS[verb] and not acts & {Act.ADD, Act.CHANGE, Act.REMOVE}):
            yield first, f"{text[begin:end]} {second}"


def _commands(verb: str) -> bool:
    return bool(ACTS.get(verb, frozenset()) - {Act.LOOK})
