"""What a worker sends is data of a known shape, or it is refused with the reason."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.errors import (
    ArgumentsInvalid,
    SecretMissing,
    SkillKernelError,
    ToolCrashed,
    ToolError,
    WorkerStartFailed,
)
from skillkernel.worker.answers import ErrorData, ErrorObject, NotAnAnswer, raise_for, read_message, read_progress

NAMELESS = b'{"jsonrpc":"2.0","id":"a","result":%s}'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        b"[]",
        b"null",
        b'{"jsonrpc":"1.0","id":"a","result":1}',
        b'{"id":"a","result":1}',
        b'{"jsonrpc":"2.0","id":1,"result":1}',
        b'{"jsonrpc":"2.0","id":"a"}',
        b'{"jsonrpc":"2.0","result":1}',
        b'{"jsonrpc":"2.0","id":"a","result":1,"error":{"code":1,"message":"","data":{"kind":""}}}',
        b'{"jsonrpc":"2.0","id":"a","result":1,"more":2}',
        b'{"jsonrpc":"2.0","id":"a","method":"progress","params":{}}',
        b'{"jsonrpc":"2.0","id":"a","error":"no"}',
        NAMELESS % b"NaN",
        NAMELESS % b'"\xff"',
        NAMELESS % b'"\\ud800',
        NAMELESS % (b"[" * 100_000 + b"]" * 100_000),
        NAMELESS % (b"[" * 102 + b"]" * 102),
        NAMELESS % (b"9" * 1_000_000),
    ],
    ids=lambda body: repr(body[:60]),
)
def test_what_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(NotAnAnswer):
        read_message(body)


@given(st.binary())
def test_no_bytes_make_reading_fail_otherwise_than_by_name(body: bytes) -> None:
    with pytest.raises(NotAnAnswer):
        read_message(body)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values)
def test_any_result_comes_through(value: object) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": "a", "result": value}, ensure_ascii=False).encode()
    assert read_message(body).result == value


def test_a_hundred_levels_of_result_pass() -> None:
    assert read_message(NAMELESS % (b"[" * 100 + b"]" * 100)).id == "a"


@pytest.mark.parametrize(
    "body",
    [
        b'{"jsonrpc":"2.0","method":"other","params":{}}',
        b'{"jsonrpc":"2.0","method":"progress"}',
        b'{"jsonrpc":"2.0","method":"progress","params":{"id":"a"}}',
        b'{"jsonrpc":"2.0","method":"progress","params":{"id":"a","text":5}}',
    ],
)
def test_the_only_notification_is_progress(body: bytes) -> None:
    with pytest.raises(NotAnAnswer):
        read_progress(read_message(body))


def error_of(kind: str) -> ErrorObject:
    return ErrorObject(code=-32000, message="no such calendar", data=ErrorData(kind, "make one"))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("tool-error", ToolError),
        ("secret-missing", SecretMissing),
        ("arguments-invalid", ArgumentsInvalid),
        ("worker-start", WorkerStartFailed),
        ("tool-crashed", ToolCrashed),
    ],
)
def test_an_error_keeps_its_kind(kind: str, expected: type[SkillKernelError]) -> None:
    with pytest.raises(expected, match="no such calendar"):
        raise_for(error_of(kind), "calendar.find")


@pytest.mark.parametrize("kind", ["integrity", "sandbox-missing", "permission-refused", "internal", ""])
def test_a_worker_cannot_raise_the_kernels_own_errors(kind: str) -> None:
    with pytest.raises(ToolCrashed):
        raise_for(error_of(kind), "calendar.find")


def test_a_tools_own_message_and_hint_reach_the_person_as_they_stand() -> None:
    with pytest.raises(ToolError) as caught:
        raise_for(error_of("tool-error"), "calendar.find")
    assert (caught.value.message, caught.value.hint) == ("no such calendar", "make one")
