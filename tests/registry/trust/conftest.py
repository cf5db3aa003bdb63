"""A signed index in a folder and on a web server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.index_server import IndexServer, serve
from fakes.tuf_repository import TufRepository
from fakes.wheels import SkillWheelFake


@pytest.fixture
def repository(tmp_path: Path) -> TufRepository:
    """An index with the skills tiny and calendar, each 1.0."""
    made = TufRepository(tmp_path / "index")
    made.add(SkillWheelFake(), SkillWheelFake(name="calendar"))
    return made


@pytest.fixture
def server(repository: TufRepository) -> Iterator[IndexServer]:
    """The index on loopback."""
    with serve(repository.folder) as running:
        yield running


@pytest.fixture(params=["folder", "web"])
def where(request: pytest.FixtureRequest, repository: TufRepository, server: IndexServer) -> str:
    """The same index, in both ways of reaching it."""
    return server.url if request.param == "web" else str(repository.folder)
