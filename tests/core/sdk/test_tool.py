"""Functions under `@tool`: what they become, and what is refused with the fix."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

import pytest

from skillkernel import Context, tool
from skillkernel.errors import ToolDeclarationInvalid
from skillkernel.sdk.tool import ToolSpec, spec_of


@tool(effect="write", idempotent=True, timeout=5, permissions=["network:example.org:443"], examples=["Book lunch"])
def create_event(
    title: str,
    start: datetime,
    context: Context,
    *,
    kind: Literal["meeting", "task"] = "meeting",
    note: str | None = None,
) -> dict[str, str]:
    """Create an event.

    Args:
        title: What it is called.
        start: When it begins.
    """
    return {"title": title, "start": start.isoformat(), "kind": kind, "note": note or "", "tool": context.tool}


@tool(effect="read")
async def wait() -> None:
    """Wait."""


def _spec(function: Callable[..., Any]) -> ToolSpec:
    spec = spec_of(function)
    assert spec is not None
    return spec


def test_a_tool_stays_the_function_that_it_was() -> None:
    assert create_event.__name__ == "create_event"
    assert create_event("x", datetime(2026, 1, 1), Context(tool="t", data=None))["kind"] == "meeting"  # type: ignore[arg-type] # not used


def test_what_was_declared_is_noted() -> None:
    spec = _spec(create_event)
    assert (spec.name, spec.description, spec.effect, spec.idempotent) == (
        "create_event",
        "Create an event.",
        "write",
        True,
    )
    assert (spec.timeout, spec.permissions, spec.examples) == (5.0, ("network:example.org:443",), ("Book lunch",))
    assert (spec.context_parameter, spec.asynchronous) == ("context", False)
    assert _spec(wait).asynchronous
    assert spec.order < _spec(wait).order


def test_the_schema_holds_the_parameters_without_the_context() -> None:
    assert _spec(create_event).input_schema == {
        "type": "object",
        "properties": {
            "title": {"type": "string", "description": "What it is called."},
            "start": {"type": "string", "format": "date-time", "description": "When it begins."},
            "kind": {"type": "string", "enum": ["meeting", "task"], "default": "meeting"},
            "note": {"type": ["string", "null"]},
        },
        "required": ["title", "start"],
        "additionalProperties": False,
    }


def test_the_result_has_a_schema_when_the_function_says_what_it_returns() -> None:
    assert _spec(create_event).output_schema == {"type": "object", "additionalProperties": {"type": "string"}}
    assert _spec(wait).output_schema == {"type": "null"}

    @tool(effect="read")
    def anything():  # type: ignore[no-untyped-def] # ignoring it is the test
        """Return anything."""

    assert _spec(anything).output_schema is None


def test_a_plain_function_is_no_tool() -> None:
    assert spec_of(test_a_plain_function_is_no_tool) is None
    assert spec_of(None) is None


def _no_docstring(title: str) -> None: ...


def _no_hint(title) -> None:  # type: ignore[no-untyped-def] # the mistake
    """Do."""


def _stars(*titles: str) -> None:
    """Do."""


def _double_stars(**titles: str) -> None:
    """Do."""


def _by_position(title: str, /) -> None:
    """Do."""


def _bytes(data: bytes) -> None:
    """Do."""


def _wrong_default(days: int = "soon") -> None:  # type: ignore[assignment] # the mistake
    """Do."""


def _unknown_name(when: "Moment") -> None:  # type: ignore[name-defined] # the mistake  # noqa: F821
    """Do."""


def _unicode(größe: int) -> None:
    """Do."""


def _two_contexts(a: Context, b: Context) -> None:
    """Do."""


def _returns_bytes() -> bytes:
    """Do."""
    return b""


MISTAKES: list[tuple[Callable[..., Any], str, str, str]] = [
    (_no_docstring, "", "no docstring", "one sentence"),
    (_no_hint, "title", "no type hint", "`title: str`"),
    (_stars, "titles", "no * or ** parameter", "a list or dict"),
    (_double_stars, "titles", "no * or ** parameter", "a list or dict"),
    (_by_position, "title", "called by names", "remove the `/`"),
    (_bytes, "data", "no JSON form is known for bytes", "base64"),
    (_wrong_default, "days", "the default 'soon' does not fit its hint", "change one"),
    (_unknown_name, "", "the name 'Moment' in a hint is not known", "TYPE_CHECKING"),
    (_unicode, "größe", "models see this name", "letters, digits"),
    (_two_contexts, "b", "a second Context", "keep one"),
    (_returns_bytes, "return", "no JSON form is known for bytes", "base64"),
]


@pytest.mark.parametrize(
    ("function", "parameter", "problem", "fix"), MISTAKES, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_mistake_names_file_function_parameter_and_fix(
    function: Callable[..., Any], parameter: str, problem: str, fix: str
) -> None:
    function.__name__ = function.__name__.removeprefix("_")
    with pytest.raises(ToolDeclarationInvalid) as mistake:
        tool(effect="read")(function)
    assert "test_tool.py:" in mistake.value.message
    assert f"{function.__name__}({parameter})" in mistake.value.message
    assert problem in mistake.value.message
    assert fix in mistake.value.hint
    assert "\n" not in mistake.value.message


@pytest.mark.parametrize("name", ["CreateEvent", "create__event", "_private", "<lambda>"])
def test_a_name_that_is_not_a_tools_is_refused(name: str) -> None:
    def function() -> None:
        """Do."""

    function.__name__ = name
    with pytest.raises(ToolDeclarationInvalid, match="is not a tool name") as mistake:
        tool(effect="read")(function)
    assert "rename the function" in mistake.value.hint


OPTIONS: list[tuple[dict[str, Any], str]] = [
    ({"effect": "look"}, "'look' is not an effect"),
    ({"effect": "read", "timeout": 0}, "timeout=0 is not a time"),
    ({"effect": "read", "timeout": float("nan")}, "timeout=nan is not a time"),
    ({"effect": "read", "timeout": 1e9}, "is not a time"),
    ({"effect": "read", "timeout": "5"}, "timeout='5' is not a time"),
    ({"effect": "read", "permissions": "network:x:1"}, "permissions is not a list of texts"),
    ({"effect": "read", "permissions": ["internet"]}, "'internet' is not a permission"),
    ({"effect": "read", "permissions": ["network:"]}, "'network:' is not a permission"),
    ({"effect": "read", "examples": [""]}, "examples is not a list of texts"),
    ({"effect": "read", "examples": [1]}, "examples is not a list of texts"),
]


@pytest.mark.parametrize(("options", "problem"), OPTIONS)
def test_a_wrong_option_is_refused(options: dict[str, Any], problem: str) -> None:
    def look() -> None:
        """Look."""

    with pytest.raises(ToolDeclarationInvalid) as mistake:
        tool(**options)(look)
    assert problem in mistake.value.message


def test_the_effect_has_no_default_and_brackets_are_needed() -> None:
    untyped: Any = tool
    with pytest.raises(TypeError, match="effect"):
        untyped()
    with pytest.raises(TypeError, match="effect"):
        untyped(lambda: None)


def test_only_a_function_can_be_a_tool() -> None:
    untyped: Any = tool(effect="read")
    with pytest.raises(ToolDeclarationInvalid, match="is not a function"):
        untyped(print)
    with pytest.raises(ToolDeclarationInvalid, match="a type is not a function"):
        untyped(dict)
