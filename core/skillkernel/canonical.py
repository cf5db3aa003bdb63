"""The one byte sequence of a JSON value: what is shown, hashed, approved and compared."""

import json
from typing import Any

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical_json(value: Any) -> bytes:
    """Encode a JSON value as UTF-8 with sorted keys and no spaces (RFC 8785, but with Python's number forms).

    Equal bytes mean equal values. 1 and 1.0 have different bytes. Raise `ValueError` for NaN, an infinity or a lone
    surrogate, `TypeError` for what JSON cannot say.
    """
    return _ENCODER.encode(value).encode()
