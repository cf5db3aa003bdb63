"""What an executable file says about itself: whether it is one for this machine, and which loader starts it (elf(5)).

Threat: a file made to be misread. Every offset and size is bounded before it is used; what is odd is no program.
"""

import platform
import struct
from collections.abc import Callable

ReadAt = Callable[[int, int], bytes]
"""At most so many bytes (the first number) from an offset (the second), as os.pread."""
_MACHINES = {"x86_64": 62, "aarch64": 183}
_HEADER = struct.Struct("<4sBBBxxxxxxxxxHHIQQQIHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_EXECUTABLE, _SHARED = 2, 3
_INTERPRETER = 3
_MOST_SEGMENTS = 128
_MOST_PATH = 4096


class NoProgram(ValueError):
    """A file that is no program of this machine; the text says what it is instead."""


def loader_of(read_at: ReadAt, machine: str = platform.machine()) -> str:
    """The absolute path of the loader that a program names, empty for a static one; raise `NoProgram`."""
    header = read_at(_HEADER.size, 0)
    if header.startswith(b"#!"):
        raise NoProgram(
            "a script, which needs an interpreter beside it; only programs that are machine code can be run"
        )
    if len(header) < _HEADER.size or not header.startswith(b"\x7fELF"):
        raise NoProgram("no program of Linux (an ELF file)")
    _, width, order, _, kind, built_for, _, _, at, _, _, _, size, count = _HEADER.unpack(header)
    if (width, order) != (2, 1) or built_for != _MACHINES.get(machine) or kind not in (_EXECUTABLE, _SHARED):
        raise NoProgram(f"no program for this machine ({machine})")
    if size != _SEGMENT.size or not 0 < count <= _MOST_SEGMENTS:
        raise NoProgram("a damaged program")
    return _interpreter(read_at, read_at(size * count, _offset(at)), count)


def _interpreter(read_at: ReadAt, table: bytes, count: int) -> str:
    if len(table) != _SEGMENT.size * count:
        raise NoProgram("a damaged program")
    for kind, _, at, _, _, length, _, _ in _SEGMENT.iter_unpack(table):
        if kind == _INTERPRETER:
            if not 1 < length <= _MOST_PATH:
                raise NoProgram("a damaged program")
            return _path(read_at(length, _offset(at)))
    return ""


def _path(text: bytes) -> str:
    path = text.rstrip(b"\0")
    if not path.startswith(b"/") or b"\0" in path or b".." in path.split(b"/") or not path.isascii():
        raise NoProgram("a program whose loader has no absolute path")
    return path.decode("ascii")


def _offset(at: int) -> int:
    if at >= 1 << 62:
        raise NoProgram("a damaged program")
    return at
