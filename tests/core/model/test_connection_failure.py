"""Real failures of real sockets."""

import socket
import ssl

import httpx
import pytest

from skillkernel.model.connection_failure import failure_reason


def failed(url: str) -> httpx.TransportError:
    with pytest.raises(httpx.TransportError) as error:
        httpx.get(url, trust_env=False, timeout=5)
    return error.value


def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert failure_reason(failed(f"http://127.0.0.1:{unused.getsockname()[1]}/")) == "Connection refused"


def test_an_error_without_words_is_named_by_its_kind() -> None:
    assert failure_reason(httpx.ReadError("")) == "ReadError"
    assert failure_reason(ssl.SSLError(1, "[SSL] bad record")) == "[SSL] bad record"


def test_a_name_that_is_not_found() -> None:
    error = httpx.ConnectError("[Errno -2] Name or service not known")
    error.__cause__ = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    assert failure_reason(error) == "Name or service not known"
