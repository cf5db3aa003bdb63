"""All skills of an index as its front page, its lists by letter and its search know them: pure decisions over files.

A small index has one list, which the front page shows whole and a browser filters by itself. A larger one is cut into
leaves by the first letters of the names, and into search files by search_words.py; both are files of the site, since
the index's own search files have names that only its signed metadata tells.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from skillkernel_registry.index_format import Releases
from skillkernel_registry.keeper.shape import wanted_prefix
from skillkernel_registry.search_words import shards_of

SHAPE = "site/site.json"
_LEAF = "site/lists/{}.json"
_EVERYTHING = "all"
_LARGE = 5_000
"""Skills beyond which a leaf is for two letters instead of one."""
Read = Callable[[str], bytes | None]


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A skill in a list: `effects` are those of its tools, `asks` is how many permissions it wants, `day` is ISO 8601."""

    name: str
    version: str
    summary: str
    effects: tuple[str, ...] = ()
    asks: int = 0
    day: str = ""


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """site/site.json: how a site is cut up, and `leaves`, how many skills each list holds."""

    site_version: int = 1
    search_prefix: int = 0
    leaf_prefix: int = 0
    leaves: dict[str, int] = {}
    base: str = ""
    stamp: str = ""

    @property
    def skills(self) -> int:
        return sum(self.leaves.values())

    @property
    def form(self) -> Releases:
        """How search_words.py cuts up the search."""
        return Releases(search="site/search/{prefix}.json", search_prefix=self.search_prefix)

    def leaf(self, name: str) -> str:
        """The list that a skill is in."""
        return name[: self.leaf_prefix] or _EVERYTHING


@dataclass(frozen=True, slots=True)
class Listing:
    """A shape, the lists that changed with their cards, and the files to write, None for those to remove."""

    shape: Shape
    lists: Mapping[str, tuple[Card, ...]]
    files: Mapping[str, bytes | None]


def list_all(cards: Iterable[Card], shape: Shape) -> Listing:
    """Every list and search file of these skills, cut up for as many as there are; `shape` gives `base` and `stamp`."""
    ordered = sorted(cards, key=lambda card: card.name)
    count = len(ordered)
    cut = replace(
        shape,
        search_prefix=wanted_prefix(count),
        leaf_prefix=0 if not wanted_prefix(count) else 1 if count <= _LARGE else 2,
    )
    lists: dict[str, list[Card]] = {}
    found: dict[str, list[Card]] = {}
    for card in ordered:
        lists.setdefault(cut.leaf(card.name), []).append(card)
        for path in _shards(card, cut):
            found.setdefault(path, []).append(card)
    whole = {leaf: tuple(one) for leaf, one in lists.items()} or {_EVERYTHING: ()}
    shaped = replace(cut, leaves={leaf: len(one) for leaf, one in whole.items()})
    files: dict[str, bytes | None] = {_LEAF.format(leaf): _encoded(one) for leaf, one in whole.items()}
    files |= {path: _encoded(one) for path, one in found.items()}
    return Listing(shaped, whole, files | {SHAPE: msgspec.json.encode(shaped)})


def change(shape: Shape, changes: Mapping[str, Card | None], read: Read) -> Listing:
    """The lists and search files that some skills touch, each being as given from now on, None for gone.

    An index that has outgrown its shape is cut up anew from its lists.
    """
    touched = {shape.leaf(name) for name in changes}
    lists = {leaf: {card.name: card for card in cards_of(leaf, read)} for leaf in touched}
    before = {name: lists[shape.leaf(name)].get(name) for name in changes}
    for name, card in changes.items():
        _set(lists[shape.leaf(name)], name, card)
    counts = shape.leaves | {leaf: len(cards) for leaf, cards in lists.items()}
    after = replace(shape, leaves={leaf: count for leaf, count in counts.items() if count or leaf == _EVERYTHING})
    if wanted_prefix(after.skills) > shape.search_prefix:
        untouched = (card for leaf in shape.leaves if leaf not in lists for card in cards_of(leaf, read))
        again = list_all([*untouched, *(card for cards in lists.values() for card in cards.values())], shape)
        old: dict[str, bytes | None] = {_LEAF.format(leaf): None for leaf in shape.leaves}
        return Listing(again.shape, again.lists, old | dict(again.files))
    sorted_lists = {leaf: _ordered(cards) for leaf, cards in lists.items()}
    files: dict[str, bytes | None] = {
        _LEAF.format(leaf): _encoded(cards) if leaf in after.leaves else None for leaf, cards in sorted_lists.items()
    }
    files |= _changed_shards(after, before, changes, read)
    return Listing(after, sorted_lists, files | {SHAPE: msgspec.json.encode(after)})


def cards_of(leaf: str, read: Read) -> tuple[Card, ...]:
    """The cards of a list, none where it is not there."""
    return _decoded(read(_LEAF.format(leaf)))


def read_shape(data: bytes | None) -> Shape | None:
    """The shape of a site that is there, None when there is none that can be carried on."""
    if data is None:
        return None
    try:
        shape = msgspec.json.decode(data, type=Shape)
    except msgspec.DecodeError:
        return None
    return shape if shape.site_version == Shape().site_version else None


def _changed_shards(
    shape: Shape, before: Mapping[str, Card | None], after: Mapping[str, Card | None], read: Read
) -> dict[str, bytes | None]:
    shards: dict[str, dict[str, Card]] = {}
    for name, card in after.items():
        new = _shards(card, shape)
        for path in _shards(before[name], shape) | new:
            cards = shards.setdefault(path, {one.name: one for one in _decoded(read(path))})
            _set(cards, name, card if path in new else None)
    return {path: _encoded(_ordered(cards)) if cards else None for path, cards in shards.items()}


def _shards(card: Card | None, shape: Shape) -> set[str]:
    return shards_of(card.name, card.summary, shape.form) if card is not None and shape.search_prefix else set()


def _set(cards: dict[str, Card], name: str, card: Card | None) -> None:
    if card is None:
        cards.pop(name, None)
    else:
        cards[name] = card


def _ordered(cards: Mapping[str, Card]) -> tuple[Card, ...]:
    return tuple(cards[name] for name in sorted(cards))


def _encoded(cards: Iterable[Card]) -> bytes:
    return msgspec.json.encode(list(cards))


def _decoded(data: bytes | None) -> tuple[Card, ...]:
    return () if data is None else msgspec.json.decode(data, type=tuple[Card, ...])
