"""`skill sync`: this machine becomes what skill.lock says."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skillkernel_cli.options import LockPath, TrustConfig, Unsigned

if TYPE_CHECKING:
    from skillkernel_registry.lockfile.sync import SyncResult
    from skillkernel_registry.lockfile.sync_plan import SyncPlan


def sync_command(
    file: LockPath = Path("skill.lock"),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Agree beforehand to all that the lock asks for.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no network: use what is kept here.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and do nothing.")] = False,
    unsigned: Unsigned = False,
    trust_config: TrustConfig = None,
) -> None:
    """Make this machine have exactly the skills of skill.lock: all of it, or nothing.

    Example: skill sync --file skill.lock
    """
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.index_terms import index_terms
    from skillkernel_cli.installing import InstallProgress
    from skillkernel_cli.output import note
    from skillkernel_cli.sync_screen import sync_text

    progress = InstallProgress()
    terms = index_terms(unsigned=unsigned, yes=yes, trust_config=trust_config)

    async def consent(plan: "SyncPlan") -> bool:
        progress.clear()
        return await _consent(plan, yes=yes)

    async def main() -> "SyncResult":
        from skillkernel.home import open_home
        from skillkernel_registry.lockfile.locking import read_lock_file
        from skillkernel_registry.lockfile.sync import sync

        layout, place = open_home(), file.absolute()
        lock = read_lock_file(place)
        try:
            return await sync(
                layout,
                lock,
                place,
                terms=terms,
                offline=offline,
                dry_run=dry_run,
                consent=consent,
                on_progress=progress,
            )
        finally:
            progress.clear()

    result = run_async(main)
    for warning in result.warnings:
        note(f"warning: {warning}")
    if result.plan.is_empty:
        note(f"everything is as {file} says")
    elif dry_run:
        note(sync_text(result.plan))
        note("that is what `skill sync` would do; nothing was changed")
    else:
        _told(result)


async def _consent(plan: "SyncPlan", *, yes: bool) -> bool:
    from skillkernel.errors import ApprovalRefused
    from skillkernel_cli.asking import ask_yes_no, can_ask
    from skillkernel_cli.output import note
    from skillkernel_cli.sync_screen import sync_text

    note(sync_text(plan))
    if yes:
        return True
    if not can_ask():
        raise ApprovalRefused(
            "this sync needs your consent to the above, and there is no terminal to ask on",
            hint="run it on a terminal, or agree beforehand with --yes",
        )
    return await ask_yes_no("make this machine so?")


def _told(result: "SyncResult") -> None:
    from skillkernel_cli.output import note

    for step in result.plan.skills:
        if step.planned is None:
            note(f"changed {step.name}")
        else:
            note(f"installed {step.name} {step.planned.version}")
    for one in result.plan.repaired:
        note(f"repaired {one.name} {one.version}")
    for gone in result.plan.removed:
        note(f"uninstalled {gone.name} {gone.version}; its data stays")
    note(f"generation {result.generation} is in force")
