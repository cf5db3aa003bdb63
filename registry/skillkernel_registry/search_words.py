"""How a large index is cut up for search: a skill is in the file of each beginning of a word that it is found by.

These are all words of its name, and those of its summary that are not common to too many. A search looks into the file of
its longest word, a common one only where it has no other: then it finds the skills that are called so.
"""

import re

from skillkernel_registry.index_format import Releases

_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 2
COMMON = frozenset(
    _WORD.findall(
        "about after all also an and any are as at be before between but by can each every for from has have if in into is"
        " it its more no not of on one or other out over own so such than that the their them then these they this to up use"
        " used uses using via was what when where which who will with without you your"
        " agent ai skill skills tool tools"
    )
)
"""English words (articles, prepositions, pronouns), and those of the trade, that no skill is found by in a summary.

It is a part of the form of an index: keeper and clients have to know the same words, and so does the script of its site.
"""


def words(text: str) -> list[str]:
    """The words of a text in the order of their first appearance, casefolded; single characters are left out."""
    found = _WORD.findall(text.casefold())
    return list(dict.fromkeys(word for word in found if len(word) >= _SHORTEST or not word.isascii()))


def asked_words(text: str) -> list[str]:
    """The words of a search by which its file may be chosen, the best first: the longest, common ones only if alone."""
    found = words(text)
    return sorted([word for word in found if word not in COMMON] or found, key=len, reverse=True)


def shard_of(word: str, form: Releases) -> str:
    """The path of the file with every skill that has a word beginning like this one.

    A word shorter than the prefix is filled up with `_`; what is not ASCII is written as the hex of its UTF-8.
    """
    beginning = word[: form.search_prefix]
    plain = beginning if beginning.isascii() else beginning.encode().hex()
    return form.search.replace("{prefix}", plain.ljust(form.search_prefix, "_"))


def shards_of(name: str, summary: str, form: Releases) -> set[str]:
    """The paths of all files that list a skill."""
    told = [word for word in words(summary) if word not in COMMON]
    return {shard_of(word, form) for word in [*words(name.replace("-", " ")), *told]}
