"""`skill lock`: what is installed, written down to the byte."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skillkernel_cli.options import Index, LockPath, TrustConfig, Unsigned

if TYPE_CHECKING:
    from skillkernel_registry.lockfile.format import LockFile


def lock_command(
    requests: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME[SPEC]...]", help="Lock what installing these would come to; nothing is installed."
        ),
    ] = None,
    file: LockPath = Path("skill.lock"),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when the file is not what would be written.")
    ] = False,
    with_settings: Annotated[
        bool, typer.Option("--with-settings", help="Write settings down too; they may be private. Secrets never are.")
    ] = False,
    index: Index = None,
    unsigned: Unsigned = False,
    trust_config: TrustConfig = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Trust a signed index that is new.")] = False,
) -> None:
    """Write skill.lock: every skill with its version, hashes, signer and grants.

    Example: skill lock
    """
    from skillkernel.errors import UsageError
    from skillkernel.home import open_home
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.index_terms import index_terms
    from skillkernel_cli.installing import InstallProgress
    from skillkernel_cli.output import note
    from skillkernel_registry.lockfile.locking import lock_installed, lock_requests, write_lock_file

    layout = open_home()
    progress = InstallProgress()
    if requests and with_settings:
        raise UsageError(
            "what is not installed has no settings", hint="leave out --with-settings, or lock what is installed"
        )

    async def main() -> "LockFile":
        if not requests:
            return await lock_installed(layout, with_settings=with_settings)
        terms = index_terms(unsigned=unsigned, yes=yes, trust_config=trust_config)
        try:
            return await lock_requests(layout, requests, index=index, terms=terms, on_progress=progress)
        finally:
            progress.clear()

    lock = run_async(main)
    written = write_lock_file(lock, file, check=check)
    count = f"{len(lock.skills)} skill{'' if len(lock.skills) == 1 else 's'}"
    note(f"{file}: {count} locked" if written else f"{file} is up to date: {count}")
