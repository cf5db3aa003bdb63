"""The bytes of a reply as chat-completion objects: server-sent events, or one JSON document where nothing is streamed.

The client library's own stream hides whether `[DONE]` came, and so cannot tell a whole reply from one cut in the
middle; that is why events are taken apart here.
"""

import json
from typing import Any, cast

from skillkernel.errors import ModelReplyInvalid
from skillkernel.model.openai_driver.foreign_text import shown

REPLY_BYTES = 16 * 1024 * 1024
HEAD_BYTES = 4096

Chunk = dict[str, Any]


class Body:
    """Takes the reply's bytes in pieces and gives its objects; `done` once the endpoint said that it is complete.

    Raises `ModelReplyInvalid`, showing the head of what came, when the bytes are not a chat completion.
    """

    def __init__(self, source: str, secret: str = "") -> None:
        self.done = False
        self._source = source
        self._secret = secret
        self._buffer = bytearray()
        self._head = bytearray()
        self._size = 0
        self._streamed: bool | None = None
        self._data: list[bytes] = []

    @property
    def begun(self) -> bool:
        """Whether a first byte came."""
        return self._size > 0

    def feed(self, piece: bytes) -> list[Chunk]:
        """Take the next bytes; return the objects that they complete."""
        self._size += len(piece)
        if self._size > REPLY_BYTES:
            raise self.invalid(f"is longer than {REPLY_BYTES // 1024 // 1024} MB")
        self._head += piece[: HEAD_BYTES - len(self._head)]
        self._buffer += piece
        if self._streamed is None:
            self._streamed = self._looks_streamed()
        return self._events() if self._streamed and b"\n" in piece else []

    def end(self) -> list[Chunk]:
        """Say that no more bytes come; return what was still incomplete."""
        if self.done:
            return []
        if self._streamed:
            return self._last_event()
        document = bytes(self._buffer).lstrip(b"\xef\xbb\xbf")
        if not document.strip():
            raise self.invalid("is empty")
        self.done = True
        return [self._object(document)]

    def invalid(self, problem: str) -> ModelReplyInvalid:
        """The error for this reply: `problem` goes after `the reply of SOURCE`."""
        head = shown(self._head.decode("utf-8", "replace"), self._secret)
        return ModelReplyInvalid(
            f"the reply of {self._source} {problem}" + (f": {head}" if head else ""),
            hint="check that OPENAI_BASE_URL is an OpenAI-compatible endpoint (it mostly ends in /v1)",
        )

    def _looks_streamed(self) -> bool | None:
        start = self._buffer.lstrip(b"\xef\xbb\xbf \r\n\t")
        if not start:
            return None
        if start.startswith(b"<"):
            raise self.invalid("is a web page, not a chat completion")
        return not start.startswith((b"{", b"["))

    def _events(self) -> list[Chunk]:
        chunks: list[Chunk] = []
        *lines, rest = self._buffer.split(b"\n")
        self._buffer = rest
        for raw in lines:
            line = raw.rstrip(b"\r").lstrip(b"\xef\xbb\xbf")
            if self.done:
                break
            if line:
                self._field(bytes(line))
            elif self._data:
                data, self._data = b"\n".join(self._data), []
                self.done = data.strip().startswith(b"[DONE]")
                if not self.done:
                    chunks.append(self._object(data))
        return chunks

    def _last_event(self) -> list[Chunk]:
        """An event that lacks its empty line; when it was cut, it is dropped: that the reply is cut shows without it."""
        self._buffer += b"\n\n"
        try:
            return self._events()
        except ModelReplyInvalid:
            return []

    def _field(self, line: bytes) -> None:
        """One line of an event (WHATWG HTML 9.2.6): `data:` counts; comments, `event:`, `id:` and `retry:` do not."""
        name, colon, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
        elif not colon and name not in (b"event", b"id", b"retry"):
            raise self.invalid("is not a stream of events")

    def _object(self, data: bytes) -> Chunk:
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            raise self.invalid("is not JSON") from None
        if not isinstance(value, dict):
            raise self.invalid("is not a chat completion")
        return cast("Chunk", value)
