"""The kernel as a program embeds it.

    async with Kernel() as kernel:
        turn = await kernel.run("Book lunch with Sam tomorrow at 12:30")
        print(turn.answer)

`SyncKernel` is the same without `await`.
"""

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractContextManager, AsyncExitStack, ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import msgspec

from skillkernel.calls.approve import Answers, Ask, Policy
from skillkernel.calls.desk import Desk, Grant
from skillkernel.calls.guard import Budget, Guard
from skillkernel.calls.pipeline import json_arguments, run_call
from skillkernel.calls.resolve import ToolTable
from skillkernel.calls.schemas import SchemaCache
from skillkernel.calls.types import CallRequest, Outcome
from skillkernel.catalogue.read import generation_in_force, read_catalogue
from skillkernel.catalogue.types import Installed, Layout, Target
from skillkernel.catalogue.verify import verify_tree
from skillkernel.errors import UsageError
from skillkernel.home import open_home, read_config
from skillkernel.journal.accesses import JournaledAccesses
from skillkernel.journal.journal import Journal
from skillkernel.permissions.rules_book import Rulebook
from skillkernel.secrets.handover import Handover
from skillkernel.services.files.person_files import PersonFiles, files_config
from skillkernel.services.network.private_hosts import private_hosts
from skillkernel.services.opening import open_services, watching
from skillkernel.worker.sandbox_config import SandboxConfig, sandbox_config
from skillkernel.worker.seam import Tier, Workers, WorkerSpec
from skillkernel.zone import local_zone

if TYPE_CHECKING:  # `skill call` needs no model and no session, and does not wait for their import
    from skillkernel.model.driver import Driver
    from skillkernel.secrets.store import SecretStore
    from skillkernel.sessions.events import SessionEvent
    from skillkernel.sessions.session import Session, Turn

Listener = Callable[["SessionEvent"], None]
Agree = Callable[[str], Awaitable[bool]]
Notify = Callable[[str, float | None], None]


MOST_CHARACTERS = 50_000
"""Of one request: no person types more, and a model's window would not hold it."""


def _refuse_surrogates(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(
            f"character {error.start + 1} of the text is no character at all", hint="it has to be UTF-8"
        ) from None


async def _agreed(question: str) -> bool:
    return True


def _silent(event: "SessionEvent") -> None:
    """Nobody listens."""


class Kernel:
    """An operating system for one SKILL_HOME: opens on `async with`, ends its workers when the block ends.

    `yes` and `allow` agree to calls beforehand (see `skillkernel.calls.approve`), `ask` is asked for the others; without
    it they are refused. `grant` grants what `ask` is answered "always" for (`permit.PermissionQuestion`). `agree` is asked
    before weights are fetched (`yes` agrees), `notify` told how that goes. `driver` and `workers` replace the configured
    model and the sandboxed worker pool.
    """

    def __init__(
        self,
        home: Path | None = None,
        *,
        driver: "Driver | None" = None,
        workers: Workers | None = None,
        yes: bool = False,
        allow: Iterable[str] = (),
        ask: Ask | None = None,
        agree: Agree | None = None,
        notify: Notify | None = None,
        environ: Mapping[str, str] | None = None,
        grant: Grant | None = None,
    ) -> None:
        self._environ = dict(os.environ if environ is None else environ)
        if home is not None:
            self._environ["SKILL_HOME"] = str(home)
        self.policy = Policy(yes=yes, allow=frozenset(allow))
        self._answers = Answers()
        self.ask = ask
        self._grant = grant
        self._agree: Agree | None = _agreed if yes else agree
        self._notify = notify
        self._driver = driver
        self._workers = workers
        self._schemas = SchemaCache()
        self._open: AsyncExitStack | None = None
        self._sandbox: SandboxConfig | None = None
        self._tiers: dict[str, Tier] = {}

    async def __aenter__(self) -> Self:
        self.layout: Layout = open_home(self._environ)
        self.config = read_config(self.layout.config)
        self.time_zone = local_zone(self._environ)
        self._current = str(self.layout.current)
        self._generation = generation_in_force(self._current)
        self.catalogue = read_catalogue(self.layout)
        self._seen: dict[str, Installed] = {skill.store: skill for skill in self.catalogue.skills}
        self.tools = ToolTable(self.catalogue)
        self.policy = Policy(self.policy.yes, frozenset(str(self.tools.resolve(name).id) for name in self.policy.allow))
        self._rulebook = self._read_rules()
        async with AsyncExitStack() as stack:
            self.journal = Journal(self.layout.journal)
            stack.callback(self.journal.close)
            self.journal.reap()
            self.files = PersonFiles(files_config(self.config), self.layout)
            self.services = open_services(
                JournaledAccesses(self.journal),
                self.files,
                self.layout,
                private=private_hosts(self.config),
                installed=lambda: self.catalogue.skills,
            )
            if self._workers is None:
                from skillkernel.worker.pool import WorkerPool

                self._workers = WorkerPool(before_start=self._verify)
                self._sandbox = sandbox_config(self.config)
            stack.push_async_callback(self._close_driver)
            stack.push_async_callback(self._workers.aclose)
            self._open = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        stack, self._open = self._open, None
        if stack is not None:
            # In the order workers, driver, journal; each is closed even when one before it fails.
            await stack.aclose()

    async def _close_driver(self) -> None:
        if self._driver is not None:
            await self._driver.aclose()

    def _check_open(self) -> None:
        if self._open is None:
            raise UsageError("the kernel is not open", hint="use it inside `async with Kernel() as kernel:`")

    def targets(self) -> tuple[Target, ...]:
        """Every tool that can be called."""
        self._check_open()
        return self.tools.targets()

    @property
    def driver(self) -> "Driver":
        """The model in use; raise `ModelMissing` when none is configured."""
        self._check_open()
        if self._driver is None:
            from skillkernel.model.choose_driver import choose_driver, model_settings

            settings = replace(
                model_settings(self._environ, self.config, self.layout.models), agree=self._agree, notify=self._notify
            )
            self._driver = choose_driver(settings, self.config.get("drivers", ()))
        return self._driver

    async def run(self, request: str, *, on_event: Listener = _silent) -> "Turn":
        """Answer one request in a session of its own; errors of the model or of calls are in the turn, not raised."""
        _refuse_surrogates(request)
        if not request.strip():
            raise UsageError("the request is empty", hint='for example: skill run "What is on tomorrow?"')
        if len(request) > MOST_CHARACTERS:
            raise UsageError(
                f"the request has {len(request)} characters, at most {MOST_CHARACTERS} are taken",
                hint="put a long text into a file that a skill can read",
            )
        async with self.session("run", request, on_event=on_event) as session:
            return await session.turn(request)

    def session(self, kind: str, request: str = "", *, on_event: Listener = _silent) -> "OpenSession":
        """A conversation: `async with kernel.session("chat") as session: await session.turn("…")`."""
        self._check_open()
        return OpenSession(self, kind, request, on_event)

    async def call(self, tool: str, arguments: Mapping[str, Any] | str, *, on_event: Listener = _silent) -> Outcome:
        """Make one call (`calendar.list_events`) through every check, without a model; `arguments` as values or JSON text."""
        self._check_open()
        text = arguments if isinstance(arguments, str) else json_arguments(dict(arguments))
        _refuse_surrogates(text)
        desk = self.desk(self.journal.begin_session("call", tool, ""))
        desk.answers = self._answers  # to a program, its calls are one session
        return await self._call(CallRequest("call", tool, text), desk)

    async def learn(self, tool: str, arguments: str, *, with_grants: bool = False) -> tuple[Outcome, str]:
        """Make one call with no permissions, watched; return how it ended, and the session whose accesses say what it wanted.

        `with_grants` leaves the call what was granted, so that it gets further. Grants nothing.
        """
        self._check_open()
        _refuse_surrogates(arguments)
        desk = self.desk(self.journal.begin_session("learn", tool, ""))
        desk.learning = True
        desk.permissions = None if with_grants else frozenset()
        desk.services = watching(self.services)
        return await self._call(CallRequest("learn", tool, arguments), desk), desk.session

    async def _call(self, request: CallRequest, desk: Desk) -> Outcome:
        try:
            outcome = await run_call(request, desk)
        except BaseException as error:
            self.end_session(desk.session, "cancelled", type(error).__name__)
            raise
        reason = outcome.error.message if outcome.error else ""
        self.end_session(desk.session, "done" if outcome.ok else "failed", reason)
        return outcome

    def end_session(self, session: str, state: str, reason: str) -> None:
        """End a session in the journal, and say there where what its skills replaced is kept if it did not end well."""
        kept = self.files.end_session(session, well=state == "done")
        if kept:
            said = f"{len(kept)} replaced or deleted files are kept in {self.layout.replaced / session}"
            reason = f"{reason}; {said}" if reason else said
        self.journal.end_session(session, state, reason)

    def desk(self, session: str) -> Desk:
        """The means of one session of the journal."""
        self._check_open()
        assert self._workers is not None  # noqa: S101 # for the type checker: an open kernel has workers
        return Desk(
            session=session,
            tools=self.tools,
            schemas=self._schemas,
            journal=self.journal,
            workers=self._workers,
            layout=self.layout,
            time_zone=self.time_zone,
            services=self.services,
            files=self.files,
            secrets=Handover(self._open_secrets, self.journal.masking),
            guard=Guard(budget=_budget(self.config)),
            policy=self.policy,
            rulebook=self._rulebook,
            ask=self.ask,
            keep_up=self._keep_up,
            grant=self._grant,
            run_call=run_call,
            tier_of=self._tier_of,
            driver=lambda: self.driver,
        )

    def _read_rules(self) -> Rulebook:
        book = Rulebook(self.layout.config)
        if "rules" in self.config:
            from skillkernel.permissions.rules_config import read_rules

            book.rules = read_rules(self.config, self.tools.targets())
        return book

    def _tier_of(self, skill: str) -> Tier:
        """The walls that a skill stands in; who brings workers of their own decides about them."""
        if self._sandbox is None:
            return "A"
        if skill not in self._tiers:
            from skillkernel.worker.tiers import tier_of

            self._tiers[skill] = tier_of(skill, self._sandbox, self.layout.cache)
        return self._tiers[skill]

    def _keep_up(self) -> None:
        """Take up what was installed, granted or revoked by another process; raise `IntegrityError` when it is damaged."""
        now = generation_in_force(self._current)
        if now == self._generation:
            return
        before, self.catalogue = self.catalogue, read_catalogue(self.layout)
        self._seen |= {skill.store: skill for skill in self.catalogue.skills}
        self.tools.load(self.catalogue)
        self._generation = now
        for skill in before.skills:
            if self._workers is not None and self.catalogue.skill(skill.name) != skill:
                self._workers.retire(skill.name)

    def _open_secrets(self) -> "SecretStore":
        from skillkernel.secrets.choose_store import open_store

        return open_store(self.layout, self.config)

    def _verify(self, spec: WorkerSpec) -> None:
        verify_tree(self.layout, self._seen[spec.store], quick=True)


class OpenSession:
    """A session with its row in the journal, closed when the block ends, however it ends."""

    def __init__(self, kernel: Kernel, kind: str, request: str, on_event: Listener) -> None:
        self._kernel = kernel
        self._kind = kind
        self._request = request
        self._on_event = on_event

    async def __aenter__(self) -> "Session":
        from skillkernel.sessions.session import Session

        kernel = self._kernel
        driver = kernel.driver
        self._id = kernel.journal.begin_session(self._kind, self._request, driver.name)
        self._session = Session(kernel.desk(self._id), driver, self._listen)
        self._state, self._reason = "done", ""
        return self._session

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._state, self._reason = "cancelled", type(error).__name__
        self._kernel.end_session(self._id, self._state, self._reason)

    def _listen(self, event: "SessionEvent") -> None:
        from skillkernel.sessions.events import Answered, Failed, Stopped

        match event:
            case Answered():
                self._state, self._reason = "done", ""
            case Stopped(reason):
                self._state, self._reason = "stopped", reason
            case Failed(problem):
                self._state, self._reason = "failed", problem.message
            case _:
                pass
        self._on_event(event)


def _budget(config: Mapping[str, Any]) -> Budget:
    try:
        return msgspec.convert(config.get("budget", {}), Budget)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"config.toml: [budget]: {error}",
            hint="it may hold calls, tokens and seconds, each a positive number, for example calls = 100",
        ) from error


class SyncKernel:
    """`Kernel` for programs without an event loop: the same arguments, the same calls, no `await`."""

    def __init__(self, home: Path | None = None, **options: Any) -> None:
        self._kernel = Kernel(home, **options)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        from anyio.from_thread import start_blocking_portal

        with ExitStack() as stack:
            self._portal = stack.enter_context(start_blocking_portal())
            opened: AbstractContextManager[Kernel] = self._portal.wrap_async_context_manager(self._kernel)
            stack.enter_context(opened)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._stack.__exit__(kind, error, trace)

    def targets(self) -> tuple[Target, ...]:
        """Every tool that can be called."""
        return self._kernel.targets()

    def run(self, request: str, *, on_event: Listener = _silent) -> "Turn":
        """See `Kernel.run`; `on_event` is called from the kernel's own thread."""

        async def run() -> "Turn":
            return await self._kernel.run(request, on_event=on_event)

        return self._portal.call(run)

    def call(self, tool: str, arguments: Mapping[str, Any] | str) -> Outcome:
        """See `Kernel.call`."""

        async def call() -> Outcome:
            return await self._kernel.call(tool, arguments)

        return self._portal.call(call)
