"""The kernel as a program embeds it, over a real catalogue file and a pool that keeps the seam's contract."""

import asyncio
from pathlib import Path

import pytest

from fakes.driver import Reply, ScriptedDriver, call
from fakes.skills import CATALOGUE
from fakes.workers import FakeWorkers
from skillkernel import Kernel, SyncKernel
from skillkernel.calls.approve import Answer, Question
from skillkernel.catalogue.read import encode_catalogue
from skillkernel.errors import JournalError, RulesInvalid, UnknownTool, UsageError
from skillkernel.sessions.events import SessionEvent


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose generation holds the notes skill."""
    generation = tmp_path / "home" / "generations" / "1"
    generation.mkdir(parents=True)
    (generation / "catalogue.json").write_bytes(encode_catalogue(CATALOGUE))
    (tmp_path / "home" / "current").symlink_to("generations/1")
    return tmp_path / "home"


async def test_a_call_and_a_run(home: Path) -> None:
    driver = ScriptedDriver([Reply(calls=(call("notes__find", '{"text": "x"}'),)), Reply("Found.")])
    workers = FakeWorkers()
    async with Kernel(home, driver=driver, workers=workers) as kernel:
        assert [str(target.id) for target in kernel.targets()][:2] == ["notes.find", "notes.count"]
        outcome = await kernel.call("notes.find", {"text": "x"})
        assert outcome.result == {"echo": {"text": "x"}}
        turn = await kernel.run("find x")
        assert turn.answer == "Found."
    assert workers.closed


def test_the_same_without_an_event_loop(home: Path) -> None:
    driver = ScriptedDriver([Reply("Hello.")])
    with SyncKernel(home, driver=driver, workers=FakeWorkers()) as kernel:
        assert kernel.call("notes.find", {"text": "x"}).ok
        heard: list[SessionEvent] = []
        assert kernel.run("hello", on_event=heard.append).answer == "Hello."
        assert heard
        assert len(kernel.targets()) == 5


async def test_without_a_yes_nothing_is_changed(home: Path) -> None:
    async with Kernel(home, workers=FakeWorkers()) as kernel:
        outcome = await kernel.call("notes.add", {"text": "x"})
    assert outcome.error is not None
    assert outcome.error.exit_code == 3


async def test_a_program_can_answer_for_its_user(home: Path) -> None:
    async def only_notes(question: Question) -> bool:
        return question.tool == "notes.add"

    async with Kernel(home, workers=FakeWorkers(), ask=only_notes) as kernel:
        assert (await kernel.call("notes.add", {"text": "x"})).ok
        assert not (await kernel.call("notes.post", {"text": "x"})).ok


async def test_the_rules_of_the_settings_go_before_what_a_program_says(home: Path) -> None:
    (home / "config.toml").write_text('[rules]\nallow = ["notes.post(text=x)"]\ndeny = ["notes.erase"]\n')
    async with Kernel(home, workers=FakeWorkers(), yes=True, allow=["notes.erase"]) as kernel:
        assert (await kernel.call("notes.post", {"text": "x"})).ok
        outcome = await kernel.call("notes.erase", {"text": "x"})
    assert outcome.error is not None
    assert outcome.error.code == "rule-refused"


async def test_rules_with_a_mistake_keep_the_kernel_shut(home: Path) -> None:
    (home / "config.toml").write_text('[rules]\ndeny = ["notes.eras"]\n')
    with pytest.raises(RulesInvalid, match=r"\[rules\] deny\[1\]"):
        async with Kernel(home, workers=FakeWorkers()):
            raise AssertionError("it opened")


def test_answers_hold_for_the_calls_of_a_program(home: Path) -> None:
    answers = [Answer.SESSION, Answer.ALWAYS, Answer.NO]

    async def answer(question: Question) -> Answer:
        return answers.pop(0)

    with SyncKernel(home, workers=FakeWorkers(), ask=answer) as kernel:
        assert [kernel.call("notes.add", {"text": text}).ok for text in "abc"] == [True, True, True]
        assert [kernel.call("notes.post", {"text": "x"}).ok for _ in range(2)] == [True, True]
        assert not kernel.call("notes.post", {"text": "y"}).ok
    with SyncKernel(home, workers=FakeWorkers()) as kernel:
        assert kernel.call("notes.post", {"text": "x"}).ok
        assert not kernel.call("notes.add", {"text": "a"}).ok


async def test_a_conversation(home: Path) -> None:
    driver = ScriptedDriver([Reply("One."), Reply("Two.")])
    async with (
        Kernel(home, driver=driver, workers=FakeWorkers()) as kernel,
        kernel.session("chat") as session,
    ):
        assert [(await session.turn(text)).answer for text in ("a", "b")] == ["One.", "Two."]


async def test_every_session_has_its_end_in_the_journal(home: Path) -> None:
    driver = ScriptedDriver([Reply("Hello."), Reply(hangs=True)])
    async with Kernel(home, driver=driver, workers=FakeWorkers()) as kernel:
        await kernel.run("a")
        running = asyncio.create_task(kernel.run("b"))
        while len(driver.requests) < 2:
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await kernel.call("notes.find", {"text": "x"})
        await kernel.call("notes.nothing", {})
        rows = [(row["kind"], row["state"]) for row in kernel.journal.sessions()]
    assert rows == [("call", "failed"), ("call", "done"), ("run", "cancelled"), ("run", "done")]


async def test_an_allowed_tool_that_is_not_there_is_refused_at_once(home: Path) -> None:
    with pytest.raises(UnknownTool, match=r"notes\.pots"):
        async with Kernel(home, workers=FakeWorkers(), allow=["notes.pots"]):
            raise AssertionError("it opened")


@pytest.mark.parametrize("budget", ["calls = 0", 'calls = "many"', "calls = true", "speed = 3"])
async def test_a_budget_that_is_none_is_refused_with_an_example(home: Path, budget: str) -> None:
    (home / "config.toml").write_text(f"[budget]\n{budget}\n")
    async with Kernel(home, workers=FakeWorkers()) as kernel:
        with pytest.raises(UsageError, match="budget"):
            await kernel.call("notes.find", {"text": "x"})


async def test_the_budget_of_the_settings_holds(home: Path) -> None:
    (home / "config.toml").write_text("[budget]\ncalls = 1\n")
    calls = (call("notes__find", '{"text": "a"}', "1"), call("notes__add", '{"text": "b"}', "2"))
    driver = ScriptedDriver([Reply(calls=calls), Reply("Half.")])
    async with Kernel(home, driver=driver, workers=FakeWorkers(), yes=True) as kernel:
        turn = await kernel.run("do both")
    assert [outcome.error.code if outcome.error else "" for outcome in turn.outcomes] == ["", "budget-spent"]


async def test_a_kernel_that_is_not_open_says_so(home: Path) -> None:
    async def refuses(kernel: Kernel) -> None:
        for use in (kernel.targets, lambda: kernel.session("chat"), lambda: kernel.driver):
            with pytest.raises(UsageError, match="the kernel is not open"):
                use()
        with pytest.raises(UsageError, match="the kernel is not open"):
            await kernel.call("notes.find", {"text": "x"})
        with pytest.raises(UsageError, match="the kernel is not open"):
            await kernel.run("find x")

    kernel = Kernel(home, driver=ScriptedDriver([Reply("x")]), workers=FakeWorkers())
    await refuses(kernel)
    async with kernel:
        pass
    await refuses(kernel)


async def test_workers_that_cannot_be_closed_leave_neither_driver_nor_journal_open(home: Path) -> None:
    class Unclosable(FakeWorkers):
        async def aclose(self) -> None:
            raise OSError("they do not end")

    driver = ScriptedDriver([Reply("x")])
    kernel = Kernel(home, driver=driver, workers=Unclosable())
    with pytest.raises(OSError, match="they do not end"):
        async with kernel:
            pass
    assert driver.closed
    with pytest.raises(JournalError):
        kernel.journal.sessions()


async def test_arguments_may_be_text(home: Path) -> None:
    async with Kernel(home, workers=FakeWorkers()) as kernel:
        assert (await kernel.call("notes.find", '{"text": "x"}')).ok
        assert not (await kernel.call("notes.find", "nonsense")).ok
