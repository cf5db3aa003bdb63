"""Frames on the wire between kernel and worker: four bytes of length, most significant first, then that many of JSON.

Both ends share this module, so it needs the standard library alone. A length above the limit is refused before one
byte of its body is kept.
"""

import struct
from collections.abc import Callable

_HEADER = struct.Struct(">I")
HEADER_BYTES = _HEADER.size
LONGEST = 0xFFFF_FFFF
"""Bytes of the longest body that a header can announce."""


class FrameTooLong(ValueError):
    """A header announces `size` bytes where at most `limit` are allowed."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"a frame of {size} bytes, at most {limit} are allowed")
        self.size = size
        self.limit = limit


def frame(body: bytes) -> bytes:
    """Return `body` with its header in front."""
    return _HEADER.pack(len(body)) + body


class FrameReader:
    """Cuts a stream of bytes into bodies, whatever pieces it comes in; `limit` may change between two pieces."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._pending = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Return the bodies that `data` completes; raise `FrameTooLong` as soon as a header says too much."""
        pending = self._pending
        pending += data
        bodies: list[bytes] = []
        start = 0
        while len(pending) - start >= HEADER_BYTES:
            (size,) = _HEADER.unpack_from(pending, start)
            if size > self.limit:
                raise FrameTooLong(size, self.limit)
            end = start + HEADER_BYTES + size
            if len(pending) < end:
                break
            bodies.append(bytes(pending[start + HEADER_BYTES : end]))
            start = end
        if start:
            del pending[:start]
        return bodies


def read_frame(receive: Callable[[int], bytes], limit: int) -> bytes | None:
    """Read one body with a blocking `receive(at_most)`; None when the stream ends, whether between frames or in one."""
    header = _exactly(receive, HEADER_BYTES)
    if header is None:
        return None
    (size,) = _HEADER.unpack(header)
    if size > limit:
        raise FrameTooLong(size, limit)
    return _exactly(receive, size)


def _exactly(receive: Callable[[int], bytes], size: int) -> bytes | None:
    data = b""
    while len(data) < size:
        piece = receive(size - len(data))
        if not piece:
            return None
        data += piece
    return data
