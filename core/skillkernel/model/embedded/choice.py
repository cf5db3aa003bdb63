"""Chooses the tool for a request, or none: what the request sounds like, and whether it holds what the tool needs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from skillkernel.model.driver import ToolOffer
from skillkernel.model.embedded.embedding import Embedder
from skillkernel.model.embedded.evidence import Evidence, gather
from skillkernel.model.embedded.fitness import acts_of_tool, fitness, grounds
from skillkernel.model.embedded.small_talk import SMALL_TALK, chatty
from skillkernel.model.embedded.spans import left_over
from skillkernel.model.embedded.time_words import word_set
from skillkernel.model.embedded.verbs import Act, acts_of, asks, command_of

if TYPE_CHECKING:
    from skillkernel.model.embedded.embedding import Vectors


@dataclass(frozen=True, slots=True)
class Scored:
    """A tool and how well it fits; a higher `score` is better, in units of a cosine."""

    offer: ToolOffer
    score: float


def spoken_name(offer: ToolOffer) -> str:
    """The wire name as words: `calendar create event`."""
    return offer.name.replace("_", " ").replace("  ", " ")


_OWN = re.compile(r"\b(?:i|my|ich|mein\w*|je|j'ai|mon|ma|mes|mi|mis|mio|mia|miei|meu|minha|ik|mijn)\b", re.IGNORECASE)
_TELLING = word_set(
    "tell write give make say erzähl erzähle schreib schreibe mach sag écris fais dis raconte escribe haz di cuenta scrivi fai racconta escreve faz conta schrijf maak vertel zeg"
)
"""Commands that talking may carry out as well."""
_WITHOUT_TIMES = 0.5
_EXAMPLES = 0.6
_ACT = 0.08
_SAME_VERB = 0.05
_BUSINESS = 0.08
_DOUBT = 0.04
_GROUNDS = 0.2
_CHATTY = 0.2


def ranked(embedder: Embedder, offers: Sequence[ToolOffer], evidence: Evidence) -> tuple[list[Scored], float]:
    """The tools, the best first, and how much the request sounds like small talk, on the same scale."""
    near = _Nearness(embedder, offers, evidence)

    def likeness(offer: ToolOffer) -> float:
        told = _told(offer)
        described = near(told, told)
        if not offer.examples:
            return described
        shown = max(near(example, _masked(example)) for example in offer.examples)
        return _EXAMPLES * shown + (1 - _EXAMPLES) * described

    scored = [Scored(offer, likeness(offer) + fitness(offer, evidence) + manner(offer, evidence)) for offer in offers]
    scored.sort(key=lambda each: -each.score)
    talk = max(near(text, text) for text in SMALL_TALK) + _CHATTY * chatty(evidence.text)
    return scored, talk - businesslike(scored[0].offer, evidence) if scored else talk


def nearest_examples(embedder: Embedder, offer: ToolOffer, text: str) -> list[str]:
    """The tool's examples, those first that sound most like `text`."""
    if len(offer.examples) < 2:
        return list(offer.examples)
    embedder.learn(offer.examples)
    said = embedder.fresh(text)
    return sorted(offer.examples, key=lambda example: -float(embedder.vector(example) @ said))


class _Nearness:
    """The cosine of texts with the request, as it stands and without its times, seen from the middle of all texts.

    Sentence vectors of this kind all lie in one narrow cone; from its middle their directions differ.
    """

    def __init__(self, embedder: Embedder, offers: Sequence[ToolOffer], evidence: Evidence) -> None:
        import numpy as np

        embedder.learn(text for offer in offers for text in _texts(offer))
        embedder.learn(SMALL_TALK)
        self._embedder = embedder
        shown = [embedder.vector(_masked(example)) for offer in offers for example in offer.examples]
        talk = [embedder.vector(text) for text in SMALL_TALK]
        self._middle: Vectors = sum(talk[1:] + shown, start=talk[0]) / np.float32(len(talk) + len(shown))
        self._whole = self._direction(embedder.fresh(evidence.text))
        self._plain = self._direction(embedder.fresh(_without_times(evidence)))

    def __call__(self, text: str, masked: str) -> float:
        one = float(self._direction(self._embedder.vector(text)) @ self._whole)
        other = float(self._direction(self._embedder.vector(masked)) @ self._plain)
        return (1 - _WITHOUT_TIMES) * one + _WITHOUT_TIMES * other

    def _direction(self, vector: "Vectors") -> "Vectors":
        import numpy as np

        moved: Vectors = vector - self._middle
        length = float(moved @ moved) ** 0.5
        return (moved / length).astype(np.float32) if length else moved


def businesslike(offer: ToolOffer, evidence: Evidence) -> float:
    """How much speaks against small talk: times, lengths, addresses, or a command that the best tool carries out."""
    told = (
        any(moment.day or not moment.vague for moment in evidence.moments)
        + bool(evidence.durations)
        + bool(evidence.emails)
    )
    commanded = acts_of(_without_times(evidence)) & acts_of_tool(offer) - {Act.LOOK}
    plain = bool(commanded) + (
        bool(commanded) and not chatty(evidence.text) and command_of(evidence.text) not in _TELLING
    )
    own = offer.effect == "read" and asks(evidence.text) and bool(_OWN.search(evidence.text))
    return _BUSINESS * (told + plain + own) + _GROUNDS * grounds(offer, evidence) + _DOUBT


def _told(offer: ToolOffer) -> str:
    return f"{spoken_name(offer)}: {offer.description}"


def _texts(offer: ToolOffer) -> Iterator[str]:
    yield _told(offer)
    for example in offer.examples:
        yield example
        yield _masked(example)


def _without_times(evidence: Evidence) -> str:
    used = [(each.start, each.end) for each in evidence.moments]
    used += [(each.start, each.end) for each in evidence.durations]
    return left_over(evidence.text, used) or evidence.text


@lru_cache(maxsize=4096)
def _masked(example: str) -> str:
    return _without_times(gather(example, datetime(2026, 1, 1, tzinfo=UTC)))


def manner(offer: ToolOffer, evidence: Evidence) -> float:
    """A bonus for a tool that does what the request's verb says, a penalty for one that does something else."""
    said = _without_times(evidence)
    wanted, done = acts_of(said), acts_of_tool(offer)
    bonus = (_ACT if wanted & done else -_ACT) if wanted and done else 0.0
    verb = command_of(said)
    if not wanted and evidence.moments and not asks(evidence.text) and not chatty(evidence.text):
        bonus += _ACT * (Act.ADD in done) - _ACT * bool(done & {Act.CHANGE, Act.REMOVE})  # `Dinner with Kate at 8pm`
    if verb and any(command_of(example) == verb for example in offer.examples):
        bonus += _SAME_VERB
    return bonus - (_ACT if asks(evidence.text) and offer.effect != "read" else 0.0)
