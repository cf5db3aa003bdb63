"""A real CalDAV server, Radicale, as a process on 127.0.0.1, with a fresh account for each test."""

import base64
import collections
import http.client
import itertools
import re
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

_CONFIG = """
[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {folder}/htpasswd
htpasswd_encryption = plain
delay = 0
[rights]
type = owner_only
[storage]
filesystem_folder = {folder}/collections
[logging]
level = info
"""
_MKCALENDAR = """<?xml version="1.0"?><C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>
<D:displayname>{name}</D:displayname><C:supported-calendar-component-set><C:comp name="{kind}"/>
</C:supported-calendar-component-set></D:prop></D:set></C:mkcalendar>"""


@dataclass(frozen=True)
class Account:
    """A user of the server, and what another calendar program of that user does; paths begin with a slash."""

    port: int
    user: str
    password: str

    @property
    def origin(self) -> str:
        """The server's address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def home(self) -> str:
        """The path of the user's calendars."""
        return f"/{self.user}/"

    def make_calendar(self, name: str, kind: str = "VEVENT") -> str:
        """Make a calendar and return its path."""
        path = f"{self.home}{re.sub('[^a-z]', '', name.lower())}/"
        self.request("MKCALENDAR", path, _MKCALENDAR.format(name=name, kind=kind))
        return path

    def put(self, path: str, content: str) -> None:
        """Write an entry, whatever was there."""
        self.request("PUT", path, content, {"Content-Type": "text/calendar; charset=utf-8"})

    def get(self, path: str) -> str:
        """The entry, or all of a calendar."""
        return self.request("GET", path)

    def delete(self, path: str) -> None:
        """Delete an entry or a calendar."""
        self.request("DELETE", path)

    def entries(self, calendar: str) -> list[str]:
        """The paths of a calendar's entries."""
        answer = self.request("PROPFIND", calendar, headers={"Depth": "1"})
        return sorted(set(re.findall(r"<href>([^<]+\.ics)</href>", answer)))

    def request(self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> str:
        """Ask the server; raise `RuntimeError` when it says no."""
        pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body.encode(), {"Authorization": f"Basic {pair}", **(headers or {})})
            response = connection.getresponse()
            content = response.read().decode()
        finally:
            connection.close()
        if response.status // 100 != 2:
            raise RuntimeError(f"{method} {path}: {response.status} {content}")
        return content


class Radicale:
    """The server, with its data in `folder`; `account` makes a user who has no calendar yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self.port = 0

    def __enter__(self) -> Self:
        (self._folder / "htpasswd").touch()
        said: str | None = ""
        for _ in range(5):  # another process may take the port in between
            said = self._start()
            if said is None:
                return self
        raise RuntimeError(f"Radicale did not start: {said}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()
        self._reader.join()

    def account(self) -> Account:
        """A new user, with a password that is awkward to send."""
        name = f"sam{next(self._numbers)}"
        account = Account(self.port, name, f"pass word of {name} é")
        with (self._folder / "htpasswd").open("a", encoding="utf-8") as file:
            file.write(f"{name}:{account.password}\n")
        return account

    def _start(self) -> str | None:
        """Start it on a free port and wait until it listens; what it said when it does not."""
        self.port = _free_port()
        config = self._folder / "config"
        config.write_text(_CONFIG.format(port=self.port, folder=self._folder))
        command = [sys.executable, "-m", "radicale", "--config", str(config)]
        self._process = process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        assert process.stderr is not None
        said: list[bytes] = []
        for line in process.stderr:
            said.append(line)
            if b"server ready" in line:
                # A pipe that nobody empties would stop it sooner or later.
                self._reader = threading.Thread(target=_empty, args=(process,), daemon=True)
                self._reader.start()
                return None
        with process:
            return b"".join(said).decode()


def _empty(process: subprocess.Popen[bytes]) -> None:
    with process:
        collections.deque(process.stderr or (), maxlen=0)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
