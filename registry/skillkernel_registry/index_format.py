"""The files of an index as typed values; docs/index-format.md describes them.

Everything here is read from somebody else: a value in hand has passed its checks, and every failure is an
`IntegrityError` that names the file.
"""

from typing import Any, Literal, TypeVar

import msgspec

from skillkernel.errors import IntegrityError, InvalidName, Missing
from skillkernel.manifest.types import Effect, Permissions
from skillkernel.names import Sha256, SkillName, sha256, skill_name
from skillkernel.text import visible
from skillkernel_registry.fetch import inside

INDEX_VERSION = 1
RECORD_VERSION = 1
WHEEL_LIMIT = 200_000_000
"""Bytes of one wheel."""
PROVENANCE_LIMIT = 2_000_000
"""Bytes of one provenance object."""
WHEEL_NAME_LIMIT = 240
TEXT_LIMIT = 1_000
"""Characters of one version, requirement or publisher."""


class Releases(msgspec.Struct, frozen=True, kw_only=True):
    """A published index: `{name}` in `records` stands for the skill; `wheels` and `provenance` are folders.

    `metadata` is the folder of the TUF metadata, empty where nothing is signed. `search` is one file, or with `{prefix}`
    in it a file for each beginning of a word that is `search_prefix` characters long (search_words.py).
    """

    records: str = "skills/{name}.json"
    wheels: str = "wheels/"
    provenance: str = "provenance/"
    search: str = "search.json"
    search_prefix: int = 0
    metadata: str = ""


class IndexFile(msgspec.Struct, frozen=True, kw_only=True):
    """index.json: exactly one of `releases` and `sources` (skill folders by name); `bases` are allowed redirects."""

    index_version: int
    name: str
    publisher: str = ""
    releases: Releases | None = None
    sources: dict[str, str] | None = None
    bases: tuple[str, ...] = ()


class ToolLine(msgspec.Struct, frozen=True, kw_only=True):
    """What `info` shows of a tool before anything is fetched."""

    name: str
    description: str
    effect: Effect


class FileRef(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the index by its path in the folder that it belongs to, with its length in bytes and its digest."""

    path: str
    length: int
    sha256: str


class PublisherPin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who may sign a skill's releases.

    `identity` (an e-mail or URI of the certificate) and `issuer` for kind Identity; for the others the fields of PEP 740's
    publisher of that kind: `repository`, `workflow` and `environment`, or `email`.
    """

    kind: Literal["Identity", "GitHub", "GitLab", "Google"]
    identity: str = ""
    issuer: str = ""
    repository: str = ""
    workflow: str = ""
    environment: str = ""
    email: str = ""


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """One version; `yanked` is false, true or a reason, `uploaded` an ISO 8601 time or empty.

    `provenance` is a PEP 740 provenance object under the index's folder of that name, None when nobody attested it.
    """

    version: str
    wheel: str
    length: int
    sha256: str
    requires_kernel: str = ""
    requires_python: str = ""
    requires_skills: tuple[str, ...] = ()
    yanked: bool | str = False
    uploaded: str = ""
    summary: str = ""
    permissions: Permissions = Permissions()
    tools: tuple[ToolLine, ...] = ()
    provenance: FileRef | None = None

    @property
    def digest(self) -> Sha256:
        """The wheel's SHA-256; checked when the record was parsed."""
        return Sha256(self.sha256)


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """skills/NAME.json: every release of one skill, who publishes it, and whose attestations are taken for it."""

    record_version: int
    name: str
    publisher: str = ""
    publishers: tuple[PublisherPin, ...] = ()
    releases: tuple[Release, ...] = ()


class SearchLine(msgspec.Struct, frozen=True, kw_only=True):
    """One skill in the search list; `version` is empty where the index keeps its search apart from its releases.

    `index` is which index has it, set by whoever reads it and never taken from a file.
    """

    name: str
    version: str = ""
    summary: str = ""
    index: str = ""


Holds = Literal["all", "names", "nothing"]


class SearchFile(msgspec.Struct, frozen=True, kw_only=True):
    """search.json, or a piece of it.

    A piece that would be too long holds `names`: the skills with a word of its beginning in their names; or `nothing`.
    """

    skills: tuple[SearchLine, ...] = ()
    holds: Holds = "all"


def parse_index(data: bytes, place: str) -> IndexFile:
    """Read index.json; raise `IntegrityError`, or `Missing` when a newer skillkernel is needed."""
    _check_version(data, "index_version", INDEX_VERSION, place)
    index = _decode(data, IndexFile, place)
    for text in (index.name, index.publisher):
        _one_line(text, place)
    if (index.releases is None) == (index.sources is None):
        raise _malformed(place, "it must have either `releases` or `sources`")
    for name, folder in (index.sources or {}).items():
        _named(name, place)
        inside(folder, place)
    if any(not base.startswith("https://") or not base.endswith("/") for base in index.bases):
        raise _malformed(place, "`bases` must be https:// addresses that end in /")
    if index.releases is not None and ("{prefix}" in index.releases.search) != (1 <= index.releases.search_prefix <= 8):
        raise _malformed(place, "`search_prefix` must be 1 to 8 where `search` has {prefix}, and 0 elsewhere")
    return index


def parse_record(data: bytes, name: SkillName, place: str) -> Record:
    """Read the record of skill `name`; raise `IntegrityError`, or `Missing` when a newer skillkernel is needed."""
    _check_version(data, "record_version", RECORD_VERSION, place)
    record = _decode(data, Record, place)
    if record.name != name:
        raise _malformed(place, f"it is about {record.name!r}, not {name}")
    if record.publishers:
        _check_pins(record.publishers, place)
    _check_texts(record, place)
    for release in record.releases:
        inside(release.wheel, place)
        try:
            sha256(release.sha256)
        except InvalidName as error:
            raise _malformed(place, f"{release.version}: {error.message}") from error
        if not 0 < release.length <= WHEEL_LIMIT:
            raise _malformed(place, f"{release.version}: length {release.length} is not 1 to {WHEEL_LIMIT}")
        if release.provenance is not None:
            _check_file(release.provenance, release.version, place)
    return record


def _check_texts(record: Record, place: str) -> None:
    """What people are shown of a record, or compare with something, is plain; a summary and a reason are made so."""
    texts = [record.publisher, *(str(text) for pin in record.publishers for text in msgspec.structs.astuple(pin))]
    for release in record.releases:
        texts += (release.version, release.requires_kernel, release.requires_python, release.uploaded)
        texts += (*release.requires_skills, *(tool.name for tool in release.tools))
        if len(release.wheel) > WHEEL_NAME_LIMIT:
            raise _malformed(place, f"{visible(release.version, limit=80)}: the path of its wheel is too long")
    for text in texts:
        _one_line(text, place)
    versions = {release.version for release in record.releases}
    if len(versions) != len(record.releases):
        raise _malformed(place, "a version is there twice")


def _one_line(text: str, place: str) -> None:
    if len(text) > TEXT_LIMIT or visible(text) != text:
        raise _malformed(place, f"{visible(text, limit=80)!r} is too long, or has hidden characters")


def _check_pins(pins: tuple[PublisherPin, ...], place: str) -> None:
    from skillkernel_registry.provenance.signer import lacking  # which is made of the types of this module

    for pin in pins:
        if field := lacking(pin):
            raise _malformed(place, f"a publisher of kind {pin.kind} has no {field}")


def _check_file(file: FileRef, version: str, place: str) -> None:
    inside(file.path, place)
    try:
        sha256(file.sha256)
    except InvalidName as error:
        raise _malformed(place, f"{version}: {error.message}") from error
    if not 0 < file.length <= PROVENANCE_LIMIT:
        raise _malformed(place, f"{version}: length {file.length} of {file.path} is not 1 to {PROVENANCE_LIMIT}")


def parse_search(data: bytes, place: str) -> tuple[SearchLine, ...]:
    """The skills of search.json or of a piece of it; raise `IntegrityError`."""
    return parse_search_file(data, place).skills


def parse_search_file(data: bytes, place: str) -> SearchFile:
    """Read search.json or a piece of it; raise `IntegrityError`."""
    file = _decode(data, SearchFile, place)
    for line in file.skills:
        _named(line.name, place)
    return msgspec.structs.replace(file, skills=tuple(msgspec.structs.replace(line, index="") for line in file.skills))


def _named(name: str, place: str) -> SkillName:
    try:
        return skill_name(name)
    except InvalidName as error:
        raise _malformed(place, error.message) from error


_Value = TypeVar("_Value", IndexFile, Record, SearchFile)


def _decode(data: bytes, kind: type[_Value], place: str) -> _Value:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _malformed(place, str(error)) from error


def _check_version(data: bytes, field: str, known: int, place: str) -> None:
    try:
        value: Any = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _malformed(place, str(error)) from error
    found = value.get(field) if isinstance(value, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] # JSON of any shape
    if isinstance(found, int) and found > known:
        raise Missing(f"{place} has {field} {found}, which this skillkernel cannot read", hint="upgrade skillkernel")
    if found != known:
        raise _malformed(place, f"{field} must be {known}")


def _malformed(place: str, problem: str) -> IntegrityError:
    return IntegrityError(f"{place} is not what an index holds: {problem}", hint="docs/index-format.md describes it")
