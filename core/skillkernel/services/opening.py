"""The services that a kernel offers, each by the method that a worker asks with."""

from collections.abc import Callable, Collection, Iterable
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from skillkernel.catalogue.types import Installed, Layout
from skillkernel.services.access import AccessLog
from skillkernel.services.caller import Caller
from skillkernel.services.files.opening import OpenService
from skillkernel.services.files.person_files import PersonFiles
from skillkernel.services.memory import MemoryService
from skillkernel.services.model import ModelService
from skillkernel.services.skills import SkillService
from skillkernel.services.switchboard import Service, Switchboard
from skillkernel.worker.seam import ServiceReply

if TYPE_CHECKING:
    from skillkernel.services.network.connecting import Connecting


def open_services(
    log: AccessLog,
    files: PersonFiles,
    layout: Layout,
    *,
    private: Collection[str] = (),
    installed: Callable[[], Iterable[Installed]] = tuple,
) -> Switchboard:
    """The switchboard of a kernel whose accesses are written to `log`; what a service needs to be heavy it imports on first use.

    `private` are the hosts that may be in a private network, `installed` gives all skills that are there.
    """
    opening = OpenService(log, files.paths_of, files.keep)
    memory = MemoryService(log, layout.memory)

    @cache
    def connecting() -> "Connecting":
        from skillkernel.services.network.connecting import Connecting

        return Connecting(log, private=private)

    services = {
        "connect": _connect(connecting),
        "program": _program(log, connecting, files, layout, installed),
        "open": opening.serve,
        "call": SkillService(log).serve,
        "model": ModelService(log).serve,
        "remember": memory.remember,
        "recall": memory.recall,
    }
    return Switchboard(services, log)


def watching(services: Switchboard) -> Switchboard:
    """The same, and for one session what watched workers tell of."""
    from skillkernel.services.wanted import WantedService

    return Switchboard({**services.services, "wanted": WantedService(services.log).serve}, services.log)


def _connect(connecting: "Callable[[], Connecting]") -> Service:
    async def service(caller: Caller, params: msgspec.Raw) -> ServiceReply:
        return await connecting().connect(caller, params)

    return service


def _program(
    log: AccessLog,
    connecting: "Callable[[], Connecting]",
    files: PersonFiles,
    layout: Layout,
    installed: Callable[[], Iterable[Installed]],
) -> Service:
    @cache
    def programs() -> Service:
        from skillkernel.services.programs.running import ProgramService
        from skillkernel.services.programs.written_places import written_places

        return ProgramService(log, connecting, written_places(layout.home, files, installed)).serve

    async def service(caller: Caller, params: msgspec.Raw) -> ServiceReply:
        return await programs()(caller, params)

    return service
