"""A desk with fakes on it."""

from pathlib import Path
from typing import Any

from fakes.journals import journal_at
from fakes.skills import CATALOGUE
from fakes.workers import FakeWorkers
from skillkernel.calls.desk import Desk
from skillkernel.calls.resolve import ToolTable
from skillkernel.calls.schemas import SchemaCache
from skillkernel.catalogue.types import Catalogue, Layout
from skillkernel.journal.accesses import JournaledAccesses
from skillkernel.services.files.person_files import FilesConfig, PersonFiles
from skillkernel.services.switchboard import Switchboard


def desk(home: Path, *, catalogue: Catalogue = CATALOGUE, workers: FakeWorkers | None = None, **more: Any) -> Desk:
    """A desk over a real journal in `home`."""
    journal = journal_at(home / "journal.sqlite")
    return Desk(
        session=journal.begin_session("run", "a request", "scripted/test"),
        tools=ToolTable(catalogue),
        schemas=SchemaCache(),
        journal=journal,
        workers=workers or FakeWorkers(),
        layout=Layout(home),
        time_zone="UTC",
        services=Switchboard({}, JournaledAccesses(journal)),
        files=PersonFiles(FilesConfig(), Layout(home), home),
        **more,
    )
