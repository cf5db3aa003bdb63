"""Calling the operating system where Python has no function for it, at the least cost of an import.

`ctypes` builds types that nobody here needs and takes several milliseconds of every cold start; the extension module
beneath it takes none. Where that is missing, importing this fails, and no worker starts.
"""

import _ctypes
import os
from typing import Any

_extension: Any = _ctypes  # its types are generic to a type checker alone


class _Long(_extension._SimpleCData):  # type: ignore[misc] # see above  # see above
    _type_ = "l"


class _Byte(_extension._SimpleCData):  # type: ignore[misc] # see above  # see above
    _type_ = "B"


class _Function(_ctypes.CFuncPtr):
    _flags_ = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_USE_ERRNO
    _restype_ = _Long


_ARGUMENTS = 6
_syscall = _Function(_extension.dlsym(_extension.dlopen(None, os.RTLD_NOW), "syscall"))
_syscall.argtypes = [_Long] * (_ARGUMENTS + 1)


class Memory:
    """Bytes at an address that stays theirs as long as this object lives."""

    def __init__(self, content: bytes) -> None:
        kind: Any = type("Bytes", (_ctypes.Array,), {"_type_": _Byte, "_length_": len(content)})
        self._array = kind.from_buffer_copy(content)
        self.address = _ctypes.addressof(self._array)
        self.size = len(content)


def system_call(number: int, *arguments: int) -> int:
    """Make one system call; raise `OSError` with its errno."""
    result: int = _syscall(number, *arguments, *([0] * (_ARGUMENTS - len(arguments))))
    if result == -1:
        error = _ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result
