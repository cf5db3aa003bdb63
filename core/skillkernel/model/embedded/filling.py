"""Fills in a tool's arguments from a request: what rules can find is found by rules, the words are chosen by the model.

The model never writes freely what the request could say: a text is a run of the request's own words, a date or a
number one of those found in it, and an optional argument without support in the request is left out.
"""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from skillkernel.model.driver import ToolOffer
from skillkernel.model.embedded.arithmetic import expression_in
from skillkernel.model.embedded.choosing import choosing_of
from skillkernel.model.embedded.engine import Completion, Prompt, Turn, Writer
from skillkernel.model.embedded.evidence import Evidence, Number
from skillkernel.model.embedded.fitness import measured
from skillkernel.model.embedded.listing import items_of
from skillkernel.model.embedded.phrasing import Phrase, frame_words, parts_of, phrases_of
from skillkernel.model.embedded.properties import MOMENTS, Kind, Property, properties_of
from skillkernel.model.embedded.spans import choice_grammar, left_over, span_grammar, stretches
from skillkernel.model.embedded.timing import timing_of
from skillkernel.model.embedded.unit_names import units_in
from skillkernel.model.embedded.wording import wording_of

SLOT = 0
_SYSTEM = (
    "Fill in the arguments of the tool from the request, in the request's own words. "
    "Leave out the command itself (add, show, remind me to ...). Write null for what the request does not say."
)
_SHOWN = {
    """Tool: Book a table at a restaurant.
restaurant: Its name.
note: Wishes for the waiter.
Request: Please reserve a table at the Blue Anchor with a high chair""": """{"restaurant": "the Blue Anchor", "note": "a high chair"}""",
}


class Filling:
    """The arguments of one call in the making."""

    def __init__(
        self,
        engine: Writer,
        offer: ToolOffer,
        evidence: Evidence,
        now: datetime,
        zone: ZoneInfo,
        shown: Sequence[str] = (),
    ) -> None:
        """`shown` are the tool's examples, those first that sound most like the request."""
        self._shown = shown
        self._engine = engine
        self._offer = offer
        self._properties = properties_of(offer)
        evidence = measured(self._properties, evidence)
        self._evidence = evidence
        timing = timing_of(self._properties, evidence, now, zone, offer.effect)
        self._values: dict[str, Any] = dict(timing.values)
        self._used: list[tuple[int, int]] = list(timing.used)
        self._left: list[str] = []

    async def arguments(self, complaint: str = "") -> dict[str, Any]:
        """Every argument that the request supports, in the order of the schema; `complaint` is a failed call's error."""
        self._by_rule()
        frame = frame_words(self._offer)
        phrases = phrases_of(self._evidence.text, self._used, frame, english=self._evidence.english)
        open_ones = [each for each in self._properties if each.name not in self._values]
        wording = wording_of(open_ones, self._evidence, phrases)
        kinds = {each.name: each.kind for each in self._properties}
        for name, text in wording.values.items():
            self._values[name] = items_of(text) if kinds[name] is Kind.TEXTS else text
        self._drop_blamed(complaint)
        self._left = [part for phrase in wording.left for part in _variants(self._evidence, phrase)]
        written = ""
        for each in self._properties:
            if each.required and each.name not in self._values:
                written = await self._ask(each, written, complaint)
        return {each.name: self._values[each.name] for each in self._properties if each.name in self._values}

    def _drop_blamed(self, complaint: str) -> None:
        """Leave out the optional arguments that an error names."""
        for each in self._properties:
            if not each.required and re.search(rf"\b{re.escape(each.name)}\b", complaint):
                self._values.pop(each.name, None)

    def _by_rule(self) -> None:
        for each in self._properties:
            match each.kind:
                case Kind.EMAIL | Kind.EMAILS | Kind.URL | Kind.PHONE | Kind.FILE:
                    self._addresses(each)
                case Kind.EXPRESSION:
                    if found := expression_in(self._evidence.text, self._evidence.numbers):
                        self._values[each.name] = found
                case _:
                    pass
        choosing = choosing_of(self._properties, self._evidence.text, self._shown)
        self._values |= choosing.values
        self._used += choosing.used
        self._numbers([each for each in self._properties if each.kind is Kind.NUMBER])
        self._units([each for each in self._properties if each.kind is Kind.UNIT])

    def _addresses(self, each: Property) -> None:
        known = {Kind.URL: self._evidence.urls, Kind.PHONE: self._evidence.phones, Kind.FILE: self._evidence.files}
        found = known.get(each.kind, self._evidence.emails)
        if found:
            taken = found[:1] if each.kind is Kind.FILE else found
            self._used.extend((piece.start, piece.end) for piece in taken)
            texts = [piece.text for piece in found]
            self._values[each.name] = texts if each.kind is Kind.EMAILS else texts[0]

    def _numbers(self, wanted: list[Property]) -> None:
        left = [number for number in self._evidence.numbers if not _within(number, self._used)]
        percent = [number for number in left if number.percent]
        for each in wanted:
            if percent and re.search("percent|rate|tip|tax|discount", each.name, re.IGNORECASE):
                self._number(each, percent.pop(0), left)
        waiting = [each for each in wanted if each.name not in self._values]
        required = [each for each in waiting if each.required]
        for each in required or waiting[:1]:
            if fitting := [number for number in left if _fits(number.value, each)]:
                self._number(each, _nearest(self._evidence.text, each, fitting), left)

    def _number(self, each: Property, number: Number, left: list[Number]) -> None:
        left.remove(number)
        self._values[each.name] = _whole(number.value, each)
        self._used.append((number.start, number.end))

    def _units(self, wanted: list[Property]) -> None:
        found = units_in(self._evidence.text)
        if len(wanted) == 1 and len(found) == 1:
            self._values[wanted[0].name] = found[0][1]
        if len(wanted) != 2 or len(found) != 2:
            return
        numbers = self._evidence.numbers
        beside = next((unit for unit in found if any(0 <= unit[0] - number.end <= 2 for number in numbers)), found[0])
        other = found[1] if beside is found[0] else found[0]
        source, target = wanted if not re.search("to|target", wanted[0].name) else reversed(wanted)
        self._values[source.name], self._values[target.name] = beside[1], other[1]

    async def _ask(self, each: Property, written: str, complaint: str) -> str:
        grammar, schema = self._allowed(each)
        if not grammar and schema is None:
            return written
        written += ("{" if not written else ", ") + json.dumps(each.name) + ": "
        prompt = self._prompt(written, complaint)
        reply = await self._engine.complete(prompt, grammar=grammar, schema=schema, max_tokens=160)
        value = _value(reply)
        written += json.dumps(value, ensure_ascii=False)
        if value is not None:
            self._values[each.name] = value
            self._take(value)
        return written

    def _take(self, value: Any) -> None:
        if isinstance(value, str):
            self._left = [text for text in self._left if text not in value and value not in text]

    def _allowed(self, each: Property) -> tuple[str, Any]:
        text = self._evidence.text
        match each.kind:
            case Kind.TEXT | Kind.EMAIL | Kind.URL | Kind.PHONE | Kind.FILE | Kind.UNIT | Kind.TEXTS | Kind.EMAILS:
                if each.kind in {Kind.TEXTS, Kind.EMAILS}:
                    return _listed(span_grammar(stretches(text, self._used))), None
                if self._left:
                    return choice_grammar([json.dumps(part, ensure_ascii=False) for part in self._left]), None
                return span_grammar(stretches(text, self._used)) or span_grammar(stretches(text, ())), None
            case Kind.BOOLEAN:
                return choice_grammar(["true", "false"]), None
            case Kind.CHOICE:
                return choice_grammar([json.dumps(choice, ensure_ascii=False) for choice in each.choices]), None
            case kind if kind in MOMENTS:
                return "", None
            case _:
                return "", dict(each.schema)

    def _prompt(self, written: str, complaint: str) -> Prompt:
        lines = [f"Tool: {self._offer.description[:200]}"]
        lines += [f"{each.name}: {each.description[:120]}" for each in self._properties if f'"{each.name}"' in written]
        if complaint:
            lines.append(f"The last attempt failed: {complaint[:200]}")
        lines.append(f"Request: {left_over(self._evidence.text, self._used) or self._evidence.text}"[:1500])
        turns: list[Turn] = [{"role": "system", "content": _SYSTEM}]
        for asked_example, answer in _SHOWN.items():
            turns.append({"role": "user", "content": asked_example})
            turns.append({"role": "assistant", "content": answer})
        turns.append({"role": "user", "content": "\n".join(lines)})
        turns.append({"role": "assistant", "content": written})
        return Prompt(tuple(turns), SLOT)


def _variants(evidence: Evidence, phrase: Phrase) -> list[str]:
    parts = [part.text for part in parts_of(evidence.text, phrase, english=evidence.english)]
    return list(dict.fromkeys([phrase.text, *parts]))


def _listed(grammar: str) -> str:
    if not grammar:
        return ""
    head, *rest = grammar.split("\n")
    item = head.removeprefix("root ::= ")
    return "\n".join(['root ::= "[" item (", " item){0,4} "]"', f"item ::= {item}", *rest])


def _value(reply: Completion) -> Any:
    try:
        return json.loads(reply.text)
    except ValueError:
        return None


def _within(number: Number, used: Sequence[tuple[int, int]]) -> bool:
    return any(start <= number.start < end for start, end in used)


def _fits(value: float, each: Property) -> bool:
    if each.schema.get("type") == "integer" and value != int(value):
        return False
    low, high = each.schema.get("minimum"), each.schema.get("maximum")
    return (low is None or value >= low) and (high is None or value <= high)


def _nearest(text: str, each: Property, numbers: list[Number]) -> Number:
    """The number that stands nearest to a word of the property's name, the first when none does."""
    places = [
        match.start()
        for word in each.words
        if len(word) > 2
        for match in re.finditer(re.escape(word), text, re.IGNORECASE)
    ]
    return min(numbers, key=lambda number: min((abs(number.start - place) for place in places), default=0))


def _whole(value: float, each: Property) -> float | int:
    return int(value) if each.schema.get("type") == "integer" or value == int(value) else value
