"""The services that a kernel offers, each by the method that a worker asks with."""

from collections.abc import Collection

import msgspec

from skillkernel.catalogue.types import Layout
from skillkernel.journal.accesses import JournaledAccesses
from skillkernel.journal.journal import Journal
from skillkernel.services.access import AccessLog
from skillkernel.services.caller import Caller
from skillkernel.services.files.opening import OpenService
from skillkernel.services.files.person_files import PersonFiles
from skillkernel.services.memory import MemoryService
from skillkernel.services.model import ModelService
from skillkernel.services.skills import SkillService
from skillkernel.services.switchboard import Service, Switchboard
from skillkernel.worker.seam import ServiceReply


def open_services(
    journal: Journal, files: PersonFiles, layout: Layout, *, private: Collection[str] = ()
) -> Switchboard:
    """The switchboard of a kernel with this journal; what a service needs to be heavy it imports on first use.

    `private` are the hosts that may be in a private network.
    """
    log = JournaledAccesses(journal)
    opening = OpenService(log, files.paths_of, files.keep)
    memory = MemoryService(log, layout.memory)
    services = {
        "connect": _connect(log, private),
        "open": opening.serve,
        "call": SkillService(log).serve,
        "model": ModelService(log).serve,
        "remember": memory.remember,
        "recall": memory.recall,
    }
    return Switchboard(services, log)


def _connect(log: AccessLog, private: Collection[str]) -> Service:
    connect: Service | None = None

    async def service(caller: Caller, params: msgspec.Raw) -> ServiceReply:
        nonlocal connect
        if connect is None:
            from skillkernel.services.network.connecting import Connecting

            connect = Connecting(log, private=private).connect
        return await connect(caller, params)

    return service
