"""What a tool is handed beside its arguments: a folder, settings, secrets, the time, progress and cancellation."""

import sys
from _thread import allocate_lock
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from skillkernel.errors import Cancelled, SecretMissing, ToolError, UsageError

if TYPE_CHECKING:  # a worker that needs none of them does not wait for their import
    from datetime import datetime, tzinfo
    from pathlib import Path

    from skillkernel.sdk.program import ProgramResult

ReportProgress = Callable[[float | None, str], None]
AskKernel = Callable[[str, dict[str, Any]], tuple[Any, int | None]]


def _say_nothing(fraction: float | None, text: str) -> None:
    """Progress that nobody watches."""


def zone_named(name: str) -> "tzinfo":
    """The IANA time zone of that name; raise `ToolError` when this machine does not know it."""
    if name == "UTC":
        from datetime import UTC

        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ToolError(
            f"the time zone {name!r} is not known here", hint="use a name such as Europe/Berlin, or install tzdata"
        ) from error


class Context:
    """One call's surroundings; a parameter annotated `Context` receives it and is not part of the tool's schema.

    `data` is the skill's private folder, `home` what `~` stands for in the files that it was granted, `settings` what
    the user configured, `time_zone` the user's IANA zone, `idempotency_key` the same text for every attempt at one call.
    """

    def __init__(
        self,
        *,
        tool: str,
        data: "Path",
        settings: Mapping[str, Any] | None = None,
        secrets: Mapping[str, str] | None = None,
        time_zone: str = "UTC",
        home: "Path | None" = None,
        idempotency_key: str = "",
        progress: ReportProgress = _say_nothing,
        clock: "Callable[[], datetime] | None" = None,
        kernel: AskKernel | None = None,
    ) -> None:
        self.tool = tool
        self.data = data
        self.home = data if home is None else home
        self.settings: Mapping[str, Any] = MappingProxyType(dict(settings or {}))
        self.time_zone = time_zone
        self.idempotency_key = idempotency_key
        self._secrets = dict(secrets or {})
        self._report = progress
        self._clock = clock
        self._kernel = kernel
        self._lock = allocate_lock()
        self._cancelled = False
        self._on_cancel: Callable[[], object] | None = None

    @classmethod
    def for_tests(
        cls,
        data: "Path",
        *,
        home: "Path | None" = None,
        settings: Mapping[str, Any] | None = None,
        secrets: Mapping[str, str] | None = None,
        now: "datetime | None" = None,
        time_zone: str = "UTC",
        tool: str = "test",
        idempotency_key: str = "test",
        progress: ReportProgress = _say_nothing,
        kernel: AskKernel | None = None,
    ) -> "Context":
        """A context for a skill's own tests.

        `now` stops the clock (without an offset: it is in `time_zone`); `kernel` answers what the kernel would be asked:
        it takes a method (`call`, `model`, `remember` …) and its parameters, and returns (value, None).
        """
        return cls(
            tool=tool,
            data=data,
            home=home,
            settings=settings,
            secrets=secrets,
            time_zone=time_zone,
            idempotency_key=idempotency_key,
            progress=progress,
            clock=None if now is None else lambda: now,
            kernel=kernel,
        )

    @property
    def zone(self) -> "tzinfo":
        """The user's time zone; a date-time without an offset is meant in it."""
        return zone_named(self.time_zone)

    def now(self) -> "datetime":
        """The time, aware and in the user's zone."""
        from datetime import datetime

        if self._clock is None:
            return datetime.now(self.zone)
        stopped = self._clock()
        return stopped.replace(tzinfo=self.zone) if stopped.tzinfo is None else stopped.astimezone(self.zone)

    def secret(self, name: str) -> str:
        """The secret of that name; raise `SecretMissing` when it was not granted or never set."""
        try:
            return self._secrets[name]
        except KeyError:
            sys.audit("skillkernel.secret", name)  # `skill learn` hears it
            raise SecretMissing(
                f"the secret {name!r} is not available",
                hint="name it under permissions.secrets, then set it with `skill secret set`",
            ) from None

    def forget(self) -> None:
        """Drop the secrets: the call is over."""
        self._secrets.clear()

    def call(self, tool: str, /, **arguments: Any) -> Any:
        """Call a tool of another skill (`calculator.evaluate`) and return its result.

        Needs `kernel:calculator` among the skill's permissions; the other skill then has no more rights than this one.
        Raises `PermissionError`, or the error that the call ended with. An async tool awaits it in a thread
        (`asyncio.to_thread`), as with every method here that asks the kernel.
        """
        return self._ask("call", {"tool": tool, "arguments": arguments})

    def ask_model(self, prompt: str, *, max_tokens: int = 512) -> str:
        """Ask the session's model and return its answer; needs `kernel:model`, and counts against the session's budget."""
        answer: str = self._ask("model", {"prompt": prompt, "max_tokens": max_tokens})
        return answer

    def remember(self, text: str) -> None:
        """Keep a text beyond this session, for this skill alone; needs `kernel:memory`."""
        self._ask("remember", {"text": text})

    def recall(self, query: str = "", *, limit: int = 10) -> list[str]:
        """The remembered texts that fit the words of `query` best, without one the newest; needs `kernel:memory`."""
        found: list[str] = self._ask("recall", {"query": query, "limit": limit})
        return found

    def run(
        self, argv: "Sequence[str]", *, stdin: bytes | str = b"", timeout: float | None = None, cwd: str = ""
    ) -> "ProgramResult":
        """Run a program of this machine (`["ffmpeg", "-i", …]`) in a sandbox of its own and wait for its end.

        Needs `programs:ffmpeg` among the skill's permissions. It sees the skill's data folder, in which it works unless
        `cwd` names another, and the files that the skill was granted; no shell reads `argv`. `timeout` is in seconds.
        Raises `PermissionError`, or `ToolError` when it takes or prints too much; its exit status is for the caller.
        """
        from skillkernel.sdk.program import program_request, program_result

        try:
            return program_result(self._ask("program", program_request(argv, stdin, timeout, cwd)))
        except ConnectionAbortedError:
            self.check_cancelled()
            raise

    def _ask(self, method: str, params: dict[str, Any]) -> Any:
        if self._kernel is None:
            raise UsageError(
                f"there is no kernel here to ask for {method}", hint="in a test: Context.for_tests(…, kernel=…)"
            )
        return self._kernel(method, params)[0]

    def progress(self, fraction: float | None, text: str = "") -> None:
        """Say how far the call is: `fraction` from 0 to 1, or None when that is not known."""
        self._report(None if fraction is None else min(1.0, max(0.0, float(fraction))), text)

    @property
    def cancelled(self) -> bool:
        """Whether the user stopped this call, or its time is up."""
        return self._cancelled

    def check_cancelled(self) -> None:
        """Raise `Cancelled` when the call was stopped; a long loop calls this now and then."""
        if self._cancelled:
            raise Cancelled(f"{self.tool} was stopped")

    def cancel(self) -> None:
        """Stop the call, from any thread: the flag goes up, and an async tool's task is cancelled."""
        with self._lock:
            already, self._cancelled = self._cancelled, True
            react = self._on_cancel
        if react is not None and not already:
            react()

    def on_cancel(self, react: Callable[[], object]) -> None:
        """Call `react` once when the call is stopped, at once if it has been; the runner of async tools uses this."""
        with self._lock:
            self._on_cancel = react
            already = self._cancelled
        if already:
            react()
