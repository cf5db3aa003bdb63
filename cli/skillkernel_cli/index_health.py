"""What `skill doctor` says of the indexes that config.toml names: whether they answer, and how long they are vouched for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from skillkernel.catalogue.types import Layout
from skillkernel.errors import SkillKernelError
from skillkernel_cli.health import Check

if TYPE_CHECKING:
    from skillkernel_registry.indexes.config import IndexEntry

_PATIENCE_SECONDS = 5
_SOON = {"timestamp": timedelta(days=1), "root": timedelta(days=30)}
"""How long before its end a signature is spoken of; the keeper signs a timestamp anew all the time."""


@dataclass(frozen=True, slots=True)
class _Found:
    name: str
    problem: str = ""
    hint: str = ""


def indexes(layout: Layout) -> Check:
    """Ask each index once, all at the same time and none for long; the one that comes with skillkernel is not asked."""
    import anyio

    from skillkernel_registry.first_party import FIRST_PARTY
    from skillkernel_registry.indexes.config import list_indexes

    try:
        entries = [entry for entry in list_indexes(layout) if entry.enabled]
    except SkillKernelError as error:
        return Check("indexes", "warning", error.message, error.hint)
    asked = [entry for entry in entries if entry.name != FIRST_PARTY or entry.mirror]
    if not asked:
        return Check("indexes", "ok", "the one that comes with skillkernel" if entries else "none")
    found = anyio.run(_ask_all, layout, asked)
    wrong = [one for one in found if one.problem]
    if wrong:
        says = "; ".join(f"{one.name}: {one.problem}" for one in wrong)
        return Check("indexes", "warning", says, "; ".join(dict.fromkeys(one.hint for one in wrong if one.hint)))
    return Check("indexes", "ok", f"{', '.join(one.name for one in found)}: reachable")


async def _ask_all(layout: Layout, entries: "Sequence[IndexEntry]") -> list[_Found]:
    import anyio

    found: dict[str, _Found] = {}

    async def ask(entry: "IndexEntry") -> None:
        found[entry.name] = await _ask(layout, entry)

    async with anyio.create_task_group() as tasks:
        for entry in entries:
            tasks.start_soon(partial(ask, entry))
    return [found[entry.name] for entry in entries]


async def _ask(layout: Layout, entry: "IndexEntry") -> _Found:
    import anyio

    from skillkernel_registry.errors import RootRefused
    from skillkernel_registry.index import STRICT
    from skillkernel_registry.indexes.opening import find_site, open_site

    try:
        with anyio.fail_after(_PATIENCE_SECONDS):
            index = await open_site(layout, find_site(layout, entry.name, STRICT))
            await index.aclose()
    except RootRefused:
        return _Found(entry.name)
    except SkillKernelError as error:
        return _Found(entry.name, error.message, error.hint)
    except TimeoutError:
        return _Found(entry.name, f"no answer from {entry.identity} in {_PATIENCE_SECONDS} seconds", "try again later")
    return _Found(entry.name, *_ends_soon(layout, entry, datetime.now(UTC)))


def _ends_soon(layout: Layout, entry: "IndexEntry", now: datetime) -> tuple[str, str]:
    """What of its signatures runs out soon, as they were just fetched, and who can do something about it."""
    from skillkernel_registry.trust.roots import TrustFolder

    metadata = TrustFolder(layout, entry.identity).metadata
    for role, soon in _SOON.items():
        file = metadata / f"{role}.json"
        if not file.is_file():
            continue
        ends = _expires(file.read_bytes())
        if ends - now < soon:
            return (
                f"its {role} is good until {ends:%Y-%m-%d %H:%M} UTC alone",
                "after that it is refused: its keeper has to run `skill index refresh`",
            )
    return "", ""


def _expires(data: bytes) -> datetime:
    import msgspec

    signed: dict[str, Any] = msgspec.json.decode(data)["signed"]
    return datetime.fromisoformat(signed["expires"])
