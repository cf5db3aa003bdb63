"""Stage 8: write down what is about to run, so that a crash can never leave it unknown whether it did."""

import hashlib

from skillkernel.calls.desk import Desk
from skillkernel.calls.types import ApprovedCall, CallRequest, Target
from skillkernel.manifest.types import Effect

_POWER_LOSS = frozenset({Effect.SEND, Effect.DESTROY})


def idempotency_key(session: str, number: int, canonical: bytes) -> str:
    """The same for the same step of a session with the same approved bytes: 32 hexadecimal digits."""
    return hashlib.sha256(b"%s/%d/%s" % (session.encode(), number, canonical)).hexdigest()[:32]


def survives_power_loss(target: Target) -> bool:
    """Whether the call's rows are synced to disk: for what leaves or cannot be undone."""
    return target.tool.effect in _POWER_LOSS


def record_intent(request: CallRequest, call: ApprovedCall, number: int, desk: Desk) -> None:
    """Journal the intent; raise `JournalError` when it cannot be written, and then nothing runs."""
    desk.journal.intent(
        desk.session,
        number,
        request.id,
        str(call.target.id),
        call.target.tool.effect,
        call.canonical,
        call.key,
        synced=survives_power_loss(call.target),
    )
