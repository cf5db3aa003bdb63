"""The services that a kernel offers, each by the method that a worker asks with."""

from skillkernel.journal.accesses import JournaledAccesses
from skillkernel.journal.journal import Journal
from skillkernel.services.switchboard import Switchboard


def open_services(journal: Journal) -> Switchboard:
    """The switchboard of a kernel with this journal; what a service needs to be heavy it imports on first use."""
    log = JournaledAccesses(journal)
    return Switchboard({}, log)
