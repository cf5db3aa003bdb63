"""Stage 8: write down what is about to run, so that a crash can never leave it unknown whether it did.

A `read` without permissions reaches nothing but its own data, and changes nothing that a crash could leave in doubt: its
row is written while the worker is at work already, and is there before its result is used. See docs/adr/0013.
"""

import hashlib
from dataclasses import dataclass

from skillkernel.calls.desk import Desk
from skillkernel.calls.types import ApprovedCall, CallRequest
from skillkernel.calls.verdict import Trail
from skillkernel.catalogue.types import Target
from skillkernel.manifest.types import Effect

_POWER_LOSS = frozenset({Effect.SEND, Effect.DESTROY})


def idempotency_key(session: str, number: int, canonical: bytes) -> str:
    """The same for the same step of a session with the same approved bytes: 32 hexadecimal digits."""
    return hashlib.sha256(b"%s/%d/%s" % (session.encode(), number, canonical)).hexdigest()[:32]


def survives_power_loss(target: Target) -> bool:
    """Whether the call's rows are synced to disk: for what leaves or cannot be undone."""
    return target.tool.effect in _POWER_LOSS


@dataclass(slots=True)
class Intent:
    """A call's row in the journal, to be written once, whoever asks for it first."""

    request: CallRequest
    call: ApprovedCall
    desk: Desk
    trail: Trail
    _tried: bool = False

    @property
    def comes_first(self) -> bool:
        """Whether the row has to be there before the call runs."""
        return self.call.target.tool.effect is not Effect.READ or bool(self.call.rows)

    def write(self) -> None:
        """Write the row unless that was tried before; raise `JournalError`, and then the call comes to nothing."""
        if self._tried:
            return
        self._tried = True
        call = self.call
        with self.trail.stage("record"):
            self.desk.journal.intent(
                self.desk.session,
                call.number,
                self.request.id,
                str(call.target.id),
                call.target.tool.effect,
                call.canonical,
                call.key,
                synced=survives_power_loss(call.target),
            )
