"""`model`: a question to the session's model, answered as text.

Threat: a skill that spends the person's tokens, or has the model call tools for it. It has to hold `kernel:model`; what
it spends counts against the session's budget; the model is offered no tool, and sees nothing of the session.
"""

import errno
from typing import Annotated

import msgspec

from skillkernel.services.access import Access, AccessLog
from skillkernel.services.caller import Caller
from skillkernel.services.params import read_params
from skillkernel.worker.seam import ServiceReply

MOST_CHARACTERS = 100_000
Tokens = Annotated[int, msgspec.Meta(ge=1, le=8_192)]


class ModelParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The prompt, and how long the answer may be."""

    prompt: str
    max_tokens: Tokens = 512


class ModelService:
    """The service `model`."""

    def __init__(self, log: AccessLog) -> None:
        self._log = log

    async def serve(self, caller: Caller, params: msgspec.Raw) -> ServiceReply:
        """Return the answer; raise `PermissionError`, `BudgetSpent`, `ModelMissing` or a `ModelError`."""
        asked = read_params("model", params, ModelParams)
        if len(asked.prompt) > MOST_CHARACTERS:
            raise OSError(
                errno.E2BIG, f"model: the prompt has {len(asked.prompt)} characters, at most {MOST_CHARACTERS}"
            )
        if "model" not in caller.granted("kernel") or caller.think is None:
            self._log.begin(caller, Access("service", "model", "refused", "kernel:model was not granted"))
            hint = f"`skill grant {caller.skill} kernel:model`"
            raise PermissionError(errno.EACCES, f"{caller.skill} was not granted kernel:model: {hint}")
        self._log.begin(caller, Access("service", "model", "granted", f"{len(asked.prompt)} characters"))
        return ServiceReply(await caller.think(asked.prompt, asked.max_tokens))
