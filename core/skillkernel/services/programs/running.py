"""`program`: one granted program, run for a call in a sandbox of its own.

Threat: a program that was not granted, or another one in its place; a shell that reads more into an argument than was
asked; a program that reaches what its skill does not. There is no shell, an argument stays one argument, and the sandbox
has the skill's own files and no more. What a granted program does with its arguments is what was granted.
"""

import errno
import shlex
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import msgspec

from skillkernel.errors import SkillKernelError, ToolError
from skillkernel.services.access import Access, AccessLog
from skillkernel.services.caller import Caller
from skillkernel.services.network.connecting import Connecting
from skillkernel.services.params import read_params
from skillkernel.services.programs.forwarder import Forwarder
from skillkernel.services.programs.granted_programs import arguments_problem, granted_names
from skillkernel.worker.elf import NoProgram
from skillkernel.worker.program_file import find, opened_program
from skillkernel.worker.program_run import Ended, Walled, run_walled
from skillkernel.worker.program_walls import Asked, ProgramWalls
from skillkernel.worker.seam import ServiceReply, WorkerSpec
from skillkernel.worker.walls import host_uid

MOST_OUTPUT = 8_000_000
MOST_INPUT = 2_000_000
MOST_AT_ONCE = 8
_MOST_SECONDS = 3_600.0


class RunParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is run (`stdin` as base64), for how many seconds at most, and in which folder (empty: the data folder)."""

    argv: list[str]
    stdin: bytes = b""
    seconds: Annotated[float, msgspec.Meta(gt=0)] | None = None
    cwd: str = ""


class ProgramService:
    """The service `program`.

    `connecting` makes connections for programs of skills with network, `written` names the places that any skill may
    write: what lies there is not run.
    """

    def __init__(
        self, log: AccessLog, connecting: Callable[[], Connecting], written: Callable[[Caller], Iterable[Path]]
    ) -> None:
        self._log = log
        self._connecting = connecting
        self._written = written
        self.walls = ProgramWalls()
        self._running: Counter[str] = Counter()

    async def serve(self, caller: Caller, params: msgspec.Raw) -> ServiceReply:
        """Run it and return its exit status and output; raise `PermissionError`, `ToolError`, `SandboxMissing`."""
        asked = read_params("program", params, RunParams)
        problem = arguments_problem(asked.argv)
        if problem or len(asked.stdin) > MOST_INPUT:
            raise OSError(errno.E2BIG, problem or f"at most {MOST_INPUT} bytes of input are taken")
        if caller.worker is None:
            raise OSError(errno.ENOSYS, "no session serves programs")
        if self._running[caller.owner] >= MOST_AT_ONCE:
            raise OSError(errno.EAGAIN, f"a skill may run {MOST_AT_ONCE} programs at a time")
        self._running[caller.owner] += 1
        try:
            ended = await self._run(caller, caller.worker(), asked)
        finally:
            self._running[caller.owner] -= 1
        return ServiceReply({"returncode": ended.returncode, "stdout": ended.stdout, "stderr": ended.stderr})

    async def _run(self, caller: Caller, spec: WorkerSpec, asked: RunParams) -> Ended:
        name, target = asked.argv[0], shlex.join(asked.argv)
        if name not in granted_names(caller.granted("programs"), caller.settings):
            raise self._refused(caller, target, _not_granted(caller, name))
        written = [*self._written(caller), *(each.path for each in spec.paths if each.access == "write")]
        found = find(name, written)
        if found is None:
            self._log.begin(caller, Access("program", target, "failed", "not installed"))
            raise ToolError(
                f"the program {name} is not on this machine",
                hint=f"install it, or grant its absolute path instead of programs:{name}",
            )
        try:
            with ExitStack() as stack:
                program = stack.enter_context(opened_program(found, written, host_uid(spec.uid_key)))
                serve = None
                if caller.granted("network"):
                    serve = Forwarder(self._connecting(), caller).serve
                behind = Asked(asked.argv[1:], asked.cwd, serve)
                try:
                    walled = await self.walls.around(program, behind, spec, written, stack)
                except SkillKernelError as error:
                    self._log.begin(caller, Access("program", target, "failed", error.message))
                    raise
                number = self._log.begin(caller, Access("program", target, "granted", f"as {program.real}"))
                return await self._watched(number, asked, walled)
        except NoProgram as problem:
            raise self._refused(caller, target, f"{found} is not run for a skill: {problem}") from None

    async def _watched(self, number: int, asked: RunParams, walled: Walled) -> Ended:
        """Run it and write down how it ended, what it was given and printed in bytes, and for how long it ran."""
        since = time.monotonic()
        printed, how = 0, "ended with its call"
        try:
            seconds = min(asked.seconds or _MOST_SECONDS, _MOST_SECONDS)
            ended = await run_walled(walled, stdin=asked.stdin, seconds=seconds, most_output=MOST_OUTPUT)
            printed, how = len(ended.stdout) + len(ended.stderr), f"exit status {ended.returncode}"
            return ended
        except SkillKernelError as error:
            how = error.message
            raise
        finally:
            self._log.conclude(number, how)
            self._log.end(number, sent=len(asked.stdin), received=printed, seconds=time.monotonic() - since)

    def _refused(self, caller: Caller, target: str, reason: str) -> PermissionError:
        self._log.begin(caller, Access("program", target, "refused", reason))
        return PermissionError(errno.EACCES, reason)


def _not_granted(caller: Caller, name: str) -> str:
    if f"programs:{name}" in caller.asked:
        return f"{caller.skill} was not granted programs:{name}: `skill grant {caller.skill} programs:{name}`"
    return f"{caller.skill} was not granted programs:{name}, and its manifest does not ask for it"
