"""Conversations with a scripted model: steps, loops, bad replies, interruptions."""

import json
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from fakes.desks import desk
from fakes.driver import Reply, ScriptedDriver, call
from fakes.workers import FakeWorkers, StuckWorkers
from skillkernel.calls.approve import Policy, Question
from skillkernel.errors import ModelUnreachable, ToolError
from skillkernel.sessions.events import Answered, CallEnded, CallPassed, Failed, SessionEvent, Stopped, TextPiece
from skillkernel.sessions.session import MAX_REPLIES_A_TURN, Session, Turn


async def hold(
    home: Path, *replies: Reply, workers: FakeWorkers | None = None
) -> tuple[Turn, list[SessionEvent], ScriptedDriver]:
    events: list[SessionEvent] = []
    driver = ScriptedDriver(list(replies))
    session = Session(desk(home, workers=workers, policy=Policy(yes=True)), driver, events.append)
    return await session.turn("do it"), events, driver


async def test_a_call_then_an_answer(tmp_path: Path) -> None:
    turn, events, driver = await hold(
        tmp_path, Reply(calls=(call("notes__find", '{"text": "milk"}'),)), Reply("There is milk.")
    )
    assert turn.answer == "There is milk."
    assert [outcome.tool for outcome in turn.outcomes] == ["notes.find"]
    assert [type(event) for event in events if isinstance(event, CallPassed | CallEnded | Answered)] == [
        CallPassed, CallEnded, Answered,
    ]  # fmt: skip
    told = driver.requests[1].messages[-1]
    assert (told.role, told.call_id, json.loads(told.text)) == ("tool", "c1", {"echo": {"text": "milk"}})


async def test_text_streams_as_it_comes(tmp_path: Path) -> None:
    _, events, _ = await hold(tmp_path, Reply("one two three"))
    assert [event.text for event in events if isinstance(event, TextPiece)] == ["one ", "two ", "three "]


async def test_a_failed_call_is_told_to_the_model_which_mends_it(tmp_path: Path) -> None:
    turn, _, driver = await hold(
        tmp_path,
        Reply(calls=(call("notes__find", '{"wrong": 1}'),)),
        Reply(calls=(call("notes__find", '{"text": "x"}', "c2"),)),
        Reply("Found."),
    )
    assert turn.answer == "Found."
    assert [outcome.ok for outcome in turn.outcomes] == [False, True]
    assert driver.requests[1].messages[-1].failed


async def test_the_same_call_for_ever_ends_the_session(tmp_path: Path) -> None:
    turn, events, _ = await hold(tmp_path, Reply(calls=(call("notes__find", '{"text": "x"}'),)))
    assert turn.answer is None
    assert turn.stopped is not None
    assert isinstance(events[-1], Stopped)
    assert len(turn.outcomes) <= 4


async def test_the_same_read_many_times_in_one_reply_runs_twice(tmp_path: Path) -> None:
    workers = FakeWorkers()
    spellings = ('{"text": "x"}', '{"text":"x"}')
    calls = tuple(call("notes__find", spellings[n % 2], f"c{n}") for n in range(16))
    turn, _, _ = await hold(tmp_path, Reply(calls=calls), Reply("Found."), workers=workers)
    assert turn.answer == "Found."
    assert len(workers.invocations) == 2
    codes = {outcome.error.code for outcome in turn.outcomes if outcome.error}
    assert codes == {"loop-detected"}


async def test_a_change_refused_by_the_person_can_be_asked_for_again(tmp_path: Path) -> None:
    answers = [False, False, True]

    async def ask(question: Question) -> bool:
        return answers.pop(0)

    replies = [(Reply(calls=(call("notes__add", '{"text": "x"}', f"c{n}"),)), Reply("So.")) for n in range(3)]
    session = Session(desk(tmp_path, ask=ask), ScriptedDriver([reply for pair in replies for reply in pair]))
    turns = [await session.turn("add x") for _ in range(3)]
    assert [turn.outcomes[0].ok for turn in turns] == [False, False, True]


async def test_a_model_cannot_have_the_same_refused_change_asked_about_twice(tmp_path: Path) -> None:
    asked: list[Question] = []

    async def refuse(question: Question) -> bool:
        asked.append(question)
        return False

    replies = [
        Reply(calls=(call("notes__add", text, f"c{n}"),)) for n, text in enumerate(('{"text":"x"}', '{"text": "x"}'))
    ]
    driver = ScriptedDriver([*replies, Reply("So be it.")])
    turn = await Session(desk(tmp_path, ask=refuse), driver).turn("add x")
    assert turn.answer == "So be it."
    assert len(asked) == 1
    assert "were not asked again" in driver.requests[-1].messages[-1].text


async def test_a_cycle_ends_the_session(tmp_path: Path) -> None:
    names = [call("notes__find", json.dumps({"text": text}), f"c{text}") for text in "abc" * 8]
    turn, _, _ = await hold(tmp_path, *[Reply(calls=(name,)) for name in names])
    assert turn.stopped is not None


async def test_calls_without_end_stop_at_the_limit(tmp_path: Path) -> None:
    replies = [
        Reply(calls=(call("notes__find", json.dumps({"text": str(n)}), f"c{n}"),))
        for n in range(MAX_REPLIES_A_TURN + 5)
    ]
    turn, _, driver = await hold(tmp_path, *replies)
    assert turn.stopped is not None
    assert len(driver.requests) == MAX_REPLIES_A_TURN


async def test_an_empty_reply_is_asked_again_once(tmp_path: Path) -> None:
    turn, _, _ = await hold(tmp_path, Reply(), Reply("Here I am."))
    assert turn.answer == "Here I am."
    turn, _, driver = await hold(tmp_path, Reply())
    assert turn.stopped is not None
    assert len(driver.requests) == 2


async def test_the_journal_holds_all_that_a_model_is_told(tmp_path: Path) -> None:
    driver = ScriptedDriver([Reply(), Reply("Here I am.")])
    on = desk(tmp_path)
    await Session(on, driver).turn("are you there?")
    journaled = [(row["role"], row["content"]["text"]) for row in on.journal.messages(on.session)]
    told = [(message.role, message.text) for message in driver.requests[-1].messages[1:]]
    assert len(told) == 2
    assert journaled[:2] == told


async def test_reads_run_side_by_side_and_writes_in_their_order(tmp_path: Path) -> None:
    workers = FakeWorkers()
    calls = (
        call("notes__find", '{"text": "a"}', "1"),
        call("notes__count", '{"limit": 1}', "2"),
        call("notes__add", '{"text": "b"}', "3"),
        call("notes__find", '{"text": "c"}', "4"),
    )
    turn, _, driver = await hold(tmp_path, Reply(calls=calls), Reply("Done."), workers=workers)
    assert turn.ok
    assert workers.log == [
        "start find", "start count", "end find", "end count", "start add", "end add", "start find", "end find",
    ]  # fmt: skip
    assert [m.call_id for m in driver.requests[1].messages if m.role == "tool"] == ["1", "2", "3", "4"]


async def test_two_calls_with_one_id_get_an_answer_each(tmp_path: Path) -> None:
    calls = (call("notes__add", '{"text": "a"}'), call("notes__add", '{"text": "b"}'))
    turn, _, driver = await hold(tmp_path, Reply(calls=calls), Reply("Done."))
    assert len(turn.outcomes) == 2
    answered = [m.call_id for m in driver.requests[1].messages if m.role == "tool"]
    asked = [c.id for m in driver.requests[1].messages for c in m.calls]
    assert answered == asked
    assert len(set(asked)) == 2


async def test_a_call_repeated_to_the_letter_in_one_reply_runs_once(tmp_path: Path) -> None:
    workers = FakeWorkers()
    same = call("notes__add", '{"text": "a"}')
    await hold(tmp_path, Reply(calls=(same, same)), Reply("Done."), workers=workers)
    assert workers.log == ["start add", "end add"]


async def test_a_models_error_ends_the_turn_with_its_words(tmp_path: Path) -> None:
    turn, events, _ = await hold(tmp_path, Reply(error=ModelUnreachable("no route to the endpoint")))
    assert turn.error is not None
    assert isinstance(events[-1], Failed)


async def test_what_was_done_before_an_error_is_still_told(tmp_path: Path) -> None:
    turn, _, _ = await hold(
        tmp_path,
        Reply(calls=(call("notes__add", '{"text": "a"}'),)),
        Reply(error=ModelUnreachable("no route to the endpoint")),
    )
    assert [outcome.ok for outcome in turn.outcomes] == [True]


async def test_tokens_count_against_the_budget(tmp_path: Path) -> None:
    replies = [
        Reply(calls=(call("notes__find", json.dumps({"text": str(n)}), f"c{n}"),), tokens=150_000) for n in range(5)
    ]
    turn, _, _ = await hold(tmp_path, *replies)
    assert turn.error is not None
    assert turn.error.code == "budget-spent"


async def test_a_conversation_remembers(tmp_path: Path) -> None:
    driver = ScriptedDriver([Reply("Hello Sam."), Reply("Sam.")])
    session = Session(desk(tmp_path), driver)
    await session.turn("I am Sam")
    await session.turn("who am I?")
    assert [m.text for m in driver.requests[1].messages[1:]] == ["I am Sam", "Hello Sam. ", "who am I?"]


async def test_an_interrupted_turn_leaves_a_conversation_that_goes_on(tmp_path: Path) -> None:
    workers = StuckWorkers()
    driver = ScriptedDriver([Reply(calls=(call("notes__find", '{"text": "x"}'),)), Reply("Fine.")])
    on = desk(tmp_path, workers=workers)
    session = Session(on, driver)
    with anyio.CancelScope() as scope:

        async def stop() -> None:
            while not workers.log:
                await anyio.lowlevel.checkpoint()
            scope.cancel()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stop)
            await session.turn("do it")
    assert scope.cancelled_caught
    session.settle()
    turn = await session.turn("go on")
    assert turn.answer == "Fine."
    roles = [m.role for m in driver.requests[1].messages]
    assert roles == ["system", "user", "assistant", "tool", "user"]
    assert [row["state"] for row in on.journal.calls(on.session)] == ["cancelled"]


@pytest.mark.parametrize(
    "arguments", ["", "[1, 2]", '{"text": NaN}', '{"text": "a", "text": "b"}', "[" * 100_000, "\x00"]
)
async def test_no_arguments_whatever_raise_out_of_a_turn(tmp_path: Path, arguments: str) -> None:
    turn, _, _ = await hold(tmp_path, Reply(calls=(call("notes__add", arguments),)), Reply("I could not."))
    assert turn.answer == "I could not."
    assert not turn.outcomes[0].ok


async def test_a_tool_that_fails_in_a_batch_of_reads_fails_alone(tmp_path: Path) -> None:
    def no(arguments: dict[str, Any]) -> Any:
        raise ToolError("no")

    calls = (call("notes__find", '{"text": "a"}', "1"), call("notes__count", '{"limit": 1}', "2"))
    turn, _, _ = await hold(tmp_path, Reply(calls=calls), Reply("Half."), workers=FakeWorkers({"find": no}))
    assert [outcome.ok for outcome in turn.outcomes] == [False, True]


async def test_the_conversation_is_in_the_journal(tmp_path: Path) -> None:
    driver = ScriptedDriver([Reply(calls=(call("notes__find", '{"text": "x"}'),)), Reply("Found.")])
    on = desk(tmp_path)
    await Session(on, driver).turn("find x")
    assert [row["role"] for row in on.journal.messages(on.session)] == ["user", "assistant", "tool", "assistant"]
