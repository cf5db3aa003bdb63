"""Parameters are a worker's bytes: whatever they are, the answer is an errno and never a crash of the kernel."""

import errno

import msgspec
import pytest

from skillkernel.services.params import read_params
from skillkernel.services.skills import CallParams

GOOD = b'{"tool": "calculator.evaluate", "arguments": {"expression": "1"}}'


def test_parameters_are_read() -> None:
    assert read_params("call", msgspec.Raw(GOOD), CallParams).tool == "calculator.evaluate"


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="another kind"),
        pytest.param(b'{"tool": 1, "arguments": {}}', id="another type"),
        pytest.param(b'{"tool": "a.b"}', id="one missing"),
        pytest.param(GOOD[:-1] + b', "more": 1}', id="one too many"),
        pytest.param(b'{"tool": "\xff\xfe", "arguments": {}}', id="no UTF-8"),
        pytest.param(
            b'{"tool": "a.b", "arguments": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", id="nested without end"
        ),
    ],
)
def test_what_is_none_is_an_errno(hostile: bytes) -> None:
    with pytest.raises(OSError, match=r"\[Errno 22\] call: ") as refused:
        read_params("call", msgspec.Raw(hostile), CallParams)
    assert refused.value.errno == errno.EINVAL
