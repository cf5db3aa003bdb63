"""Chooses the tool for a request, or none: what the request sounds like, and whether it holds what the tool needs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from skillkernel.model.driver import ToolOffer
from skillkernel.model.embedded.arithmetic import expression_in
from skillkernel.model.embedded.embedding import Embedder
from skillkernel.model.embedded.evidence import Evidence, gather
from skillkernel.model.embedded.properties import MOMENTS, Kind, properties_of
from skillkernel.model.embedded.spans import left_over
from skillkernel.model.embedded.unit_names import units_in
from skillkernel.model.embedded.verbs import Act, acts_of, acts_of_name, asks, opening

SMALL_TALK = (
    "Hello, how are you?",
    "Good morning!",
    "Thank you very much, that helped",
    "Tell me a funny story",
    "Write a short poem about spring",
    "What is the capital of Japan?",
    "Who invented the telephone?",
    "Who painted this famous picture?",
    "Explain how photosynthesis works",
    "Why do leaves change their colour?",
    "What is the difference between a frog and a toad?",
    "What can you do? Who are you?",
    "What's your name?",
    "I feel sad today",
    "How do I learn to play the guitar?",
    "What is the meaning of life?",
    "Hallo, wie geht es dir?",
    "Vielen Dank!",
    "Erzähl mir einen Witz",
    "Wer hat das Buch geschrieben?",
    "Bonjour, comment ça va ?",
    "Merci beaucoup",
    "Raconte-moi une blague",
    "Hola, ¿qué tal?",
    "¿Quién escribió ese libro?",
    "Ciao, come va?",
    "Qual è la montagna più alta del mondo?",
    "Olá, tudo bem?",
    "Qual é a capital do país?",
    "Hallo, hoe gaat het?",
    "Leg me uit hoe een motor werkt",
)
"""Requests that talking answers; what sounds more like them than like any tool's examples is left alone."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A tool and how well it fits; a higher `score` is better, in units of a cosine."""

    offer: ToolOffer
    score: float


def spoken_name(offer: ToolOffer) -> str:
    """The wire name as words: `calendar create event`."""
    return offer.name.replace("_", " ").replace("  ", " ")


_PERCENT = re.compile(r"percent|rate|discount|tip|tax|share|brightness|volume|level", re.IGNORECASE)
_WITHOUT_TIMES = 0.5
_EXAMPLES = 0.65
_ACT = 0.02
_SAME_VERB = 0.012
_LACKS = 0.03
_UNUSED = 0.015
_BUSINESS = 0.02
_DOUBT = 0.01


def ranked(embedder: Embedder, offers: Sequence[ToolOffer], evidence: Evidence) -> tuple[list[Scored], float]:
    """The tools, the best first, and how much the request sounds like small talk, on the same scale."""
    embedder.learn(text for offer in offers for text in _texts(offer))
    embedder.learn(SMALL_TALK)
    whole = embedder.fresh(evidence.text)
    plain = embedder.fresh(_without_times(evidence))

    def near(text: str, masked: str) -> float:
        one, other = float(embedder.vector(text) @ whole), float(embedder.vector(masked) @ plain)
        return (1 - _WITHOUT_TIMES) * one + _WITHOUT_TIMES * other

    def likeness(offer: ToolOffer) -> float:
        told = _told(offer)
        described = near(told, told)
        if not offer.examples:
            return described
        shown = max(near(example, _masked(example)) for example in offer.examples)
        return _EXAMPLES * shown + (1 - _EXAMPLES) * described

    scored = [Scored(offer, likeness(offer) + fitness(offer, evidence) + manner(offer, evidence)) for offer in offers]
    scored.sort(key=lambda each: -each.score)
    talk = max(near(text, text) for text in SMALL_TALK)
    return scored, talk - businesslike(scored[0].offer, evidence) if scored else talk


def businesslike(offer: ToolOffer, evidence: Evidence) -> float:
    """How much speaks against small talk: times, lengths, addresses, or a command that the best tool carries out."""
    told = bool(evidence.moments) + bool(evidence.durations) + bool(evidence.emails)
    commanded = acts_of(evidence.text) & acts_of_name(offer.name) - {Act.LOOK}
    return _BUSINESS * (told + bool(commanded)) + _DOUBT


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
    wanted, done = acts_of(evidence.text), acts_of_name(offer.name)
    bonus = (_ACT if wanted & done else -_ACT) if wanted and done else 0.0
    verb = opening(evidence.text)[0]
    if verb and any(opening(example)[0] == verb for example in offer.examples):
        bonus += _SAME_VERB
    return bonus - (_ACT if asks(evidence.text) and offer.effect != "read" else 0.0)


def fitness(offer: ToolOffer, evidence: Evidence) -> float:
    """A penalty for what the tool needs and the request lacks, and for what it holds and the tool has no use for."""
    properties = properties_of(offer)
    kinds = {each.kind for each in properties}
    required = [each.kind for each in properties if each.required]
    spoken = expression_in(evidence.text, evidence.numbers)
    lacks = max(0, required.count(Kind.NUMBER) - len(evidence.numbers))
    lacks += max(0, min(2, required.count(Kind.UNIT)) - len(units_in(evidence.text)))
    lacks += Kind.EXPRESSION in required and not spoken
    lacks += bool(MOMENTS & set(required)) and not evidence.moments
    lacks += Kind.LENGTH in required and not evidence.durations
    lacks += bool({Kind.EMAIL, Kind.EMAILS} & set(required)) and not evidence.emails
    lengths = bool(evidence.durations) and Kind.LENGTH in kinds
    unused = int(bool(evidence.moments) and not MOMENTS & kinds and not lengths)
    unused += bool(evidence.durations) and not ({Kind.LENGTH} | MOMENTS) & kinds
    unused += bool(evidence.emails) and not {Kind.EMAIL, Kind.EMAILS} & kinds
    percent = any(number.percent for number in evidence.numbers)
    unused += percent and not spoken and not any(_PERCENT.search(each.name) for each in properties)
    made_for = _LACKS if spoken and Kind.EXPRESSION in required else 0.0
    return made_for - _LACKS * lacks - _UNUSED * unused
