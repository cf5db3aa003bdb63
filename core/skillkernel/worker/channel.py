"""The kernel's end of the wire to one worker: questions out, answers in, each checked before anybody sees it.

Ids are random and 128 bits wide, so that a worker cannot answer what it was not asked; an answer that is unknown,
repeated, malformed or too long ends the worker. Nothing here blocks: a worker that never reads fills only our own list.
"""

import asyncio
import os
import secrets
import select
import socket
import time
from collections.abc import Callable
from typing import Any

import msgspec

from skillkernel.errors import WorkerError, WorkerFloods, WorkerProtocolError
from skillkernel.worker.answers import ErrorObject, Message, NotAnAnswer, read_message, read_progress
from skillkernel.worker.frames import FrameReader, FrameTooLong, frame
from skillkernel.worker.seam import Progress

_PIECE = 65_536
_ENVELOPE_BYTES = 65_536
"""Beside a result: its envelope, or an error's bounded text."""
_PROGRESS_BYTES = 1_000_000
_LINGER_SECONDS = 0.000_3
_QUICK_SECONDS = 0.001
_SELECTABLE = 1024
_encode = msgspec.json.Encoder().encode

Outcome = tuple[Any, ErrorObject | None]


class Question:
    """A question on its way: `answer` resolves to its outcome, (result, None) or (None, error).

    `outcome` is kept here too, for an asker who gave up waiting at the very moment when it came.
    """

    __slots__ = ("answer", "asked", "id", "limit", "on_progress", "outcome", "progress_bytes")

    def __init__(
        self, answer: "asyncio.Future[Outcome]", limit: int, on_progress: Callable[[Progress], None] | None
    ) -> None:
        self.id = secrets.token_hex(16)
        self.asked = time.monotonic()
        self.answer = answer
        self.outcome: Outcome | None = None
        self.limit = limit
        self.on_progress = on_progress
        self.progress_bytes = 0


class Channel:
    """Asks one worker; `on_violation` hears once why it cannot be trusted further, `on_eof` that it hung up."""

    def __init__(
        self,
        sock: socket.socket,
        name: str,
        *,
        on_violation: Callable[[WorkerError], None],
        on_eof: Callable[[], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._socket = sock
        self._name = name
        self._on_violation = on_violation
        self._on_eof = on_eof
        self._asked: dict[str, Question] = {}
        self._reader = FrameReader(_ENVELOPE_BYTES)
        self._backlog = bytearray()
        self._quick = True
        sock.setblocking(False)
        self._loop.add_reader(sock, self.receive)

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return bool(self._asked)

    def ask(
        self, method: str, params: Any, *, limit: int, on_progress: Callable[[Progress], None] | None = None
    ) -> Question:
        """Send a question whose result may have `limit` bytes."""
        question = Question(self._loop.create_future(), limit, on_progress)
        self._asked[question.id] = question
        self._reader.limit = max(self._reader.limit, _ENVELOPE_BYTES + limit)
        self._send({"jsonrpc": "2.0", "id": question.id, "method": method, "params": params})
        return question

    def linger(self) -> None:
        """Wait a third of a millisecond for the answer, without the event loop, as long as this worker is that quick.

        A turn of the event loop costs more than a small tool does, and so does waking up from sleep: this looks again and
        again, and gives the processor to whoever else wants it in between.
        """
        if not self._quick or not 0 <= self._socket.fileno() < _SELECTABLE:
            return
        until = time.monotonic() + _LINGER_SECONDS
        while not select.select([self._socket], [], [], 0)[0]:
            if time.monotonic() > until:
                return
            os.sched_yield()
        self.receive()

    def renew(self, question: Question) -> None:
        """Have the same answer awaited again, after the first wait was given up."""
        question.answer = self._loop.create_future()

    def tell(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def close(self, error: WorkerError) -> None:
        """Hang up; every question that is open fails with `error`."""
        if self._socket.fileno() < 0:
            return
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._socket.close()
        self._fail(list(self._asked.values()), error)
        self._asked.clear()

    def receive(self) -> bool:
        """Take one piece of what the worker has sent; False when there is none, or it hung up."""
        try:
            data = self._socket.recv(_PIECE)
        except BlockingIOError:
            return False
        except OSError:  # closed by us, or its end is gone with unread bytes in it
            data = b""
        if data:
            self._read(data)
        elif self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._on_eof()
        return bool(data)

    def _read(self, data: bytes) -> None:
        answered: list[tuple[Question, Outcome]] = []
        try:
            for body in self._reader.feed(data):
                self._take(body, answered)
        except FrameTooLong as problem:
            self._violated(answered, WorkerFloods(f"{self._name}: its worker sent {problem}"))
        except _Floods as problem:
            self._violated(answered, WorkerFloods(f"{self._name}: {problem}"))
        except NotAnAnswer as problem:
            self._violated(answered, WorkerProtocolError(f"{self._name}: its worker sent {problem}"))
        else:
            self._resolve(answered)

    def _take(self, body: bytes, answered: list[tuple[Question, Outcome]]) -> None:
        message = read_message(body)
        if message.id is msgspec.UNSET:
            self._progress(message, len(body))
            return
        question = self._asked.pop(message.id, None)
        if question is None:
            raise NotAnAnswer("an answer to no question")
        error = None if message.error is msgspec.UNSET else message.error
        answered.append((question, (None if error else message.result, error)))

    def _progress(self, message: Message, size: int) -> None:
        params = read_progress(message)
        question = self._asked.get(params.id)
        if question is None:
            raise NotAnAnswer("the progress of no question")
        question.progress_bytes += size
        if question.progress_bytes > _PROGRESS_BYTES:
            raise _Floods("its worker sent more than 1 MB of progress in one call")
        if question.on_progress is not None:
            self._loop.call_soon(question.on_progress, Progress(params.fraction, params.text))

    def _resolve(self, answered: list[tuple[Question, Outcome]]) -> None:
        for question, outcome in answered:
            question.outcome = outcome
            self._quick = time.monotonic() - question.asked < _QUICK_SECONDS
            if not question.answer.done():
                question.answer.set_result(outcome)
        if answered:
            self._bound()

    def _violated(self, answered: list[tuple[Question, Outcome]], error: WorkerError) -> None:
        self._fail([question for question, _ in answered], error)
        self._on_violation(error)

    def _fail(self, questions: list[Question], error: WorkerError) -> None:
        for question in questions:
            if not question.answer.done():
                question.answer.set_exception(error)
                question.answer.exception()  # it counts as seen, also when its asker is gone

    def _bound(self) -> None:
        limits = [question.limit for question in self._asked.values()]
        self._reader.limit = _ENVELOPE_BYTES + (max(limits) if limits else 0)

    def _send(self, message: dict[str, Any]) -> None:
        data = frame(_encode(message))
        if self._backlog:
            self._backlog += data
            return
        sent = self._try_send(data)
        if sent < len(data):
            self._backlog += memoryview(data)[sent:]
            self._loop.add_writer(self._socket, self._flush)

    def _flush(self) -> None:
        del self._backlog[: self._try_send(self._backlog)]
        if not self._backlog:
            self._loop.remove_writer(self._socket)

    def _try_send(self, data: bytes | bytearray) -> int:
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0
        except OSError:  # it hung up: reading says so
            return len(data)


class _Floods(Exception):
    """More than may be sent."""
