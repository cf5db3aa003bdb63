"""How a large index is cut up for search: a skill is in the file of each beginning of a word that it is found by."""

import re

from skillkernel_registry.index_format import Releases

_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 2


def words(text: str) -> list[str]:
    """The words of a text in the order of their first appearance, casefolded; single characters are left out."""
    found = _WORD.findall(text.casefold())
    return list(dict.fromkeys(word for word in found if len(word) >= _SHORTEST or not word.isascii()))


def shard_of(word: str, form: Releases) -> str:
    """The path of the file with every skill that has a word beginning like this one.

    A word shorter than the prefix is filled up with `_`; what is not ASCII is written as the hex of its UTF-8.
    """
    beginning = word[: form.search_prefix]
    plain = beginning if beginning.isascii() else beginning.encode().hex()
    return form.search.replace("{prefix}", plain.ljust(form.search_prefix, "_"))


def shards_of(name: str, summary: str, form: Releases) -> set[str]:
    """The paths of all files that list a skill."""
    return {shard_of(word, form) for word in words(f"{name.replace('-', ' ')} {summary}")}
