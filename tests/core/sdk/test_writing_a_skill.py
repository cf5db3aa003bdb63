"""docs/writing-a-skill.md: the skill in it works, and the table of types says what is so."""

import json
import re
import subprocess
import sys
import tomllib
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from skillkernel import Context, Field
from skillkernel.manifest.parse import parse_manifest
from skillkernel.sdk.hints import shape_of

PAGE = (Path(__file__).parents[3] / "docs" / "writing-a-skill.md").read_text("utf-8")
FILE = re.compile(r"^`([\w/.]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TYPE = re.compile(r"^\| `(.+?)`(?: \(.*\))? \| `(\{.*\})` \|$", re.MULTILINE)
MEMBER = re.compile(r"`context\.(\w+)")


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@pytest.fixture
def skill(tmp_path: Path) -> Path:
    for name, text in FILE.findall(PAGE):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_skills_own_tests_pass(skill: Path) -> None:
    done = _run(skill, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(skill), "tests")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


def test_its_manifest_is_whole(skill: Path) -> None:
    described = _run(skill, "-m", "skillkernel.sdk.describe", "skill_notes")
    assert described.returncode == 0, described.stderr
    project = tomllib.loads((skill / "pyproject.toml").read_text("utf-8"))
    manifest = parse_manifest(
        json.dumps(
            {
                "manifest_version": 1,
                "name": "notes",
                "version": project["project"]["version"],
                "summary": project["project"]["description"],
                **json.loads(described.stdout),
                **project["tool"]["skill"],
            }
        ).encode(),
        source="skill.json",
        expected_name="notes",
    )
    assert [tool.name for tool in manifest.tools] == ["add_note", "list_notes", "delete_note"]
    assert manifest.tools[0].input_schema == {
        "type": "object",
        "properties": {
            "text": {"type": "string", "maxLength": 500, "description": "What to remember, in the user's words."},
            "day": {
                "type": ["string", "null"],
                "format": "date",
                "description": "The day that it is about, when the user names one.",
            },
        },
        "required": ["text"],
        "additionalProperties": False,
    }


def test_each_row_of_the_table_of_types_is_what_a_model_is_asked_for() -> None:
    names: dict[str, Any] = {
        "Annotated": Annotated,
        "Colour": Colour,
        "Decimal": Decimal,
        "Field": Field,
        "Literal": Literal,
        "date": date,
        "datetime": datetime,
        "time": time,
    }
    rows = TYPE.findall(PAGE)
    assert len(rows) == 15
    for hint, schema in rows:
        meant = eval(hint.replace(r"\|", "|"), names)  # noqa: S307 # from our own page
        assert shape_of(meant).schema() == json.loads(schema), hint


def test_each_member_of_the_context_that_it_names_is_there(tmp_path: Path) -> None:
    context = Context.for_tests(tmp_path)
    named = set(MEMBER.findall(PAGE))
    assert len(named) >= 11
    assert [name for name in named if not hasattr(context, name)] == []
