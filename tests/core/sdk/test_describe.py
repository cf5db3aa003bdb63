"""The tools of a module, found and described."""

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from skillkernel import Context, hookimpl, tool
from skillkernel.errors import ToolDeclarationInvalid
from skillkernel.sdk.collect import collect_tools
from skillkernel.sdk.describe import describe_module

SKILL = '''
from skillkernel import tool

print("hello from the module")

@tool(effect="read", examples=["Wie spät ist es?"])
def zulu(place: str) -> str:
    """Tell the time."""
    return place

@tool(effect="destroy")
def alpha() -> None:
    """Wipe."""
'''


@tool(effect="read")
def beta(x: int) -> int:
    """Look."""
    return x


@tool(effect="read")
def alpha(x: int) -> int:
    """Look too."""
    return x


def _module(**members: object) -> ModuleType:
    module = ModuleType("skill_test")
    vars(module).update(members)
    return module


def _run(folder: Path, source: str) -> subprocess.CompletedProcess[str]:
    (folder / "skill_example.py").write_text(source, "utf-8")
    command = [sys.executable, "-m", "skillkernel.sdk.describe", "skill_example"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_tools_come_in_the_order_of_declaration_and_once() -> None:
    module = _module(alpha=alpha, beta=beta, again=beta, other=1)
    assert collect_tools(module) == {"beta": beta, "alpha": alpha}


def test_the_hook_adds_tools() -> None:
    @hookimpl
    def skillkernel_tools() -> list[object]:
        return [beta, alpha]

    module = _module(alpha=alpha, skillkernel_tools=skillkernel_tools)
    assert list(collect_tools(module)) == ["beta", "alpha"]


def test_the_hook_may_not_add_a_plain_function() -> None:
    @hookimpl
    def skillkernel_tools() -> list[object]:
        return [len]

    with pytest.raises(ToolDeclarationInvalid, match="not a tool"):
        collect_tools(_module(skillkernel_tools=skillkernel_tools))


def test_two_tools_of_one_name_are_refused() -> None:
    def same(name: str) -> object:
        def function() -> None:
            """Do."""

        function.__name__ = name
        return tool(effect="read")(function)

    with pytest.raises(ToolDeclarationInvalid, match="two tools have this name"):
        collect_tools(_module(a=same("look"), b=same("look")))


def test_a_module_is_described_as_skill_json_holds_it() -> None:
    assert describe_module(_module(beta=beta)) == {
        "tools": [
            {
                "name": "beta",
                "description": "Look.",
                "effect": "read",
                "idempotent": False,
                "timeout": 30.0,
                "permissions": [],
                "examples": [],
                "input_schema": {
                    "type": "object",
                    "properties": {"x": {"type": "integer"}},
                    "required": ["x"],
                    "additionalProperties": False,
                },
                "output_schema": {"type": "integer"},
            }
        ]
    }


def test_a_docstring_that_speaks_of_another_parameter_is_refused() -> None:
    @tool(effect="read")
    def look(title: str, context: Context) -> None:
        """Look.

        Args:
            titel: What.
            context: Fine.
        """

    with pytest.raises(ToolDeclarationInvalid, match=r"look\(titel\)"):
        describe_module(_module(look=look))


def test_a_docstring_of_sections_alone_is_refused() -> None:
    @tool(effect="read")
    def look(title: str) -> None:
        """Args:
        title: What.
        """

    with pytest.raises(ToolDeclarationInvalid, match="does not say what the tool does"):
        describe_module(_module(look=look))


def test_the_command_prints_json_alone_on_stdout(tmp_path: Path) -> None:
    done = _run(tmp_path, SKILL)
    assert done.returncode == 0
    assert [described["name"] for described in json.loads(done.stdout)["tools"]] == ["zulu", "alpha"]
    assert "Wie spät ist es?" in done.stdout
    assert "hello from the module" in done.stderr


def test_the_command_says_what_is_wrong_without_a_traceback(tmp_path: Path) -> None:
    done = _run(tmp_path, SKILL.replace("place: str", "place"))
    assert done.returncode == 2
    assert done.stdout == ""
    assert "skill_example.py:" in done.stderr
    assert "zulu(place): it has no type hint" in done.stderr
    assert "hint: " in done.stderr
    assert "Traceback" not in done.stderr
