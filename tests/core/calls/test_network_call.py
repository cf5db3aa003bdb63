"""A call that uses the network, through every stage, in a real worker: what the person reads, what the journal keeps."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fakes.desks import desk
from fakes.echo_server import echo_server
from fakes.skills import installed, schema, tool
from skillkernel.calls.desk import Desk
from skillkernel.calls.pipeline import run_call
from skillkernel.calls.types import CallRequest, Outcome
from skillkernel.catalogue.types import Catalogue
from skillkernel.journal.accesses import JournaledAccesses
from skillkernel.manifest.types import Permissions
from skillkernel.services.opening import open_services
from skillkernel.worker.pool import WorkerPool

CODE = '''
import socket
from skillkernel import tool

@tool(effect="read")
def shout(port: int) -> str:
    """Send five bytes."""
    with socket.create_connection(("localhost", port), timeout=10) as echo:
        echo.sendall(b"hello")
        return echo.recv(5).decode()
'''
SHOUT = tool("shout", input_schema=schema(port={"type": "integer"}))


def trace(laid: Desk) -> list[dict[str, Any]]:
    """What the journal says was reached for."""
    return JournaledAccesses(laid.journal).of(session=laid.session)


async def call(laid: Desk, port: int) -> Outcome:
    """One call of the tool."""
    return await run_call(CallRequest("1", "echo.shout", f'{{"port": {port}}}'), laid)


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    """A pool that is closed at the end of the test."""
    pool = WorkerPool()
    yield pool
    await pool.aclose()


def laid_for(home: Path, pool: WorkerPool, port: int, *, granted: bool) -> Desk:
    """A desk with the skill, whose manifest asks for the server of a setting."""
    asks = Permissions(network=("{server}",))
    skill = installed("echo", SHOUT, asks=asks, granted=asks if granted else Permissions())
    skill = msgspec.structs.replace(skill, settings={"server": f"localhost:{port}"})
    laid = desk(home, catalogue=Catalogue(generation=1, skills=(skill,)))
    laid.workers = pool
    laid.services = open_services(JournaledAccesses(laid.journal), laid.files, laid.layout)
    environment = laid.layout.environment(skill.store)
    environment.mkdir(parents=True)
    (environment / "skill_echo.py").write_text(CODE, encoding="utf-8")
    return laid


async def test_a_granted_connection_is_in_the_journal_with_its_bytes(tmp_path: Path, pool: WorkerPool) -> None:
    with echo_server() as port:
        laid = laid_for(tmp_path, pool, port, granted=True)
        outcome = await call(laid, port)
        assert outcome.result == "hello"
        (row,) = trace(laid)
    assert row["seconds"] > 0
    assert {name: row[name] for name in ("n", "skill", "tool", "kind", "target", "ruling", "sent", "received")} == {
        "n": 1,
        "skill": "echo",
        "tool": "shout",
        "kind": "network",
        "target": f"localhost:{port}",
        "ruling": "granted",
        "sent": 5,
        "received": 5,
    }


async def test_a_refusal_tells_the_person_what_would_grant_it(tmp_path: Path, pool: WorkerPool) -> None:
    with echo_server() as port:
        laid = laid_for(tmp_path, pool, port, granted=False)
        outcome = await call(laid, port)
        assert outcome.error is not None
        assert f"echo was not granted network localhost:{port}" in outcome.error.message
        assert outcome.error.hint == "`skill grant echo network:{server}`"
        assert [row["ruling"] for row in trace(laid)] == ["refused"]
