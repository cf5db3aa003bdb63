"""A skill that may run programs, and the kernel's service for it, without a worker in between."""

import json
import os
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from skillkernel.catalogue.types import Layout
from skillkernel.services.access import Access
from skillkernel.services.caller import Caller
from skillkernel.services.files.person_files import FilesConfig, PersonFiles
from skillkernel.services.network.connecting import Connecting
from skillkernel.services.programs.running import ProgramService
from skillkernel.worker.ownership import make_private
from skillkernel.worker.program_run import Ended
from skillkernel.worker.seam import WorkerSpec
from skillkernel.worker.walls import host_uid


@dataclass
class Heard:
    """An access log in memory."""

    accesses: list[Access] = field(default_factory=list[Access])
    endings: list[str] = field(default_factory=list[str])
    carried: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    def begin(self, caller: Caller, access: Access) -> int:
        """Write one down and return its number."""
        self.accesses.append(access)
        return len(self.accesses)

    def conclude(self, number: int, reason: str) -> None:
        """Add how it ended."""
        self.endings.append(reason)

    def end(self, number: int, *, sent: int, received: int, seconds: float) -> None:
        """Add what it carried."""
        self.carried.append((sent, received))

    def rulings(self, kind: str) -> list[tuple[str, str]]:
        """(target, ruling) of each access of one kind."""
        return [(access.target, access.ruling) for access in self.accesses if access.kind == kind]


class ProgramDesk:
    """One skill under `folder` with these permission rows."""

    def __init__(self, folder: Path, *rows: str, asked: tuple[str, ...] = (), **spec: Any) -> None:
        self.home = folder / "home"
        self.person = folder / "person"
        self.data = self.home / "data" / "demo"
        self.log = Heard()
        self.files = PersonFiles(FilesConfig(), Layout(self.home), self.person)
        self.written: list[Path] = [self.home]
        self.caller = Caller("demo", "demo", "run", "s1", 1, rows, asked=asked, worker=lambda: self.spec)
        fields: dict[str, Any] = {
            "skill": "demo",
            "module": "skill_demo",
            "environment": folder,
            "data": self.data,
            "store": "0" * 64,
            "uid_key": f"demo {folder}",
            "grants": rows,
            "paths": self.files.paths_of(self.caller),
        }
        self.spec = WorkerSpec(**(fields | spec))
        make_private(self.data, host_uid(self.spec.uid_key))
        connecting = cache(lambda: Connecting(self.log))
        self.service = ProgramService(self.log, connecting, lambda _: self.written)

    @property
    def uid(self) -> int:
        """The host user that the skill is."""
        found = host_uid(self.spec.uid_key)
        return os.geteuid() if found is None else found

    async def run(self, *argv: str, stdin: bytes = b"", **params: Any) -> Ended:
        """Ask for one run as a worker does."""
        request = {"argv": argv, "stdin": b64encode(stdin).decode(), **params}
        reply = await self.service.serve(self.caller, msgspec.Raw(json.dumps(request).encode()))
        answer = msgspec.json.decode(msgspec.json.encode(reply.value))
        return Ended(answer["returncode"], b64decode(answer["stdout"]), b64decode(answer["stderr"]))
