"""The records of an index as they are now, from whoever can read its files: verified where it is signed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from skillkernel.errors import InvalidName
from skillkernel.names import SkillName, skill_name
from skillkernel_registry.index_format import Record
from skillkernel_registry.keeper.state import State

if TYPE_CHECKING:
    from skillkernel_registry.keeper.ledger import Ledger


def current_records(state: State) -> Iterator[Record]:
    """Every record, in no order; raises `UsageError` where a place does not list its files, `IndexTampered`."""
    for name in current_names(state):
        record = state.record(name)
        if record is not None:
            yield record


def current_names(state: State) -> Iterator[SkillName]:
    """The name of every skill: what the signed bins list, else the files that are there."""
    before, _, after = state.form.records.partition("{name}")
    folder = before[: before.rfind("/") + 1]
    paths = _signed_paths(state.ledger) if state.ledger is not None else state.files.paths(folder)
    for path in paths:
        if path.startswith(before) and path.endswith(after):
            try:
                yield skill_name(path[len(before) : len(path) - len(after)])
            except InvalidName:
                continue


def _signed_paths(ledger: "Ledger") -> Iterator[str]:
    for bin_name in ledger.all_bins():
        yield from ledger.bin(bin_name).signed.targets
