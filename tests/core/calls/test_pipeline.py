"""One call through every stage: what passes, what is refused where, and what the journal says of it."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from fakes.desks import desk
from fakes.skills import NOTES, installed, tool
from fakes.workers import FakeWorkers, StuckWorkers
from skillkernel.calls.approve import Policy, Question
from skillkernel.calls.desk import Admitted, Desk
from skillkernel.calls.guard import Budget, Guard
from skillkernel.calls.pipeline import run_call
from skillkernel.calls.types import CallRequest, Outcome
from skillkernel.catalogue.types import Catalogue
from skillkernel.errors import JournalError, ToolError, WorkerDied, WorkerStartFailed
from skillkernel.manifest.types import Permissions
from skillkernel.worker.seam import Invocation, Progress, WorkerSpec


def request(name: str, arguments: str = "{}") -> CallRequest:
    return CallRequest("c1", name, arguments)


def ruling(outcome: Outcome) -> dict[str, str]:
    return {verdict.stage: verdict.verdict.value for verdict in outcome.verdicts}


def row(on: Desk) -> dict[str, Any]:
    return on.journal.calls(on.session)[-1]


async def test_a_read_passes_every_stage_and_is_journaled(tmp_path: Path) -> None:
    on = desk(tmp_path)
    outcome = await run_call(request("notes.find", '{"text": "milk"}'), on)
    assert outcome.ok
    assert outcome.result == {"echo": {"text": "milk"}}
    assert list(ruling(outcome)) == [
        "resolve", "parse", "validate", "permissions", "guard", "approve", "record", "run", "bound",
    ]  # fmt: skip
    assert set(ruling(outcome).values()) == {"pass"}
    assert row(on)["state"] == "done"
    assert row(on)["result"] == outcome.result
    assert json.loads(row(on)["arguments"]) == {"text": "milk"}


async def test_the_name_that_a_model_sees_means_the_same_tool(tmp_path: Path) -> None:
    outcome = await run_call(request("notes__find", '{"text": "milk"}'), desk(tmp_path))
    assert outcome.tool == "notes.find"


async def test_an_unknown_tool_is_refused_with_what_is_near(tmp_path: Path) -> None:
    on = desk(tmp_path)
    outcome = await run_call(request("notes.fnd"), on)
    assert outcome.error is not None
    assert outcome.error.code == "unknown-tool"
    assert "notes.find" in outcome.error.hint
    assert ruling(outcome) == {"resolve": "refuse"}
    assert row(on)["state"] == "refused"


async def test_a_name_with_control_characters_is_shown_without_them(tmp_path: Path) -> None:
    outcome = await run_call(request("notes.\x1b[2Jfind"), desk(tmp_path))
    assert outcome.error is not None
    assert "\x1b" not in outcome.error.message + outcome.tool


async def test_a_reads_broken_arguments_are_repaired_and_it_is_said(tmp_path: Path) -> None:
    outcome = await run_call(request("notes.find", "{'text': 'milk',}"), desk(tmp_path))
    assert outcome.result == {"echo": {"text": "milk"}}
    assert ruling(outcome)["parse"] == "repair"


async def test_a_writes_broken_arguments_are_never_repaired(tmp_path: Path) -> None:
    workers = FakeWorkers()
    outcome = await run_call(
        request("notes.add", "{'text': 'milk'}"), desk(tmp_path, workers=workers, policy=Policy(yes=True))
    )
    assert outcome.error is not None
    assert outcome.error.code == "arguments-invalid"
    assert workers.log == []


async def test_a_reads_wrong_type_is_bent_where_its_meaning_is_plain(tmp_path: Path) -> None:
    outcome = await run_call(request("notes.count", '{"limit": "5"}'), desk(tmp_path))
    assert outcome.result == {"echo": {"limit": 5}}
    assert ruling(outcome)["validate"] == "repair"


async def test_arguments_that_do_not_fit_name_path_and_what_is_allowed(tmp_path: Path) -> None:
    outcome = await run_call(request("notes.find", '{"txt": "milk"}'), desk(tmp_path))
    assert outcome.error is not None
    assert "txt" in outcome.error.message
    assert "text" in outcome.error.message + outcome.error.hint
    assert ruling(outcome)["validate"] == "refuse"


async def test_a_tool_without_its_grant_is_refused(tmp_path: Path) -> None:
    asks = Permissions(network=("example.org:443",))
    mail = installed("mail", tool("fetch", permissions=("network:example.org:443",)), asks=asks, granted=Permissions())
    outcome = await run_call(request("mail.fetch"), desk(tmp_path, catalogue=Catalogue(skills=(mail,))))
    assert outcome.error is not None
    assert outcome.error.exit_code == 3
    assert "network:example.org:443" in outcome.error.message


async def test_a_session_can_narrow_what_was_granted(tmp_path: Path) -> None:
    asks = Permissions(network=("example.org:443",))
    mail = installed("mail", tool("fetch", permissions=("network:example.org:443",)), asks=asks)
    catalogue = Catalogue(skills=(mail,))
    assert (await run_call(request("mail.fetch"), desk(tmp_path, catalogue=catalogue))).ok
    narrowed = desk(tmp_path, catalogue=catalogue, permissions=frozenset[str]())
    assert not (await run_call(request("mail.fetch"), narrowed)).ok


@pytest.mark.parametrize(
    ("name", "policy", "passes"),
    [
        ("find", Policy(), True),
        ("add", Policy(), False),
        ("add", Policy(yes=True), True),
        ("add", Policy(allow=frozenset({"notes.add"})), True),
        ("post", Policy(yes=True), False),
        ("post", Policy(allow=frozenset({"notes.post"})), True),
        ("erase", Policy(yes=True), False),
        ("erase", Policy(allow=frozenset({"notes.post"})), False),
        ("erase", Policy(allow=frozenset({"notes.erase"})), True),
    ],
)
async def test_with_nobody_to_ask_only_what_was_agreed_to_runs(
    tmp_path: Path, name: str, policy: Policy, passes: bool
) -> None:
    workers = FakeWorkers()
    outcome = await run_call(request(f"notes.{name}", '{"text": "x"}'), desk(tmp_path, workers=workers, policy=policy))
    assert outcome.ok is passes
    assert bool(workers.log) is passes
    if outcome.error is not None:
        assert outcome.error.code == "approval-refused"


async def test_a_person_is_shown_exactly_what_runs(tmp_path: Path) -> None:
    asked: list[Question] = []

    async def agree(question: Question) -> bool:
        asked.append(question)
        return True

    workers = FakeWorkers()
    arguments = '{"text": "a\\u202eb"}'
    outcome = await run_call(request("notes.post", arguments), desk(tmp_path, workers=workers, ask=agree))
    assert outcome.ok
    assert ruling(outcome)["approve"] == "ask"
    assert asked[0].call.startswith('notes.post {"text":"a')
    assert "\u202e" not in asked[0].call
    assert workers.invocations[0].arguments == {"text": "a\u202eb"}


async def test_a_persons_no_is_a_refusal(tmp_path: Path) -> None:
    async def refuse(question: Question) -> bool:
        return False

    workers = FakeWorkers()
    outcome = await run_call(request("notes.add", '{"text": "x"}'), desk(tmp_path, workers=workers, ask=refuse))
    assert outcome.error is not None
    assert outcome.error.exit_code == 3
    assert workers.log == []


async def test_the_intent_is_written_before_the_call_runs(tmp_path: Path) -> None:
    seen: list[str] = []
    on = desk(tmp_path, policy=Policy(yes=True))

    def look(arguments: dict[str, Any]) -> str:
        seen.append(row(on)["state"])
        return "ok"

    on.workers = FakeWorkers({"add": look})
    outcome = await run_call(request("notes.add", '{"text": "x"}'), on)
    assert outcome.ok
    assert seen == ["intent"]
    assert row(on)["state"] == "done"
    assert len(row(on)["key"]) == 32


class _LateWorkers(FakeWorkers):
    """Looks what the journal has when the worker is given the call."""

    def __init__(self, on: Desk) -> None:
        super().__init__()
        self.rows: list[int] = []
        self._desk = on

    async def call(self, spec: WorkerSpec, invocation: Invocation) -> Any:
        self.rows.append(len(self._desk.journal.calls(self._desk.session)))
        return await super().call(spec, invocation)


async def test_a_reads_row_is_written_when_its_worker_has_the_call_and_any_other_before(tmp_path: Path) -> None:
    on = desk(tmp_path, policy=Policy(yes=True))
    on.workers = workers = _LateWorkers(on)
    assert (await run_call(request("notes.find", '{"text": "x"}'), on)).ok
    assert workers.rows == [0]
    assert (await run_call(request("notes.add", '{"text": "x"}'), on)).ok
    assert workers.rows == [0, 2]


async def test_a_read_with_a_permission_has_its_row_before_it_runs(tmp_path: Path) -> None:
    asks = Permissions(network=("example.org:443",))
    mail = installed("mail", tool("fetch", permissions=("network:example.org:443",)), asks=asks)
    on = desk(tmp_path, catalogue=Catalogue(skills=(mail,)))
    on.workers = workers = _LateWorkers(on)
    assert (await run_call(request("mail.fetch"), on)).ok
    assert workers.rows == [1]


async def test_a_reads_row_is_there_before_its_result_is_looked_at(tmp_path: Path) -> None:
    on = desk(tmp_path)
    on.workers = FakeWorkers({"find": lambda _: row(on)["state"]})
    assert (await run_call(request("notes.find", '{"text": "x"}'), on)).result == "intent"


_NO_INTENT = (
    "CREATE TRIGGER full BEFORE INSERT ON calls WHEN NEW.state='intent' BEGIN SELECT RAISE(FAIL, 'no room'); END"
)
_NO_ROW = "CREATE TRIGGER full BEFORE INSERT ON calls BEGIN SELECT RAISE(FAIL, 'no room'); END"


@pytest.mark.parametrize(("name", "started"), [("find", True), ("add", False)])
async def test_without_its_row_in_the_journal_a_call_has_no_result(tmp_path: Path, name: str, started: bool) -> None:
    workers = FakeWorkers()
    on = desk(tmp_path, workers=workers, policy=Policy(yes=True))
    on.journal.write(_NO_INTENT, ())
    outcome = await run_call(request(f"notes.{name}", '{"text": "x"}'), on)
    assert isinstance(outcome.error, JournalError)
    assert outcome.result is None
    assert ruling(outcome)["record"] == "refuse"
    assert row(on)["state"] == "refused"
    assert bool(workers.log) is started


@pytest.mark.parametrize("name", ["find", "add"])
async def test_a_journal_that_takes_nothing_fails_the_call(tmp_path: Path, name: str) -> None:
    on = desk(tmp_path, policy=Policy(yes=True))
    on.journal.write(_NO_ROW, ())
    with pytest.raises(JournalError):
        await run_call(request(f"notes.{name}", '{"text": "x"}'), on)


class _NoWorkers(FakeWorkers):
    """Cannot start a worker."""

    async def call(self, spec: WorkerSpec, invocation: Invocation) -> Any:
        raise WorkerStartFailed("notes: its worker was not ready")


async def test_a_read_whose_worker_cannot_be_started_has_a_row_too(tmp_path: Path) -> None:
    on = desk(tmp_path, workers=_NoWorkers())
    outcome = await run_call(request("notes.find", '{"text": "x"}'), on)
    assert isinstance(outcome.error, WorkerStartFailed)
    assert row(on)["state"] == "failed"
    assert list(ruling(outcome))[-2:] == ["record", "run"]


async def test_a_call_whose_outcome_nobody_knows_is_unknown(tmp_path: Path) -> None:
    def die(arguments: dict[str, Any]) -> Any:
        raise WorkerDied("the worker of notes ended during notes.add")

    on = desk(tmp_path, workers=FakeWorkers({"add": die, "find": die}), policy=Policy(yes=True))
    await run_call(request("notes.add", '{"text": "x"}'), on)
    assert row(on)["state"] == "unknown"
    await run_call(request("notes.find", '{"text": "x"}'), on)
    assert row(on)["state"] == "failed"


async def test_a_tools_own_no_reaches_the_model(tmp_path: Path) -> None:
    def no(arguments: dict[str, Any]) -> Any:
        raise ToolError("there is no note of that name")

    outcome = await run_call(request("notes.find", '{"text": "x"}'), desk(tmp_path, workers=FakeWorkers({"find": no})))
    assert json.loads(outcome.window)["error"] == "there is no note of that name"


async def test_a_large_result_is_cut_for_the_model_and_whole_in_the_journal(tmp_path: Path) -> None:
    big = installed("big", tool("read"), result_tokens=10)
    on = desk(tmp_path, catalogue=Catalogue(skills=(big,)), workers=FakeWorkers({"read": lambda _: "x" * 1000}))
    outcome = await run_call(request("big.read"), on)
    assert len(outcome.window) < 200
    assert f"{on.session}/1" in outcome.window
    assert outcome.result == row(on)["result"] == "x" * 1000


async def test_the_third_identical_call_is_a_loop(tmp_path: Path) -> None:
    on = desk(tmp_path)
    outcomes = [await run_call(request("notes.find", '{"text": "x"}'), on) for _ in range(3)]
    assert [outcome.ok for outcome in outcomes] == [True, True, False]
    assert outcomes[2].error is not None
    assert outcomes[2].error.code == "loop-detected"


async def test_the_same_refused_call_over_and_over_is_a_loop_too(tmp_path: Path) -> None:
    on = desk(tmp_path)
    outcomes = [await run_call(request("notes.find", "[]"), on) for _ in range(3)]
    codes = [outcome.error.code for outcome in outcomes if outcome.error]
    assert codes == ["arguments-invalid", "arguments-invalid", "loop-detected"]


async def test_a_spent_budget_refuses_the_next_call(tmp_path: Path) -> None:
    on = desk(tmp_path, guard=Guard(Budget(calls=1)))
    assert (await run_call(request("notes.find", '{"text": "a"}'), on)).ok
    outcome = await run_call(request("notes.find", '{"text": "b"}'), on)
    assert outcome.error is not None
    assert outcome.error.code == "budget-spent"


@pytest.mark.parametrize(("name", "state"), [("find", "cancelled"), ("add", "unknown")])
async def test_an_interrupted_call_leaves_a_closed_row(tmp_path: Path, name: str, state: str) -> None:
    workers = StuckWorkers()
    on = desk(tmp_path, workers=workers, policy=Policy(yes=True))
    task = asyncio.create_task(run_call(request(f"notes.{name}", '{"text": "x"}'), on))
    while not workers.log:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert row(on)["state"] == state


async def test_who_listens_hears_of_the_call_before_it_runs(tmp_path: Path) -> None:
    heard: list[Admitted] = []
    workers = FakeWorkers({"find": lambda _: len(heard)})
    on = desk(tmp_path, workers=workers, on_admitted=heard.append)
    outcome = await run_call(request("notes.find", '{"text": "x"}'), on)
    assert outcome.result == 1
    assert heard[0].shown == 'notes.find {"text":"x"}'


async def test_progress_reaches_who_listens(tmp_path: Path) -> None:
    heard: list[tuple[str, float | None]] = []

    def hear(name: str, progress: Progress) -> None:
        heard.append((name, progress.fraction))

    on = desk(tmp_path, on_progress=hear)
    await run_call(request("notes.find", '{"text": "x"}'), on)
    assert heard == [("notes.find", 0.5)]


async def test_only_effects_that_cannot_be_undone_are_synced() -> None:
    from skillkernel.calls.record import survives_power_loss
    from skillkernel.calls.resolve import ToolTable

    table = ToolTable(Catalogue(skills=(NOTES,)))
    synced = {str(target.id): survives_power_loss(target) for target in table.targets()}
    assert [name for name, yes in synced.items() if yes] == ["notes.post", "notes.erase"]
