"""What is told of arguments that do not fit."""

import sys
from subprocess import run
from typing import Any

import pytest

from skillkernel.schema import Finding, compile_schema

CREATE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 1, "maxLength": 200},
        "start": {"type": "string", "format": "date-time", "description": "When it begins."},
        "attendees": {"type": "array", "items": {"type": "string", "format": "email"}},
        "repeat": {"anyOf": [{"enum": ["daily", "weekly"]}, {"type": "null"}]},
        "minutes": {"type": "integer", "minimum": 1, "maximum": 1440},
    },
    "required": ["title", "start"],
}
START = "2026-11-25T12:30:00+01:00"


def findings(schema: dict[str, Any], value: Any) -> tuple[Finding, ...]:
    return compile_schema(schema, where="t").findings(value)


def create(**arguments: Any) -> tuple[Finding, ...]:
    return findings(CREATE, {"title": "Lunch", "start": START} | arguments)


def test_arguments_that_fit_have_no_findings() -> None:
    assert create(attendees=["sam@example.org"], repeat=None, minutes=60) == ()
    assert compile_schema(CREATE, where="t").is_valid({"title": "Mittagessen", "start": START})


def test_tomorrow_is_not_a_date_time() -> None:
    (finding,) = create(start="tomorrow")
    assert finding == Finding(
        "/start",
        '"tomorrow" is not a date-time',
        "a date and time such as 2026-11-25T12:30:00+01:00",
    )


def test_a_missing_property_is_named_with_its_description() -> None:
    (finding,) = findings(CREATE, {"title": "Lunch"})
    assert finding.path == "/start"
    assert finding.problem == '"start" is missing'
    assert finding.allowed.endswith("(When it begins.)")


def test_an_unknown_property_is_refused_with_the_nearest_one() -> None:
    (finding,) = create(attendes=["sam@example.org"])
    assert finding.path == "/attendes"
    assert finding.allowed.startswith('did you mean "attendees"? known: "attendees", "minutes"')


def test_every_fault_is_told_at_once_in_the_order_of_paths() -> None:
    assert [finding.path for finding in create(title="", minutes=0, attendees=["a@b", 3], x=1)] == [
        "/attendees/1",
        "/minutes",
        "/title",
        "/x",
    ]


def test_a_wrong_type_says_what_is_allowed() -> None:
    (finding,) = create(minutes="60")
    assert finding == Finding("/minutes", '"60" is not allowed here', "a whole number at least 1 and at most 1440")


def test_a_wrong_choice_lists_the_choices() -> None:
    (finding,) = create(repeat="yearly")
    assert finding.allowed == 'one of "daily", "weekly" or null'


def test_true_is_not_a_number_and_a_whole_float_is_an_integer() -> None:
    assert create(minutes=True)
    assert create(minutes=60.0) == ()


def test_of_a_union_only_the_branch_that_was_meant_is_told() -> None:
    shapes = {
        "oneOf": [
            {"type": "object", "properties": {"kind": {"const": "circle"}, "radius": {"type": "number"}}}
            | {"required": ["kind", "radius"]},
            {"type": "object", "properties": {"kind": {"const": "square"}, "side": {"type": "number"}}}
            | {"required": ["kind", "side"]},
            {"type": "string"},
        ]
    }
    (finding,) = findings({"properties": {"shape": shapes}}, {"shape": {"kind": "square", "side": "2"}})
    assert finding.path == "/shape/side"
    (finding,) = findings({"properties": {"shape": shapes}}, {"shape": 3})
    assert "a string" in finding.allowed


def test_a_schema_of_alternatives_is_closed_by_the_names_that_they_know() -> None:
    schema: dict[str, Any] = {
        "type": "object",
        "allOf": [{"$ref": "#/$defs/base"}, {"properties": {"b": {}}}],
        "$defs": {"base": {"properties": {"a": {}}}},
    }
    assert findings(schema, {"a": 1, "b": 2}) == ()
    assert [finding.path for finding in findings(schema, {"a": 1, "c": 2})] == ["/c"]


def test_an_open_schema_stays_open() -> None:
    assert findings({"type": "object", "additionalProperties": {"type": "integer"}}, {"a": 1}) == ()
    assert findings({"type": "object", "allOf": [{"additionalProperties": True}]}, {"a": 1}) == ()
    assert compile_schema({"type": "object"}, where="t", closed=False).findings({"a": 1}) == ()
    assert findings({"patternProperties": {"^x-": {}}}, {"x-a": 1}) == ()
    assert [finding.path for finding in findings({"patternProperties": {"^x-": {}}}, {"y": 1})] == ["/y"]


FITTING: list[tuple[dict[str, Any], list[Any], list[Any]]] = [
    ({"multipleOf": 0.1}, [0.3, 1, 10**400, 1e300], [0.35, float("inf")]),
    ({"multipleOf": 3}, [3, 9.0, 3 * 10**400], [10**400, 1.5]),
    ({"maximum": 10**30}, [10**30], [10**30 + 1]),
    ({"format": "date"}, ["2026-02-28", 5], ["2026-02-30", "20260228", "2026-02-28\n"]),
    ({"format": "time"}, ["12:30:00Z", "23:59:60+01:00"], ["12:30", "25:00:00Z", "12:30:00"]),
    (
        {"format": "date-time"},
        ["2026-11-25t12:30:00.5z", "2026-11-25T12:30:00", "2026-11-25T12:30"],
        ["2026-11-25", "2026-11-25 12:30:00Z", "2026-11-25T12", "2026-11-25T25:00", "9" * 5_000],
    ),
    ({"format": "duration"}, ["PT1H30M", "P3D", "P2W"], ["P", "PT", "1h", "P1W2D"]),
    ({"format": "email"}, ["sam@example.org", "josé@exämple.org"], ["@", "sam", "a b@c", "a@b@c"]),
    ({"format": "hostname"}, ["example.org", "a"], ["-a", "a_b", "a" * 64]),
    ({"format": "ipv4"}, ["127.0.0.1"], ["127.0.0", "256.0.0.1"]),
    ({"format": "ipv6"}, ["::1"], ["::1%lo", ":::"]),
    ({"format": "uri"}, ["https://example.org/a?b#c", "urn:x:y"], ["example.org", "http://a b", "http://a\n"]),
    ({"format": "uri-reference"}, ["/a/b", "?q"], ["a b"]),
    ({"format": "uuid"}, ["6f1c2b0e-2f4b-4b0e-9a53-0d3f0c7c2a11"], ["6f1c2b0e2f4b4b0e9a530d3f0c7c2a11", "x" * 36]),
    ({"format": "json-pointer"}, ["", "/a~1b"], ["a", "/~2"]),
    ({"format": "regex"}, ["a+"], ["(", "(?=a)"]),
    ({"format": "never heard of"}, ["x"], []),
    ({"pattern": r"^\u00e9+$"}, ["éé", "é" * 100_000], ["e", ""]),
    ({"minProperties": 1, "additionalProperties": True}, [{"a": 1}], [{}]),
    ({"dependentRequired": {"a": ["b"]}, "additionalProperties": True}, [{"a": 1, "b": 1}], [{"a": 1}]),
    ({"not": {"type": "string"}}, [1], ["x"]),
    ({"const": 1}, [1, 1.0], [True, "1"]),
    ({"enum": [None, "a"]}, [None, "a"], [0, "b"]),
    ({"prefixItems": [{"type": "string"}], "items": False}, [["a"]], [["a", 1], [1]]),
]


@pytest.mark.parametrize(("schema", "good", "bad"), FITTING)
def test_what_fits_and_what_does_not(schema: dict[str, Any], good: list[Any], bad: list[Any]) -> None:
    compiled = compile_schema(schema, where="t")
    assert [value for value in good if compiled.findings(value)] == []
    assert [value for value in bad if not compiled.findings(value)] == []


def test_what_a_value_hides_is_shown() -> None:
    (finding,) = create(**{"x\x1b[31m\u202e": 1})
    assert "\x1b" not in str(finding)
    assert "\\u202e" in finding.problem
    (finding,) = create(repeat="\x1b[2J" + "y" * 500)
    assert "\x1b" not in finding.problem
    assert len(finding.problem) < 130


def test_a_call_that_fits_never_loads_the_validator() -> None:
    program = (
        "import sys\n"
        "from skillkernel.schema import compile_schema\n"
        f"schema = compile_schema({CREATE!r}, where='t', checked=True)\n"
        f"assert schema.findings({{'title': 'Lunch', 'start': {START!r}}}) == ()\n"
        "assert 'jsonschema' not in sys.modules and 're2' not in sys.modules\n"
    )
    run([sys.executable, "-c", program], check=True)
