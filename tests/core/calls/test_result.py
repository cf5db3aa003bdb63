"""A tool's result is held against the schema that its manifest promises."""

from pathlib import Path
from typing import Any

import pytest

from fakes.desks import desk
from fakes.skills import installed, schema, tool
from fakes.workers import FakeWorkers
from skillkernel.calls.approve import Policy
from skillkernel.calls.pipeline import run_call
from skillkernel.calls.result import check_result
from skillkernel.calls.schemas import SchemaCache
from skillkernel.calls.types import CallRequest
from skillkernel.catalogue.types import Catalogue, Target
from skillkernel.errors import ResultInvalid
from skillkernel.manifest.types import Effect
from skillkernel.names import ToolId

EVENT = schema(title={"type": "string"}, start={"type": "string", "format": "date-time"})
EVENTS = {"type": "array", "items": EVENT}


def target(output_schema: dict[str, Any] | None) -> Target:
    found = tool("find", output_schema=output_schema)
    skill = installed("notes", found)
    return Target(ToolId(skill.name, found.name), skill, found)


def refusal(output_schema: dict[str, Any] | None, result: Any) -> str:
    with pytest.raises(ResultInvalid) as refused:
        check_result(target(output_schema), result, SchemaCache())
    assert refused.value.hint == "the tool has run; tell the skill's author"
    return refused.value.message


@pytest.mark.parametrize("result", [None, 1, "x", [], {"a": [1]}])
def test_without_a_promise_anything_fits(result: Any) -> None:
    check_result(target(None), result, SchemaCache())


@pytest.mark.parametrize(
    ("promise", "result"),
    [
        (EVENTS, []),
        (EVENTS, [{"title": "Lunch", "start": "2026-11-25T12:30:00+01:00"}]),
        ({"type": "null"}, None),
        ({"enum": [1, 2]}, 2),
        ({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]}, ["a", 1]),
        ({}, {"a": 1}),
    ],
)
def test_a_kept_promise_passes(promise: dict[str, Any], result: Any) -> None:
    check_result(target(promise), result, SchemaCache())


@pytest.mark.parametrize(
    ("promise", "result", "place", "rule"),
    [
        (EVENTS, {"events": []}, "the value", "list"),
        (EVENTS, [{"title": "Lunch", "start": "noon"}], "/0/start", "date and time"),
        (EVENTS, [{"title": "Lunch"}], "/0/start", "missing"),
        ({"type": "string"}, None, "the value", "a string"),
        ({"type": "integer", "minimum": 1}, 0, "the value", "1"),
        ({"type": "array", "uniqueItems": True}, [1, 1], "/1", ""),
    ],
)
def test_a_broken_promise_names_tool_path_and_rule(promise: dict[str, Any], result: Any, place: str, rule: str) -> None:
    message = refusal(promise, result)
    assert message.startswith("the result of notes.find is not what its output_schema promises: ")
    assert place in message
    assert rule in message


def test_properties_that_the_schema_does_not_speak_of_pass() -> None:
    open_schema = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
    check_result(target(open_schema), {"title": "Lunch", "place": "Oslo"}, SchemaCache())


def test_they_are_refused_where_the_schema_says_so() -> None:
    assert "/place" in refusal(schema(title={"type": "string"}), {"title": "Lunch", "place": "Oslo"})


def test_a_result_wrong_in_many_places_is_told_in_a_few() -> None:
    message = refusal({"type": "array", "items": {"type": "string"}}, list(range(1000)))
    assert "/0: " in message
    assert message.endswith("more")
    assert len(message) < 1000


def test_what_a_wrong_result_holds_is_shown_without_its_control_characters() -> None:
    assert "\x1b" not in refusal({"enum": ["a", "b"]}, "\x1b[2J\u202e")


def test_a_result_too_large_to_be_checked_to_its_end_passes() -> None:
    pairs = {"type": "array", "items": {"prefixItems": [{"type": "integer"}, {"type": "integer"}]}}
    check_result(target(pairs), [[1, 2]] * 30_000, SchemaCache())


def test_a_schema_is_compiled_once() -> None:
    schemas = SchemaCache()
    promised = target(EVENTS)
    assert schemas.of_result(promised) is schemas.of_result(promised)
    assert schemas.of_result(promised) is not schemas.of(promised)


@pytest.mark.parametrize(("effect", "state"), [(Effect.READ, "failed"), (Effect.WRITE, "unknown")])
async def test_a_call_with_a_broken_promise_ends_without_a_result(tmp_path: Path, effect: Effect, state: str) -> None:
    liar = installed("notes", tool("find", effect, output_schema={"type": "string"}))
    workers = FakeWorkers({"find": lambda arguments: 1})
    on = desk(tmp_path, catalogue=Catalogue(skills=(liar,)), workers=workers, policy=Policy(yes=True))
    outcome = await run_call(CallRequest("c1", "notes.find", "{}"), on)
    assert outcome.error is not None
    assert (outcome.error.code, outcome.result) == ("result-invalid", None)
    assert "output_schema" in outcome.window
    assert on.journal.calls(on.session)[-1]["state"] == state
