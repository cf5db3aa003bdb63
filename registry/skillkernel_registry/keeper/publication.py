"""One change of an index, gathered first and then written in an order in which every moment is a whole index.

Wheels and provenance, which nothing names yet; the pages for pip and uv; records and search files under names made of
their content; metadata by version; the timestamp, which makes it count; and only then the plain copy of index.json and
the note of what was left.
"""

from collections.abc import Sequence
from datetime import datetime

from skillkernel.names import SkillName
from skillkernel_registry.errors import IndexTampered
from skillkernel_registry.index_format import Record, Release, SearchLine
from skillkernel_registry.keeper import superseded
from skillkernel_registry.keeper.changes import search_line
from skillkernel_registry.keeper.keys import Keys
from skillkernel_registry.keeper.search_lists import LineChange, changed_lists, lines_of
from skillkernel_registry.keeper.shape import far_outgrown
from skillkernel_registry.keeper.shelf import INDEX
from skillkernel_registry.keeper.state import State, encoded
from skillkernel_registry.keeper.superseded import Left


class Publication:
    """A change of the index `state`; `now` is its time."""

    def __init__(self, state: State, now: datetime) -> None:
        self.state = state
        self.warnings: list[str] = []
        self._now = now
        self._before: dict[SkillName, Record | None] = {}
        self._after: dict[SkillName, Record | None] = {}
        self._files: dict[str, bytes] = {}

    def record(self, name: SkillName) -> Record | None:
        """The record of a skill as this change has it so far."""
        if name not in self._after:
            self._before[name] = self._after[name] = self.state.record(name)
        return self._after[name]

    def set(self, name: SkillName, record: Record | None) -> None:
        """Have this record, or none."""
        self.record(name)
        self._after[name] = record

    def file(self, path: str, data: bytes) -> None:
        """Have this wheel or provenance object."""
        self._files[path] = data

    def known_lines(self, name: SkillName, summary: str) -> tuple[SearchLine, ...]:
        """Skills that are listed where this one is: those that may look like it."""
        from skillkernel_registry.search_words import shards_of

        form = self.state.form
        paths = shards_of(name, summary, form) if form.search_prefix else {form.search}
        return tuple(line for path in sorted(paths) for line in lines_of(self.state.shelf.read_target(path), path))

    def publish(self, keys: Keys, message: str) -> None:
        """Write it all; nothing is written when a key is missing or somebody else published in the meantime."""
        state, files = self.state, self.state.files
        self._put_records()
        self._put_lists()
        state.skills += len(_present(self._after)) - len(_present(self._before))
        self._reshape(keys)
        if state.ledger is not None:
            state.ledger.check_can_save(keys)
        for path, data in self._files.items():
            if files.read(path) != data:
                files.write(path, data)
        pages, gone = self._pages()
        for path, data in pages.items():
            if files.read(path) != data:
                files.write(path, data)
        state.shelf.save(keys, skills=state.skills)
        self._finish(gone)
        files.commit(message)

    def _reshape(self, keys: Keys) -> None:
        """Cut the index up anew when it cannot wait, and the key for it is here."""
        state, ledger = self.state, self.state.ledger
        if ledger is None or not far_outgrown(state.skills, ledger.bins.bit_length, state.form.search_prefix):
            return
        if ledger.has_keys(keys, "targets"):
            from skillkernel_registry.keeper.reshape import reshape

            reshape(state, ledger)
        else:
            self.warnings.append(
                "the index has outgrown its bins: `skill index refresh` cuts it up anew, with the key of the role targets"
            )

    def _put_records(self) -> None:
        for name, record in self._after.items():
            path = self.state.record_path(name)
            if record is None:
                self.state.shelf.drop(path)
            else:
                self.state.shelf.put(path, encoded(record))

    def _put_lists(self) -> None:
        form = self.state.form
        changes = [
            LineChange(
                search_line(self._before[name], with_version=not form.search_prefix),
                search_line(record, with_version=not form.search_prefix),
            )
            for name, record in self._after.items()
        ]
        for path, data in changed_lists(form, changes, self.state.shelf.read_target).items():
            if data is None:
                self.state.shelf.drop(path)
            else:
                self.state.shelf.put(path, data)

    def _pages(self) -> tuple[dict[str, bytes], list[str]]:
        """The pages for pip and uv that this change makes, and those that it takes away."""
        from skillkernel_registry.site.simple import simple_pages

        form = self.state.form
        old = {path for record in _present(self._before) for path in simple_pages(record, form)}
        new = {path: data for record in _present(self._after) for path, data in simple_pages(record, form).items()}
        return new, sorted(old - set(new))

    def _finish(self, gone: list[str]) -> None:
        """What is done when the change counts already: what a crash leaves of it, the next command or `check` finds."""
        state = self.state
        if state.ledger is not None:
            copy = state.ledger.read_target(INDEX)
            if copy is None:
                raise IndexTampered(f"{state.ledger.place('targets.json')} signs no index.json", hint="put it back")
            if state.files.read(INDEX) != copy:
                state.files.write(INDEX, copy)
        for path in gone:
            state.files.remove(path)
        since = self._now.isoformat(timespec="seconds")
        superseded.leave(state.files, [Left(path, since, name) for name, path in self._left_files()])

    def _left_files(self) -> list[tuple[str, str]]:
        """The wheels and provenance objects that a record named and names no more."""
        found: list[tuple[str, str]] = []
        for name, before in self._before.items():
            after = self._after[name]
            now = set(release_files(self.state, after.releases if after else ()))
            were = release_files(self.state, before.releases if before else ())
            found += [(name, path) for path in were if path not in now]
        return found


def release_files(state: State, releases: Sequence[Release]) -> list[str]:
    """The paths of the wheels and provenance objects of releases."""
    form = state.form
    wheels = [form.wheels + release.wheel for release in releases]
    return wheels + [form.provenance + release.provenance.path for release in releases if release.provenance]


def _present(records: dict[SkillName, Record | None]) -> list[Record]:
    return [record for record in records.values() if record is not None]
