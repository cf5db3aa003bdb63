"""Who reads the wire inside a worker: the main thread, and while that runs a call that takes long, its relief.

Handing every call from a reading thread to a working one costs more than a small tool does, and a tool that always
meets the same thread can keep a database connection. So the main thread reads, runs and answers by itself, and the
relief looks every few milliseconds whether it is still at the same call. If so, the relief reads in its place, so that
cancellations and further calls arrive. When nothing happens for a second the relief sleeps until the next call.
"""

import _thread
import os
import select
import time
from collections.abc import Callable
from typing import Any, Protocol

_TICK_SECONDS = 0.004
_TICKS_UNTIL_SLEEP = 250

Message = dict[str, Any]


class Reads(Protocol):
    """The wire, as far as it is read."""

    descriptor: int

    def read(self) -> Message | None:
        """The next message, or None at the end."""
        ...


class Relief:
    """Entered by the main thread for as long as a call takes; `take` gets what comes meanwhile, on another thread."""

    def __init__(self, wire: Reads, take: Callable[[Message | None], None]) -> None:
        self._wire = wire
        self._take = take
        self._reading = _thread.allocate_lock()
        self._calls = 0
        self._in_call = False
        self._relieving = False
        self._returned, self._return = os.pipe()
        self._sleep = _thread.allocate_lock()
        self._sleep.acquire()
        self._asleep = True
        self._started = False

    def read(self) -> Message | None:
        """The next message, for the main thread."""
        with self._reading:
            return self._wire.read()

    def __enter__(self) -> None:
        self._calls += 1
        self._in_call = True
        if self._asleep:
            self._wake()

    def __exit__(self, *_: object) -> None:
        self._in_call = False
        if self._relieving:
            os.write(self._return, b"r")

    def _wake(self) -> None:
        self._asleep = False
        if not self._started:
            self._started = True
            _thread.start_new_thread(self._watch, ())
        elif self._sleep.locked():
            self._sleep.release()

    def _watch(self) -> None:
        seen, quiet = -1, 0
        while True:
            time.sleep(_TICK_SECONDS)
            if self._in_call and self._calls == seen:
                self._relieve()
            quiet = 0 if self._in_call or self._calls != seen else quiet + 1
            seen = self._calls
            if quiet > _TICKS_UNTIL_SLEEP:
                quiet = 0
                self._asleep = True
                if self._calls == seen:  # a call that began before the line above has not seen it
                    self._sleep.acquire()
                self._asleep = False

    def _relieve(self) -> None:
        with self._reading:
            self._relieving = True  # set before the question whether it is still needed: one of the two sides sees it
            try:
                while self._in_call:
                    self._read_until_return()
            finally:
                self._relieving = False

    def _read_until_return(self) -> None:
        ready, _, _ = select.select([self._wire.descriptor, self._returned], [], [])
        if self._returned in ready:
            os.read(self._returned, 1)
        else:
            self._take(self._wire.read())
