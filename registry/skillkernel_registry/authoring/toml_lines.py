"""In which line of a pyproject.toml a value stands: the parser does not tell, so the text is read once more."""

import re
from collections.abc import Iterator

_HEADER = re.compile(r"\s*\[\[?(?P<name>[^\[\]]+)\]\]?\s*(#.*)?$")
_KEY = re.compile(
    r"""\s*(?P<name>(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


def line_of(text: str, pointer: str) -> int:
    """The line of what a JSON pointer names, else of the nearest table around it, else 1."""
    wanted = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    best, depth = 1, 0
    for line, path in _keys(text):
        if len(path) > depth and path == wanted[: len(path)]:
            best, depth = line, len(path)
    return best


def _keys(text: str) -> Iterator[tuple[int, list[str]]]:
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            table = _parts(header["name"])
            yield number, table
            continue
        key = _KEY.match(line)
        if key:
            yield number, [*table, *_parts(key["name"])]


def _parts(name: str) -> list[str]:
    return [part.strip("\"'") for part in _PART.findall(name)]
