"""What a text argument may be: words of the request, one after the other, and the grammar that allows nothing else."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from skillkernel.model.embedded.time_words import word_set

_WORD = re.compile(r"[^\s,;:.!?¿¡\"“”„«»()\[\]]+(?:[.,:][^\s,;:.!?\"“”„«»()\[\]]+)*")
SMALL_WORDS = word_set(
    "a an the and or to of for at on in with by from about that is it my me please as if into onto der die das den dem ein eine einen und oder zu für um am im in mit bei von vom zum zur auf nach dass ist mir bitte an ins le la les un une des du de à au aux et ou pour en avec que qu' est sur dans moi mon ma mes ce par el los las una unos y o a al del con para por que es en mi mis un lo il lo i gli una e o di da del della al alla con per che è in su mio mia nel nella os as um uma e ou de do da no na ao à com para por que é em meu minha het een en of te voor om op in met van naar dat is mijn bij aan"
)
_NEVER_FIRST = word_set(
    "and or to of for at on in by from about that is into onto please und oder zu für um am im bei vom zum zur auf nach dass ist bitte mit à au aux et ou pour que est sur dans y o al del para por que es e di da che è ao com é en of te voor om op naar dat is with avec con met me mir moi"
)
MOST_WORDS = 60


@dataclass(frozen=True, slots=True)
class Words:
    """Words of the request that stand together, with nothing between them that was used for something else."""

    text: str
    places: tuple[tuple[int, int], ...]

    def joined(self, first: int, last: int) -> str:
        """The request from the word `first` to the word `last`, both of them included."""
        return self.text[self.places[first][0] : self.places[last][1]]

    def plain(self, place: int) -> str:
        """One word in lower case."""
        start, end = self.places[place]
        return self.text[start:end].lower()


def stretches(text: str, used: Sequence[tuple[int, int]]) -> list[Words]:
    """The words of `text` outside of `used`, cut where something was used and at the ends of sentences."""
    found: list[list[tuple[int, int]]] = [[]]
    last = 0
    for match in list(_WORD.finditer(text))[:MOST_WORDS]:
        if any(match.start() < end and start < match.end() for start, end in used):
            found.append([])
            continue
        between = text[last : match.start()]
        if re.search(r"[;!?¿¡]|[.:]\s", between):
            found.append([])
        found[-1].append(match.span())
        last = match.end()
    return [Words(text, tuple(places)) for places in found if places]


def left_over(text: str, used: Sequence[tuple[int, int]]) -> str:
    """The request without what was used, and without the little words that then stand at a loose end."""
    parts: list[str] = []
    for words in stretches(text, used):
        last = len(words.places)
        while last and words.plain(last - 1) in SMALL_WORDS:
            last -= 1
        if last:
            parts.append(words.joined(0, last - 1))
    return ", ".join(parts)


def span_grammar(parts: Sequence[Words]) -> str:
    """A GBNF grammar of one JSON string: any run of the words. Empty when there is no such run."""
    rules: list[str] = []
    starts: list[str] = []
    for number, words in enumerate(parts):
        count = len(words.places)
        ends = [words.plain(place) not in SMALL_WORDS for place in range(count)]
        if not any(ends):
            continue
        final = max(place for place in range(count) if ends[place])
        for place in range(final, -1, -1):
            begin, end = words.places[place]
            literal = _literal(words.text[begin:end])
            tail = ""
            if place < final:
                gap = _literal(words.text[end : words.places[place + 1][0]])
                tail = f" ({gap} w{number}x{place + 1}){'?' if ends[place] else ''}"
            rules.append(f"w{number}x{place} ::= {literal}{tail}")
            if words.plain(place) not in _NEVER_FIRST:
                starts.append(f"w{number}x{place}")
    if not starts:
        return ""
    value = f'"\\"" ({" | ".join(reversed(starts))}) "\\""'
    return "\n".join([f"root ::= {value}", *rules])


def _literal(text: str) -> str:
    """`text` as GBNF, as it is written inside a JSON string."""
    escaped = json.dumps(text, ensure_ascii=False)[1:-1]
    return '"' + escaped.replace("\\", "\\\\").replace('"', '\\"') + '"'


def choice_grammar(choices: Sequence[str]) -> str:
    """A GBNF grammar of exactly one of `choices`, each a JSON text."""
    return "root ::= " + " | ".join('"' + each.replace("\\", "\\\\").replace('"', '\\"') + '"' for each in choices)
