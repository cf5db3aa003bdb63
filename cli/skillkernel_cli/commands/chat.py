"""`skill chat`: a conversation."""

from typing import TYPE_CHECKING

from skillkernel_cli.options import Allow, Json, Yes

if TYPE_CHECKING:
    from skillkernel.kernel import Kernel
    from skillkernel.sessions.session import Session


def chat_command(yes: Yes = False, allow: Allow = None, json: Json = False) -> int:
    """Hold a conversation; each line is a request, an empty line or Ctrl-D ends it.

    Ctrl-C while the model works ends that turn and keeps the conversation.

    Example: skill chat
    """
    from skillkernel_cli.hosting import host, say_when_nothing_is_installed
    from skillkernel_cli.narration import JsonLines, Narrator

    listener = JsonLines() if json else Narrator()

    async def work(kernel: "Kernel") -> int:
        say_when_nothing_is_installed(kernel)
        async with kernel.session("chat", on_event=listener) as session:
            return await _converse(session, quiet=json)

    return host(work, yes=yes, allow=allow or ())


async def _converse(session: "Session", *, quiet: bool) -> int:
    from skillkernel_cli.asking import can_ask, read_line
    from skillkernel_cli.failures import INTERRUPTED, say_error
    from skillkernel_cli.interrupts import Interrupts

    prompt = "> " if can_ask() else ""
    with Interrupts() as interrupts:
        while True:
            text = ""
            with interrupts.scope() as waiting:
                try:
                    text = (await read_line(prompt)).strip()
                except EOFError:
                    return 0
            if waiting.cancelled_caught:
                return INTERRUPTED
            if not text and prompt:
                return 0
            if not text:
                continue
            with interrupts.scope() as working:
                turn = await session.turn(text)
                if turn.error is not None and not quiet:
                    say_error(turn.error.message, turn.error.hint)
            if working.cancelled_caught:
                session.settle()
                say_error("interrupted; the conversation goes on", "Ctrl-C again, or an empty line, ends it")
