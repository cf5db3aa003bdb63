"""Permissions at first use: asked for with someone there, given for as long as they said, and no wider."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest

from fakes.desks import desk
from fakes.skills import installed, tool
from fakes.workers import FakeWorkers
from skillkernel.calls.approve import Answer, Policy, Question
from skillkernel.calls.desk import Desk
from skillkernel.calls.permit import PermissionQuestion
from skillkernel.calls.pipeline import run_call
from skillkernel.calls.types import CallRequest, Outcome
from skillkernel.catalogue.types import Catalogue, Installed
from skillkernel.manifest.types import Effect, Permissions

NETWORK, MUSIC = "network:example.org:443", "files.read:~/Music"
MAIL = msgspec.structs.replace(
    installed(
        "mail",
        tool("fetch", permissions=(NETWORK,)),
        tool("any"),
        tool("send", Effect.SEND, permissions=(NETWORK,)),
        asks=Permissions(network=("example.org:443",), files_read=("~/Music",)),
        granted=Permissions(),
    ),
    ask_at_use=True,
)


class Person:
    """Somebody who gives these answers; `asked` are the questions, `granted` what "always" granted."""

    def __init__(self, *answers: Answer | bool, meanwhile: Callable[[], None] | None = None) -> None:
        self.answers = list(answers)
        self.asked: list[Question] = []
        self.granted: list[tuple[str, ...]] = []
        self.meanwhile = meanwhile

    async def ask(self, question: Question) -> Answer | bool:
        self.asked.append(question)
        await anyio.lowlevel.checkpoint()
        if self.meanwhile is not None:
            self.meanwhile()
        return self.answers.pop(0)

    async def grant(self, skill: Installed, rows: tuple[str, ...]) -> None:
        self.granted.append(rows)


def at(home: Path, person: Person | None, skill: Installed = MAIL, **more: Any) -> tuple[Desk, FakeWorkers]:
    workers = FakeWorkers()
    asking = {"ask": person.ask, "grant": person.grant} if person else {}
    return desk(home, catalogue=Catalogue(skills=(skill,)), workers=workers, **asking, **more), workers


async def call(on: Desk, name: str = "mail.fetch") -> Outcome:
    return await run_call(CallRequest("c1", name, "{}"), on)


async def test_the_question_has_the_permission_the_tool_and_the_call(tmp_path: Path) -> None:
    person = Person(Answer.ONCE)
    on, workers = at(tmp_path, person)
    outcome = await call(on)
    assert outcome.ok
    (question,) = person.asked
    assert isinstance(question, PermissionQuestion)
    assert (question.rows, question.tool, question.call) == ((NETWORK,), "mail.fetch", "mail.fetch {}")
    assert question.rule == f"skill grant mail {NETWORK}"
    assert [spec.grants for spec in workers.specs] == [(NETWORK,)]
    assert ("permissions", "ask") in [(one.stage, one.verdict.value) for one in outcome.verdicts]


async def test_once_is_for_one_call_in_a_worker_of_its_own(tmp_path: Path) -> None:
    person = Person(True, Answer.ONCE)
    on, workers = at(tmp_path, person)
    await call(on)
    await call(on)
    assert len(person.asked) == 2
    assert [spec.once for spec in workers.specs] == [True, True]


async def test_this_session_is_for_every_call_of_the_skill_that_needs_it(tmp_path: Path) -> None:
    person = Person(Answer.SESSION, True)
    on, workers = at(tmp_path, person)
    assert (await call(on)).ok
    assert (await call(on)).ok
    assert len(person.asked) == 1
    assert (await call(on, "mail.send")).ok  # asked whether to send, and not again for the permission
    assert not isinstance(person.asked[1], PermissionQuestion)
    assert {spec.grants for spec in workers.specs} == {(NETWORK,)}
    assert not any(spec.once for spec in workers.specs)


async def test_always_grants_through_whoever_opened_the_kernel(tmp_path: Path) -> None:
    person = Person(Answer.ALWAYS)
    on, workers = at(tmp_path, person)
    assert (await call(on)).ok
    assert person.granted == [(NETWORK,)]
    assert not workers.specs[0].once


async def test_always_is_for_the_session_where_nothing_can_grant(tmp_path: Path) -> None:
    person = Person(Answer.ALWAYS)
    on, _ = at(tmp_path, person)
    on.grant = None
    assert (await call(on)).ok
    assert (await call(on)).ok
    assert (len(person.asked), person.asked[0].rule) == (1, "")


async def test_a_no_is_remembered_until_the_user_speaks_again(tmp_path: Path) -> None:
    person = Person(Answer.NO, Answer.ONCE)
    on, workers = at(tmp_path, person)
    for _ in range(2):
        outcome = await call(on)
        assert outcome.error is not None
        assert outcome.error.code == "approval-refused"
    assert (len(person.asked), workers.specs) == (1, [])
    on.answers.refused.clear()
    assert (await call(on)).ok


async def test_with_nobody_to_ask_it_is_refused_with_the_command_that_grants_it(tmp_path: Path) -> None:
    on, workers = at(tmp_path, None, policy=Policy(yes=True, allow=frozenset({"mail.fetch"})))
    outcome = await call(on)
    assert outcome.error is not None
    assert outcome.error.code == "permission-refused"
    assert outcome.error.hint == f"`skill grant mail {NETWORK}`"
    assert workers.specs == []


async def test_a_skill_that_was_not_installed_to_ask_does_not_ask(tmp_path: Path) -> None:
    person = Person()
    on, _ = at(tmp_path, person, msgspec.structs.replace(MAIL, ask_at_use=False))
    outcome = await call(on)
    assert outcome.error is not None
    assert outcome.error.code == "permission-refused"
    assert (await call(on, "mail.any")).ok


async def test_a_tool_that_declares_nothing_is_asked_for_all_that_is_not_granted(tmp_path: Path) -> None:
    person = Person(Answer.ONCE)
    skill = msgspec.structs.replace(MAIL, granted=Permissions(files_read=("~/Music",)))
    on, workers = at(tmp_path, person, skill)
    assert (await call(on, "mail.any")).ok
    (question,) = person.asked
    assert isinstance(question, PermissionQuestion)
    assert question.rows == (NETWORK,)
    assert workers.specs[0].grants == (NETWORK, MUSIC)


async def test_a_skill_that_another_one_calls_is_asked_for_no_more_than_that_one_has(tmp_path: Path) -> None:
    person = Person(Answer.ONCE)
    on, workers = at(tmp_path, person, permissions=frozenset({MUSIC}))
    outcome = await call(on)
    assert outcome.error is not None
    assert outcome.error.code == "permission-refused"
    assert person.asked == []
    assert (await call(on, "mail.any")).ok
    assert isinstance(person.asked[0], PermissionQuestion)
    assert person.asked[0].rows == (MUSIC,)
    assert workers.specs[0].grants == (MUSIC,)


async def test_reads_side_by_side_are_asked_about_once(tmp_path: Path) -> None:
    person = Person(Answer.SESSION)
    on, workers = at(tmp_path, person)
    async with anyio.create_task_group() as tasks:
        for _ in range(2):
            tasks.start_soon(call, on)
    assert (len(person.asked), len(workers.specs)) == (1, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"granted": Permissions()},
        {"version": "2.0"},
        {"owner": "somebody-else"},
        {"settings": {"server": "evil.example"}},
    ],
)
@pytest.mark.parametrize("name", ["mail.fetch", "mail.send"])
async def test_a_skill_that_changed_while_a_person_thought_is_not_run(
    tmp_path: Path, change: dict[str, Any], name: str
) -> None:
    skill = msgspec.structs.replace(MAIL, granted=Permissions(files_read=("~/Music",)))
    on, workers = at(tmp_path, None, skill)
    changed = msgspec.structs.replace(skill, **change)
    person = Person(Answer.SESSION, Answer.ONCE, meanwhile=lambda: on.tools.load(Catalogue(skills=(changed,))))
    on.ask = person.ask
    outcome = await call(on, name)
    assert outcome.error is not None
    assert outcome.error.code == "permission-refused"
    assert "by somebody else meanwhile" in outcome.error.message
    assert workers.specs == []


async def test_a_grant_to_another_publisher_s_skill_of_that_name_is_not_taken_over(tmp_path: Path) -> None:
    person = Person(Answer.SESSION, Answer.NO)
    on, _ = at(tmp_path, person)
    assert (await call(on)).ok
    on.tools.load(Catalogue(skills=(msgspec.structs.replace(MAIL, owner="another"),)))
    assert not (await call(on)).ok
    assert len(person.asked) == 2


async def test_what_was_given_for_a_session_does_not_come_to_mean_another_host(tmp_path: Path) -> None:
    row = "network:{server}:443"
    skill = msgspec.structs.replace(
        installed("mail", tool("fetch", permissions=(row,)), asks=Permissions(network=("{server}:443",))),
        granted=Permissions(),
        ask_at_use=True,
        settings={"server": "dav.example.org"},
    )
    person = Person(Answer.SESSION, Answer.NO)
    on, _ = at(tmp_path, person, skill)
    assert (await call(on)).ok
    on.tools.load(Catalogue(skills=(msgspec.structs.replace(skill, settings={"server": "evil.example"}),)))
    assert not (await call(on)).ok
    assert len(person.asked) == 2
