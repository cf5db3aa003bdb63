"""What Linux counted on a TCP connection (struct tcp_info, linux/tcp.h)."""

import select
import socket
import struct
from typing import NamedTuple

_BYTES_RECEIVED, _BYTES_SENT, _BYTES_RETRANSMITTED = 128, 200, 208
_SIZE = 216
_MOST_LOOKS = 10
_TIME_WAIT, _CLOSE, _CLOSE_WAIT, _LAST_ACK, _CLOSING = 6, 7, 8, 9, 11
_ITS_END_CAME = (_TIME_WAIT, _CLOSE_WAIT, _LAST_ACK, _CLOSING)
"""The states after the other side's FIN, which Linux counts as a byte."""


class Traffic(NamedTuple):
    """Bytes of payload each way since the connection was made."""

    sent: int
    received: int
    other_side_closed: bool


def traffic_of(sock: socket.socket) -> Traffic:
    """What this connection has carried; bytes that wait to be sent do not count."""
    info = _settled(sock)
    state = info[0]
    end = state in _ITS_END_CAME or (state == _CLOSE and not _was_reset(sock))
    received = max(0, _count(info, _BYTES_RECEIVED) - end)
    return Traffic(_count(info, _BYTES_SENT) - _count(info, _BYTES_RETRANSMITTED), received, state == _CLOSE_WAIT)


def _settled(sock: socket.socket) -> bytes:
    """What Linux says twice: it reads the state before it locks the counts, and a FIN may come in between."""
    before = _look(sock)
    for _ in range(_MOST_LOOKS):
        now = _look(sock)
        if _count(now, _BYTES_RECEIVED) == _count(before, _BYTES_RECEIVED):
            return now
        before = now
    return before  # it keeps receiving, so its end has not come


def _look(sock: socket.socket) -> bytes:
    return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _SIZE).ljust(_SIZE, b"\0")


def _count(info: bytes, offset: int) -> int:
    return int(struct.unpack_from("=Q", info, offset)[0])


def _was_reset(sock: socket.socket) -> bool:
    """SO_ERROR would say so too, and take the error away from who uses the connection."""
    poll = select.poll()
    poll.register(sock, 0)
    return any(events & select.POLLERR for _, events in poll.poll(0))
