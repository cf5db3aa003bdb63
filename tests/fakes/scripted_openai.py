"""An OpenAI-compatible endpoint on 127.0.0.1 that says what a test told it to say, good or bad."""

import json
import select
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import pytest

POLL = 0.05


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call as the endpoint writes it; nothing of it has to be right."""

    name: str
    arguments: Any = "{}"
    id: str | None = "call_1"
    index: int | None = -1
    """-1: its place among the calls; None: left out."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer to `POST …/chat/completions`.

    `fragment`: characters of text and arguments per event, 0: all at once. `body`: these bytes instead of a completion.
    `cut`: bytes of the body after which the connection is closed. `hang`: after what is sent, nothing more, and the
    connection stays open; with `silent` not even a status line comes. `chunked`: as HTTP/1.1 streams, so that the
    connection serves the next request too; otherwise the end of the connection is the end of the body.
    """

    text: str | None = None
    calls: tuple[Call, ...] = ()
    finish: str | None = ""
    stream: bool = True
    done: bool = True
    fragment: int = 0
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = ""
    body: bytes | None = None
    cut: int | None = None
    hang: bool = False
    silent: bool = False
    chunked: bool = True


Script = Sequence[Reply] | Callable[[dict[str, Any]], Reply]
"""Replies in order, the last one for ever; or a function of the request's JSON."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    client_port: int
    json: dict[str, Any] = field(default_factory=dict[str, Any])


class ScriptedOpenAI:
    """The server; as a context manager it listens while the block runs. `base_url` is what OPENAI_BASE_URL wants."""

    def __init__(self, script: Script, *, models: Sequence[str] | None = ("scripted-model",)) -> None:
        self.received: list[Received] = []
        self.hung_up = threading.Event()
        self._script = script
        self._models = models
        self._asked = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL,), daemon=True)

    @property
    def base_url(self) -> str:
        """The address, to /v1."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def chats(self) -> list[dict[str, Any]]:
        """The JSON of every chat completion that was asked for."""
        return [request.json for request in self.received if request.method == "POST"]

    def play(self, script: Script) -> None:
        """Go on with another script, from its beginning."""
        with self._lock:
            self._script, self._asked = script, 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, handler: BaseHTTPRequestHandler, request: Received) -> None:
        """Record a request and answer it on the handler's connection."""
        self.received.append(request)
        if request.method == "GET":
            self._answer_models(handler)
            return
        reply = self._next(request.json)
        if not reply.silent:
            body = _body(reply)
            _send(handler, reply, body)
        if reply.hang or reply.silent:
            self._wait_for_hang_up(handler.connection)

    def _next(self, request: dict[str, Any]) -> Reply:
        with self._lock:
            if callable(self._script):
                return self._script(request)
            reply = self._script[min(self._asked, len(self._script) - 1)]
            self._asked += 1
            return reply

    def _answer_models(self, handler: BaseHTTPRequestHandler) -> None:
        if self._models is None:
            _send(handler, Reply(status=404, content_type="text/plain"), b"404 page not found")
            return
        listed = [{"id": name, "object": "model", "created": 0, "owned_by": "test"} for name in self._models]
        body = json.dumps({"object": "list", "data": listed}).encode()
        _send(handler, Reply(content_type="application/json"), body)

    def _wait_for_hang_up(self, connection: socket.socket) -> None:
        while not self._closing.is_set():
            readable, _, _ = select.select([connection], [], [], POLL)
            if readable and not connection.recv(65536):
                self.hung_up.set()
                return


@pytest.fixture
def scripted_openai() -> Iterator[ScriptedOpenAI]:
    """A listening server that says `Done.` until `play` gives it a script."""
    with ScriptedOpenAI([Reply(text="Done.")]) as server:
        yield server


def _handler(server: ScriptedOpenAI) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            server.answer(self, Received("GET", self.path, dict(self.headers), self.client_address[1]))

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", 0)))
            server.answer(
                self, Received("POST", self.path, dict(self.headers), self.client_address[1], json.loads(raw))
            )

        def handle(self) -> None:
            # A client that turns away in the middle is what some tests are about; the server has nothing to say to it.
            with suppress(ConnectionError):
                super().handle()

        def log_message(self, format: str, *args: Any) -> None:  # the base class names it so
            """Tests print nothing."""

    return Handler


def _send(handler: BaseHTTPRequestHandler, reply: Reply, body: bytes) -> None:
    """Send status, headers and body as the reply says."""
    streamed = reply.stream and reply.body is None and reply.status == 200
    chunked = streamed and reply.chunked
    handler.close_connection = not chunked or reply.cut is not None or reply.hang
    handler.send_response(reply.status)
    handler.send_header("Content-Type", reply.content_type or ("text/event-stream" if streamed else "application/json"))
    if chunked:
        handler.send_header("Transfer-Encoding", "chunked")
    elif reply.cut is None and not reply.hang:
        handler.send_header("Content-Length", str(len(body)))
    if handler.close_connection:
        handler.send_header("Connection", "close")
    for name, value in reply.headers:
        handler.send_header(name, value)
    handler.end_headers()
    sent = body if reply.cut is None else body[: reply.cut]
    try:
        if chunked and sent:
            handler.wfile.write(f"{len(sent):x}\r\n".encode() + sent + b"\r\n")
        elif sent:
            handler.wfile.write(sent)
        if chunked and not handler.close_connection:
            handler.wfile.write(b"0\r\n\r\n")
        handler.wfile.flush()
    except (BrokenPipeError, ConnectionResetError):
        handler.close_connection = True


def _body(reply: Reply) -> bytes:
    if reply.body is not None:
        return reply.body
    if reply.status != 200:
        return json.dumps({"error": {"message": reply.text or "refused", "type": "error", "code": None}}).encode()
    return _events(reply) if reply.stream else _completion(reply)


def _finish(reply: Reply) -> str | None:
    return reply.finish if reply.finish != "" else ("tool_calls" if reply.calls else "stop")


def _completion(reply: Reply) -> bytes:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text}
    if reply.calls:
        message["tool_calls"] = [_call(call, place, call.arguments) for place, call in enumerate(reply.calls)]
    choice = {"index": 0, "message": message, "finish_reason": _finish(reply)}
    whole = {"id": "chat-1", "object": "chat.completion", "created": 0, "model": "scripted-model", "choices": [choice]}
    return json.dumps(whole | {"usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}}).encode()


def _events(reply: Reply) -> bytes:
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": None}]
    deltas += [{"content": piece} for piece in _pieces(reply.text or "", reply.fragment)]
    for place, call in enumerate(reply.calls):
        first, *rest = _pieces(call.arguments, reply.fragment) or [""]
        deltas.append({"tool_calls": [_call(call, place, first)]})
        for piece in rest:
            fragment: dict[str, Any] = {"function": {"arguments": piece}}
            if call.index is not None:
                fragment["index"] = place if call.index == -1 else call.index
            deltas.append({"tool_calls": [fragment]})
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
    ]
    if _finish(reply) is not None:
        chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": _finish(reply)}]})
        chunks.append({"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 7}})
    head = {"id": "chat-1", "object": "chat.completion.chunk", "created": 0, "model": "scripted-model"}
    events = b"".join(b"data: " + json.dumps(head | chunk).encode() + b"\n\n" for chunk in chunks)
    return events + (b"data: [DONE]\n\n" if reply.done else b"")


def _pieces(value: Any, length: int) -> list[Any]:
    if not isinstance(value, str) or not length:
        return [value] if value else []
    return [value[start : start + length] for start in range(0, len(value), length)]


def _call(call: Call, place: int, arguments: Any) -> dict[str, Any]:
    written: dict[str, Any] = {"type": "function", "function": {"name": call.name, "arguments": arguments}}
    if call.id is not None:
        written["id"] = call.id
    if call.index is not None:
        written["index"] = place if call.index == -1 else call.index
    return written
