"""Installing for a command: the consent screen on a terminal, progress while it goes on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from skillkernel_cli.event_loop import run_async
from skillkernel_cli.output import note
from skillkernel_cli.status import StatusLine

if TYPE_CHECKING:
    from skillkernel.catalogue.types import Installed
    from skillkernel_registry.index import IndexTerms
    from skillkernel_registry.install import InstallResult
    from skillkernel_registry.plan import Answer, Plan
    from skillkernel_registry.progress import Progress

_SHOWN = {
    "index": "reading the index",
    "resolve": "choosing a release",
    "download": "downloading",
    "build": "building",
    "lock": "locking dependencies",
    "wait": "waiting for another install to end",
    "dependencies": "fetching dependencies",
    "bytecode": "compiling",
    "store": "storing",
    "switch": "switching",
}


class InstallProgress(StatusLine):
    """Shows the steps of an install."""

    def __call__(self, progress: "Progress") -> None:
        words = _SHOWN.get(progress.stage.value)
        if words is None:
            self.clear()
            return
        share = f" {progress.done / progress.total:.0%}" if progress.total else ""
        self.show(f"{words} {progress.subject}{share}".rstrip())


def install_skills(
    requests: Sequence[str],
    *,
    index: str | None,
    yes: bool,
    ask_at_use: bool | None = None,
    editable: bool = False,
    pre: bool = False,
    terms: "IndexTerms | None" = None,
) -> "InstallResult":
    """Install with a person's consent; raise `ApprovalRefused` when there is none and nobody to ask."""

    async def main() -> "InstallResult":
        from skillkernel.home import open_home
        from skillkernel_cli.index_terms import index_terms
        from skillkernel_registry.install import install

        progress = InstallProgress()

        async def consent(plan: "Plan") -> "Answer":
            progress.clear()
            return await ask_consent(plan, yes=yes, grants=not ask_at_use)

        try:
            return await install(
                open_home(),
                list(requests),
                index=index,
                terms=terms or index_terms(yes=yes),
                consent=consent,
                ask_at_use=ask_at_use,
                editable=editable,
                pre=pre,
                on_progress=progress,
            )
        finally:
            progress.clear()

    return run_async(main)


def install_what_changed(*, yes: bool) -> None:
    """Build and install again what follows a source folder that changed; what asks for more than before needs consent."""
    from skillkernel.catalogue.read import read_catalogue
    from skillkernel.home import open_home

    followers = [skill for skill in read_catalogue(open_home()).skills if skill.editable]
    if not followers:
        return
    from skillkernel_registry.editable import is_stale

    if stale := [skill.editable for skill in followers if is_stale(skill)]:
        told(install_skills(stale, index=None, yes=yes, editable=True))


def install_absent(names: Sequence[str], *, index: str | None, yes: bool) -> None:
    """Install those that are not there yet, and say so."""
    from skillkernel.catalogue.read import read_catalogue
    from skillkernel.home import open_home
    from skillkernel_registry.request import parse_request

    catalogue = read_catalogue(open_home())
    absent = [name for name in names if catalogue.skill(getattr(parse_request(name), "name", name)) is None]
    if absent:
        told(install_skills(absent, index=index, yes=yes))


def told(result: "InstallResult") -> None:
    """Say what an install did."""
    for warning in result.warnings:
        note(f"warning: {warning}")
    for skill in result.installed:
        note(f"installed {skill.name} {skill.version}: {len(skill.manifest.tools)} tools")
    for skill in result.unchanged:
        note(f"{skill.name} {skill.version} is installed already")
    _say_what_to_set((*result.installed, *result.unchanged))


def _say_what_to_set(skills: "Sequence[Installed]") -> None:
    from skillkernel.home import open_home
    from skillkernel_cli.to_be_set import commands_to_set

    layout = open_home()
    for skill in skills:
        for command in commands_to_set(layout, skill):
            needed = command.startswith("skill config")  # a secret may belong to a setting that is not set either
            note(f"{skill.name} {'needs' if needed else 'may need'} `{command}`")


async def ask_consent(plan: "Plan", *, yes: bool, grants: bool) -> "Answer":
    """Show a plan and ask the person; raise `ApprovalRefused` when there is nobody to ask."""
    from skillkernel.errors import ApprovalRefused
    from skillkernel_cli.asking import ask_yes_no, can_ask
    from skillkernel_cli.consent_screen import consent_text

    note(consent_text(plan))
    if not grants:
        note("nothing of that is granted now: you are asked when it is needed")
    if yes:
        return True
    if not can_ask():
        raise ApprovalRefused(
            "installing needs your consent to the above, and there is no terminal to ask on",
            hint="run it on a terminal, or agree beforehand with --yes",
        )
    if grants and any(skill.new_asks for skill in plan.skills):
        return await _ask_how()
    return await ask_yes_no("install?")


async def _ask_how() -> "Answer":
    from skillkernel_cli.asking import read_line
    from skillkernel_registry.plan import Agreed

    while True:
        try:
            typed = (await read_line("install? [y]es / [a]sk me at first use instead / [N]o ")).strip().casefold()
        except EOFError:
            return False
        if typed in _INSTALL:
            return Agreed(_INSTALL[typed]) if _INSTALL[typed] else False
        note("please answer y, a or n")


_INSTALL = {"y": "grant", "yes": "grant", "a": "ask", "ask": "ask", "": "", "n": "", "no": ""}
