"""A socket whose connection the kernel makes: a placeholder until then, and from then on the connection itself.

A worker cannot make a socket of the internet's families, so the placeholder is one end of a pair. When the kernel has
passed the connection on, it takes the placeholder's number: TLS, buffers and event loops see an ordinary socket.
"""

import _socket
import _thread
import errno
import os
import socket
from contextvars import copy_context
from typing import Any

from skillkernel.worker.inside.ask import NameNotFound, ask_kernel
from skillkernel.worker.inside.network_names import host_of

_INTERNET = (socket.AF_INET, socket.AF_INET6)
_KIND = 0xF
_TCP_ONLY = "a skill has TCP connections alone: no UDP, no raw sockets"
_NO_SERVER = "a skill cannot listen for connections, only make those that it was granted"
_ANYWHERE = (("", 0), ("0.0.0.0", 0), ("::", 0))  # noqa: S104 # what is allowed is to ask for no address


class _State:
    """What a socket's descriptor is at present; its duplicates share it.

    `peer` is the placeholder's other end while a connection is made without blocking, `outcome` what came of it: a
    descriptor or an error.
    """

    def __init__(self, family: int) -> None:
        self.family = family
        self.inode = 0
        self.holders = 1
        self.connected = False
        self.options: list[tuple[Any, ...]] = []
        self.peer: _socket.socket | None = None
        self.outcome: int | OSError | None = None
        self.abandoned = False
        self.lock = _thread.allocate_lock()


_states: dict[int, _State] = {}
"""By descriptor, since `ssl` makes another object of a socket and hands it the number."""


def _state_of(descriptor: int) -> _State | None:
    state = _states.get(descriptor)
    if state is not None and os.fstat(descriptor).st_ino != state.inode:
        del _states[descriptor]  # it was closed by its number, which is something else's now
        return None
    return state


class KernelSocket(socket.socket):
    """`socket.socket` inside a worker. Raises `PermissionError` for what was not granted or cannot be had."""

    __slots__ = ()

    def __init__(self, family: int = -1, type: int = -1, proto: int = -1, fileno: int | None = None) -> None:
        if fileno is not None:
            known = _state_of(fileno)
            super().__init__(known.family if known is not None and family == -1 else family, type, proto, fileno)
            return
        family = socket.AF_INET if family == -1 else family
        type = socket.SOCK_STREAM if type == -1 else type
        if family not in _INTERNET:
            super().__init__(family, type, proto)
            return
        if type & _KIND != socket.SOCK_STREAM or proto not in (-1, 0, socket.IPPROTO_TCP):
            raise PermissionError(errno.EACCES, _TCP_ONLY)
        ours, theirs = _socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        theirs.close()
        super().__init__(family, socket.SOCK_STREAM, max(proto, 0), ours.detach())
        if type & socket.SOCK_NONBLOCK:
            self.setblocking(False)
        state = _State(family)
        state.inode = os.fstat(self.fileno()).st_ino
        _states[self.fileno()] = state

    def connect(self, address: Any) -> None:
        """Connect to a host and port, by name or by address."""
        state = _state_of(self.fileno())
        if state is None:
            super().connect(address)
            return
        if self._has_connected(state):
            raise OSError(errno.EISCONN, os.strerror(errno.EISCONN))
        if state.peer is not None:
            raise BlockingIOError(errno.EALREADY, os.strerror(errno.EALREADY))
        host, port = host_of(str(address[0])), int(address[1])
        timeout = self.gettimeout()
        if timeout == 0:
            self._begin(state, host, port)
            raise BlockingIOError(errno.EINPROGRESS, os.strerror(errno.EINPROGRESS))
        self._become(state, _connection(host, port, timeout))

    def connect_ex(self, address: Any) -> int:
        """As `connect`, with the error's number as the result."""
        try:
            self.connect(address)
        except socket.gaierror:
            raise
        except OSError as error:
            return error.errno or errno.EIO
        return 0

    def getsockopt(self, level: int, option: int, size: int = 0) -> Any:
        """As ever; what became of a connection (`SO_ERROR`) is raised, so that not its number alone is known."""
        state = _state_of(self.fileno())
        if state is None or self._has_connected(state) or level == socket.SOL_SOCKET:
            return super().getsockopt(level, option, size) if size else super().getsockopt(level, option)
        return b"" if size else 0

    def setsockopt(self, *option: Any) -> None:
        """As ever; before there is a connection it is kept until then."""
        state = _state_of(self.fileno())
        if state is None or state.connected:
            super().setsockopt(*option)
        else:
            state.options.append(option)

    def getpeername(self) -> Any:
        """The address that the kernel connected to."""
        state = _state_of(self.fileno())
        if state is not None and not self._has_connected(state):
            raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))
        return super().getpeername()

    def getsockname(self) -> Any:
        """This side's address."""
        state = _state_of(self.fileno())
        if state is not None and not state.connected:
            return ("0.0.0.0", 0) if state.family == socket.AF_INET else ("::", 0, 0, 0)  # noqa: S104 # nobody listens
        return super().getsockname()

    def bind(self, address: Any) -> None:
        """Only to no address in particular, which clients ask for."""
        if _state_of(self.fileno()) is None:
            super().bind(address)
        elif tuple(address[:2]) not in _ANYWHERE:
            raise PermissionError(errno.EACCES, _NO_SERVER)

    def listen(self, backlog: int = 0) -> None:
        """Refused."""
        if _state_of(self.fileno()) is None:
            super().listen(backlog)
        else:
            raise PermissionError(errno.EACCES, _NO_SERVER)

    def dup(self) -> "KernelSocket":
        """Another descriptor of the same connection."""
        state = _state_of(self.fileno())
        other = super().dup()
        if state is not None:
            state.holders += 1
            _states[other.fileno()] = state
        return other

    def _real_close(self) -> None:
        self._let_go()
        super()._real_close()  # type: ignore[misc] # it is private in typeshed's eyes; ssl.SSLSocket does the same

    def __del__(self) -> None:
        self._let_go()
        _socket.socket.__del__(self)  # type: ignore[attr-defined] # typeshed does not know it

    def _let_go(self) -> None:
        """Tell the kernel, which has a copy of the descriptor, that the connection is over: by ending it both ways."""
        state = _state_of(self.fileno()) if self.fileno() >= 0 else None
        if state is None:
            return
        del _states[self.fileno()]
        state.holders -= 1
        if state.holders:
            return
        if state.connected:
            try:
                _socket.socket.shutdown(self, socket.SHUT_RDWR)
            except OSError:
                return  # the other side was quicker
        with state.lock:
            state.abandoned = True
            if isinstance(state.outcome, int):
                _hang_up(state.outcome)

    def _has_connected(self, state: _State) -> bool:
        """Whether there is a connection; one that was made without blocking is put in place, its error raised once."""
        outcome = state.outcome
        if outcome is not None:
            state.outcome = state.peer = None
            if isinstance(outcome, OSError):
                raise outcome
            self._become(state, outcome)
        return state.connected

    def _become(self, state: _State, descriptor: int) -> None:
        os.dup2(descriptor, self.fileno(), inheritable=False)
        os.close(descriptor)
        state.inode = os.fstat(self.fileno()).st_ino
        state.connected = True
        self.settimeout(self.gettimeout())
        for option in state.options:
            try:
                super().setsockopt(*option)
            except OSError:
                continue  # advice about a connection; that it has to do without is no reason to have none
        state.options.clear()

    def _begin(self, state: _State, host: str, port: int) -> None:
        """Ask on another thread, while the descriptor is one that cannot be written to.

        When that changes, event loops ask for SO_ERROR. Only then the connection takes its place, since what watches the
        descriptor would not notice.
        """
        ours, peer = _socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        ours.setblocking(False)
        _fill(ours)
        os.dup2(ours.fileno(), self.fileno(), inheritable=False)
        ours.close()
        state.inode = os.fstat(self.fileno()).st_ino
        state.peer = peer

        def ask() -> None:
            try:
                outcome: int | OSError = _connection(host, port, None)
            except OSError as error:
                outcome = error
            with state.lock:
                if not state.abandoned:
                    state.outcome = outcome
                elif isinstance(outcome, int):
                    _hang_up(outcome)
            peer.close()

        _thread.start_new_thread(copy_context().run, (ask,))


def _connection(host: str, port: int, seconds: float | None) -> int:
    try:
        _, descriptor = ask_kernel("connect", {"host": host, "port": port, "seconds": seconds})
    except NameNotFound as error:
        raise socket.gaierror(socket.EAI_NONAME, str(error)) from None
    if descriptor is None:
        raise ConnectionAbortedError(errno.ECONNABORTED, "the kernel gave no connection")
    return descriptor


def _fill(sock: _socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
    try:
        while True:
            sock.send(b"\0" * 4096)
    except BlockingIOError:
        return


def _hang_up(descriptor: int) -> None:
    sock = _socket.socket(fileno=descriptor)
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
    finally:
        sock.close()
