"""What a docstring says: a description, and a sentence for each parameter; Google, NumPy and reST styles."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import cleandoc

_GOOGLE_PARAMETERS = frozenset({"Args", "Arguments", "Parameters", "Params", "Attributes", "Keyword Args"})
_SECTIONS = (
    _GOOGLE_PARAMETERS
    | frozenset(
        [
            "Returns",
            "Return",
            "Yields",
            "Yield",
            "Raises",
            "Example",
            "Examples",
            "Note",
            "Notes",
            "Warning",
            "Warnings",
            "Warns",
            "See",
            "Also",
            "References",
            "Todo",
        ]
    )
    | {"See Also", "Keyword Arguments", "Other Parameters"}
)
_NUMPY_PARAMETERS = frozenset({"Parameters", "Other Parameters", "Attributes"})
_UNDERLINE = re.compile(r"-{3,}")
_GOOGLE_ENTRY = re.compile(r"\*{0,2}(?P<name>\w+)\s*(?:\([^)]*\))?\s*:(?!:)\s*(?P<text>.*)")
_NUMPY_ENTRY = re.compile(r"(?P<names>\w+(?:\s*,\s*\w+)*)\s*(?::.*)?")
_REST_FIELD = re.compile(r":(?P<role>\w+)(?:\s+(?P<argument>[^:]*))?:(?:\s+(?P<text>.*))?$")
_REST_PARAMETERS = frozenset({"param", "parameter", "arg", "argument", "key", "keyword", "var", "ivar"})


@dataclass(frozen=True, slots=True)
class Docstring:
    """`description` is the text before the first section; `parameters` maps a name to its text on one line."""

    description: str
    parameters: dict[str, str]


def parse_docstring(text: str) -> Docstring:
    """Read a docstring as written in the source; an unknown style gives a description alone."""
    lines = cleandoc(text).splitlines()
    start = next((number for number in range(len(lines)) if _opens_section(lines, number)), len(lines))
    parameters: dict[str, str] = {}
    number = start
    while number < len(lines):
        end = next((later for later in range(number + 1, len(lines)) if _opens_section(lines, later)), len(lines))
        parameters.update(_section(lines[number:end]))
        number = end
    return Docstring(_paragraphs(lines[:start]), {name: said for name, said in parameters.items() if said})


def _opens_section(lines: Sequence[str], number: int) -> bool:
    line = lines[number]
    if line != line.lstrip() or not line:
        return False
    underlined = number + 1 < len(lines) and _UNDERLINE.fullmatch(lines[number + 1].strip()) is not None
    return (line.removesuffix(":") in _SECTIONS and (line.endswith(":") or underlined)) or bool(_REST_FIELD.match(line))


def _section(lines: Sequence[str]) -> dict[str, str]:
    field = _REST_FIELD.match(lines[0])
    if field is not None:
        return _rest_field(field, lines[1:])
    title = lines[0].removesuffix(":")
    if len(lines) > 1 and _UNDERLINE.fullmatch(lines[1].strip()):
        return _numpy_section(lines[2:]) if title in _NUMPY_PARAMETERS else {}
    return _google_section(lines[1:]) if title in _GOOGLE_PARAMETERS else {}


def _rest_field(field: re.Match[str], rest: Sequence[str]) -> dict[str, str]:
    words = (field["argument"] or "").split()
    if field["role"] not in _REST_PARAMETERS or not words:
        return {}
    return {words[-1].lstrip("*"): _one_line([field["text"] or "", *rest])}


def _google_section(lines: Sequence[str]) -> dict[str, str]:
    indent = next((len(line) - len(line.lstrip()) for line in lines if line.strip()), 0)
    return _entries(lines, indent, lambda line: _google_entry(line.strip()))


def _google_entry(line: str) -> tuple[list[str], str] | None:
    entry = _GOOGLE_ENTRY.fullmatch(line)
    return ([entry["name"]], entry["text"]) if entry is not None else None


def _numpy_section(lines: Sequence[str]) -> dict[str, str]:
    return _entries(lines, 0, _numpy_entry)


def _numpy_entry(line: str) -> tuple[list[str], str] | None:
    entry = _NUMPY_ENTRY.fullmatch(line)
    return ([name.strip() for name in entry["names"].split(",")], "") if entry is not None else None


def _entries(lines: Sequence[str], indent: int, read: Callable[[str], tuple[list[str], str] | None]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    current: list[list[str]] = []
    for line in lines:
        opened = read(line) if line.strip() and len(line) - len(line.lstrip()) == indent else None
        if opened is not None:
            names, text = opened
            current = [found.setdefault(name, []) for name in names]
            line = text
        for said in current:
            said.append(line)
    return {name: _one_line(said) for name, said in found.items()}


def _one_line(lines: Sequence[str]) -> str:
    return " ".join(" ".join(lines).split())


def _paragraphs(lines: Sequence[str]) -> str:
    paragraphs = "\n".join(lines).strip().split("\n\n")
    return "\n\n".join(_one_line(paragraph.splitlines()) for paragraph in paragraphs if paragraph.strip())
