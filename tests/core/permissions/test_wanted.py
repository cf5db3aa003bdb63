"""What was refused, as the rows that would have allowed it."""

from pathlib import Path
from typing import Any

import msgspec

from fakes.skills import installed
from skillkernel.manifest.types import Permissions
from skillkernel.permissions.wanted import wanted

PERSON = Path("/home/ada")
SKILL = msgspec.structs.replace(
    installed(
        "mail",
        asks=Permissions(
            network=("{server}:443", "example.org:443"), files_read=("~/Music",), secrets=("token",), kernel=("memory",)
        ),
        granted=Permissions(),
    ),
    settings={"server": "dav.example.org"},
)


def access(kind: str, target: str, reason: str = "", ruling: str = "refused", tool: str = "x") -> dict[str, Any]:
    return {"kind": kind, "target": target, "reason": reason, "ruling": ruling, "tool": tool}


def rows(*accesses: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.row, one.asked) for one in wanted(SKILL, accesses, PERSON)]


def test_each_kind_of_refusal_has_its_row_and_what_the_manifest_says_of_it() -> None:
    found = rows(
        access("network", "dav.example.org:443"),
        access("network", "example.org:80"),
        access("network", "no host:at all"),
        access("file", "/home/ada/Music/a.mp3", "files.read was not granted"),
        access("file", "/home/ada/Music/a.mp3", "files.write was not granted"),
        access("file", "/etc/passwd", "files.read was not granted"),
        access("program", "ffmpeg"),
        access("secret", "token"),
        access("service", "recall"),
        access("service", "calendar.list_events"),
    )
    assert found == [
        ("network:dav.example.org:443", "network:{server}:443"),
        ("network:example.org:80", ""),
        ("network:no host:at all", ""),
        ("files.read:~/Music/a.mp3", "files.read:~/Music"),
        ("files.write:~/Music/a.mp3", ""),
        ("files.read:/etc/passwd", ""),
        ("programs:ffmpeg", ""),
        ("secrets:token", "secrets:token"),
        ("kernel:memory", "kernel:memory"),
        ("kernel:calendar", ""),
    ]


def test_a_row_is_told_once_a_tool_and_only_when_it_was_refused() -> None:
    same = access("program", "ffmpeg")
    assert len(rows(same, same, access("program", "ffmpeg", tool="y"), access("program", "sh", ruling="granted"))) == 2
