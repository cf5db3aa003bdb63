"""The package as the kernel finds it: what is committed fits the functions, and listing the tools costs little."""

import json
import subprocess
import sys
from pathlib import Path

import skill_calculator
from skillkernel.manifest.parse import parse_manifest
from skillkernel.sdk.describe import describe_module

PACKAGE = Path(skill_calculator.__file__).parent


def test_the_committed_manifest_is_that_of_the_functions() -> None:
    manifest = parse_manifest((PACKAGE / "skill.json").read_bytes(), source="skill.json")
    described = describe_module(skill_calculator)["tools"]
    assert [tool.name for tool in manifest.tools] == [tool["name"] for tool in described]
    for tool, function in zip(manifest.tools, described, strict=True):
        assert tool.input_schema == function["input_schema"]
        assert tool.description == function["description"]
        assert tool.effect == function["effect"]


def test_it_asks_for_no_permission() -> None:
    manifest = parse_manifest((PACKAGE / "skill.json").read_bytes(), source="skill.json")
    assert manifest.permissions.rows() == ()


def test_the_instructions_have_their_front_matter() -> None:
    _, head, body = (PACKAGE / "SKILL.md").read_text().split("---\n", 2)
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    assert fields["name"] == "calculator"
    assert len(fields["description"]) <= 1024
    assert len(body) < 4000


def test_listing_the_tools_loads_no_library() -> None:
    program = "import json, sys, skill_calculator; print(json.dumps(sorted(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        check=True,
        text=True,
    )
    assert {"pint", "mpmath"}.isdisjoint(json.loads(loaded.stdout))
