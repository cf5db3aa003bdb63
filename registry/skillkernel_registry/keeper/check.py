"""Looking an index over from end to end: everything that is wrong with it, at once, each with its place and its fix."""

# tuf.api.metadata is where its manual says to import from; it only lacks __all__.
# pyright: reportPrivateImportUsage=false

import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from skillkernel.errors import IntegrityError, Missing, UsageError
from skillkernel.names import SkillName, skill_name
from skillkernel_registry.index_files import IndexFiles
from skillkernel_registry.index_format import FileRef, Holds, Record, Releases, SearchFile, SearchLine, parse_record
from skillkernel_registry.keeper import superseded
from skillkernel_registry.keeper.changes import search_line
from skillkernel_registry.keeper.search_lists import all_lists, file_of, lines_of
from skillkernel_registry.keeper.shelf import INDEX
from skillkernel_registry.keeper.state import State, open_state
from skillkernel_registry.site.simple import simple_pages

if TYPE_CHECKING:
    from tuf.api.metadata import Metadata, Targets

    from skillkernel_registry.keeper.ledger import Ledger

_OURS = ("metadata/", "provenance/", "search/", "skills/", "wheels/")
_KEY_LIMIT = 20_000
_REFRESH = "run `skill index refresh`"
_REBUILD = "run `skill index refresh --rebuild-search`"
_AGAIN = "add its wheel again: what is there already stays"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    `path` is the file in the index, empty where the problem names the place itself; `harmless` is what no client sees.
    """

    path: str
    place: str
    problem: str
    fix: str
    harmless: bool = False


@dataclass(slots=True)
class _Check:
    files: IndexFiles
    now: datetime
    findings: list[Finding] = field(default_factory=list[Finding])
    used: set[str] = field(default_factory=set[str])
    lines: list[SearchLine] = field(default_factory=list[SearchLine])

    def find(self, path: str, problem: str, fix: str, *, harmless: bool = False) -> None:
        self.findings.append(Finding(path, self.files.place(path), problem, fix, harmless))

    @contextmanager
    def going_on(self, fix: str = "") -> Generator[None]:
        """Take what a block raises as a finding, with its own fix unless one is said, and go on behind it."""
        try:
            yield
        except (IntegrityError, UsageError, Missing) as error:
            self.findings.append(Finding("", "", error.message, fix or error.hint))


def check(files: IndexFiles, now: datetime) -> tuple[Finding, ...]:
    """Read every file of an index; raise `UsageError` where there is none."""
    looking = _Check(files, now)
    _check_copy(looking)
    state = _state(looking)
    if state is not None:
        _check_state(looking, state)
    _check_strangers(looking, whole=state is not None)
    return tuple(looking.findings)


def _state(looking: _Check) -> State | None:
    try:
        return open_state(looking.files, looking.now, mend=False)
    except IntegrityError as error:
        looking.findings.append(Finding("", "", error.message, error.hint))
        return None


def _check_copy(looking: _Check) -> None:
    looking.used |= {INDEX, superseded.PATH}
    if looking.files.read(INDEX) is None and looking.files.read("metadata/timestamp.json") is not None:
        looking.find(INDEX, "is not there: clients find no index", _REFRESH)


def _check_state(looking: _Check, state: State) -> None:
    ledger = state.ledger
    if ledger is not None:
        _check_metadata(looking, ledger)
        copy, signed = looking.files.read(INDEX), ledger.read_target(INDEX)
        if copy is not None and copy != signed:
            looking.find(INDEX, "is not the one that is signed", _REFRESH)
    lists: dict[str, SearchFile | None] = {}
    for path, read in _targets(looking, state):
        name = _skill_of(path, state.form)
        if name is None and path != INDEX:
            lists[path] = _list(looking, path, read)
            continue
        with looking.going_on():
            data = read()
            if data is not None and name is not None:
                _check_record(looking, state, parse_record(data, name, looking.files.place(path)))
    _check_lists(looking, state.form, lists)
    known = int(ledger.notes.get("skills", 0)) if ledger is not None else len(looking.lines)
    if known != len(looking.lines):
        looking.find("metadata/snapshot.json", f"notes {known} skills, and there are {len(looking.lines)}", _REBUILD)


def _list(looking: _Check, path: str, read: Callable[[], bytes | None]) -> SearchFile | None:
    """A search file, None for one that cannot be read, which is a finding."""
    with looking.going_on(_REBUILD):
        return file_of(read(), looking.files.place(path))
    return None


def _check_metadata(looking: _Check, ledger: "Ledger") -> None:
    signed: dict[str, Metadata[Any]] = {
        "root": ledger.root,
        "timestamp": ledger.timestamp,
        "snapshot": ledger.snapshot,
        "targets": ledger.targets,
    }
    for version in range(1, ledger.root.signed.version + 1):
        looking.used.add(f"{ledger.folder}{version}.root.json")
    looking.used |= {ledger.path_of(role) for role in signed}
    for role, metadata in signed.items():
        if metadata.signed.expires <= looking.now:
            _expired(looking, ledger.path_of(role), metadata.signed.expires, role)
    for name in ledger.all_bins():
        with looking.going_on():
            looking.used.add(ledger.path_of(name))
            if (expires := ledger.bin(name).signed.expires) <= looking.now:
                _expired(looking, ledger.path_of(name), expires, "bins")


def _expired(looking: _Check, path: str, when: datetime, role: str) -> None:
    also = " with the root keys at hand" if role == "root" else ""
    looking.find(path, f"ran out on {when:%Y-%m-%d}: clients refuse the index", f"{_REFRESH}{also}")


def _targets(looking: _Check, state: State) -> Iterator[tuple[str, Callable[[], bytes | None]]]:
    """Every record and search file by its path, with what reads and verifies it."""
    ledger = state.ledger
    if ledger is None:
        folder = state.form.records.rpartition("/")[0] + "/"
        for path in [*looking.files.paths(folder), state.form.search]:
            looking.used.add(path)
            yield path, partial(looking.files.read, path)
        return
    for targets in [ledger.targets.signed, *_bins(looking, ledger)]:
        for path, target in targets.targets.items():
            looking.used |= set(target.get_prefixed_paths())
            yield path, partial(ledger.read_target, path)


def _bins(looking: _Check, ledger: "Ledger") -> Iterator["Targets"]:
    for name in ledger.all_bins():
        try:
            yield ledger.bin(name).signed
        except IntegrityError:  # is a finding already
            continue


def _skill_of(path: str, form: Releases) -> SkillName | None:
    before, _, after = form.records.partition("{name}")
    if not (path.startswith(before) and path.endswith(after)):
        return None
    return skill_name(path.removeprefix(before).removesuffix(after))


def _check_record(looking: _Check, state: State, record: Record) -> None:
    line = search_line(record, with_version=not state.form.search_prefix)
    looking.lines += [line] if line is not None else []
    for release in record.releases:
        title = f"{record.name} {release.version}"
        wheel = FileRef(path=release.wheel, length=release.length, sha256=release.sha256)
        _check_file(looking, state.form.wheels, wheel, f"the wheel of {title}")
        if release.provenance is not None:
            _check_file(looking, state.form.provenance, release.provenance, f"the provenance of {title}")
        elif state.must_attest(skill_name(record.name)):
            looking.find(state.form.wheels + release.wheel, "has no attestation, and the root asks for one", _AGAIN)
    for path, data in simple_pages(record, state.form).items():
        if looking.files.read(path) != data:
            looking.find(path, f"is not what the record of {record.name} says: pip and uv see something else", _AGAIN)


def _check_file(looking: _Check, folder: str, file: FileRef, what: str) -> None:
    path = folder + file.path
    looking.used.add(path)
    data = looking.files.read(path)
    if data is None:
        looking.find(path, f"is not there: {what}", _AGAIN)
    elif len(data) != file.length or hashlib.sha256(data).hexdigest() != file.sha256:
        looking.find(path, f"has other bytes than its record says: {what}", _AGAIN)


def _check_lists(looking: _Check, form: Releases, lists: Mapping[str, SearchFile | None]) -> None:
    holds: dict[str, Holds] = {path: file.holds for path, file in lists.items() if file is not None}
    wanted = all_lists(form, looking.lines, holds)
    for path in sorted({*wanted, *lists}):
        file = lists.get(path, SearchFile())
        if file is None:
            continue
        right = {line.name: line for line in lines_of(wanted.get(path), path)}
        there = {line.name: line for line in file.skills}
        for name in sorted(name for name in {*right, *there} if right.get(name) != there.get(name)):
            how = "lacks" if name not in there else "misstates" if name in right else "lists, though it should not,"
            looking.find(path, f"{how} {name}", _REBUILD)


def _check_strangers(looking: _Check, *, whole: bool) -> None:
    """Files that nothing names, and private keys that are served."""
    known = looking.used | {one.path for one in superseded.read(looking.files)}
    try:
        paths = list(looking.files.paths(""))
    except UsageError:
        return
    for path in paths:
        if _is_key(looking.files, path):
            looking.find(path, "is a private key: everybody can read it", "take it away, then `skill index rotate-key`")
        elif whole and path not in known and _is_ours(path):
            looking.find(path, "belongs to nothing", "`skill index refresh --orphans` takes it away", harmless=True)


def _is_ours(path: str) -> bool:
    prefix, _, rest = path.partition(".")
    return path.startswith(_OURS) or (len(prefix) == 64 and rest in {INDEX, "search.json"})


def _is_key(files: IndexFiles, path: str) -> bool:
    if path.endswith((".pem", ".key", ".pem.revoked")):
        return True
    if path.startswith(_OURS) or path.endswith((".json", ".html", ".whl", ".css", ".js")):
        return False
    data = files.read(path) or b""
    return len(data) < _KEY_LIMIT and b"PRIVATE KEY-----" in data
