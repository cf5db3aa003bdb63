"""llama.cpp inside this process, by xllamacpp: one loaded model, one generation at a time.

The engine brings an HTTP listener of its own, which nothing here uses: it is bound to a socket file in a private folder
that is deleted as soon as the model is loaded, so no other process can reach the model.
"""

import os
import tempfile
import threading
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Literal, Protocol, TypedDict

import anyio.to_thread

from skillkernel.errors import ModelError, ModelMissing

CONTEXT_TOKENS = 4096
SLOTS = 2
"""Prompts of one kind share a slot, and with it the part that they begin with: that is read once."""


class Turn(TypedDict):
    """One chat turn; a last turn of the assistant is continued, not answered."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model reads; prompts of one `slot` (0 to `SLOTS` - 1) are read only from where they differ."""

    turns: tuple[Turn, ...]
    slot: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model wrote. `first` maps its first token's rivals to log-probabilities before any grammar."""

    text: str
    first: dict[str, float]
    cut: bool = False


@dataclass(slots=True)
class Spent:
    """Tokens that an engine has read and written so far."""

    prompt: int = 0
    completion: int = 0


class Writer(Protocol):
    """What can continue a prompt; the seam between the decisions here and llama.cpp."""

    async def complete(
        self, prompt: Prompt, *, grammar: str = "", schema: Any = None, max_tokens: int = 64, rivals: int = 0
    ) -> Completion:
        """See `Engine.complete`."""
        ...


class Engine:
    """One model in memory. Raises `ModelMissing` when the file cannot be loaded, `ModelError` when a request fails."""

    def __init__(self, path: Path, threads: int | None = None) -> None:
        self._server: Any = _load(path, threads or os.cpu_count() or 2)
        self._turn = threading.Lock()
        self.spent = Spent()

    async def complete(
        self, prompt: Prompt, *, grammar: str = "", schema: Any = None, max_tokens: int = 64, rivals: int = 0
    ) -> Completion:
        """Continue `prompt` greedily under a GBNF grammar or a JSON Schema; `rivals` first tokens are reported."""
        body = _body(prompt, max_tokens)
        if grammar:
            body["grammar"] = grammar
        if schema is not None:
            body["grammar"] = _grammar_of(schema)
        if rivals:
            body |= {"logprobs": True, "top_logprobs": rivals}
        stopped = threading.Event()
        chunks: list[dict[str, Any]] = []
        try:
            await anyio.to_thread.run_sync(self._run, body, stopped, chunks.append, abandon_on_cancel=True)
        finally:
            stopped.set()
        return _joined(chunks)

    async def stream(self, prompt: Prompt, max_tokens: int) -> AsyncGenerator[Completion, None]:
        """Yield the pieces of an answer as they are written; closing the iterator ends the generation."""
        pieces: SimpleQueue[dict[str, Any] | Exception | None] = SimpleQueue()
        stopped = threading.Event()

        def run() -> None:
            try:
                self._run(_body(prompt, max_tokens), stopped, pieces.put)
                pieces.put(None)
            except Exception as error:  # noqa: BLE001 # it crosses to the reader's thread, which raises it
                pieces.put(error)

        threading.Thread(target=run, name="skillkernel-model", daemon=True).start()
        try:
            while (piece := await anyio.to_thread.run_sync(pieces.get, abandon_on_cancel=True)) is not None:
                if isinstance(piece, Exception):
                    raise piece
                yield _joined([piece])
        finally:
            stopped.set()

    async def aclose(self) -> None:
        """Wait for the generation that runs, and free the model."""
        await anyio.to_thread.run_sync(self._free)

    def _run(self, body: dict[str, Any], stopped: threading.Event, on_chunk: Callable[[dict[str, Any]], None]) -> None:
        with self._turn:
            if stopped.is_set():
                return
            if self._server is None:
                raise ModelError("the embedded model was closed")
            failures: list[str] = []

            def checked(chunk: dict[str, Any]) -> bool:
                if problem := chunk.get("error"):
                    failures.append(str(problem.get("message", problem)))
                    return True
                self._count(chunk)
                on_chunk(chunk)
                return stopped.is_set()

            self._server.handle_chat_completions(body, checked)
            if failures:
                raise ModelError(f"the embedded model refused a request: {failures[0]}")

    def _count(self, chunk: dict[str, Any]) -> None:
        usage: dict[str, Any] = chunk.get("timings") or {}
        self.spent.prompt += int(usage.get("prompt_n", 0))
        self.spent.completion += int(usage.get("predicted_n", 0))

    def _free(self) -> None:
        with self._turn:
            self._server = None


def _library() -> Any:
    try:
        return import_module("xllamacpp")  # it has no types
    except ImportError as error:
        raise engine_missing() from error


def require_engine() -> None:
    """Raise `ModelMissing` when the extra `local` is not installed; loads nothing."""
    if find_spec("xllamacpp") is None:
        raise engine_missing()


def _load(path: Path, threads: int) -> Any:
    xllamacpp = _library()
    if not path.is_file():
        raise ModelMissing(f"{path}: there is no such model file", hint="name a .gguf file, or leave SKILL_MODEL unset")
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = CONTEXT_TOKENS * SLOTS
    params.n_parallel = SLOTS
    params.n_gpu_layers = 0
    params.warmup = False
    params.verbosity = -1
    params.cache_ram_mib = 0
    params.n_threads_http = 1
    for cpu in (params.cpuparams, params.cpuparams_batch):
        cpu.n_threads = threads
        cpu.poll = 0  # busy waiting makes a shared machine crawl and gains nothing here
    with tempfile.TemporaryDirectory(prefix="skillkernel-") as folder:
        params.hostnames = [str(Path(folder, "unused.sock"))]
        try:
            return xllamacpp.Server(params)
        except RuntimeError as error:
            raise ModelMissing(
                f"{path}: llama.cpp cannot load it", hint="is it a complete .gguf file of a chat model?"
            ) from error


def _grammar_of(schema: Any) -> str:
    try:
        return str(_library().json_schema_to_grammar(schema))
    except (RuntimeError, ValueError, TypeError) as error:
        raise ModelError("the embedded model cannot follow a tool's schema", hint=str(error)) from error


def engine_missing() -> ModelMissing:
    """The error of a machine without the extra `local`; its hint says both ways on."""
    return ModelMissing(
        "no model is configured, and the engine of the embedded one is not installed",
        hint='`pip install "skillkernel[local]"`, or set OPENAI_BASE_URL, OPENAI_API_KEY and SKILL_MODEL',
    )


def _body(prompt: Prompt, max_tokens: int) -> dict[str, Any]:
    return {
        "messages": list(prompt.turns),
        "id_slot": prompt.slot,
        "max_tokens": max_tokens,
        "temperature": 0,
        "repeat_penalty": 1.1,
        "stream": True,
        "cache_prompt": True,
    }


def _text(chunk: dict[str, Any]) -> str:
    choices: list[dict[str, Any]] = chunk.get("choices") or []
    delta: dict[str, Any] = choices[0].get("delta") or {} if choices else {}
    return str(delta.get("content") or "")


def _joined(chunks: list[dict[str, Any]]) -> Completion:
    first: dict[str, float] = {}
    cut = False
    for chunk in chunks:
        choices: list[dict[str, Any]] = chunk.get("choices") or []
        for choice in choices:
            cut = cut or choice.get("finish_reason") == "length"
            logprobs: dict[str, Any] = choice.get("logprobs") or {}
            written: list[dict[str, Any]] = logprobs.get("content") or []
            if written and not first:
                first = {str(rival["token"]): float(rival["logprob"]) for rival in written[0]["top_logprobs"]}
    return Completion("".join(_text(chunk) for chunk in chunks), first, cut)
