"""Runs inside the walls, as the first code of a worker: takes the last rights away, loads the skill, serves its calls.

The first frame on descriptor 3 says which skill; `RESTRICTIONS` run before one line of it does. Standard library,
pluggy and the SDK only, and few of those: each import counts in a cold start.
"""

import _thread
import fcntl
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from json import JSONEncoder, loads
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

from skillkernel import hookspecs
from skillkernel.errors import ResultInvalid, SkillBroken, SkillKernelError
from skillkernel.sdk.collect import ToolFunction, collect_tools
from skillkernel.sdk.context import Context
from skillkernel.sdk.invoke import call_tool
from skillkernel.worker.frames import LONGEST, frame, read_frame
from skillkernel.worker.inside import network
from skillkernel.worker.inside.ask import DOOR, ask_kernel, running_call
from skillkernel.worker.inside.confine import confine, die_with_the_kernel
from skillkernel.worker.relief import Relief

if TYPE_CHECKING:
    from skillkernel.worker.inside.watching import Watch

_RPC = 3
_LONGEST_TEXT = 8_000
_encode = JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def set_limits(start: dict[str, Any]) -> None:
    """Set the resource limits that the kernel chose; they can be lowered from here on, never raised."""
    import resource

    if start["limits"] is None:  # a person chose to run this skill without walls
        return
    address_space, file_size, descriptors, processes = start["limits"]
    chosen = {
        resource.RLIMIT_AS: address_space,
        resource.RLIMIT_FSIZE: file_size,
        resource.RLIMIT_NOFILE: descriptors,
        resource.RLIMIT_NPROC: processes,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in chosen.items():
        if most is not None:
            hard = resource.getrlimit(kind)[1]
            bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (bound, bound))


RESTRICTIONS: tuple[Callable[[dict[str, Any]], None], ...] = (
    die_with_the_kernel,
    confine,
    set_limits,
)
"""What takes rights away, in this order, while there is one thread and no code of the skill."""


class Wire:
    """Descriptor 3: whole frames in, whole frames out, from any thread."""

    descriptor = _RPC

    def __init__(self) -> None:
        self._lock = _thread.allocate_lock()

    def read(self) -> dict[str, Any] | None:
        """The next message; None when the kernel is gone."""
        body = read_frame(lambda size: os.read(_RPC, size), LONGEST)
        return None if body is None else loads(body)

    def progress(self, question: str, fraction: float | None, text: str) -> None:
        """Say how far the call of that id is."""
        params = _encode({"id": question, "fraction": fraction, "text": _bounded(text)})
        self.write(f'{{"jsonrpc":"2.0","method":"progress","params":{params}}}')

    def write(self, text: str) -> None:
        """Send one message that is JSON text already."""
        data = memoryview(frame(text.encode()))
        with self._lock:
            while data:
                data = data[os.write(_RPC, data) :]


def _answer(question: str, result: str) -> str:
    return f'{{"jsonrpc":"2.0","id":"{question}","result":{result}}}'


def _refusal(question: str, kind: str, message: str, hint: str = "") -> str:
    """An error as an answer; `kind` is a code of skillkernel.errors."""
    data = {"kind": kind, "hint": _bounded(hint)}
    error = _encode({"code": -32000, "message": _bounded(message), "data": data})
    return f'{{"jsonrpc":"2.0","id":"{question}","error":{error}}}'


def _bounded(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()[:_LONGEST_TEXT]


class Worker:
    """One skill, loaded. Calls that come one at a time run on the main thread, others beside it on their own."""

    def __init__(self, wire: Wire, start: dict[str, Any]) -> None:
        self._wire = wire
        self._start = start
        self._data = Path(start["data"])
        self._running: dict[str, Context] = {}
        self._relief = Relief(wire, self._take)
        self._stop: str | None = None
        self._watch = _watch(start) if start["watched"] else None
        self._hooks = pluggy.PluginManager(hookspecs.PROJECT)
        self._hooks.add_hookspecs(hookspecs)
        module = import_module(start["module"])
        self._hooks.register(module)
        self.tools: dict[str, ToolFunction] = collect_tools(module, self._hooks)
        self._hooks.hook.skillkernel_start(context=self._context("skillkernel_start", {}, ""))

    def serve(self) -> None:
        """Answer calls until the kernel asks to stop or is gone."""
        while self._stop is None and (message := self._relief.read()) is not None:
            if message["method"] == "call":
                self._begin(message)
                with self._relief:
                    answer = self._handle(message)
                self._wire.write(answer)
            else:
                self._take(message)
        if self._stop:
            self._hooks.hook.skillkernel_stop()
            self._wire.write(_answer(self._stop, "null"))

    def _take(self, message: dict[str, Any] | None) -> None:
        """Take a message that is not for the main thread."""
        if message is None:
            os._exit(0)  # the kernel is gone
        elif message["method"] == "call":
            self._begin(message)
            try:
                _thread.start_new_thread(self._handle_beside, (message,))
            except RuntimeError:
                del self._running[message["id"]]
                self._wire.write(_refusal(message["id"], "tool-crashed", "too many calls at once"))
        elif message["method"] == "cancel":
            context = self._running.get(message["params"]["id"])
            if context is not None:
                with suppress(RuntimeError):  # an async tool that has just ended: its loop is closed
                    context.cancel()
        else:
            self._stop = message["id"]

    def _begin(self, message: dict[str, Any]) -> None:
        """From now on the call can be cancelled."""
        params = message["params"]
        self._running[message["id"]] = self._context(params["tool"], params, message["id"])

    def _handle_beside(self, message: dict[str, Any]) -> None:
        self._wire.write(self._handle(message))

    def _handle(self, message: dict[str, Any]) -> str:
        question = message["id"]
        running_call.set(question)
        if self._watch is not None:
            self._watch.tell()
        try:
            return _answer(question, self._call(self._running[question], message["params"]))
        except SkillKernelError as error:
            return _refusal(question, error.code, error.message, error.hint)
        except BaseException as error:  # noqa: BLE001 # sys.exit() in a tool must not end the worker for other calls
            return self._crash(question, error)
        finally:
            self._running.pop(question).forget()

    def _crash(self, question: str, error: BaseException) -> str:
        from skillkernel.worker.inside.over_limit import limit_behind

        limit = limit_behind(error, self._start["limits"])
        if not limit:
            _print_traceback()
        kind, said = ("worker-over-limit", f"it took {limit}: ") if limit else ("tool-crashed", "")
        return _refusal(question, kind, f"{said}{type(error).__name__}: {error}")

    def _call(self, context: Context, params: dict[str, Any]) -> str:
        function = self.tools.get(context.tool)
        if function is None:
            raise SkillBroken(
                f"its code has no tool {context.tool!r}", hint="install the skill again: its manifest is of other code"
            )
        result = _encode(call_tool(function, params["arguments"], context))
        size, most = len(result.encode()), params["max_result_bytes"]
        if size > most:
            raise ResultInvalid(f"its result has {size} bytes, at most {most} are allowed")
        return result

    def _context(self, tool: str, params: dict[str, Any], question: str) -> Context:
        return Context(
            tool=tool,
            data=self._data,
            settings=self._start["settings"],
            secrets=params.get("secrets"),
            time_zone=self._start["time_zone"],
            home=Path(self._start["person"]),
            kernel=ask_kernel,
            idempotency_key=params.get("idempotency_key", ""),
            progress=lambda fraction, text: self._wire.progress(question, fraction, text) if question else None,
        )


def _print_traceback() -> None:
    import traceback

    traceback.print_exc()


def _watch(start: dict[str, Any]) -> "Watch":
    from skillkernel.worker.inside import watching

    return watching.install(start)


def _settle(start: dict[str, Any]) -> None:
    """What a program may expect of its surroundings, made from what the kernel said and nothing else."""
    os.environ.update(HOME=start["data"], TMPDIR=start["tmp"], LANG="C.UTF-8", TZ=start["time_zone"])  # its own
    os.environ.update(start["environment"])
    time.tzset()
    os.chdir(start["data"])
    sys.path += start["path"]
    if start["walls"] is not None:
        network.install(start["trust"])
    if start["walls"] is not None and start["parent"] is not None:  # Tier B
        from skillkernel.worker.inside import times_shim

        times_shim.install()
    if start["files"] or start["folders"]:
        from skillkernel.worker.inside import files_shim

        files_shim.install(start["files"], start["folders"])


def _place_descriptors(wire: int, door: int) -> None:
    """Put the two where they belong, whatever numbers they came with."""
    copies = [fcntl.fcntl(given, fcntl.F_DUPFD_CLOEXEC, DOOR + 1) for given in (wire, door)]
    for given in {wire, door}:
        os.close(given)
    for copy, place in zip(copies, (_RPC, DOOR), strict=True):
        os.dup2(copy, place, inheritable=False)


def main() -> None:
    """Serve one skill on the sockets whose descriptors are the two arguments: the wire, and the door."""
    _place_descriptors(int(sys.argv[1]), int(sys.argv[2]))
    wire = Wire()
    message = wire.read()
    if message is None:
        return
    start = message["params"]
    for restrict in RESTRICTIONS:
        restrict(start)
    _settle(start)
    try:
        worker = Worker(wire, start)
    except BaseException as error:  # noqa: BLE001 # the skill's module may raise anything while it is imported
        _print_traceback()
        hint = error.hint if isinstance(error, SkillKernelError) else ""
        wire.write(_refusal(message["id"], "worker-start", f"{type(error).__name__}: {error}", hint))
        return
    wire.write(_answer(message["id"], _encode(list(worker.tools))))
    worker.serve()
