"""What a call is given, and what is written down about it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest

from fakes.desks import desk as make_desk
from fakes.driver import Reply, ScriptedDriver
from fakes.driver import call as model_call
from fakes.secret_stores import MemoryStore
from fakes.skills import installed, tool
from fakes.workers import FakeWorkers
from skillkernel.calls.desk import Desk
from skillkernel.calls.on_behalf import think_for_skill
from skillkernel.calls.pipeline import run_call
from skillkernel.calls.types import CallRequest, Outcome
from skillkernel.catalogue.types import Catalogue
from skillkernel.errors import SecretMissing, SecretStoreUnusable
from skillkernel.journal.accesses import JournaledAccesses
from skillkernel.kernel import Kernel
from skillkernel.manifest.types import Effect, Permissions
from skillkernel.secrets.file_store import FileStore
from skillkernel.secrets.handover import Handover, entitled
from skillkernel.services.access import Access
from skillkernel.services.caller import Caller
from skillkernel.sessions.events import SessionEvent, TextPiece
from skillkernel.sessions.session import Session

PASSWORD, TOKEN = "hunter22-of-sam", "t-0123456789"
ASKS = Permissions(secrets=("password", "token", "spare"))
MAIL = installed(
    "mail",
    tool("fetch"),
    tool("login", Effect.WRITE, permissions=("secrets:password",)),
    tool("sign", permissions=("secrets:spare",)),
    tool("count", permissions=("network:example.org:443",)),
    asks=Permissions(secrets=ASKS.secrets, network=("example.org:443",)),
)
PLAIN = installed("plain", tool("look"))


def desk_with(home: Path, store: MemoryStore, *, skill: Any = MAIL, workers: FakeWorkers | None = None) -> Desk:
    desk = make_desk(home, catalogue=Catalogue(skills=(skill, PLAIN)), workers=workers)
    desk.policy = type(desk.policy)(yes=True)
    desk.secrets = Handover(lambda: store, desk.journal.masking)
    return desk


async def call(desk: Desk, name: str, arguments: str = "{}") -> Outcome:
    return await run_call(CallRequest("c1", name, arguments), desk)


def accesses(desk: Desk) -> list[tuple[str, str, str, str]]:
    rows = JournaledAccesses(desk.journal).of(session=desk.session)
    return [(row["kind"], row["target"], row["ruling"], row["reason"]) for row in rows]


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore({("mail", "password"): PASSWORD, ("mail", "token"): TOKEN})


def test_a_tool_that_declares_what_it_uses_gets_no_more() -> None:
    granted = ("network:example.org:443", "secrets:password", "secrets:token")
    assert entitled(granted, ()) == ("password", "token")
    assert entitled(granted, ("secrets:token", "secrets:other")) == ("token",)
    assert entitled(granted, ("network:example.org:443",)) == ()
    assert entitled((), ("secrets:token",)) == ()


async def test_a_call_gets_what_was_granted_and_set_and_each_is_in_the_journal(
    tmp_path: Path, store: MemoryStore
) -> None:
    workers = FakeWorkers()
    desk = desk_with(tmp_path, store, workers=workers)
    assert (await call(desk, "mail.fetch")).ok
    assert workers.invocations[-1].secrets == {"password": PASSWORD, "token": TOKEN}
    assert accesses(desk) == [("secret", "password", "granted", ""), ("secret", "token", "granted", "")]
    assert PASSWORD not in repr(workers.invocations[-1])


async def test_what_was_not_granted_is_not_handed_over(tmp_path: Path, store: MemoryStore) -> None:
    workers = FakeWorkers()
    skill = installed("mail", tool("fetch"), asks=ASKS, granted=Permissions(secrets=("token",)))
    desk = desk_with(tmp_path, store, skill=skill, workers=workers)
    await call(desk, "mail.fetch")
    assert workers.invocations[-1].secrets == {"token": TOKEN}
    assert store.asked == [["token"]]


async def test_what_the_session_does_not_allow_is_not_handed_over(tmp_path: Path, store: MemoryStore) -> None:
    workers = FakeWorkers()
    desk = desk_with(tmp_path, store, workers=workers)
    desk.permissions = frozenset({"secrets:token"})
    await call(desk, "mail.fetch")
    assert workers.invocations[-1].secrets == {"token": TOKEN}


async def test_another_owner_of_the_same_name_gets_nothing(tmp_path: Path, store: MemoryStore) -> None:
    import msgspec

    workers = FakeWorkers()
    desk = desk_with(tmp_path, store, skill=msgspec.structs.replace(MAIL, owner="mail-other"), workers=workers)
    await call(desk, "mail.fetch")
    assert workers.invocations[-1].secrets == {}


async def test_a_call_that_needs_no_secret_opens_no_store(tmp_path: Path) -> None:
    def never() -> MemoryStore:
        raise AssertionError("nothing is to be read")

    desk = desk_with(tmp_path, MemoryStore())
    desk.secrets = Handover(never, desk.journal.masking)
    assert (await call(desk, "plain.look")).ok
    assert (await call(desk, "mail.count")).ok
    assert not desk.journal.masking.active
    assert accesses(desk) == []


async def test_the_store_is_read_once_a_session_also_by_calls_side_by_side(tmp_path: Path, store: MemoryStore) -> None:
    desk = desk_with(tmp_path, store)
    store.set("mail", "spare", "something")
    async with anyio.create_task_group() as tasks:
        for _ in range(2):
            tasks.start_soon(call, desk, "mail.fetch")
    await call(desk, "mail.login")
    assert store.asked == [["password", "token", "spare"]]


async def test_a_declared_secret_that_nobody_set_stops_the_call_before_it_runs(tmp_path: Path) -> None:
    workers = FakeWorkers()
    store = MemoryStore()
    desk = desk_with(tmp_path, store, workers=workers)
    outcome = await call(desk, "mail.login")
    assert isinstance(outcome.error, SecretMissing)
    assert outcome.error.message == "the secret password of mail is not set"
    assert outcome.error.hint == "`skill secret set mail password`"
    assert outcome.verdicts[-1].stage == "secrets"
    assert workers.invocations == []
    assert desk.journal.calls(desk.session)[0]["state"] == "refused"
    store.set("mail", "password", PASSWORD)
    assert (await call(desk, "mail.login")).ok, "it is looked for again"


async def test_a_tool_that_finds_a_secret_missing_is_answered_with_the_command(tmp_path: Path) -> None:
    def missing(arguments: dict[str, Any]) -> Any:
        raise SecretMissing("the secret 'password' is not available", hint="name it under permissions.secrets")

    skill = installed("mail", tool("fetch"), asks=ASKS, granted=Permissions(secrets=("password", "token")))
    desk = desk_with(tmp_path, MemoryStore(), skill=skill, workers=FakeWorkers({"fetch": missing}))
    outcome = await call(desk, "mail.fetch")
    assert isinstance(outcome.error, SecretMissing)
    assert outcome.error.message == "the secrets password, token of mail are not set"
    assert outcome.error.hint == "`skill secret set mail password` and `skill secret set mail token`"
    assert accesses(desk) == [
        ("secret", "password", "failed", "not set"),
        ("secret", "token", "failed", "not set"),
        ("secret", "spare", "refused", "not granted"),
    ]


async def test_a_value_that_cannot_be_masked_is_not_handed_over(tmp_path: Path) -> None:
    workers = FakeWorkers()
    desk = desk_with(tmp_path, MemoryStore({("mail", "password"): "abc"}), workers=workers)
    outcome = await call(desk, "mail.login")
    assert isinstance(outcome.error, SecretStoreUnusable)
    assert "fewer than 4" in outcome.error.message
    assert workers.invocations == []


async def test_the_arguments_and_the_result_are_masked_in_the_journal_from_then_on(
    tmp_path: Path, store: MemoryStore
) -> None:
    text = {"type": "object", "properties": {"text": {"type": "string"}}}
    skill = installed(
        "mail",
        tool("send", Effect.WRITE, input_schema=text, permissions=("secrets:password",)),
        tool("echo", input_schema=text, permissions=("network:example.org:443",)),
        asks=Permissions(secrets=("password",), network=("example.org:443",)),
    )
    workers = FakeWorkers()
    desk = desk_with(tmp_path, store, skill=skill, workers=workers)
    sent = f'{{"text": "it is \\n{PASSWORD}"}}'
    await call(desk, "mail.send", sent)
    outcome = await call(desk, "mail.echo", sent)
    await call(desk, "mail.nothing", sent)
    desk.journal.message(desk.session, 1, "user", {"text": f"my password is {PASSWORD}"})
    desk.journal.end_session(desk.session, "failed", f"it said {PASSWORD[:8]}")
    caller = Caller("mail", "mail", "send", desk.session, 1, ())
    desk.services.log.begin(caller, Access("network", f"{PASSWORD}.example.org:443", "refused", PASSWORD))
    assert workers.invocations[0].arguments == {"text": f"it is \n{PASSWORD}"}, "what was approved is what runs"
    assert outcome.result == {"echo": {"text": "it is \n‹secret password›"}}
    kept = (tmp_path / "journal.sqlite").read_bytes() + (tmp_path / "journal.sqlite-wal").read_bytes()
    assert PASSWORD.encode() not in kept
    assert PASSWORD[:8].encode() not in kept
    rows = desk.journal.calls(desk.session)
    assert [row["arguments"] for row in rows[:2]] == ['{"text":"it is \\n‹secret password›"}'] * 2


async def test_an_answer_of_the_model_that_carries_it_is_masked_though_it_comes_in_pieces(
    tmp_path: Path, store: MemoryStore
) -> None:
    spaced = "correct horse battery"
    store.set("mail", "password", spaced)
    desk = desk_with(tmp_path, store)
    said = f"The password is {spaced} and that is all."
    driver = ScriptedDriver([Reply(calls=(model_call("mail.fetch"),)), Reply(said), Reply("Yes.")])
    events: list[SessionEvent] = []
    session = Session(desk, driver, events.append)
    turn = await session.turn("what is it?")
    masked = "The password is ‹secret password› and that is all."
    assert turn.answer == masked
    assert "".join(event.text for event in events if isinstance(event, TextPiece)).strip() == masked
    await session.turn("really?")
    assert spaced not in str(driver.requests[-1].messages)
    assert spaced not in str(desk.journal.messages(desk.session))


async def test_a_skill_that_asks_the_model_about_its_secret_asks_about_a_mark(
    tmp_path: Path, store: MemoryStore
) -> None:
    desk = desk_with(tmp_path, store)
    driver = ScriptedDriver([Reply("A fine one.")])
    desk.driver = lambda: driver
    await call(desk, "mail.fetch")
    await think_for_skill(desk, f"is {PASSWORD} a good password?", 10)
    assert [message.text for message in driver.requests[-1].messages] == ["is ‹secret password› a good password?"]


async def test_a_kernel_gives_a_session_the_secrets_of_its_home_and_masks_them_in_its_journal(tmp_path: Path) -> None:
    async with Kernel(tmp_path / "home", workers=FakeWorkers()) as kernel:
        kernel.config["secrets"] = {"store": "file"}
        FileStore(kernel.layout.secrets).set("mail", "password", PASSWORD)
        desk = kernel.desk(kernel.journal.begin_session("call", "", ""))
        await desk.secrets.fetch("mail", "mail", ("secrets:password",), ())
        assert kernel.journal.masking.text(f"it is {PASSWORD}") == "it is ‹secret password›"


def test_a_kernel_that_needs_no_secret_loads_no_keyring_and_no_mask() -> None:
    program = (
        "import sys, skillkernel.kernel, skillkernel.calls.run;"
        "print([name for name in ('keyring', 'skillkernel.secrets.mask', 'html', 'jeepney') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
