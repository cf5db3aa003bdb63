"""A skill asks the kernel, in a real worker: other skills, the model, what it remembered; never more than it may."""

import textwrap
from pathlib import Path
from typing import Any

import pytest

from fakes.driver import Reply, ScriptedDriver
from fakes.skill_modules import IMPORTS
from fakes.skills import installed, schema, tool
from skillkernel.calls.types import Outcome
from skillkernel.catalogue.read import encode_catalogue
from skillkernel.catalogue.types import Catalogue, Installed
from skillkernel.errors import CallFailed
from skillkernel.journal.accesses import JournaledAccesses
from skillkernel.kernel import Kernel
from skillkernel.manifest.types import Effect, Permissions
from skillkernel.worker.pool import WorkerPool

TEXT = {"type": "string"}
CODE = {
    "boss": """
        @tool(effect="read")
        def ask(context: Context, tool: str, text: str) -> str:
            '''Ask another skill.

            Args:
                tool: whose.
                text: what.
            '''
            return context.call(tool, text=text)

        @tool(effect="read")
        def think(context: Context, text: str) -> str:
            '''Ask the model.

            Args:
                text: what.
            '''
            return context.ask_model(text)

        @tool(effect="read")
        def remember(context: Context, text: str) -> list[str]:
            '''Remember a text.

            Args:
                text: what.
            '''
            context.remember(text)
            return context.recall("milk")
    """,
    "worker": """
        @tool(effect="read")
        def shout(text: str) -> str:
            '''Shout.

            Args:
                text: what.
            '''
            return text.upper()

        @tool(effect="read")
        def send(text: str) -> str:
            '''Needs the network.

            Args:
                text: what.
            '''
            return text

        @tool(effect="destroy")
        def erase(text: str) -> str:
            '''Erase.

            Args:
                text: what.
            '''
            return "erased"

        @tool(effect="read")
        def back(context: Context, text: str) -> str:
            '''Call the boss.

            Args:
                text: what.
            '''
            return context.call("boss.ask", tool="worker.back", text=text)
    """,
}
ONE = schema(text=TEXT)
BOSS = (
    tool("ask", input_schema=schema(tool=TEXT, text=TEXT)),
    tool("think", input_schema=ONE),
    tool("remember", input_schema=ONE),
)
NETWORK = "network:example.org:443"
WORKER = (
    tool("shout", input_schema=ONE),
    tool("send", input_schema=ONE, permissions=(NETWORK,)),
    tool("erase", Effect.DESTROY, input_schema=ONE),
    tool("back", input_schema=ONE),
)
ASKS = Permissions(network=("example.org:443",), kernel=("boss", "worker"))


def skills(boss: Permissions, granted: Permissions | None = None) -> tuple[Installed, ...]:
    return installed("boss", *BOSS, asks=boss, granted=granted), installed("worker", *WORKER, asks=ASKS)


class Home:
    """A home with the two skills, and a kernel on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.driver = ScriptedDriver([Reply("forty-two")])

    def kernel(self, *found: Installed, **options: Any) -> Kernel:
        generation = self.folder / "generations" / "1"
        generation.mkdir(parents=True)
        self.folder.chmod(0o700)
        (generation / "catalogue.json").write_bytes(encode_catalogue(Catalogue(generation=1, skills=found)))
        (self.folder / "current").symlink_to("generations/1")
        environment = self.folder / "store" / ("0" * 64) / "env"
        environment.mkdir(parents=True)
        environment.chmod(0o755)
        for name, code in CODE.items():
            (environment / f"skill_{name}.py").write_text(IMPORTS + textwrap.dedent(code))
        return Kernel(self.folder, driver=self.driver, workers=WorkerPool(start_seconds=20.0), **options)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home folder."""
    return Home(tmp_path / "home")


async def ask(kernel: Kernel, target: str, text: str = "hello") -> Outcome:
    return await kernel.call("boss.ask", {"tool": target, "text": text})


async def test_a_skill_calls_another_one_through_every_check(home: Home) -> None:
    async with home.kernel(*skills(Permissions(kernel=("worker",)))) as kernel:
        outcome = await ask(kernel, "worker.shout")
        assert outcome.result == "HELLO", outcome.error
        (session,) = kernel.journal.sessions()
        calls = kernel.journal.calls(session["id"])
        assert [(call["n"], call["tool"]) for call in calls] == [(1, "boss.ask"), (2, "worker.shout")]
        (access,) = JournaledAccesses(kernel.journal).of(skill="boss")
        assert (access["kind"], access["target"], access["ruling"]) == ("service", "worker.shout", "granted")


@pytest.mark.parametrize(
    ("asked", "granted", "problem"),
    [((), (), "manifest does not ask"), (("worker",), (), "skill grant boss kernel:worker")],
)
async def test_a_skill_that_was_not_granted_is_not_called(
    home: Home, asked: tuple[str, ...], granted: tuple[str, ...], problem: str
) -> None:
    async with home.kernel(*skills(Permissions(kernel=asked), Permissions(kernel=granted))) as kernel:
        outcome = await ask(kernel, "worker.shout")
        assert outcome.error is not None
        assert problem in f"{outcome.error.message} {outcome.error.hint}"


async def test_the_called_skill_has_no_more_rights_than_the_caller(home: Home) -> None:
    async with home.kernel(*skills(Permissions(kernel=("worker",)))) as kernel:
        assert (await kernel.call("worker.send", {"text": "x"})).ok
        outcome = await ask(kernel, "worker.send")
        assert outcome.error is not None
        assert NETWORK in outcome.error.message
        assert (await kernel.call("worker.send", {"text": "x"})).ok


async def test_what_would_be_asked_of_a_person_is_asked_for_a_skill_s_call_too(home: Home) -> None:
    async with home.kernel(*skills(Permissions(kernel=("worker",)))) as kernel:
        outcome = await ask(kernel, "worker.erase")
        assert isinstance(outcome.error, CallFailed)
        assert "nobody to ask" in outcome.error.message


async def test_skills_that_call_each_other_come_to_an_end(home: Home) -> None:
    permissions = Permissions(kernel=("worker", "boss"))
    async with home.kernel(*skills(permissions)) as kernel:
        outcome = await ask(kernel, "worker.back")
        assert outcome.error is not None
        assert "at most 3 skills" in outcome.error.message
        own = await ask(kernel, "boss.ask")
        assert own.error is not None
        assert "calls its own functions" in own.error.message


async def test_the_model_answers_a_skill_that_was_granted_it(home: Home) -> None:
    async with home.kernel(*skills(Permissions(kernel=("model",)))) as kernel:
        assert (await kernel.call("boss.think", {"text": "what is the answer?"})).result.strip() == "forty-two"
        refused = await kernel.call("boss.remember", {"text": "x"})
        assert refused.error is not None
        assert "kernel:memory" in refused.error.message


async def test_what_was_remembered_is_found_in_the_next_session_and_by_that_skill_alone(home: Home) -> None:
    async with home.kernel(*skills(Permissions(kernel=("memory",)))) as kernel:
        await kernel.call("boss.remember", {"text": "Sam takes oat milk"})
        outcome = await kernel.call("boss.remember", {"text": 'a " quote AND NOT milk'})
        assert set(outcome.result) == {'a " quote AND NOT milk', "Sam takes oat milk"}
        assert home.folder.joinpath("memory.sqlite").stat().st_mode & 0o077 == 0


async def test_a_memory_that_is_damaged_is_named_and_the_kernel_goes_on(home: Home) -> None:
    async with home.kernel(*skills(Permissions(kernel=("memory", "model")))) as kernel:
        (home.folder / "memory.sqlite").write_bytes(b"this is no database" * 100)
        broken = await kernel.call("boss.remember", {"text": "x"})
        assert broken.error is not None
        assert "memory.sqlite cannot be used" in broken.error.message
        assert (await kernel.call("boss.think", {"text": "x"})).ok
