"""`skill run`: one request, answered."""

from typing import TYPE_CHECKING, Annotated

import typer

from skillkernel_cli.options import Allow, Index, Json, Yes

if TYPE_CHECKING:
    from skillkernel.kernel import Kernel
    from skillkernel.sessions.session import Turn


def run_command(
    request: Annotated[str, typer.Argument(metavar="REQUEST")],
    with_: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="NAME", help="A skill to install first if it is absent. May be repeated."),
    ] = None,
    yes: Yes = False,
    allow: Allow = None,
    index: Index = None,
    json: Json = False,
) -> int:
    """Answer one request with the installed skills.

    Example: skill run --with calendar "Book lunch with Sam tomorrow at 12:30 for an hour"
    """
    from skillkernel.errors import SkillKernelError
    from skillkernel.sessions.events import Failed
    from skillkernel_cli.hosting import host, say_when_nothing_is_installed
    from skillkernel_cli.narration import JsonLines, Narrator

    listener = JsonLines() if json else Narrator()

    async def work(kernel: "Kernel") -> "Turn":
        say_when_nothing_is_installed(kernel)
        return await kernel.run(request, on_event=listener)

    try:
        if with_:
            from skillkernel_cli.installing import install_absent

            install_absent(with_, index=index, yes=yes)
        turn = host(work, yes=yes, allow=allow or ())
    except SkillKernelError as error:
        if not json:
            raise
        listener(Failed(error))
        return error.exit_code
    if turn.error is not None and not json:
        raise turn.error
    return exit_code(turn)


def exit_code(turn: "Turn") -> int:
    """0: answered and the last call worked; 3: somebody or some rule said no; else what went wrong."""
    from skillkernel.errors import Refused

    if turn.error is not None:
        return turn.error.exit_code
    if turn.stopped is not None:
        return 1
    last = turn.outcomes[-1].error if turn.outcomes else None
    if last is None:
        return 0
    return last.exit_code if isinstance(last, Refused) or last.exit_code in (4, 5) else 1
