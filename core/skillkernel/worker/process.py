"""One worker process: started inside the walls, asked, watched, and ended with all that it started."""

import asyncio
import os
import socket
import subprocess
import time
from typing import Any

import anyio
import msgspec

from skillkernel.errors import (
    JournalError,
    SandboxMissing,
    SkillKernelError,
    WorkerDied,
    WorkerError,
    WorkerFloods,
    WorkerOverLimit,
    WorkerStartFailed,
    WorkerTimeout,
)
from skillkernel.text import visible
from skillkernel.worker.answers import raise_for
from skillkernel.worker.broker import Broker
from skillkernel.worker.bubblewrap import Tools
from skillkernel.worker.cgroup import make_cgroup
from skillkernel.worker.channel import Channel, Outcome, Question
from skillkernel.worker.ending import kill_group
from skillkernel.worker.granted_mounts import close_granted, mounts_of, open_granted
from skillkernel.worker.hold import hold, let_go
from skillkernel.worker.launch import launch
from skillkernel.worker.limits import MEGABYTE, PROCESSES
from skillkernel.worker.log import MOST_BYTES, Log
from skillkernel.worker.remedies import WALL_BUILDERS, remedy
from skillkernel.worker.seam import Invocation, Services, WorkerSpec
from skillkernel.worker.watch import Watch

_READY_BYTES = 1_000_000
_STOP_SECONDS = 2.0
_LAST_WORDS_SECONDS = 0.3


class _TimeIsUp(Exception):
    """A question's time is over."""


class WorkerProcess:
    """A sandboxed process with one skill in it, on the event loop that made it.

    It has to be made in a thread that lives as long as it does: bubblewrap ends with the thread that started it.
    """

    def __init__(self, spec: WorkerSpec, tools: Tools | None) -> None:
        self.spec = spec
        self.error: WorkerError | None = None
        """Why it ended, or None while it lives."""
        self.last_used = time.monotonic()
        self._loop = asyncio.get_running_loop()
        self.gone = asyncio.Event()
        """Set once its process is no more."""
        self._services: dict[str, Services] = {}
        opened = open_granted(spec.paths)
        ours, theirs = socket.socketpair()
        door, knocker = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        granted = mounts_of(spec.paths, opened)
        self._held = hold(spec.environment)
        try:
            self._launch = launch(spec, tools, theirs.fileno(), knocker.fileno(), granted, opened)
        except SkillKernelError:
            for end in (ours, theirs, door, knocker):
                end.close()
            close_granted(opened)
            let_go(self._held)
            raise
        self._start(ours, door, (theirs, knocker), opened)

    @property
    def busy(self) -> bool:
        """Whether a call is running in it."""
        return self._channel.busy

    async def ready(self, within: float) -> list[str]:
        """Load the skill and return the names of its tools; raise `WorkerStartFailed` when that fails."""
        params = {
            "module": self.spec.module,
            "settings": msgspec.Raw(self.spec.settings_json.encode()),
            "time_zone": self.spec.time_zone,
            "person": _home(),
            "watched": self.spec.watched,
            "files": [str(granted.at) for granted in self.spec.paths if not granted.folder],
            "folders": [
                str(granted.at)
                for granted in self.spec.paths
                if granted.folder and granted.access != "denied" and self.spec.tier == "B"
            ],
            **self._launch.start,
        }
        measuring = self._loop.create_task(self._watch.measure_data())
        question = self._channel.ask("start", params, limit=_READY_BYTES)
        timer = self._loop.call_later(within, _expire, question)
        try:
            result, refusal = await question.answer
            if refusal is not None:
                raise_for(refusal, self.spec.skill)
            await measuring
            self._watch.check()
            if self.error is not None:
                raise self.error
            return msgspec.convert(result, list[str])
        except _TimeIsUp:
            problem = f"was not ready within {within:g} s"
        except WorkerDied as error:
            last = self._log.last_line()
            if last.startswith(WALL_BUILDERS):
                raise SandboxMissing(f"the sandbox cannot be built: {last}", hint=remedy(last)) from None
            problem = error.message.removeprefix(f"{self.spec.skill}: its worker ")
        except WorkerError as error:
            self.end(error)
            raise
        except msgspec.ValidationError:
            problem = "did not say which tools it has"
        finally:
            timer.cancel()
        failure = WorkerStartFailed(
            f"{self.spec.skill}: its worker {problem}",
            hint="`skill doctor` checks the sandbox",
            output=self._log.tail(),
        )
        self.end(failure)
        raise failure

    async def call(self, invocation: Invocation) -> Any:
        """Run one call; raise as `Workers.call` says."""
        if self.error is not None:
            raise self.error
        self.last_used = time.monotonic()
        if not self._channel.busy:
            self._log.begin()
        self._watch.begin_call(invocation.timeout)
        self._log.mask = invocation.mask or self._log.mask
        params = {
            "tool": invocation.tool,
            "arguments": invocation.arguments,
            "idempotency_key": invocation.idempotency_key,
            "secrets": invocation.secrets,
            "max_result_bytes": invocation.max_result_bytes,
        }
        question = self._channel.ask(
            "call", params, limit=invocation.max_result_bytes, on_progress=invocation.on_progress
        )
        name = f"{self.spec.skill}.{invocation.tool}"
        if invocation.services is not None:
            self._services[question.id] = invocation.services
        try:
            return await self._answer(question, invocation, name)
        finally:
            self.last_used = time.monotonic()
            if self._services.pop(question.id, None) is not None:
                self._broker.end_call(question.id)

    async def stop(self) -> None:
        """Let the skill say goodbye, within two seconds; then end it."""
        if self.error is None:
            question = self._channel.ask("stop", None, limit=0)
            with anyio.move_on_after(_STOP_SECONDS, shield=True):
                await asyncio.wait([question.answer])
            question.answer.cancel()
        self.end(WorkerDied(f"{self.spec.skill}: its worker was stopped"))
        with anyio.move_on_after(_STOP_SECONDS, shield=True):
            await self.gone.wait()

    def end(self, error: WorkerError) -> None:
        """Kill it and all that it started, now; its open calls fail with `error`."""
        if self.error is not None:
            return
        error.output = error.output or self._log.tail()
        self.error = error
        self._watch.stop()
        kill_group(self._process)
        self._loop.remove_reader(self._log.descriptor)
        os.close(self._log.descriptor)
        self._channel.close(error)
        self._broker.close()

    def _services_of(self, call: str) -> tuple[str, Services] | None:
        """What serves that call; code that does not say for which call it asks is served for the newest."""
        chosen = call or next(reversed(self._services), "")
        services = self._services.get(chosen)
        return None if services is None else (chosen, services)

    def _start(
        self, ours: socket.socket, door: socket.socket, theirs: tuple[socket.socket, ...], opened: list[int]
    ) -> None:
        """Start it with the descriptors of ours that it may have: its ends of wire and door, and a pipe for logs.

        What was `opened` is for what builds the walls alone.
        """
        log_read, log_write = os.pipe()
        try:
            # A session of its own: Ctrl-C is for the kernel, which then tells the tool.
            self._process = subprocess.Popen(
                self._launch.argv,
                stdin=subprocess.DEVNULL,
                stdout=log_write,
                stderr=log_write,
                pass_fds=[*(end.fileno() for end in theirs), *self._launch.passed],
                env={},
                start_new_session=True,
                cwd="/",
                umask=0o077,
                user=self._launch.user,
                group=self._launch.user,
                extra_groups=None if self._launch.user is None else (),
            )
        except OSError as error:
            ours.close()
            door.close()
            os.close(log_read)
            self._launch.tidy()
            let_go(self._held)
            program = self._launch.argv[0]
            raise SandboxMissing(f"{program} cannot be started: {error}", hint="`skill doctor` says more") from error
        finally:
            for end in theirs:
                end.close()
            close_granted(opened)
            os.close(log_write)
        self._log = Log(log_read)
        self._loop.add_reader(log_read, self._on_print)
        self._exit = os.pidfd_open(self._process.pid)
        self._loop.add_reader(self._exit, self._on_exit)
        self._channel = Channel(ours, self.spec.skill, on_violation=self.end, on_eof=self._on_eof)
        self._broker = Broker(door, self._services_of)
        self._cgroup = None if self.spec.tier == "none" else make_cgroup(self.spec.rss_mb * MEGABYTE, PROCESSES)
        if self._cgroup is not None:
            self._cgroup.adopt(self._process.pid)  # before the skill's first line: that waits for the start message
        self._watch = Watch(
            self.spec,
            self._process.pid,
            self._launch.temporary,
            is_busy=lambda: self._channel.busy,
            on_over=self.end,
        )

    async def _answer(self, question: Question, invocation: Invocation, name: str) -> Any:
        late = f"{name} took longer than {invocation.timeout:g} s"
        unknown = "its outcome is unknown: look before you try again"
        try:
            try:
                if invocation.meanwhile is not None:
                    invocation.meanwhile()
                result, refusal = await self._in_time(question, invocation.timeout)
            except _TimeIsUp:
                expired = WorkerTimeout(f"{late} and was killed", hint=unknown)
                result, refusal = await self._last_chance(question, expired)
                if refusal is not None:
                    raise WorkerTimeout(f"{late} and was stopped", hint=visible(refusal.message[:200])) from None
        except (asyncio.CancelledError, JournalError):
            killed = WorkerDied(f"{name} was stopped and did not end, so it was killed", hint=unknown)
            try:
                await self._last_chance(question, killed)
            except WorkerError:
                pass
            except asyncio.CancelledError:  # stopped twice: no more patience
                self.end(killed)
            raise
        if refusal is not None:
            raise_for(refusal, name)
        return result

    async def _in_time(self, question: Question, seconds: float) -> Outcome:
        self._channel.linger()
        if question.outcome is not None:
            return question.outcome
        timer = self._loop.call_later(seconds, _expire, question)
        try:
            return await question.answer
        finally:
            timer.cancel()

    async def _last_chance(self, question: Question, error: WorkerError) -> Outcome:
        """Tell the tool to stop and wait two seconds for what it answers; then kill the worker with `error`."""
        if question.outcome is None and self.error is None:
            self._channel.renew(question)
            self._channel.tell("cancel", {"id": question.id})
            self._broker.end_call(question.id)  # a tool that waits for an answer of the kernel hears of it now
            with anyio.move_on_after(_STOP_SECONDS, shield=True):
                await asyncio.wait([question.answer])
        if question.outcome is None:
            self.end(error)
            raise self.error or error
        return question.outcome

    def _on_print(self) -> None:
        self._log.read(self._on_silence)
        if self._log.floods:
            limit = f"{MOST_BYTES // MEGABYTE} MB"
            self.end(WorkerFloods(f"{self.spec.skill}: its worker printed more than {limit} during one call"))

    def _on_silence(self) -> None:
        self._loop.remove_reader(self._log.descriptor)

    def _on_eof(self) -> None:
        """It hung up; how it ended is known in a moment."""
        self._loop.call_later(_LAST_WORDS_SECONDS, self._died, "hung up")

    def _on_exit(self) -> None:
        self._loop.remove_reader(self._exit)
        os.close(self._exit)
        status = self._process.wait()
        self._launch.tidy()
        let_go(self._held)
        self.gone.set()
        if self._leave_cgroup():
            limit = f"{self.spec.rss_mb} MB of memory (rss_mb)"
            self.end(WorkerOverLimit(f"{self.spec.skill}: its worker took more than its limit of {limit}"))
        if self.error is None:
            while self._channel.receive():
                pass  # what it said before it ended still counts
            self._died(_how_it_ended(status))

    def _leave_cgroup(self) -> bool:
        """Remove its group, and say whether Linux ended it for its memory."""
        if self._cgroup is None:
            return False
        over = self._cgroup.ran_out_of_memory()
        self._cgroup.remove()
        return over

    def _died(self, how: str) -> None:
        if self.error is not None:
            return
        self._log.read(lambda: None)
        said = self._log.last_line()
        self.end(WorkerDied(f"{self.spec.skill}: its worker {how}" + (f"; it printed last: {said!r}" if said else "")))


def _home() -> str:
    """The person's home folder; `~` for a user who has none."""
    return os.path.expanduser("~")  # noqa: PTH111 # pathlib raises for that user


def _how_it_ended(status: int) -> str:
    """By what `Popen.wait` says: a signal is negative for our own child, 128 more for one of bubblewrap."""
    number = -status if status < 0 else status - 128
    return f"was ended by signal {number}" if number > 0 else f"exited with status {status}"


def _expire(question: Question) -> None:
    if not question.answer.done():
        question.answer.set_exception(_TimeIsUp())
        question.answer.exception()  # it counts as seen, also when its asker is cancelled at this very moment
