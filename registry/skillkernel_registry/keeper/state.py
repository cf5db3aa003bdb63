"""An index as its keeper finds it: its form, what it asks for, and where its signed files are read and put."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from skillkernel.errors import UsageError
from skillkernel.names import SkillName
from skillkernel_registry.errors import IndexTampered
from skillkernel_registry.index_files import IndexFiles
from skillkernel_registry.index_format import IndexFile, Record, Releases, parse_index, parse_record
from skillkernel_registry.keeper.shelf import INDEX, METADATA, PlainShelf, Shelf

if TYPE_CHECKING:
    from skillkernel_registry.keeper.ledger import Ledger


@dataclass
class State:
    """`ledger` is None where nothing is signed; `skills` is how many there are, where that is known."""

    files: IndexFiles
    file: IndexFile
    form: Releases
    shelf: Shelf
    ledger: "Ledger | None"
    skills: int = 0

    def record(self, name: SkillName) -> Record | None:
        """The record of a skill as it is signed, None when there is none."""
        path = self.record_path(name)
        data = self.shelf.read_target(path)
        return None if data is None else parse_record(data, name, self.files.place(path))

    def record_path(self, name: str) -> str:
        return self.form.records.replace("{name}", name)

    def must_attest(self, name: SkillName) -> bool:
        """Whether the root lets no release of this skill pass without an attestation."""
        from skillkernel_registry.trust.policy import parse_policy

        if self.ledger is None:
            return False
        root = self.ledger.root.signed
        return parse_policy(root.unrecognized_fields, self.ledger.place("root.json")).must_attest(name)


def open_state(files: IndexFiles, now: datetime, *, mend: bool = True) -> State:
    """Read and verify an index, and put its plain index.json right where a crash left it, unless `mend` says no.

    Raises `UsageError` where there is none, `IndexTampered` where it was changed by hand.
    """
    data = files.read(INDEX)
    file = None if data is None else parse_index(data, files.place(INDEX))
    is_signed = files.read(f"{METADATA}timestamp.json") is not None
    if file is None and not is_signed:
        raise UsageError(f"{files.place(INDEX)} is not there", hint="`skill index init` makes an index")
    if is_signed:
        return _signed(files, now, data, mend=mend)
    if file is None or file.releases is None:
        raise UsageError(f"{files.place(INDEX)} holds sources, which nobody adds to", hint="`skill index init` another")
    if file.releases.metadata:
        raise IndexTampered(f"{files.place(METADATA)} is gone, though the index is signed", hint="put it back")
    return State(files, file, file.releases, PlainShelf(files), None)


def _signed(files: IndexFiles, now: datetime, copy: bytes | None, *, mend: bool) -> State:
    from skillkernel_registry.keeper.ledger import Ledger

    ledger = Ledger.load(files, METADATA, now)
    data = ledger.read_target(INDEX)
    if data is None:
        raise IndexTampered(f"{ledger.place('targets.json')} signs no index.json", hint="restore a copy of it")
    file = parse_index(data, files.place(INDEX))
    if file.releases is None or file.releases.metadata != METADATA:
        raise IndexTampered(f"{files.place(INDEX)} is signed, but not with {METADATA}", hint="restore a copy of it")
    if mend and copy != data:
        files.write(INDEX, data)
    return State(files, file, file.releases, ledger, ledger, int(ledger.notes.get("skills", 0)))


def encoded(value: msgspec.Struct) -> bytes:
    """A file of the index."""
    return msgspec.json.encode(value)
