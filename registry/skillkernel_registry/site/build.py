"""The web site of an index: a page a skill, a front page with search, and the pages for pip and uv beside them.

All of it is derived: whoever reads it trusts the index and this page no more than the address that both came from.
What did not change is not written again, so that a site in a git tree or a bucket changes by what is new.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from skillkernel.errors import SkillKernelError, UsageError
from skillkernel.names import SkillName
from skillkernel_registry.fetch import inside
from skillkernel_registry.index_files import IndexFiles
from skillkernel_registry.index_format import Record, Release
from skillkernel_registry.keeper.state import State, open_state
from skillkernel_registry.location import LOOPBACK
from skillkernel_registry.site.current_records import current_records
from skillkernel_registry.site.listing import (
    SHAPE,
    Card,
    Listing,
    Shape,
    cards_of,
    change,
    list_all,
    read_shape,
)
from skillkernel_registry.site.pages import browse_html, front_html, shared_files, skill_html, stamp
from skillkernel_registry.site.simple import simple_list, simple_pages
from skillkernel_registry.site.skill_page import Frame, card_of, newest_of, shown, skill_page
from skillkernel_registry.site.wheel_text import WheelText, wheel_text

_LISTED_FOR_INSTALLERS = 5_000


@dataclass
class Built:
    """How many skills the site has, how many files were written or taken away, and what a person should know."""

    skills: int = 0
    written: int = 0
    warnings: list[str] = field(default_factory=list[str])


def build_site(
    files: IndexFiles, to: IndexFiles | None = None, *, base: str = "", now: datetime | None = None
) -> Built:
    """Build the whole site of the index in `files`, into the index itself or `to` another place.

    `base` is the https address of the index, where it is known. Raises `UsageError` where there is no index or `base`
    is no address, `IndexTampered` for a signed one that was changed.
    """
    _check_base(base)
    maker = _Maker(open_state(files, now or datetime.now(UTC)), to, base)
    cards: list[Card] = []
    for record in current_records(maker.state):
        card = maker.page(record)
        cards += [card] if card is not None else []
    before = read_shape(maker.to.read(SHAPE))
    listing = list_all(cards, Shape(base=base, stamp=stamp()))
    maker.take_away(before, listing)
    maker.shared(listing)
    if to is None:
        pages = simple_list(card.name for card in cards) if len(cards) <= _LISTED_FOR_INSTALLERS else {}
        maker.put_all(pages)
    maker.to.commit("Build the site")
    return maker.built


def update_site(files: IndexFiles, names: Iterable[SkillName], *, now: datetime | None = None) -> Built | None:
    """Bring the site that is built into an index up to date with some of its skills, added, changed or removed.

    Returns None where the index has no site. A site by another skillkernel is built anew as a whole.
    """
    shape = read_shape(files.read(SHAPE))
    if shape is None:
        return None
    if shape.stamp != stamp():
        return build_site(files, base=shape.base, now=now)
    maker = _Maker(open_state(files, now or datetime.now(UTC)), None, shape.base)
    changes: dict[str, Card | None] = {}
    for name in names:
        record = maker.state.record(name)
        changes[name] = maker.page(record) if record is not None else None
        if changes[name] is None:
            maker.remove(f"skill/{name}.html")
    listing = change(shape, changes, maker.to.read)
    maker.take_away(shape if listing.shape.leaf_prefix != shape.leaf_prefix else None, listing)
    maker.shared(listing)
    maker.to.commit("Bring the site up to date")
    return maker.built


class _Maker:
    """Makes the pages of one index and puts them where they belong."""

    def __init__(self, state: State, to: IndexFiles | None, base: str) -> None:
        self.state = state
        self.to = to or state.files
        self.built = Built()
        self._in_place = to is None
        self._frame = Frame(
            index=shown(state.file.name, 80),
            publisher=state.file.publisher,
            form=state.form,
            signed=state.ledger is not None,
            base=base,
            up="../" if to is None else "",
        )

    def page(self, record: Record) -> Card | None:
        """Put the page of a skill there, and those for pip and uv beside the wheels; None when it has no release."""
        newest = newest_of(record)
        if newest is None:
            return None
        must_attest = self.state.must_attest(SkillName(record.name))
        source = self._source(record, must_attest=must_attest)
        path = f"skill/{record.name}.html"
        there = self.to.read(path)
        if there is None or source.encode() not in there[:2000]:
            text = self._text(record, newest)
            page = skill_page(record, newest, self._frame, must_attest=must_attest, text=text)
            self._put(path, skill_html(page, self._frame, source), there)
        if self._in_place:
            self.put_all(simple_pages(record, self.state.form, base=self._frame.base))
        return card_of(record, newest)

    def shared(self, listing: Listing) -> None:
        """Put the lists, the search, the front page, and what all pages share."""
        self.built.skills = listing.shape.skills
        for path, data in listing.files.items():
            if data is None:
                self.remove(path)
            else:
                self.put(path, data)
        if listing.shape.leaf_prefix:
            for leaf, cards in listing.lists.items():
                if cards:
                    self.put(f"browse/{leaf}.html", browse_html(leaf, cards, self._frame))
                else:
                    self.remove(f"browse/{leaf}.html")
        whole = () if listing.shape.leaf_prefix else listing.lists.get("all", ())
        self.put_all(shared_files())
        self.put("index.html", front_html(whole, listing.shape, self._frame))

    def take_away(self, before: Shape | None, listing: Listing) -> None:
        """Remove the pages of skills and of lists that an earlier site had and this one has not."""
        if before is None:
            return
        kept = {card.name for cards in listing.lists.values() for card in cards}
        for leaf in before.leaves:
            for card in cards_of(leaf, self.to.read):
                if card.name not in kept:
                    self.remove(f"skill/{card.name}.html")
            if leaf not in listing.shape.leaves:
                self.remove(f"browse/{leaf}.html")
                self.remove(f"site/lists/{leaf}.json")

    def put_all(self, pages: Mapping[str, bytes]) -> None:
        for path, data in pages.items():
            self.put(path, data)

    def put(self, path: str, data: bytes) -> None:
        self._put(path, data, self.to.read(path))

    def remove(self, path: str) -> None:
        self.to.remove(path)
        self.built.written += 1

    def _put(self, path: str, data: bytes, there: bytes | None) -> None:
        if there != data:
            self.to.write(path, data)
            self.built.written += 1

    def _source(self, record: Record, *, must_attest: bool) -> str:
        """Stands for everything that a page is made from; a wheel is in it by its hash in the record."""
        frame = (self._frame.index, self._frame.publisher, self._frame.signed, self._frame.base, self._frame.up)
        made_from = [stamp(), frame, must_attest, self.state.form, record]
        return hashlib.sha256(msgspec.json.encode(made_from)).hexdigest()[:32]

    def _text(self, record: Record, newest: Release) -> WheelText | None:
        path = self.state.form.wheels + newest.wheel
        try:
            data = self.state.files.read(inside(path, self.state.record_path(record.name)))
            if data is None:
                raise SkillKernelError(f"{self.state.files.place(path)} is not there")
            return wheel_text(data, newest)
        except SkillKernelError as error:
            self.built.warnings.append(f"the page of {record.name} shows its record alone: {error.message}")
            return None


def _check_base(base: str) -> None:
    from urllib.parse import urlsplit

    parts = urlsplit(base)
    plain = base.isprintable() and not set(base) & set("\"'<>\\`{}| ")
    protected = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if base and not (protected and plain and parts.hostname and parts.path.endswith("/") and "@" not in parts.netloc):
        raise UsageError(
            f"{base!r} is not the address of an index", hint="give its https:// address, with a / at the end"
        )
    if parts.query or parts.fragment:
        raise UsageError(f"{base!r} has a query or a fragment", hint="give the address of the folder of index.json")
