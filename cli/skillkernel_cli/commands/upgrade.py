"""`skill upgrade`: newer releases of what is installed."""

from typing import TYPE_CHECKING, Annotated

import typer

from skillkernel_cli.options import Index, TrustConfig, Unsigned

if TYPE_CHECKING:
    from skillkernel_registry.plan import Answer, Plan
    from skillkernel_registry.upgrade import Upgraded


def upgrade_command(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Installed skills; none for all.")
    ] = None,
    all_of_them: Annotated[bool, typer.Option("--all", help="Every skill that came from an index.")] = False,
    index: Index = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Agree beforehand to what they ask for.")] = False,
    pre: Annotated[bool, typer.Option("--pre", help="Take pre-releases too.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    unsigned: Unsigned = False,
    trust_config: TrustConfig = None,
) -> None:
    """Bring installed skills up to date: asks you only where one wants more than you agreed to.

    Example: skill upgrade calendar
    """
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.index_terms import index_terms

    _check(names, all_of_them)
    terms = index_terms(unsigned=unsigned, yes=yes, trust_config=trust_config)

    async def main() -> "Upgraded":
        from skillkernel.home import open_home
        from skillkernel_cli.installing import InstallProgress
        from skillkernel_registry.upgrade import upgrade

        progress = InstallProgress()

        async def consent(plan: "Plan") -> "Answer":
            progress.clear()
            return await _consent(plan, yes=yes)

        try:
            return await upgrade(
                open_home(),
                names or (),
                index=index,
                terms=terms,
                consent=consent,
                pre=pre,
                dry_run=dry_run,
                on_progress=progress,
            )
        finally:
            progress.clear()

    upgraded = run_async(main)
    if dry_run or not upgraded.plan.needs_consent:  # else they were shown before the question
        _warn(upgraded.plan)
    _tell(upgraded, dry_run=dry_run)


def _check(names: list[str] | None, all_of_them: bool) -> None:
    from skillkernel.errors import UsageError

    if names and all_of_them:
        raise UsageError("--all and names exclude each other", hint="leave out one of them")


def _warn(plan: "Plan") -> None:
    from skillkernel_cli.output import note

    for warning in plan.warnings:
        note(f"warning: {warning}")


async def _consent(plan: "Plan", *, yes: bool) -> "Answer":
    from skillkernel.errors import ApprovalRefused
    from skillkernel_cli.asking import ask_yes_no, can_ask
    from skillkernel_cli.output import note
    from skillkernel_cli.upgrade_screen import upgrade_text

    _warn(plan)
    note(upgrade_text(plan))
    if yes:
        return True
    if not can_ask():
        raise ApprovalRefused(
            "upgrading needs your consent to the above, and there is no terminal to ask on",
            hint="run it on a terminal, or agree beforehand with --yes",
        )
    return await ask_yes_no("upgrade?")


def _tell(upgraded: "Upgraded", *, dry_run: bool) -> None:
    from skillkernel_cli.output import data, note
    from skillkernel_cli.upgrade_screen import upgrade_text

    for skill in upgraded.left:
        note(f"{skill.name} {skill.version} came from a file; `skill install FILE` brings a newer one")
    if not upgraded.plan.skills:
        note("nothing else can be brought up to date" if upgraded.plan.warnings else "everything is up to date")
    elif dry_run:
        data(upgrade_text(upgraded.plan))
        note("nothing was changed")
    else:
        for planned in upgraded.plan.skills:
            if planned.replaces is None:
                note(f"installed {planned.name} {planned.version}")
            else:
                note(f"upgraded {planned.name} {planned.replaces.version} -> {planned.version}")
