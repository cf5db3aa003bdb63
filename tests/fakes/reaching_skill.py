"""A skill that reaches for what it was or was not granted, and says what came of it."""

from pathlib import Path
from typing import Any

from fakes.wheels import SkillWheelFake

CODE = '''
import os
import subprocess
import urllib.request

from skillkernel import Context, tool

try:
    open("/etc/at-import")
except OSError:
    pass
BORN = os.urandom(8).hex()


def ways(context):
    """What it can try, by name."""
    return {
        "nothing": lambda: open("/dev/null").close(),
        "own": lambda: (context.data / "x").write_text("x"),
        "host": lambda: urllib.request.urlopen("https://example.org/"),
        "setting": lambda: urllib.request.urlopen("https://dav.example.org/"),
        "read": lambda: open(context.settings["folder"] + "/song").read(),
        "write": lambda: open("/srv/\\x1b[2Jout", "w"),
        "program": lambda: subprocess.run(["ffmpeg", "-i", "x"]),
        "secret": lambda: context.secret("password"),
        "all": lambda: [_tried(context, way) for way in ways(context) if way != "all"],
    }


def _tried(context, way):
    try:
        return str(ways(context)[way]())
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@tool(effect="read")
def reach(way: str, context: Context) -> list[str]:
    """Reach for something.

    Args:
        way: For what.
    """
    return [BORN, _tried(context, way)]
'''
REACH: dict[str, Any] = {
    "name": "reach",
    "description": "Reach for something.",
    "effect": "read",
    "input_schema": {
        "type": "object",
        "properties": {"way": {"type": "string", "description": "For what."}},
        "required": ["way"],
        "additionalProperties": False,
    },
}
SETTINGS = {"type": "object", "properties": {"server": {"type": "string"}, "folder": {"type": "string"}}}


def reaching(folder: Path, **changes: Any) -> Path:
    """Its wheel in `folder`."""
    fields: dict[str, Any] = {
        "name": "mail",
        "tools": [REACH],
        "permissions": {"network": ["{server}:443"], "files.read": ["{folder}"], "secrets": ["password"]},
        "manifest": {"settings": SETTINGS},
        "extra": {"skill_mail/__init__.py": CODE.encode()},
    }
    return SkillWheelFake(**(fields | changes)).write(folder)
