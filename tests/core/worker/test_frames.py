"""Frames: any bodies, cut anywhere, come out as they went in; a length that is too much is refused before its body."""

import contextlib
import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.worker.frames import FrameReader, FrameTooLong, frame, read_frame


@given(st.lists(st.binary(max_size=200)), st.integers(1, 50))
def test_bodies_come_out_as_they_went_in_however_the_stream_is_cut(bodies: list[bytes], piece: int) -> None:
    stream = b"".join(frame(body) for body in bodies)
    reader = FrameReader(limit=200)
    out = [body for start in range(0, len(stream), piece) for body in reader.feed(stream[start : start + piece])]
    assert out == bodies


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_fail_otherwise_than_by_name(data: bytes) -> None:
    with contextlib.suppress(FrameTooLong):
        assert all(len(body) <= 100 for body in FrameReader(limit=100).feed(data))


def test_a_length_of_four_gigabytes_is_refused_at_its_header() -> None:
    with pytest.raises(FrameTooLong) as caught:
        FrameReader(limit=10).feed(struct.pack(">I", 0xFFFF_FFFF))
    assert caught.value.size == 0xFFFF_FFFF


def stream_of(data: bytes) -> Callable[[int], bytes]:
    """A blocking receive that hands out one byte at a time."""
    rest = iter(data)
    return lambda size: bytes([byte for _, byte in zip(range(min(size, 1)), rest, strict=False)])


@given(st.binary(max_size=100))
def test_the_blocking_reader_takes_one_frame_and_then_the_end(body: bytes) -> None:
    receive = stream_of(frame(body))
    assert read_frame(receive, 100) == body
    assert read_frame(receive, 100) is None


def test_half_a_frame_is_the_end_too() -> None:
    assert read_frame(stream_of(frame(b"body")[:-1]), 100) is None


def test_the_blocking_reader_refuses_what_is_too_long() -> None:
    with pytest.raises(FrameTooLong):
        read_frame(stream_of(frame(b"body")), 3)
