"""The files of a template, and what they become for one skill.

A template is a folder. A file whose name ends in .jinja is rendered and loses the ending, any other is copied byte for
byte; the parts of a path are rendered too. template.toml may say `summary`; it is not copied. A template of somebody
else's is data: jinja2's sandbox renders it without loops, calls, assignments and whatever else could cost more time or
memory than its files are long, and nothing of it is run.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from skillkernel.errors import UsageError
from skillkernel_registry.errors import TemplateInvalid

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

BUILT_IN = Path(__file__).with_name("templates")
DESCRIPTION = "template.toml"
_SUFFIX = ".jinja"
_MOST_FILES = 500
_MOST_BYTES = 5_000_000
"""Bytes of all files together, before and after rendering."""
_FILTERS = ("capitalize", "default", "first", "last", "length", "lower", "replace", "title", "trim", "upper")
_NODES = {
    *("Template", "Output", "TemplateData", "Name", "Const", "Filter", "Keyword"),
    *("If", "CondExpr", "Test", "Compare", "Operand", "And", "Or", "Not"),
}
_NAME_LIMIT = 200
"""Bytes of the name of one file."""
_LONGEST = 10_000
"""Characters of a value that a filter is given."""
_LEFT_OUT = {".git", "__pycache__", ".venv", "dist"}


@dataclass(frozen=True, slots=True)
class Template:
    """A folder that new skills are made from; `summary` is empty where template.toml does not say one."""

    name: str
    folder: Path
    summary: str
    built_in: bool


def built_in_templates() -> tuple[Template, ...]:
    """The templates that come with skillkernel, by name."""
    return tuple(_template(folder, built_in=True) for folder in sorted(BUILT_IN.iterdir()) if folder.is_dir())


def find_template(text: str) -> Template:
    """The built-in template of that name, else the folder at that path; raise `UsageError` when it is neither."""
    known = {template.name: template for template in built_in_templates()}
    if text in known:
        return known[text]
    folder = Path(text).expanduser()
    if not folder.is_dir():
        raise UsageError(
            f"there is no template {text!r}",
            hint=f"built in are {' and '.join(known)}; a template of your own is given as the path of its folder",
        )
    return _template(folder.absolute(), built_in=False)


def render(template: Template, variables: Mapping[str, str]) -> dict[PurePosixPath, bytes]:
    """The files that the template becomes; raise `TemplateInvalid` naming the file."""
    environment = _environment()
    rendered: dict[PurePosixPath, bytes] = {}
    size = 0
    for file in _files(template.folder):
        relative = file.relative_to(template.folder)
        place = str(relative)
        target = _target(environment, relative, variables)
        data = file.read_bytes()
        if file.name.endswith(_SUFFIX):
            data = _rendered(environment, _decoded(data, place), variables, place, _MOST_BYTES - size).encode()
        size += len(data)
        if size > _MOST_BYTES:
            raise TemplateInvalid(place, f"makes the skill larger than {_MOST_BYTES:,} bytes")
        if target in rendered:
            raise TemplateInvalid(place, f"is a second file for {target}")
        rendered[target] = data
    return rendered


def _template(folder: Path, *, built_in: bool) -> Template:
    return Template(folder.name, folder, _summary(folder / DESCRIPTION), built_in)


def _summary(file: Path) -> str:
    try:
        said = tomllib.loads(file.read_text("utf-8")).get("summary", "") if file.is_file() else ""
    except (OSError, ValueError) as error:
        raise TemplateInvalid(DESCRIPTION, f"is not TOML: {error}") from error
    return said if isinstance(said, str) else ""


def _files(folder: Path) -> list[Path]:
    files: list[Path] = []
    size = 0
    for path in _walk(folder):
        place = str(path.relative_to(folder))
        if path.is_symlink() or not path.is_file():
            raise TemplateInvalid(place, "is a link or a device; a template holds files alone")
        if place == DESCRIPTION:
            continue
        files.append(path)
        size += path.stat().st_size
        if len(files) > _MOST_FILES or size > _MOST_BYTES:
            raise TemplateInvalid(place, f"is one too many: {_MOST_FILES} files and {_MOST_BYTES:,} bytes are allowed")
    return files


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in _LEFT_OUT:
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)
        else:
            yield path


def _target(
    environment: "ImmutableSandboxedEnvironment", relative: Path, variables: Mapping[str, str]
) -> PurePosixPath:
    """Where a file goes: each part is rendered by itself and stays one plain name, so no path leaves the skill."""
    parts: list[str] = []
    for part in (*relative.parts[:-1], relative.name.removesuffix(_SUFFIX)):
        name = _rendered(environment, part, variables, str(relative), 1_000)
        if (
            not 0 < len(name.encode()) <= _NAME_LIMIT
            or name in (".", "..")
            or not name.isprintable()
            or {"/", "\\"} & set(name)
        ):
            raise TemplateInvalid(str(relative), f"becomes {name[:80]!r}, which is not the name of a file")
        parts.append(name)
    return PurePosixPath(*parts)


def _decoded(data: bytes, place: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TemplateInvalid(place, f"is not UTF-8 text, at byte {error.start}") from error


def _rendered(
    environment: "ImmutableSandboxedEnvironment", text: str, variables: Mapping[str, str], place: str, most: int
) -> str:
    from jinja2 import TemplateError

    pieces: list[str] = []
    size = 0
    try:
        _check_plain(environment, text, place)
        for piece in environment.from_string(text).generate(**variables):
            pieces.append(piece)
            size += len(piece)
            if size > most:
                raise TemplateInvalid(place, f"makes the skill larger than {most:,} characters")
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        where = f"line {line}: " if line else ""
        raise TemplateInvalid(place, f"{where}cannot be rendered: {str(error)[:200]}") from error
    except (ArithmeticError, LookupError, MemoryError, RecursionError, SyntaxError, TypeError, ValueError) as error:
        raise TemplateInvalid(place, f"cannot be rendered: {type(error).__name__}: {str(error)[:200]}") from error
    return "".join(pieces)


def _environment() -> "ImmutableSandboxedEnvironment":
    from jinja2 import StrictUndefined
    from jinja2.exceptions import SecurityError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Environment(ImmutableSandboxedEnvironment):
        """Refuses what can be asked for more than there is memory, and every call."""

        intercepted_binops = frozenset({"*", "**", "%"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            raise SecurityError(f"{operator} is not for templates")

        def is_safe_callable(self, obj: Any) -> bool:
            return False

    environment = Environment(
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # what is made is source code, not HTML; texts in it go through `quoted`
    )
    ours: dict[str, Any] = {"quoted": _quoted, "replace": _replaced}
    environment.filters = {name: environment.filters[name] for name in _FILTERS} | ours
    environment.globals.clear()
    return environment


def _check_plain(environment: "ImmutableSandboxedEnvironment", text: str, place: str) -> None:
    """Raise `TemplateInvalid` for what could run for ever, or grow without end, before anything is written."""
    from jinja2.nodes import Node

    for node in environment.parse(text).find_all(Node):
        kind = type(node).__name__
        if kind not in _NODES:
            raise TemplateInvalid(
                place,
                f"line {node.lineno}: cannot be rendered: {kind} is not for templates; values, filters and if are",
            )


def _quoted(text: str) -> str:
    """A text as TOML, YAML and Python all read it: in quotes, with JSON's escapes."""
    return json.dumps(_not_long(text), ensure_ascii=False)


def _replaced(text: str, old: str, new: str) -> str:
    if len(_not_long(text)) + text.count(old) * len(new) > _LONGEST:
        raise ValueError(f"a value would be longer than {_LONGEST} characters")
    return text.replace(old, new)


def _not_long(text: str) -> str:
    if not isinstance(text, str) or len(text) > _LONGEST:  # pyright: ignore[reportUnnecessaryIsInstance] # from a template
        raise ValueError(f"a value is not a text of at most {_LONGEST} characters")
    return text
