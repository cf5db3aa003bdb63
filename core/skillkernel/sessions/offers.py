"""Which tools a model is offered: all while they are few, those that share most words with the request when not."""

import re
from collections import Counter
from math import log

from skillkernel.catalogue.types import Target
from skillkernel.model.driver import ToolOffer

MAX_OFFERS = 64
_WORD = re.compile(r"\w{2,}")


def offers(targets: tuple[Target, ...], request: str, limit: int = MAX_OFFERS) -> tuple[ToolOffer, ...]:
    """At most `limit` offers in the catalogue's order, so that a model's prompt keeps its prefix from turn to turn."""
    if len(targets) <= limit:
        return tuple(offer(target) for target in targets)
    chosen = set(_ranked(targets, request)[:limit])
    return tuple(offer(target) for index, target in enumerate(targets) if index in chosen)


def offer(target: Target) -> ToolOffer:
    """A tool as a model is offered it."""
    tool = target.tool
    return ToolOffer(target.id.wire, tool.description, tool.input_schema, tool.effect.value, tool.examples)


def _ranked(targets: tuple[Target, ...], request: str) -> list[int]:
    """Indexes, best first: the sum of each shared word's inverse document frequency."""
    documents = [_words(" ".join((str(t.id), t.tool.description, *t.tool.examples))) for t in targets]
    frequency = Counter(word for document in documents for word in document)
    asked = _words(request)
    scores = [sum(log(1 + len(targets) / frequency[word]) for word in asked & document) for document in documents]
    return sorted(range(len(targets)), key=lambda index: (-scores[index], index))


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold().replace("_", " ")))


def matching(targets: tuple[Target, ...], text: str) -> tuple[Target, ...]:
    """The tools that share a word, or the beginning of one, with the text, best first."""
    asked = _words(text)
    scored = [(_score(target, asked), index) for index, target in enumerate(targets)]
    return tuple(targets[index] for score, index in sorted(scored, key=lambda pair: (-pair[0], pair[1])) if score)


def _score(target: Target, asked: set[str]) -> int:
    words = _words(" ".join((str(target.id), target.tool.description, *target.tool.examples)))
    return sum(any(word.startswith(wanted) for word in words) for wanted in asked)
