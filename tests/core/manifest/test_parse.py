"""skill.json from strangers: what is read, and everything that is refused, all at once and with its place."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillkernel.errors import ManifestError
from skillkernel.manifest.parse import parse_manifest
from skillkernel.manifest.render import render_manifest
from skillkernel.manifest.types import Effect, Manifest, Memory, Permissions, Tool, schema_json
from skillkernel.names import SkillName, ToolName

SCHEMA = {"type": "object", "properties": {"q": {"type": "string"}}, "additionalProperties": False}
GOOD: dict[str, Any] = {
    "manifest_version": 1,
    "name": "weather",
    "version": "1.2.0",
    "summary": "The weather, where you are.",
    "tools": [{"name": "look_up", "description": "Look it up.", "effect": "read", "input_schema": SCHEMA}],
}
FULL: dict[str, Any] = {
    **GOOD,
    "requires_kernel": ">=0.1,<1",
    "requires_skills": ["calendar>=1", "maps"],
    "settings": {"type": "object", "properties": {"server": {"type": "string"}, "folder": {"type": "string"}}},
    "permissions": {
        "network": ["{server}", "example.org:443", "[::1]:80", "127.0.0.1:8080", "{server}:443"],
        "files.read": ["~/Music", "/etc/hosts", "{folder}"],
        "files.write": ["~/Music/new"],
        "environment": ["LANG"],
        "secrets": ["api-key"],
        "programs": ["ffmpeg", "/usr/bin/convert"],
        "kernel": ["memory", "calendar"],
    },
    "memory": {"context_tokens": 100, "result_tokens": 200, "storage_mb": 1, "rss_mb": 64},
    "instructions": "SKILL.md",
    "tools": [
        {
            **GOOD["tools"][0],
            "idempotent": True,
            "timeout": 2.5,
            "permissions": ["network:example.org:443", "secrets:api-key"],
            "examples": ["Wie wird das Wetter?"],
            "output_schema": {"type": "string"},
        },
        {"name": "warn", "description": "Warn\nsomebody.", "effect": "send", "input_schema": {"type": "object"}},
    ],
}


def _parse(value: Any, expected_name: str | None = None) -> Manifest:
    return parse_manifest(json.dumps(value).encode(), source="skill.json", expected_name=expected_name)


def _findings(data: bytes, expected_name: str | None = None) -> tuple[tuple[str, str], ...]:
    with pytest.raises(ManifestError) as refused:
        parse_manifest(data, source="skill.json", expected_name=expected_name)
    assert refused.value.message.startswith("skill.json: ")
    assert "\n" not in refused.value.message
    return refused.value.findings


def _with(path: str, value: Any) -> bytes:
    """FULL with one place changed; `...` removes it."""
    changed = deepcopy(FULL)
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("/"))
    at: Any = changed
    for step in steps:
        at = at[step]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return json.dumps(changed).encode()


def test_the_least_manifest_is_read_with_every_default() -> None:
    assert _parse(GOOD) == Manifest(
        manifest_version=1,
        name=SkillName("weather"),
        version="1.2.0",
        summary="The weather, where you are.",
        tools=(
            Tool(
                name=ToolName("look_up"), description="Look it up.", effect=Effect.READ, input_json=schema_json(SCHEMA)
            ),
        ),
    )


def test_every_field_is_read() -> None:
    manifest = _parse(FULL)
    assert manifest.requires_skills == ("calendar>=1", "maps")
    assert manifest.memory == Memory(context_tokens=100, result_tokens=200, storage_mb=1, rss_mb=64)
    assert manifest.permissions.files_read == ("~/Music", "/etc/hosts", "{folder}")
    assert manifest.permissions.rows()[0] == "network:{server}"
    assert manifest.tools[0].timeout == 2.5
    assert manifest.tools[0].output_schema == {"type": "string"}
    assert manifest.tool("warn") is manifest.tools[1]
    assert Permissions() == _parse(GOOD).permissions


def test_the_expected_name_is_the_packages() -> None:
    assert _parse(GOOD, expected_name="weather").name == "weather"
    assert _findings(json.dumps(GOOD).encode(), "wether") == (
        ("/name", "the package is that of wether, the file says 'weather'"),
    )


NOT_JSON: list[tuple[bytes, str]] = [
    (b"", "the file is empty"),
    (b" \n", "the file is empty"),
    (b"\xef\xbb\xbf{}", "byte order mark"),
    (b'{\n"name": "\xff"}', "line 2: the byte 0xff is not UTF-8"),
    (json.dumps(GOOD).encode("utf-16"), "is not UTF-8"),
    (b"{'name': 1}", "line 1, column 2"),
    (b'{"name": "x",}', "line 1, column 1"),
    (b'{\n  "name": "x"\n  "version": "1"\n}', "line 3, column 3"),
    (b'{"name": "x"', "line 1, column 13"),
    (b'{"name": "x"} trailing', "extra data"),
    (b'{"name": "a\nb"}', "invalid control character"),
    (b'{"version": NaN}', "NaN is not JSON"),
    (b'{"version": 1e999}', "the number 1e999 is too large"),
    (b'{"version": -Infinity}', "-Infinity is not JSON"),
    (b'{"name": "a", "name": "b"}', "the key 'name' appears twice"),
    (b'{"a": ' + b"9" * 5000 + b"}", "a number of 5000 digits"),
    (b"[" * 100_000, "nested deeper than 64"),
    (b'{"a":' * 100_000, "nested deeper than 64"),
    (b'"' + b"x" * 1_000_000 + b'"', "larger than 1,000,000 bytes"),
    (b"[]", "a skill.json is an object"),
    (b"null", "a skill.json is an object"),
    (b"12", "a skill.json is an object"),
]


@pytest.mark.parametrize(("data", "problem"), NOT_JSON, ids=[problem for _, problem in NOT_JSON])
def test_what_is_not_the_json_asked_for_is_refused(data: bytes, problem: str) -> None:
    [(place, said)] = _findings(data)
    assert place == ""
    assert problem in said


@pytest.mark.parametrize("version", [2, 0, "1", 1.0, True, None])
def test_another_format_version_is_told_apart_from_a_broken_file(version: Any) -> None:
    [(place, said)] = _findings(json.dumps({"manifest_version": version, "new": {}}).encode())
    assert place == "/manifest_version"
    assert "this kernel reads version 1" in said


CHANGES: list[tuple[str, Any, str, str]] = [
    ("manifest_version", ..., "/manifest_version", "missing"),
    ("name", ..., "/name", "missing"),
    ("version", ..., "/version", "missing"),
    ("summary", ..., "/summary", "missing"),
    ("tools", ..., "/tools", "missing"),
    ("tools/0/effect", ..., "/tools/0/effect", "missing"),
    ("tools/0/input_schema", ..., "/tools/0/input_schema", "missing"),
    ("nmae", "x", "/nmae", 'did you mean "name"'),
    ("tools/0/efect", "read", "/tools/0/efect", 'did you mean "effect"'),
    ("permissions/netwrok", [], "/permissions/netwrok", 'did you mean "network"'),
    ("memory/rss", 1, "/memory/rss", "no property"),
    ("name", 1, "/name", "1 is not allowed here"),
    ("name", "Weather", "/name", "form"),
    ("name", "weather\n", "/name", "form"),
    ("name", "memory", "/name", "a service of the kernel"),
    ("version", "1.0-final", "/version", "is not a PEP 440 version"),
    ("version", "1.0.0-RC1", "/version", "is written 1.0.0rc1"),
    ("version", "", "/version", "length is 0"),
    ("summary", "x" * 201, "/summary", "length is 201"),
    ("summary", "two\nlines", "/summary", "hidden or control characters"),
    ("summary", "\u202eevil", "/summary", "hidden or control characters"),
    ("requires_kernel", ">=one", "/requires_kernel", "is not a specifier"),
    ("requires_skills/0", "Calendar >", "/requires_skills/0", "is not a skill's name"),
    ("requires_skills/0", "calendar[x]>=1", "/requires_skills/0", "more than a name and a specifier"),
    ("requires_skills/0", "calendar; os_name == 'nt'", "/requires_skills/0", "more than a name and a specifier"),
    ("requires_skills/0", "calendar @ https://example.org/x", "/requires_skills/0", "more than a name"),
    ("requires_skills/0", "maps<2", "/requires_skills/1", "required twice"),
    ("requires_skills/0", "weather", "/requires_skills/0", "cannot require itself"),
    ("settings", {"properties": {}}, "/settings/type", "is missing"),
    ("settings", [], "/settings", "not allowed here"),
    ("settings/properties/server/type", "strng", "/settings", "strng"),
    ("tools", [], "/tools", "length is 0"),
    ("tools", {}, "/tools", "not allowed here"),
    ("tools/1/name", "look_up", "/tools/1/name", "another tool is called look_up"),
    ("tools/1/name", "lookup", "/tools/1/name", "would read alike"),
    ("tools/0/name", "look__up", "/tools/0/name", "is not a tool name"),
    ("tools/0/name", "lookUp", "/tools/0/name", "form"),
    ("tools/0/name", "x" * 37, "/tools/0/name", "46 characters; 45 are allowed"),
    ("tools/0/effect", "look", "/tools/0/effect", "not allowed here"),
    ("tools/0/timeout", 0, "/tools/0/timeout", "out of range"),
    ("tools/0/timeout", 1e6, "/tools/0/timeout", "out of range"),
    ("tools/0/timeout", True, "/tools/0/timeout", "not allowed here"),
    ("tools/0/description", "", "/tools/0/description", "length is 0"),
    ("tools/0/description", "a\u200bb", "/tools/0/description", "hidden or control characters"),
    ("tools/0/examples/0", "a\nb", "/tools/0/examples/0", "hidden or control characters"),
    ("tools/0/input_schema", {}, "/tools/0/input_schema/type", "missing"),
    ("tools/0/input_schema", {"type": "array"}, "/tools/0/input_schema/type", "not allowed here"),
    ("tools/0/input_schema", {"type": "object", "properties": 1}, "/tools/0/input_schema", "properties"),
    ("tools/0/input_schema", {"type": "object", "$ref": "https://example.org/s"}, "/tools/0/input_schema", "$ref"),
    ("tools/0/input_schema", {"type": "object", "$ref": "file:///etc/passwd"}, "/tools/0/input_schema", "$ref"),
    ("tools/0/output_schema", {"type": "strng"}, "/tools/0/output_schema", "strng"),
    (
        "tools/0/input_schema/properties/q/description",
        "\x1b[31m",
        "/tools/0/input_schema/properties/q/description",
        "hidden",
    ),
    ("tools/0/permissions/0", "network:example.com:443", "/tools/0/permissions/0", "not among the skill's permissions"),
    ("permissions/network/0", "example.org", "/permissions/network/0", "write host:port"),
    ("permissions/network/0", "{sever}", "/permissions/network/0", "{sever} is not one of the settings"),
    ("permissions/network/0", "example.org:443", "/permissions/network/1", "there twice"),
    ("permissions/files.read/0", "Music", "/permissions/files.read/0", "absolute path"),
    ("permissions/environment/0", "A=B", "/permissions/environment/0", "name of a variable"),
    ("permissions/secrets/0", "", "/permissions/secrets/0", "length is 0"),
    ("permissions/programs/0", "../ffmpeg", "/permissions/programs/0", "bare name"),
    ("permissions/kernel/0", "Calendar", "/permissions/kernel/0", "name of a skill"),
    ("memory/rss_mb", "64", "/memory/rss_mb", "not allowed here"),
    ("memory/rss_mb", 0, "/memory/rss_mb", "out of range"),
    ("instructions", "../SKILL.md", "/instructions", "not the name of a Markdown file"),
    ("instructions", "docs/SKILL.md", "/instructions", "not the name of a Markdown file"),
    ("instructions", "/SKILL.md", "/instructions", "not the name of a Markdown file"),
    ("instructions", "SKILL.md\u0000", "/instructions", "hidden or control characters"),
]


@pytest.mark.parametrize(
    ("path", "value", "place", "problem"), CHANGES, ids=[f"{path}-{problem}" for path, _, _, problem in CHANGES]
)
def test_each_fault_is_named_with_its_place(path: str, value: Any, place: str, problem: str) -> None:
    findings = _findings(_with(path, value))
    assert any(at.startswith(place) and problem in said for at, said in findings), findings


def test_tools_that_need_more_of_the_window_than_is_named_are_refused() -> None:
    data = json.dumps({**GOOD, "memory": {"context_tokens": 10}}).encode()
    [(place, problem)] = _findings(data)
    assert place == "/memory/context_tokens"
    assert problem == "the tools need about 49 tokens of a model's window, and 10 are named"
    assert _parse({**GOOD, "memory": {"context_tokens": 49}}).memory.context_tokens == 49


def test_everything_that_is_wrong_is_said_at_once() -> None:
    changed = json.loads(_with("name", "Weather"))
    changed["version"] = "one"
    changed["tools"][0]["timeout"] = -1
    changed["permissions"]["network"] = ["example.org", "{nobody}"]
    changed["instructions"] = "a/b.md"
    places = {place for place, _ in _findings(json.dumps(changed).encode())}
    assert places >= {
        "/name",
        "/version",
        "/tools/0/timeout",
        "/permissions/network/0",
        "/permissions/network/1",
        "/instructions",
    }


def test_what_a_person_reads_never_holds_the_hidden_characters_themselves() -> None:
    for path in (
        "summary",
        "name",
        "version",
        "requires_kernel",
        "requires_skills/0",
        "instructions",
        "permissions/network/0",
    ):
        for place, said in _findings(_with(path, "\x1b[2J\u202e\U000e0041")):
            assert (place + said).isprintable()


def test_a_description_in_persian_and_an_emoji_family_are_plain_text() -> None:
    description = "می‌خواهم 👨‍👩‍👧"  # joiners are the point
    manifest = parse_manifest(_with("tools/0/description", description), source="skill.json")
    assert manifest.tools[0].description == description


def test_a_manifest_is_written_in_one_form_and_reads_back() -> None:
    manifest = _parse(FULL)
    written = render_manifest(manifest)
    assert parse_manifest(written, source="skill.json") == manifest
    assert render_manifest(parse_manifest(written, source="skill.json")) == written
    assert written.startswith(b'{\n  "manifest_version": 1,\n  "name": "weather",\n')
    assert written.endswith(b"}\n")
    assert b"Wie wird das Wetter?" in written
    assert b"idempotent" not in render_manifest(_parse(GOOD)), "defaults are left out"


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_places = st.sampled_from(sorted({path for path, *_ in CHANGES}))


@settings(max_examples=60)
@given(_places, _json)
def test_no_value_anywhere_gets_anything_but_a_manifest_or_findings(path: str, value: Any) -> None:
    try:
        parse_manifest(_with(path, value), source="skill.json")
    except ManifestError as refused:
        [*_] = refused.findings


@settings(max_examples=60)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_no_bytes_get_anything_but_findings(data: bytes) -> None:
    assert _findings(data)
