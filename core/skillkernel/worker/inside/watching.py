"""What a watched skill's code reaches for beyond its walls, told to the kernel: files, programs, secrets.

Not a wall, and no proof: hostile code can go around an audit hook, or tell what is not so. It shows what an honest skill
wants. What it tells is bounded; connections and services are asked of the kernel anyway.
"""

import _thread
import os
import sys
from typing import Any

from skillkernel.worker.inside.ask import ask_kernel

_MOST = 200
_LONGEST = 1_000
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_READS = frozenset({"os.listdir", "os.scandir", "os.chdir"})
_WRITES = frozenset({"os.mkdir", "os.remove", "os.rmdir", "os.truncate", "os.chmod", "os.utime"})
_MOVES = frozenset({"os.rename", "os.link", "os.symlink"})
_STARTS = frozenset({"subprocess.Popen", "os.exec", "os.posix_spawn"})


class Watch:
    """Collects what is reached for beyond these folders; one that may be written may be read.

    `tmp` is the worker's own: what is read there and is not there was meant to be the host's.
    """

    def __init__(self, read: list[str], write: list[str], tmp: str) -> None:
        self._readable = (*read, *write)
        self._writable = tuple(write)
        self._tmp = tmp
        self._seen: set[tuple[str, str, str]] = set()
        self._untold: list[tuple[str, str, str]] = []
        self._telling: set[int] = set()

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        """See `sys.addaudithook`; never raises, since that would stop what is watched."""
        thread = _thread.get_ident()
        if thread in self._telling:
            return
        self._telling.add(thread)  # what follows is our own
        try:
            for kind, target, how in self._reached_for(event, arguments):
                self._note(kind, target, how)
        except (OSError, ValueError, TypeError, IndexError):
            return  # arguments that no such call takes: it fails by itself
        finally:
            self._telling.discard(thread)

    def tell(self) -> None:
        """Tell the kernel what it was not told yet; what is reached for while a skill loads waits for its first call."""
        while self._untold:
            kind, target, how = self._untold[0]
            try:
                ask_kernel("wanted", {"kind": kind, "target": target, "how": how})
            except Exception:  # noqa: BLE001 # whatever is wrong with telling, what is watched goes on
                return
            self._untold.pop(0)

    def _reached_for(self, event: str, arguments: tuple[Any, ...]) -> list[tuple[str, str, str]]:
        if event == "open":
            how = "write" if arguments[2] & _WRITING else "read"
            return [("file", arguments[0], how)]
        if event in _READS:
            return [("file", "." if arguments[0] is None else arguments[0], "read")]
        if event in _WRITES:
            return [("file", arguments[0], "write")]
        if event in _MOVES:
            return [("file", arguments[0], "write"), ("file", arguments[1], "write")]
        if event in _STARTS:
            return [("program", arguments[0], "run")]
        if event == "os.system":
            return [("program", os.fsdecode(arguments[0]).split()[0], "run")]
        if event == "skillkernel.secret":
            return [("secret", arguments[0], "use")]
        return []

    def _note(self, kind: str, target: Any, how: str) -> None:
        if isinstance(target, int):
            return
        text = os.fsdecode(target)
        if kind == "file":
            text = os.path.abspath(text)  # noqa: PTH100 # a text; and pathlib is not loaded in every worker
            if self._may(text, how):
                return
        found = (kind, text[:_LONGEST], how)
        if found not in self._seen and len(self._seen) < _MOST:
            self._seen.add(found)
            self._untold.append(found)
            self.tell()

    def _may(self, path: str, how: str) -> bool:
        if how == "read" and _within(path, self._tmp) and not os.path.lexists(path):
            return False
        return any(_within(path, folder) for folder in (self._writable if how == "write" else self._readable))


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def install(start: dict[str, Any]) -> Watch:
    """Watch from now on, for as long as the process lives."""
    own = [*start["path"], sys.prefix, sys.base_prefix]
    walls = start["walls"] or {"read": own, "write": []}
    watch = Watch([*own, *walls["read"]], [start["data"], start["tmp"], *walls["write"]], start["tmp"])
    sys.addaudithook(watch.hook)
    return watch
