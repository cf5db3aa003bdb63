"""Stage 10: a result as the model reads it, cut where it is larger than its manifest allows."""

import msgspec

from skillkernel.manifest.tokens import CHARACTERS_A_TOKEN


def bound(result: object, result_tokens: int, handle: str) -> tuple[str, str]:
    """Return (text for the window, reason: empty when whole); the whole result stays in the journal under `handle`."""
    text = msgspec.json.encode(result).decode()
    limit = result_tokens * CHARACTERS_A_TOKEN
    if len(text) <= limit:
        return text, ""
    note = f"{len(text) - limit} of {len(text)} characters left out; the whole result is {handle}"
    return msgspec.json.encode({"head": text[:limit], "cut": note}).decode(), note
