"""Why a connection failed, in the words of the system below rather than of the library above it."""

import os
import ssl


def failure_reason(error: BaseException) -> str:
    """What the system said, such as `Connection refused`, else what the error itself says, else its kind."""
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, OSError) and at.errno is not None and not isinstance(at, ssl.SSLError):
            # Event loops put their own text into an OSError; a name that is not found has an errno below 0.
            return os.strerror(at.errno) if at.errno > 0 else at.strerror or str(at)
        at = at.__cause__ or at.__context__
    return str(error) or type(error).__name__
