"""A skill that gives its secret away, in a real worker: what the model, the person and the journal get to see."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fakes.desks import desk as make_desk
from fakes.secret_stores import MemoryStore
from fakes.skill_modules import IMPORTS
from fakes.skills import installed, tool
from skillkernel.calls.desk import Desk
from skillkernel.calls.pipeline import run_call
from skillkernel.calls.types import CallRequest, Outcome
from skillkernel.catalogue.types import Catalogue, Layout
from skillkernel.errors import WorkerDied
from skillkernel.manifest.types import Permissions
from skillkernel.secrets.handover import Handover
from skillkernel.worker.pool import WorkerPool
from skillkernel.worker.seam import Progress

PASSWORD = 'hunt"er/22+ä-of-sam'  # noqa: S105 # of nobody
SPELLED = {
    PASSWORD,
    base64.b64encode(PASSWORD.encode()).decode(),
    base64.b64encode(f"sam:{PASSWORD}".encode()).decode(),
    PASSWORD.encode().hex(),
}
CODE = '''
import base64, gc
from pathlib import Path

kept = []

@tool(effect="read")
def plain(context: Context) -> dict:
    """Return it."""
    password = context.secret("password")
    kept.append(password)
    return {"it is": password, password: [password, {"twice": password + password}]}

@tool(effect="read")
def encoded(context: Context) -> list[str]:
    """Return it as a header would carry it."""
    raw = context.secret("password").encode()
    return [base64.b64encode(raw).decode(), "Basic " + base64.b64encode(b"sam:" + raw).decode(), raw.hex()]

@tool(effect="read")
def fails(context: Context) -> None:
    """Say it in an error."""
    password = context.secret("password")
    raise ToolError(f"login with {password} failed", hint=f"is {password} right?")

@tool(effect="read")
def crashes(context: Context) -> None:
    """Crash with it."""
    raise RuntimeError(context.secret("password"))

@tool(effect="read")
def long_error(context: Context) -> None:
    """Say it where an error is cut off."""
    raise ToolError("x" * 7990 + context.secret("password"))

@tool(effect="read")
def reports(context: Context) -> None:
    """Report it."""
    context.progress(0.5, f"logging in with {context.secret('password')}")

@tool(effect="read")
def prints(context: Context) -> None:
    """Print it, and die."""
    print("logging in with", context.secret("password"), flush=True)
    os._exit(3)

@tool(effect="read")
def only_prints(context: Context) -> None:
    """Print it."""
    print("." * 15_950 + context.secret("password"), flush=True)

@tool(effect="read")
def dies() -> None:
    """Die."""
    os._exit(3)

@tool(effect="read")
def remembers() -> list[str]:
    """Return what an earlier call kept."""
    return kept

@tool(effect="read")
def looks() -> dict:
    """Look for it in the process."""
    environ = {}
    for pid in ("1", "self"):
        for file in ("environ", "cmdline"):
            try:
                environ[f"{pid} {file}"] = Path(f"/proc/{pid}/{file}").read_bytes().decode(errors="replace")
            except OSError as error:
                environ[f"{pid} {file}"] = str(error)
    left = [context for context in gc.get_objects() if isinstance(context, Context)]
    return {"proc": environ, "os": dict(os.environ), "left": [str(context._secrets) for context in left]}
'''
NAMES = ("plain", "encoded", "fails", "crashes", "long_error", "reports", "prints", "only_prints")
OTHERS = ("dies", "remembers", "looks")
ASKS = Permissions(secrets=("password",), network=("example.org:443",))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A session with a real pool over one installed skill."""
    skill = installed(
        "leaky",
        *(tool(name) for name in NAMES),
        # A tool that declares rows gets no secret that is not among them.
        *(tool(name, permissions=("network:example.org:443",)) for name in OTHERS),
        asks=ASKS,
    )
    environment = Layout(tmp_path).environment(skill.store)
    environment.mkdir(parents=True, mode=0o755)
    for folder in (tmp_path, environment.parent.parent, environment.parent, environment):
        folder.chmod(0o755)
    (environment / "skill_leaky.py").write_text(IMPORTS + CODE)
    workers = WorkerPool()
    desk = make_desk(tmp_path, catalogue=Catalogue(skills=(skill,)), workers=workers)  # type: ignore[arg-type] # a real pool
    desk.secrets = Handover(lambda: MemoryStore({("leaky", "password"): PASSWORD}), desk.journal.masking)
    yield desk
    await workers.aclose()


async def call(desk: Desk, name: str) -> Outcome:
    return await run_call(CallRequest("c1", f"leaky.{name}", "{}"), desk)


def refuse_leaks(outcome: Outcome, desk: Desk, home: Path) -> None:
    """Neither what is shown, nor the window, nor the journal holds the value in any usual spelling."""
    error = outcome.error
    told: list[Any] = [outcome.as_json(), outcome.window]
    if error is not None:
        told += [error.message, error.hint, error.detail, error.args, vars(error), str(error), repr(error.__cause__)]
    kept = b"".join((home / name).read_bytes() for name in ("journal.sqlite", "journal.sqlite-wal"))
    for spelled in SPELLED:
        assert not [each for each in told if spelled in str(each)]
        assert spelled.encode() not in kept


async def test_a_result_does_not_carry_it(desk: Desk, tmp_path: Path) -> None:
    outcome = await call(desk, "plain")
    mark = "‹secret password›"
    assert outcome.result == {"it is": mark, mark: [mark, {"twice": mark * 2}]}
    refuse_leaks(outcome, desk, tmp_path)


async def test_an_encoded_result_does_not_carry_it(desk: Desk, tmp_path: Path) -> None:
    outcome = await call(desk, "encoded")
    assert [text.count("‹secret password›") for text in outcome.result] == [1, 1, 1]
    refuse_leaks(outcome, desk, tmp_path)


@pytest.mark.parametrize("name", ["fails", "crashes"])
async def test_an_error_does_not_carry_it(desk: Desk, tmp_path: Path, name: str) -> None:
    outcome = await call(desk, name)
    assert outcome.error is not None
    assert "‹secret password›" in outcome.error.message
    refuse_leaks(outcome, desk, tmp_path)


async def test_an_error_that_is_cut_off_within_it_does_not_carry_a_part(desk: Desk, tmp_path: Path) -> None:
    outcome = await call(desk, "long_error")
    assert outcome.error is not None
    assert PASSWORD[:4] not in outcome.error.message


async def test_progress_does_not_carry_it(desk: Desk, tmp_path: Path) -> None:
    seen: list[Progress] = []
    desk.on_progress = lambda tool, progress: seen.append(progress)
    outcome = await call(desk, "reports")
    assert [progress.text for progress in seen] == ["logging in with ‹secret password›"]
    refuse_leaks(outcome, desk, tmp_path)


async def test_what_it_printed_before_it_died_does_not_carry_it(desk: Desk, tmp_path: Path) -> None:
    outcome = await call(desk, "prints")
    assert isinstance(outcome.error, WorkerDied)
    assert "logging in with ‹secret password›" in outcome.error.output
    assert "‹secret password›" in outcome.error.message
    refuse_leaks(outcome, desk, tmp_path)


async def test_what_an_earlier_call_printed_does_not_come_out_with_a_later_one(desk: Desk, tmp_path: Path) -> None:
    await call(desk, "only_prints")
    outcome = await call(desk, "dies")
    assert isinstance(outcome.error, WorkerDied)
    assert outcome.error.output.endswith("‹secret password›\\n")
    refuse_leaks(outcome, desk, tmp_path)


async def test_what_a_skill_kept_from_an_earlier_call_is_masked_in_a_later_one(desk: Desk, tmp_path: Path) -> None:
    await call(desk, "plain")
    outcome = await call(desk, "remembers")
    assert outcome.result == ["‹secret password›"]
    refuse_leaks(outcome, desk, tmp_path)


async def test_it_is_in_no_environment_and_no_command_line_and_the_worker_has_dropped_it(desk: Desk) -> None:
    await call(desk, "fails")
    desk.journal.masking.learn({})
    outcome = await call(desk, "looks")
    assert outcome.ok, outcome.error
    assert "secret password" not in str(outcome.result), "there was nothing to mask"
    assert PASSWORD not in str(outcome.result)
