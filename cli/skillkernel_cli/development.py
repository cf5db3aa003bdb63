"""What `skill dev` does: takes over what is saved, shows the calls of everybody, makes those that are typed."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

from skillkernel.errors import SkillKernelError
from skillkernel_cli.access_line import access_line
from skillkernel_cli.failures import say_error
from skillkernel_cli.output import note

if TYPE_CHECKING:
    from skillkernel.catalogue.types import Installed
    from skillkernel_registry.plan import Answer, Plan

_LOOK_SECONDS = 0.2
_LOOK_AGAIN_MS = 1_000
_SHOWN = 400


class Workbench:
    """One source folder while it is worked on."""

    def __init__(self, folder: Path, *, yes: bool) -> None:
        from skillkernel.home import open_home
        from skillkernel.journal.journal import Journal

        self._folder = folder
        self._yes = yes
        self._layout = open_home()
        self._journal = Journal(self._layout.journal)
        self._name = ""
        self._seen = 0
        self._refused = ""
        self._taking = anyio.Lock()

    async def begin(self) -> None:
        """Install the folder as it stands; whatever is wrong with it ends the command."""
        skill = await self._take()
        self._name = skill.name
        self._seen = self._journal.last_row()
        note(f"{skill.name} {skill.version} follows {self._folder}")
        self._list(skill)

    async def follow(self) -> None:
        """Take over each change; what cannot be taken is said, and the last one that could stays in force."""
        from watchfiles import awatch  # pyright: ignore[reportUnknownVariableType] # it may take trio's Event, which is not installed

        # It looks once a second too: for what was saved before the watch began, and for folders that tell of no change.
        async for _ in awatch(
            self._folder, watch_filter=self._matters, yield_on_timeout=True, rust_timeout=_LOOK_AGAIN_MS
        ):
            await self.take_changes()

    async def take_changes(self) -> None:
        """Build and install what differs from what is in force, if anything does."""
        async with self._taking:
            before, now = self._installed(), await self._digest()
            if now == self._refused or (before is not None and before.source == now):
                return
            try:
                after = await self._take()
            except SkillKernelError as error:
                say_error(error.message, error.hint, error.detail)
                self._refused = await self._digest()
                return
            note(f"{after.name} {after.version} is in force as saved", ("↻", "cyan"))
            self._compare(before, after)

    async def show_calls(self) -> None:
        """Show each call of the skill when it has ended, whichever process made it."""
        while True:
            self._show_ended()
            await anyio.sleep(_LOOK_SECONDS)

    async def show_rest(self) -> None:
        """Show what ended since the last look."""
        self._show_ended()
        self._journal.close()

    async def make(self, line: str) -> None:
        """Make the call of one line, in a worker of its own; without a line, list the tools."""
        from skillkernel_cli.hosting import opened_kernel

        await self.take_changes()
        skill = self._installed()
        if skill is None:
            say_error(f"{self._name} is not installed any more", f"start again: skill dev {self._folder}")
        elif not line:
            self._list(skill)
        else:
            tool, _, arguments = line.partition(" ")
            name = tool if "." in tool else f"{self._name}.{tool}"
            try:
                async with opened_kernel(yes=self._yes) as kernel:
                    await kernel.call(name, arguments.strip() or "{}")
            except SkillKernelError as error:
                say_error(error.message, error.hint)
            self._show_ended()

    async def _digest(self) -> str:
        from anyio import to_thread

        from skillkernel_registry.source import source_digest

        try:
            return await to_thread.run_sync(source_digest, self._folder)
        except OSError:
            return ""  # a file that an editor is just replacing: the next look finds it whole

    async def _take(self) -> "Installed":
        from skillkernel_cli.installing import InstallProgress
        from skillkernel_registry.install import install

        progress = InstallProgress()

        async def consent(plan: "Plan") -> "Answer":
            from skillkernel_cli.installing import ask_consent

            progress.clear()
            return await ask_consent(plan, yes=self._yes, grants=True)

        try:
            result = await install(
                self._layout, [str(self._folder)], consent=consent, editable=True, on_progress=progress
            )
        finally:
            progress.clear()
        return next(skill for skill in (*result.installed, *result.unchanged) if skill.editable == str(self._folder))

    def _installed(self) -> "Installed | None":
        from skillkernel.catalogue.read import read_catalogue

        return read_catalogue(self._layout).skill(self._name)

    def _matters(self, change: object, path: str) -> bool:
        parts = Path(path).relative_to(self._folder).parts
        return not any(part.startswith(".") or part in {"dist", "__pycache__"} for part in parts)

    def _show_ended(self) -> None:
        for call in self._journal.latest_calls(self._name, self._seen):
            if call["state"] == "intent":
                return  # its line is shown when it has ended, and those after it then
            self._seen = call["row"]
            self._show(call)

    def _show(self, call: dict[str, Any]) -> None:
        from skillkernel.journal.accesses import JournaledAccesses

        when = datetime.fromtimestamp(call["started"]).astimezone().strftime("%H:%M:%S")
        mark = ("✓", "green") if call["state"] == "done" else ("✗", "red")
        took = f"  {call['duration_ms']:.0f} ms" if call["duration_ms"] is not None else ""
        note(f"{when}  {call['tool']} {call['arguments']}  {call['state']}{took}", mark)
        for access in JournaledAccesses(self._journal).of(session=call["session"], skill=self._name):
            if access["n"] == call["n"]:
                note(f"    {access_line(access)}")
        if call["error"]:
            note(f"    {call['error']['message']}")
            if hint := call["error"].get("hint"):
                note(f"    hint: {hint}")
        elif call["state"] == "done":
            note(f"    {_short(call['result'])}")

    def _list(self, skill: "Installed") -> None:
        for tool in skill.manifest.tools:
            wanted = ", ".join(tool.input_schema.get("properties", {}))
            note(f"  {tool.name} {{{wanted}}}  ({tool.effect.value})  {tool.description.splitlines()[0]}")

    def _compare(self, before: "Installed | None", after: "Installed") -> None:
        from skillkernel_registry.consent import changes

        for line in changes(before.manifest, after.manifest, (), ()) if before else ():
            note(f"    {line}")


def _short(result: object) -> str:
    import msgspec

    text = result if isinstance(result, str) else msgspec.json.encode(result, enc_hook=str).decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
