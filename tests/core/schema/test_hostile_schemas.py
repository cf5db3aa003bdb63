"""Schemas that are not to be compiled, or not to be believed; each is named by its defect."""

import http.server
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from referencing.exceptions import Unresolvable

from skillkernel.errors import SchemaError
from skillkernel.schema import compile_schema
from skillkernel.schema.keywords import count_steps, validator_for
from skillkernel.schema.structure import MAX_BYTES, MAX_CHAIN, MAX_DEPTH


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels - 1):
        schema = {"not": schema}
    return schema


def chain(links: int) -> dict[str, Any]:
    steps = {f"s{i}": {"$ref": f"#/$defs/s{i + 1}"} for i in range(links)}
    return {"$ref": "#/$defs/s0", "$defs": {**steps, f"s{links}": {"type": "object"}}}


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a type that is not one": ({"type": "objekt"}, "t/type: not JSON Schema"),
    "a keyword of the wrong type": ({"properties": {"a": {"minLength": "3"}}}, "t/properties/a/minLength: not JSON"),
    "the items list of an older draft": ({"items": [{"type": "string"}]}, "t/items: not JSON Schema"),
    "a reference to the web": ({"$ref": "http://127.0.0.1:1/s.json"}, "t/$ref: http://127.0.0.1:1/s.json points"),
    "a reference to a file": ({"properties": {"a": {"$ref": "file:///etc/passwd"}}}, "t/properties/a/$ref: file:"),
    "a reference to a name": ({"$ref": "#name"}, "t/$ref: #name points outside"),
    "a reference to nothing": ({"$ref": "#/$defs/none"}, "t/$ref: there is no schema at #/$defs/none"),
    "a reference into a default": (
        {"$ref": "#/default", "default": {"$schema": "http://json-schema.org/draft-07/schema#", "pattern": "^(a+)+$"}},
        "t/$ref: there is no schema at #/default",
    ),
    "a reference into an enumeration": ({"enum": [{"pattern": "("}], "$ref": "#/enum/0"}, "t/$ref: there is no schema"),
    "an index that only int() can read": ({"allOf": [{}], "not": {"$ref": "#/allOf/+0"}}, "t/not/$ref: there is no"),
    "a dialect of its own inside": (
        {"properties": {"a": {"$schema": "http://json-schema.org/draft-07/schema#", "pattern": "^(a+)+$"}}},
        "t/properties/a/$schema: $schema is not allowed",
    ),
    "an older dialect": ({"$schema": "http://json-schema.org/draft-07/schema#"}, "is not JSON Schema 2020-12"),
    "an id inside": ({"properties": {"a": {"$id": "http://example.org/"}}}, "t/properties/a/$id: $id is not allowed"),
    "an anchor": ({"$defs": {"a": {"$anchor": "b"}}}, "t/$defs/a/$anchor: $anchor is not allowed"),
    "a dynamic reference": ({"$dynamicRef": "#/$defs/a", "$defs": {"a": {}}}, "$dynamicRef is not allowed"),
    "a reference to itself": ({"$ref": "#"}, "refers to itself without end"),
    "a circle of references": (
        {"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/b"}]}, "b": {"if": {"$ref": "#/$defs/a"}}}},
        "refers to itself without end",
    ),
    "a chain of references": (chain(MAX_CHAIN), "schemas apply to one value"),
    "a pattern that looks ahead": ({"pattern": "(?=a)b"}, "the pattern '(?=a)b' cannot be used"),
    "a pattern that is not one": ({"patternProperties": {"(": {}}}, "cannot be used"),
    "a pattern as long as a book": ({"pattern": "a" * 2_000}, "is longer than 1000 characters"),
    "too many levels": (nested(MAX_DEPTH + 1), f"more than {MAX_DEPTH} levels deep"),
    "100,000 levels": (nested(100_000), f"more than {MAX_DEPTH} levels deep"),
    "too many bytes": ({"description": "x" * MAX_BYTES}, "larger than 64,000 bytes"),
    "half a character": ({"description": "\ud800"}, "not Unicode"),
    "a number that JSON has not": ({"minimum": float("nan")}, "is not a JSON number"),
    "a key that is not text": ({"properties": {1: {}}}, "the key 1 is not a string"),
}


@pytest.mark.parametrize("defect", REFUSED)
def test_a_schema_with_a_defect_is_refused_with_its_place(defect: str) -> None:
    schema, said = REFUSED[defect]
    with pytest.raises(SchemaError) as caught:
        compile_schema(schema, where="t")
    assert said in caught.value.message
    assert "\n" not in caught.value.message


def test_a_schema_has_to_be_an_object() -> None:
    with pytest.raises(SchemaError, match="has to be an object"):
        compile_schema([], where="t")  # type: ignore[arg-type] # what a manifest may hold in its place


@pytest.mark.parametrize(
    "schema",
    [
        nested(MAX_DEPTH),
        chain(MAX_CHAIN - 2),
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://example.org/s", "$ref": "#/$defs/a"}
        | {"$defs": {"a": {"type": "object"}}},
        {"type": "object", "properties": {"$ref": {"type": "string"}, "$id": {"type": "string"}}},
        {"definitions": {"a/b~c%": {"type": "object"}}, "$ref": "#/definitions/a~1b~0c%25"},
        {"properties": {"next": {"$ref": "#"}}},
        {"enum": [{"$ref": "http://example.org"}], "default": {"$id": "x"}},
        {"pattern": r"^\u00e9+$"},
    ],
)
def test_an_unusual_but_harmless_schema_is_compiled(schema: dict[str, Any]) -> None:
    compile_schema(schema, where="t")


@contextmanager
def listening() -> Generator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that http.server calls
            asked.append(self.path)
            self.send_error(404)

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/schema.json", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_nothing_is_fetched_even_for_a_schema_that_nobody_inspected() -> None:
    with listening() as (address, asked):
        count_steps(1)
        with pytest.raises(Unresolvable):
            list(validator_for({"$ref": address}).iter_errors({}))
    assert asked == []


def test_a_catastrophic_pattern_runs_in_linear_time() -> None:
    compiled = compile_schema({"properties": {"a": {"pattern": "^(a+)+$"}}}, where="t")
    (finding,) = compiled.findings({"a": "a" * 50_000 + "!"})
    assert finding.path == "/a"
    (finding,) = compile_schema({"patternProperties": {"^(a+)+$": False}}, where="t").findings({"a" * 5_000: 1})
    assert finding.problem == "nothing may stand here"


def test_patterns_that_are_linear_but_large_are_cut_short_over_many_texts() -> None:
    schema = {"properties": {"a": {"items": {"pattern": ".{1000}z"}}}}
    assert compile_schema(schema, where="t").findings({"a": ["a" * 1_000] * 250})


def doubling(levels: int) -> dict[str, Any]:
    steps = {f"s{i}": {"anyOf": [{"$ref": f"#/$defs/s{i + 1}"}] * 2} for i in range(levels)}
    return {"properties": {"a": {"$ref": "#/$defs/s0"}}, "$defs": {**steps, f"s{levels}": {"type": "integer"}}}


def branching_tree() -> dict[str, Any]:
    child = {"anyOf": [{"$ref": "#/$defs/node"}, {"$ref": "#/$defs/node"}]}
    node = {"type": "object", "properties": {"child": child, "leaf": {"type": "integer"}}}
    return {"properties": {"a": {"$ref": "#/$defs/node"}}, "$defs": {"node": node}}


def test_work_that_doubles_with_every_reference_is_cut_short() -> None:
    (finding,) = compile_schema(doubling(20), where="t").findings({"a": "x"})
    assert finding.problem == "it takes too long to check"


def test_a_description_that_multiplies_with_every_reference_is_cut_short() -> None:
    wide: dict[str, dict[str, Any]] = {
        f"s{i}": {"items": {"anyOf": [{"$ref": f"#/$defs/s{i + 1}"}, {"const": i}] * 6}} for i in range(20)
    }
    for step in wide.values():
        step["type"] = "array"
    schema = {"properties": {"a": {"$ref": "#/$defs/s0"}}, "$defs": {**wide, "s20": {"type": "integer"}}}
    (finding,) = compile_schema(schema, where="t").findings({"a": {}})
    assert len(finding.allowed) <= 400


def test_work_that_doubles_with_every_level_of_the_value_is_cut_short() -> None:
    value: dict[str, Any] = {"leaf": "x"}
    for _ in range(40):
        value = {"child": value}
    (finding,) = compile_schema(branching_tree(), where="t").findings({"a": value})
    assert finding.problem == "it takes too long to check"


def test_a_value_deeper_than_the_stack_is_refused() -> None:
    value: dict[str, Any] = {}
    for _ in range(5_000):
        value = {"next": value}
    schema = {"properties": {"next": {"$ref": "#"}}, "additionalProperties": False}
    (finding,) = compile_schema(schema, where="t").findings(value)
    assert finding.problem == "it takes too long to check"


def test_unique_items_take_linear_time() -> None:
    compiled = compile_schema({"properties": {"a": {"uniqueItems": True}}}, where="t")
    assert compiled.findings({"a": [{"n": i} for i in range(50_000)]}) == ()
    (finding,) = compiled.findings({"a": [{"n": 1}, {"n": True}, {"n": 1.0}]})
    assert finding.path == "/a/2"


def test_errors_over_a_large_value_do_not_add_up() -> None:
    compiled = compile_schema({"properties": {"a": {"anyOf": [{"type": "integer"}] * 2_000}}}, where="t")
    assert compiled.findings({"a": ["x" * 10] * 20_000})
