"""Reads skill.lock, which may come from a stranger's repository: nothing in it is believed before it was looked at.

What is wrong is found all at once, each with its place. What a lock claims of a wheel is checked against that wheel
later, where it is used.
"""

import math
import re
import tomllib
from collections.abc import Callable, Collection, Iterator
from typing import Any, cast

import msgspec
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from skillkernel.catalogue.verify import LOCAL
from skillkernel.errors import InvalidName, Missing, UsageError
from skillkernel.names import sha256, skill_name
from skillkernel.permissions.rows import row_problem
from skillkernel.text import visible
from skillkernel_registry.errors import LockInvalid
from skillkernel_registry.first_party import FIRST_PARTY
from skillkernel_registry.index_format import WHEEL_LIMIT
from skillkernel_registry.location import parse_location
from skillkernel_registry.lockfile.format import LOCK_FILE_VERSION, LockedIndex, LockedSkill, LockFile
from skillkernel_registry.request import parse_named
from skillkernel_registry.wheel import DISTRIBUTION_PREFIX

LOCK_BYTES = 4_000_000
"""Of one skill.lock."""
_INDEX_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_TEXT_LIMIT = 300
_DEPTH_LIMIT = 20
_LARGEST = 2**63

Finding = tuple[str, str]


def parse_lock_file(data: bytes, place: str) -> LockFile:
    """The lock in these bytes of the file `place`.

    Raises `LockInvalid` with every finding, `Missing` when a newer skillkernel is needed to read it.
    """
    if len(data) > LOCK_BYTES:
        raise LockInvalid(place, (("", f"is longer than {LOCK_BYTES} bytes"),))
    value = _toml(data, place)
    _check_version(value.get("lock_version"), place)
    try:
        lock = msgspec.convert(value, LockFile)
    except msgspec.ValidationError as error:
        problem, _, where = str(error).partition(" - at ")
        raise LockInvalid(place, ((where.strip("`$.") or "", problem),)) from None
    if findings := tuple(_findings(lock)):
        raise LockInvalid(place, findings)
    return lock


def _toml(data: bytes, place: str) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise LockInvalid(place, (("", f"is not UTF-8 text: {error.reason} at byte {error.start}"),)) from None
    except (ValueError, RecursionError) as error:
        raise LockInvalid(place, (("", f"is not TOML: {str(error)[:_TEXT_LIMIT]}"),)) from None


def _check_version(found: object, place: str) -> None:
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise LockInvalid(place, (("lock_version", f"must be {LOCK_FILE_VERSION}"),))
    if found > LOCK_FILE_VERSION:
        raise Missing(
            f"{place} has lock_version {found}, which this skillkernel cannot read", hint="upgrade skillkernel"
        )


def _findings(lock: LockFile) -> Iterator[Finding]:
    for number, index in enumerate(lock.indexes):
        yield from _at(f"index {_shown(index.name, number)}", _of_index(index))
    for number, skill in enumerate(lock.skills):
        yield from _at(f"skill {_shown(skill.name, number)}", _of_skill(skill, lock))
    yield from _twice("index", [index.name for index in lock.indexes])
    yield from _twice("index address", [index.address for index in lock.indexes])
    yield from _twice("skill", [skill.name for skill in lock.skills])


def _shown(name: str, number: int) -> str:
    return visible(name, limit=40) or f"number {number + 1}"


def _at(place: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    return ((f"{place}: {field}", problem) for field, problem in findings)


def _twice(kind: str, names: list[str]) -> Iterator[Finding]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{kind} {visible(name, limit=80)}", "is there more than once"


def _of_index(index: LockedIndex) -> Iterator[Finding]:
    if not _INDEX_NAME.fullmatch(index.name) or index.name == LOCAL:
        yield "name", "write lower-case letters, digits, `.`, `_` and `-`, and not `local`"
    if problem := _address_problem(index.address):
        yield "address", problem
    if index.root and (problem := _refused(sha256, index.root)):
        yield "root", problem


def _address_problem(address: str) -> str:
    if address == FIRST_PARTY:
        return ""
    try:
        normal = str(parse_location(address))
    except (UsageError, ValueError, RuntimeError) as error:
        return str(error)
    if normal != address or not (address.startswith("/") or "://" in address) or _odd(address):
        return "must be first-party, an absolute folder, or an address that ends in /"
    return ""


def _of_skill(skill: LockedSkill, lock: LockFile) -> Iterator[Finding]:
    if problem := _refused(skill_name, skill.name):
        yield "name", problem
    if problem := _version_problem(skill.version):
        yield "version", problem
    if skill.index != LOCAL and all(index.name != skill.index for index in lock.indexes):
        yield "index", f"there is no index {visible(skill.index, limit=40)!r} in this file"
    for field, text in (("publisher", skill.publisher), ("signer", skill.signer)):
        if _odd(text) or len(text) > _TEXT_LIMIT:
            yield field, f"must be at most {_TEXT_LIMIT} characters that can be seen"
        if text and skill.index == LOCAL:
            yield field, "must be empty for a local skill"
    yield from _of_wheel(skill)
    for text in skill.requires:
        yield from _of_requirement(text, lock)
    for row in skill.grants:
        if problem := row_problem(row):
            yield f"grants: {visible(row, limit=80)}", problem
    if len(set(skill.grants)) != len(skill.grants):
        yield "grants", "a row is there more than once"
    if skill.settings is not None and (problem := _json_problem(skill.settings)):
        yield "settings", problem


def _of_wheel(skill: LockedSkill) -> Iterator[Finding]:
    if problem := _wheel_problem(skill):
        yield "wheel", problem
    if not 0 < skill.length <= WHEEL_LIMIT:
        yield "length", f"must be 1 to {WHEEL_LIMIT}"
    for field, text in (("sha256", skill.sha256), ("dependencies", skill.dependencies)):
        if problem := _refused(sha256, text):
            yield field, problem


def _wheel_problem(skill: LockedSkill) -> str:
    try:
        name, version, _, _ = parse_wheel_filename(skill.wheel)
    except InvalidWheelFilename as error:
        return str(error)[:_TEXT_LIMIT]
    if "/" in skill.wheel or _odd(skill.wheel) or not skill.wheel.isascii():
        return "must be the name of a file"
    if name != canonicalize_name(DISTRIBUTION_PREFIX + skill.name) or str(version) != skill.version:
        return f"is not the wheel of {DISTRIBUTION_PREFIX}{skill.name} {visible(skill.version, limit=40)}"
    return ""


def _of_requirement(text: str, lock: LockFile) -> Iterator[Finding]:
    try:
        wanted = parse_named(text)
    except UsageError as error:
        yield "requires", error.message
        return
    there = lock.skill(wanted.name)
    try:
        if there is None or not wanted.specifier.contains(there.version, prereleases=True):
            yield "requires", f"{visible(text, limit=80)} is not among the skills of this file"
    except ValueError:
        return  # said at that skill's own version


def _version_problem(text: str) -> str:
    try:
        normal = str(Version(text))
    except ValueError:  # InvalidVersion, and a number of more digits than Python reads
        return f"{visible(text, limit=40)!r} is not a PEP 440 version"
    return "" if normal == text else f"write it as {normal}"


def _refused(check: Callable[[str], object], text: str) -> str:
    try:
        check(text)
    except InvalidName as error:
        return f"{error.message}; {error.hint}"
    return ""


def _odd(text: str) -> bool:
    return visible(text) != text


def _json_problem(value: object, depth: int = 0) -> str:
    """Why a TOML value is no setting: TOML has dates, numbers and depths that JSON, or we, do not take."""
    if depth > _DEPTH_LIMIT:
        return "is nested too deeply"
    parts: Collection[object]
    if isinstance(value, dict):
        parts = cast("dict[str, object]", value).values()
    elif isinstance(value, list):
        parts = cast("list[object]", value)
    elif isinstance(value, float) and not math.isfinite(value):
        return f"{value} is no JSON number"
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _LARGEST:
        return "has an integer of more than 64 bits"
    elif isinstance(value, str | int | float):
        return ""
    else:
        return f"a {type(value).__name__} is no JSON value"
    return next((problem for part in parts if (problem := _json_problem(part, depth + 1))), "")
