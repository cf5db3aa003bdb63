"""A request's parameters as values: whatever hostile bytes they are, what comes of it is an errno."""

import errno
from typing import TypeVar

import msgspec

T = TypeVar("T")


def read_params(method: str, params: msgspec.Raw, kind: type[T]) -> T:
    """The parameters of a request for `method`; raise `OSError` (EINVAL) where they are not of this kind."""
    try:
        return msgspec.json.decode(params, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise OSError(errno.EINVAL, f"{method}: {error}") from None
