"""A call that runs a program, through every stage, in a real worker: what the person reads, what the journal keeps."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fakes.desks import desk
from fakes.skills import installed, schema, tool
from skillkernel.calls.desk import Desk
from skillkernel.calls.pipeline import run_call
from skillkernel.calls.types import CallRequest, Outcome
from skillkernel.catalogue.types import Catalogue
from skillkernel.errors import UsageError
from skillkernel.journal.accesses import JournaledAccesses
from skillkernel.manifest.types import Permissions
from skillkernel.sdk.context import Context
from skillkernel.sdk.program import ProgramResult
from skillkernel.services.opening import open_services
from skillkernel.worker.pool import WorkerPool

CODE = '''
from skillkernel import Context, tool

@tool(effect="read")
def shout(program: str, context: Context) -> str:
    """Run it."""
    return context.run([program, "a-z", "A-Z"], stdin="hello").text
'''
SHOUT = tool("shout", input_schema=schema(program={"type": "string"}))


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    """A pool that is closed at the end of the test."""
    pool = WorkerPool()
    yield pool
    await pool.aclose()


def laid_for(
    home: Path, pool: WorkerPool, granted: Permissions, *, program: str = "tr", other: Permissions | None = None
) -> Desk:
    """A desk with a skill whose manifest asks for one program, and perhaps another skill."""
    skill = installed("echo", SHOUT, asks=Permissions(programs=(program,)), granted=granted)
    skills = (skill,) if other is None else (skill, installed("other", SHOUT, asks=other, granted=other))
    laid = desk(home, catalogue=Catalogue(generation=1, skills=skills))
    laid.workers = pool
    laid.services = open_services(JournaledAccesses(laid.journal), laid.files, laid.layout, installed=lambda: skills)
    environment = laid.layout.environment(skill.store)
    environment.mkdir(parents=True)
    (environment / "skill_echo.py").write_text(CODE, encoding="utf-8")
    return laid


async def call(laid: Desk, program: str) -> Outcome:
    """One call of the tool."""
    return await run_call(CallRequest("1", "echo.shout", f'{{"program": "{program}"}}'), laid)


def trace(laid: Desk) -> list[dict[str, Any]]:
    """What the journal says was reached for."""
    return JournaledAccesses(laid.journal).of(session=laid.session)


async def test_a_run_is_in_the_journal_with_its_arguments_and_its_end(tmp_path: Path, pool: WorkerPool) -> None:
    laid = laid_for(tmp_path, pool, Permissions(programs=("tr",)))
    outcome = await call(laid, "tr")
    assert outcome.result == "HELLO"
    (row,) = trace(laid)
    assert (row["kind"], row["target"], row["ruling"]) == ("program", "tr a-z A-Z", "granted")
    assert row["reason"].startswith("as /")
    assert row["reason"].endswith("; exit status 0")
    assert (row["sent"], row["received"]) == (5, 5)
    assert row["seconds"] > 0


async def test_a_refusal_tells_the_person_what_would_grant_it(tmp_path: Path, pool: WorkerPool) -> None:
    laid = laid_for(tmp_path, pool, Permissions())
    outcome = await call(laid, "tr")
    assert outcome.error is not None
    assert "echo was not granted programs:tr" in f"{outcome.error.message} {outcome.error.hint}"
    assert "`skill grant echo programs:tr`" in f"{outcome.error.message} {outcome.error.hint}"
    assert [row["ruling"] for row in trace(laid)] == ["refused"]


async def test_what_another_skill_may_write_is_not_run(tmp_path: Path, pool: WorkerPool) -> None:
    tool_folder = tmp_path / "bin"
    tool_folder.mkdir()
    mine = tool_folder / "mine"
    shutil.copy("/bin/true", mine)
    mine.chmod(0o755)
    granted = Permissions(programs=(str(mine),))
    other = Permissions(files_write=(str(tool_folder),))
    laid = laid_for(tmp_path / "home", pool, granted, program=str(mine), other=other)
    outcome = await call(laid, str(mine))
    assert outcome.error is not None
    assert "which a skill may write" in f"{outcome.error.message} {outcome.error.hint}"


def test_a_skills_own_test_answers_for_the_program(tmp_path: Path) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    def kernel(method: str, params: dict[str, Any]) -> tuple[Any, None]:
        asked.append((method, params))
        return ProgramResult(0, b"ffmpeg 7"), None

    context = Context.for_tests(tmp_path, kernel=kernel)
    assert context.run(["ffmpeg", "-version"], timeout=5).text == "ffmpeg 7"
    assert asked == [("program", {"argv": ["ffmpeg", "-version"], "stdin": "", "cwd": "", "seconds": 5})]
    with pytest.raises(UsageError, match="list of arguments"):
        context.run("ffmpeg -version")
    with pytest.raises(UsageError, match="no kernel"):
        Context.for_tests(tmp_path).run(["ffmpeg"])
