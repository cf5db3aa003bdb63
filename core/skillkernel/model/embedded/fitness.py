"""Compares what a request holds with what a tool takes: a tool fits that finds what it needs and leaves nothing over."""

import re

from skillkernel.model.driver import ToolOffer
from skillkernel.model.embedded.arithmetic import expression_in
from skillkernel.model.embedded.evidence import Evidence, as_quantities
from skillkernel.model.embedded.option_words import languages_in, named, option_in
from skillkernel.model.embedded.phrasing import AUTHOR, BY_AUTHOR, frame_words, phrases_of
from skillkernel.model.embedded.properties import MOMENTS, Kind, Property, properties_of
from skillkernel.model.embedded.unit_names import units_in
from skillkernel.model.embedded.verbs import Act, acts_of, acts_of_name

_PERCENT = re.compile(r"percent|rate|discount|tip|tax|share|brightness|volume|level", re.IGNORECASE)
_PLACE = re.compile(r"place|location|city|town|where|region|country", re.IGNORECASE)
_PER_CENT = re.compile(r"^per_?cent", re.IGNORECASE)
_LANGUAGE = re.compile(r"language", re.IGNORECASE)
_IN_PLACE = re.compile(r"(?<!\w)(?:in|à|en|a|em|for|für|pour|per|para|voor)\s+(?!I\b)[A-ZÀ-Þ][\w'’-]+")
_LACKS = 0.12
_UNUSED = 0.06
_GROUNDS = 0.05
_MOST_GROUNDS = 2
_SAID = 0.08


def fitness(offer: ToolOffer, evidence: Evidence) -> float:
    """Above nothing when the request holds what the tool is made for, below when it lacks or holds something else."""
    properties = properties_of(offer)
    evidence = measured(properties, evidence)
    lacks, unused = _lacks(properties, evidence), _unused(properties, evidence)
    head, colon, _ = evidence.text.partition(": ")
    said = _SAID * (_named(offer, evidence.text) + (bool(colon) and _named(offer, head)))
    return said + _GROUNDS * grounds(offer, evidence) - _LACKS * lacks - _UNUSED * unused


def measured(properties: tuple[Property, ...], evidence: Evidence) -> Evidence:
    """What a tool that converts finds in a request that names two units."""
    converts = sum(each.kind is Kind.UNIT for each in properties) > 1 and len(units_in(evidence.text)) > 1
    return as_quantities(evidence) if converts else evidence


def _named(offer: ToolOffer, text: str) -> bool:
    """Whether the request says what the tool belongs to (`… to my todo list`)."""
    skill = offer.name.partition("__")[0].lower().split("_")
    words = {word.removesuffix("s") for word in re.findall(r"[^\W\d_]+", text.lower())}
    return any(word.removesuffix("s") in words for word in skill if len(word) > 3)


def grounds(offer: ToolOffer, evidence: Evidence) -> int:
    """How many pieces of the request, up to two, are of just the kind that the tool takes."""
    properties = properties_of(offer)
    evidence = measured(properties, evidence)
    required = {each.kind for each in properties if each.required}
    kinds = {each.kind for each in properties}
    found = 2 * (Kind.EXPRESSION in required and bool(_spoken(evidence)))
    found += bool(BY_AUTHOR.match(evidence.text)) and any(AUTHOR.search(each.name) for each in properties)
    found += Kind.LENGTH in required and bool(evidence.durations)
    found += bool({Kind.TIME, Kind.DATE_TIME, Kind.DATE_OR_TIME} & required) and _clock(evidence)
    found += 2 * (Kind.FILE in kinds and bool(evidence.files))
    found += Kind.PHONE in kinds and bool(evidence.phones)
    found += bool({Kind.EMAIL, Kind.EMAILS} & kinds) and bool(evidence.emails)
    found += Kind.UNIT in required and len(units_in(evidence.text)) > 1
    found += _percent(evidence) and any(_PERCENT.search(each.name) for each in properties if each.kind is Kind.NUMBER)
    found += Kind.TIME in required and _clock(evidence) and not any(moment.day for moment in evidence.moments)
    listed = [each for each in properties if each.kind is Kind.CHOICE and option_in(evidence.text, each)]
    found += bool(listed) + any(
        re.search(rf"\b{re.escape(each.name)}\b", evidence.text, re.IGNORECASE) for each in listed
    )
    found += any(_LANGUAGE.search(each.name) for each in properties) and bool(languages_in(evidence.text))
    found += Kind.NUMBER in required and bool(evidence.numbers) and not _spoken(evidence)
    found += any(
        bool(named(evidence.text, each.name.replace("_", " "))) for each in properties if each.kind is Kind.BOOLEAN
    )
    found += bool(_IN_PLACE.search(evidence.text)) and any(
        each.kind is Kind.TEXT and _PLACE.search(f"{each.name} {each.description}") for each in properties
    )
    return min(_MOST_GROUNDS, found)


def carries(offer: ToolOffer, evidence: Evidence) -> bool:
    """Whether a part of a request is one by itself: it names what the tool does something to, and when if that counts."""
    properties = properties_of(offer)
    moments = any(each.kind in MOMENTS and each.required for each in properties)
    timed = any(moment.day or moment.timed for moment in evidence.moments)
    texts = any(each.kind in {Kind.TEXT, Kind.TEXTS} and each.required for each in properties)
    frame = frame_words(offer)
    times = [(each.start, each.end) for each in evidence.moments]
    times += [(each.start, each.end) for each in evidence.durations]
    said = phrases_of(evidence.text, times, frame, english=evidence.english)
    acts = acts_of(evidence.text) & acts_of_tool(offer)
    return not _lacks(properties, evidence) and (timed or not moments) and (bool(said) or not texts) and bool(acts)


def acts_of_tool(offer: ToolOffer) -> frozenset[Act]:
    """What a tool does, by its name, its description and its examples."""
    told = (acts_of(text) for text in (offer.description, *offer.examples))
    return acts_of_name(offer.name).union(*told)


def _lacks(properties: tuple[Property, ...], evidence: Evidence) -> int:
    required = [each.kind for each in properties if each.required]
    lacks = max(0, required.count(Kind.NUMBER) - len(evidence.numbers))
    lacks += any(_PER_CENT.search(each.name) for each in properties if each.required) and not _percent(evidence)
    lacks += max(0, min(2, required.count(Kind.UNIT)) - len(units_in(evidence.text)))
    lacks += Kind.EXPRESSION in required and not _spoken(evidence)
    lacks += 2 * (bool(MOMENTS & set(required)) and not evidence.moments)
    lacks += Kind.TIME in required and bool(evidence.moments) and not _clock(evidence)
    lacks += Kind.LENGTH in required and not evidence.durations
    lacks += bool({Kind.EMAIL, Kind.EMAILS} & set(required)) and not evidence.emails
    return lacks


def _unused(properties: tuple[Property, ...], evidence: Evidence) -> int:
    kinds = {each.kind for each in properties}
    lengths = bool(evidence.durations) and Kind.LENGTH in kinds
    fixed = any(moment.ahead is None for moment in evidence.moments)
    unused = int(bool(evidence.moments) and not MOMENTS & kinds and (fixed or not lengths))
    unused += _clock(evidence) and kinds & MOMENTS == {Kind.DATE}
    unused += bool(evidence.durations) and not ({Kind.LENGTH} | MOMENTS - {Kind.DATE}) & kinds
    unused += bool(evidence.emails) and not {Kind.EMAIL, Kind.EMAILS} & kinds
    unused += bool(evidence.phones) and Kind.PHONE not in kinds
    percent = _percent(evidence) and not _spoken(evidence)
    if percent and not any(_PERCENT.search(each.name) for each in properties):
        unused += 5 if any(each.required and each.kind is Kind.NUMBER for each in properties) else 1
    return unused


def _spoken(evidence: Evidence) -> str:
    return expression_in(evidence.text, evidence.numbers)


def _percent(evidence: Evidence) -> bool:
    return any(number.percent for number in evidence.numbers)


def _clock(evidence: Evidence) -> bool:
    return any(moment.clock is not None and not moment.vague for moment in evidence.moments)
