"""Names that a hurried reader takes for others: `calender`, `ca1endar`, `calendar-skill`, `api-weather`.

What counts is which edit it is, not only how many, so that ordinary words that happen to be one letter apart do not
alarm: that is why this is written out, and not a distance of rapidfuzz or difflib's ratio. A rule per kind of trick,
each with its own least length; tests/registry/indexes/test_lookalikes.py is the table by which they are set.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache

_LOOKS = (("rn", "m"), ("nn", "m"), ("vv", "w"), ("cl", "d"))
_LOOKS_SINGLE = str.maketrans("01i5826", "olls" + "bzb")
_VOWELS = frozenset("aeiouy")
_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_DRESS = frozenset(
    {
        "py",
        "python",
        "skill",
        "skills",
        "official",
        "original",
        "real",
        "true",
        "new",
        "pro",
        "plus",
        "free",
        "my",
        "the",
    }
)
_GLUED = ("py", "skill", "skills")
_LEAST_STEM = 3
_LEAST_SWAP = 4
_LEAST_GAP = 5
_LEAST_ANY = 7
_LEAST_TWO = 10


def lookalikes(name: str, known: Iterable[str]) -> list[tuple[str, str]]:
    """The known names that `name` could be taken for, each with the reason, in the order of `known`; never itself."""
    return [(other, why) for other in dict.fromkeys(known) if (why := why_alike(name, other))]


def why_alike(name: str, other: str) -> str:
    """How two skill names could be taken for each other, as `it …`; empty when they could not, or are the same."""
    if name == other or abs(len(name) - len(other)) > _MOST_LONGER:
        return ""
    return next((why for why, alike in _RULES if alike(name, other)), "")


def _same_letters(name: str, other: str) -> bool:
    return _plain(name) == _plain(other)


def _same_looks(name: str, other: str) -> bool:
    return _looks(name) == _looks(other)


def _same_words(name: str, other: str) -> bool:
    return sorted(name.split("-")) == sorted(other.split("-"))


def _same_undressed(name: str, other: str) -> bool:
    """One is the other with a word that says nothing: py-, -skill, -official, a number."""
    bare = {_undressed(name), _undressed(other)}
    return len(bare) == 1 and len(bare.pop()) >= _LEAST_STEM


def _misspelt(name: str, other: str) -> bool:
    """All words but one are the same, and that one is a slip of the other."""
    ours, theirs = name.split("-"), other.split("-")
    if len(ours) != len(theirs):
        return False
    differing = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    return len(differing) == 1 and _slip(*differing[0])


def _slip(word: str, other: str) -> bool:
    short, long = sorted((word, other), key=len)
    if len(long) - len(short) == 1:
        return _one_letter_more(short, long)
    if len(long) == len(short):
        places = [place for place in range(len(short)) if short[place] != long[place]]
        if len(places) == 1:
            return _one_letter_else(short, long, places[0])
        if len(places) == 2 and places[1] == places[0] + 1 and len(short) >= _LEAST_SWAP:
            first, second = places
            if short[first] == long[second] and short[second] == long[first]:
                return True
    return len(short) >= _LEAST_TWO and _distance(short, long) <= 2


def _one_letter_more(short: str, long: str) -> bool:
    place = next((place for place, letter in enumerate(short) if letter != long[place]), len(short))
    if short[place:] != long[place + 1 :]:
        return False
    added = long[place]
    if added in short[max(place - 1, 0) : place + 1]:
        return len(short) >= _LEAST_SWAP
    if place == len(short):
        return len(short) >= (_LEAST_SWAP if added == "s" else _LEAST_ANY)
    return len(short) >= (_LEAST_GAP if place else _LEAST_ANY)


def _one_letter_else(word: str, other: str, place: int) -> bool:
    """Any letter of a long word; in a shorter one a vowel for a vowel or a key beside the right one, but not the first."""
    if len(word) > _LEAST_ANY:
        return True
    pair = {word[place], other[place]}
    return place > 0 and len(word) >= _LEAST_GAP and (pair <= _VOWELS or other[place] in _beside(word[place]))


def _distance(word: str, other: str) -> int:
    """Insertions, deletions, other letters and swaps of neighbours (optimal string alignment)."""
    before, last = list[int](), list(range(len(other) + 1))
    for i, letter in enumerate(word, 1):
        row = [i]
        for j, its in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == its:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


@lru_cache(maxsize=64)
def _beside(key: str) -> str:
    row = next((row for row in _ROWS if key in row), "")
    place = row.find(key)
    return row[max(place - 1, 0) : place + 2].replace(key, "")


def _plain(name: str) -> str:
    return name.replace("-", "")


@lru_cache(maxsize=512)
def _looks(name: str) -> str:
    seen = _plain(name)
    for pair, letter in _LOOKS:
        seen = seen.replace(pair, letter)
    return seen.translate(_LOOKS_SINGLE)


@lru_cache(maxsize=512)
def _undressed(name: str) -> str:
    words = [word for word in name.split("-") if word not in _DRESS and not _is_number(word)]
    bare = "".join(words).rstrip("0123456789")
    for word in _GLUED:
        if bare.startswith(word) and len(bare) - len(word) > _LEAST_STEM:
            bare = bare.removeprefix(word)
        if bare.endswith(word) and len(bare) - len(word) > _LEAST_STEM:
            bare = bare.removesuffix(word)
    return bare


def _is_number(word: str) -> bool:
    return word.removeprefix("v").isdecimal()


_MOST_LONGER = 12
_RULES: tuple[tuple[str, Callable[[str, str], bool]], ...] = (
    ("it differs in hyphens alone", _same_letters),
    ("it reads alike", _same_looks),
    ("it has the same words in another order", _same_words),
    ("it is the same with a word or number added", _same_undressed),
    ("it is one slip of the finger away", _misspelt),
)
