"""The one byte sequence of a JSON value: what is shown, hashed, approved and compared."""

import hashlib
import json
from typing import Any

from skillkernel.names import Sha256

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical_json(value: Any) -> bytes:
    """Encode a JSON value as UTF-8 with sorted keys and no spaces (RFC 8785, but with Python's number forms).

    Equal bytes mean equal values. 1 and 1.0 have different bytes. Raise `ValueError` for NaN, an infinity or a lone
    surrogate, `TypeError` for what JSON cannot say.
    """
    return _ENCODER.encode(value).encode()


def call_digest(tool: str, arguments: dict[str, Any]) -> Sha256:
    """SHA-256 of one call: what an approval is given for and what a loop is recognised by; raises as above."""
    return Sha256(hashlib.sha256(canonical_json([tool, arguments])).hexdigest())
