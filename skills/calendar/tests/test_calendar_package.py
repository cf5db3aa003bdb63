"""The package as the kernel finds it: what is committed fits the functions, and listing the tools costs little."""

import json
import subprocess
import sys
from pathlib import Path

import skill_calendar
from skillkernel.manifest.parse import parse_manifest
from skillkernel.sdk.describe import describe_module

PACKAGE = Path(skill_calendar.__file__).parent


def test_the_committed_manifest_is_that_of_the_functions() -> None:
    manifest = parse_manifest((PACKAGE / "skill.json").read_bytes(), source="skill.json")
    described = describe_module(skill_calendar)["tools"]
    assert [tool.name for tool in manifest.tools] == [tool["name"] for tool in described]
    for tool, function in zip(manifest.tools, described, strict=True):
        assert tool.input_schema == function["input_schema"]
        assert tool.description == function["description"]
        assert tool.effect == function["effect"]


def test_it_asks_for_the_users_own_server_and_its_password_alone() -> None:
    manifest = parse_manifest((PACKAGE / "skill.json").read_bytes(), source="skill.json")
    assert manifest.permissions.rows() == ("network:{server}", "secrets:password")


def test_no_tool_needs_a_permission_so_that_the_file_works_without_any() -> None:
    manifest = parse_manifest((PACKAGE / "skill.json").read_bytes(), source="skill.json")
    assert [tool.permissions for tool in manifest.tools] == [()] * len(manifest.tools)


def test_the_instructions_have_their_front_matter() -> None:
    _, head, body = (PACKAGE / "SKILL.md").read_text().split("---\n", 2)
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    assert fields["name"] == "calendar"
    assert len(fields["description"]) <= 1024
    assert len(body) < 4000


def test_listing_the_tools_loads_no_library() -> None:
    assert {"icalendar", "recurring_ical_events", "dateutil"}.isdisjoint(modules_after("import skill_calendar"))


CREATE = """
from datetime import datetime
from pathlib import Path
import skill_calendar
from skillkernel import Context
skill_calendar.create_event(Context.for_tests(Path({folder!r})), "Lunch", datetime(2026, 11, 25, 12, 30))
"""


def test_the_network_is_loaded_for_a_server_alone(tmp_path: Path) -> None:
    loaded = modules_after(CREATE.format(folder=str(tmp_path)))
    assert "skill_calendar.ics_file" in loaded
    assert {"http.client", "ssl", "xml.etree.ElementTree", "skill_calendar.exchange"}.isdisjoint(loaded)


def modules_after(program: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after the program."""
    loaded = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport json, sys; print(json.dumps(sorted(sys.modules)))"],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        check=True,
        text=True,
    )
    return set(json.loads(loaded.stdout))
