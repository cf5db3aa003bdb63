"""The zip file that a wheel is, read so that nothing in it can surprise whoever unpacks it.

Refused before a byte is written: paths that climb, are absolute, hide characters or differ only in case or Unicode
form, links and devices, a name twice, encryption, unusual compression, more files or bytes than MEMBER_LIMIT and
UNPACKED_LIMIT, bytes before, between or after the members, and sizes that are not those declared.
"""

import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from skillkernel.errors import UsageError
from skillkernel.text import visible
from skillkernel_registry.errors import UnsafeWheel

MEMBER_LIMIT = 5_000
UNPACKED_LIMIT = 200_000_000
"""Bytes of all members together."""
_PATH_LIMIT = 240
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_END_OF_ZIP = 22
"""Bytes of the record at the very end of a zip without a comment."""
_DEVICE_NAMES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_PLAIN = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


class Archive:
    """An opened wheel; `names` are its files, folders left out, in the order of the zip."""

    def __init__(self, label: str, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
        self.label = label
        self._zip = archive
        self._members = {member.filename: member for member in members}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._members)

    def refuse(self, place: str, problem: str) -> UnsafeWheel:
        """The error for this wheel."""
        return UnsafeWheel(self.label, place, problem)

    def read(self, name: str) -> bytes:
        """The whole of one file; raise `UnsafeWheel` when it is not there or not what the zip says."""
        member = self._members.get(name)
        if member is None:
            raise self.refuse(name, "is missing")
        try:
            with self._zip.open(member) as file:
                data = file.read(member.file_size + 1)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError) as error:
            raise self.refuse(name, f"cannot be read: {error}") from error
        if len(data) != member.file_size:
            raise self.refuse(name, "is not as long as the archive says")
        return data


@contextmanager
def open_archive(path: Path) -> Generator[Archive]:
    """Open a wheel and check the shape of its zip; raise `UnsafeWheel`, `UsageError` for a file that cannot be read."""
    try:
        archive = zipfile.ZipFile(path)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError) as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", hint="name a wheel, as `skill build` makes it"
        ) from error
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnsafeWheel(path.name, "", f"is not a zip file: {error}") from error
    with archive:
        _check(path, archive)
        yield Archive(path.name, archive, [member for member in archive.infolist() if not member.is_dir()])


def _check(path: Path, archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if len(members) > MEMBER_LIMIT:
        raise UnsafeWheel(path.name, "", f"holds {len(members)} files; {MEMBER_LIMIT} are allowed")
    if (size := sum(member.file_size for member in members)) > UNPACKED_LIMIT:
        raise UnsafeWheel(path.name, "", f"unpacks to {size} bytes; {UNPACKED_LIMIT} are allowed")
    seen: dict[str, str] = {}
    for member in members:
        if problem := _path_problem(member) or _kind_problem(member):
            raise UnsafeWheel(path.name, _shown(member), problem)
        folded = _folded(member.filename.rstrip("/"))
        if folded in seen:
            twice = seen[folded] == member.filename
            raise UnsafeWheel(path.name, _shown(member), "is there twice" if twice else f"collides with {seen[folded]}")
        seen[folded] = member.filename
    _check_parents(path, seen)
    _check_layout(path, archive, members)


def _path_problem(member: zipfile.ZipInfo) -> str:
    name = member.filename
    parts = PurePosixPath(name).parts
    if member.orig_filename != name or "\\" in name or not name.isprintable() or visible(name) != name:
        return "has a path with characters that do not belong there"
    if not parts or name.startswith("/") or ":" in name:
        return "has an absolute path"
    if ".." in parts or "." in name.split("/") or "//" in name:
        return "has a path that climbs or is not plain"
    if len(name.encode()) > _PATH_LIMIT:
        return f"has a path of more than {_PATH_LIMIT} bytes"
    if any(_DEVICE_NAMES.fullmatch(part) or part.endswith((" ", ".")) for part in parts):
        return "has a name that is a device or ends in a dot or space"
    return ""


def _kind_problem(member: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR} or (kind == stat.S_IFDIR) > member.is_dir():
        return "is a link or a device"
    if member.flag_bits & 0x1:
        return "is encrypted"
    if member.compress_type not in _PLAIN:
        return "is compressed in an unusual way"
    return "is a folder with contents" if member.is_dir() and member.file_size else ""


def _shown(member: zipfile.ZipInfo) -> str:
    return ascii(member.filename)[1:-1][:200]


def _check_parents(path: Path, seen: dict[str, str]) -> None:
    """Folders must be spelled alike everywhere: two that a file system takes for one would be mixed."""
    spelled: dict[str, str] = {}
    for name in seen.values():
        for parent in map(str, PurePosixPath(name).parents):
            folded = _folded(parent)
            holder = seen.get(folded, "")
            if holder and not holder.endswith("/"):
                raise UnsafeWheel(path.name, ascii(holder)[1:-1], "is both a file and a folder")
            other = spelled.setdefault(folded, holder.rstrip("/") or parent)
            if other != parent:
                raise UnsafeWheel(path.name, ascii(name)[1:-1][:200], f"is in a folder that collides with {other}")


def _folded(name: str) -> str:
    """A path as file systems compare it that look at neither case nor Unicode form."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _check_layout(path: Path, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    """Members must fill the file from its first byte to the directory, each once: what lies between could be read
    differently by another program."""
    end = 0
    with path.open("rb") as file:
        for member in sorted(members, key=lambda member: member.header_offset):
            if member.header_offset != end:
                raise UnsafeWheel(path.name, _shown(member), "overlaps another file or hides bytes before it")
            file.seek(member.header_offset)
            header = file.read(_LOCAL_HEADER.size)
            if len(header) < _LOCAL_HEADER.size:
                raise UnsafeWheel(path.name, _shown(member), "is cut off")
            name_length, extra_length = _LOCAL_HEADER.unpack(header)[9:11]
            end = member.header_offset + _LOCAL_HEADER.size + name_length + extra_length + member.compress_size
            if member.flag_bits & 0x8:
                raise UnsafeWheel(path.name, _shown(member), "says its size only afterwards")
        file.seek(max(path.stat().st_size - _END_OF_ZIP, 0))
        ends = file.read(4) == b"PK\x05\x06"
    if end != archive.start_dir or archive.comment or not ends:
        raise UnsafeWheel(path.name, "", "has bytes that belong to no file")
