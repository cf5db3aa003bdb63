"""Each benchmark runs from start to end with a handful of rounds, and prints its table."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from skillkernel.errors import SandboxMissing
from skillkernel.worker.walls import find_tools

ROOT = Path(__file__).parent.parent


def sandbox_is_missing() -> bool:
    try:
        find_tools()
    except SandboxMissing:
        return True
    return False


needs_sandbox = pytest.mark.skipif(sandbox_is_missing(), reason="skills run in their sandbox alone")


def printed_by(module: str, *arguments: str) -> str:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", "--smoke", *arguments],
        cwd=ROOT,
        env=environ,
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    ).stdout


def first_cells(text: str) -> list[str]:
    return [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("|")]


@needs_sandbox
def test_a_call_is_measured_beside_its_floor() -> None:
    cells = first_cells(printed_by("call"))
    assert cells[0] == "ms a step"
    assert {"socketpair, the same bytes", "**skillkernel**, `read` call", "skillkernel, `send` call"} <= set(cells)


@needs_sandbox
def test_only_the_peers_that_are_named_are_measured() -> None:
    cells = first_cells(printed_by("call", "--only", "call"))
    assert [cell.partition(":")[0] for cell in cells[2:]] == ["**floor**", "**skillkernel**, `read` call"]


@needs_sandbox
def test_a_first_call_is_measured_beside_its_floor() -> None:
    cells = first_cells(printed_by("cold"))
    assert {"`python -I -S -c pass`", "**first call of notes.count**"} <= set(cells)


@needs_sandbox
def test_an_https_request_is_measured_beside_a_direct_one() -> None:
    cells = first_cells(printed_by("https"))
    assert cells[2:] == ["a new connection each", "one kept alive"]


@needs_sandbox
def test_a_worker_behind_the_wall_is_measured_beside_one_without() -> None:
    cells = first_cells(printed_by("wall"))
    assert cells.count("a worker without a wall") == 3
    assert cells.count("**Tier A**") == 3


def test_the_start_of_the_command_is_measured_beside_a_hello_world() -> None:
    cells = first_cells(printed_by("start"))
    assert {"**floor**: a Typer hello-world", "`skill --version`", "`skill tools`, 1,000 skills"} <= set(cells)


def test_a_refresh_of_a_signed_index_is_counted() -> None:
    cells = first_cells(printed_by("refresh"))
    assert cells[2:] == [f"100 skills, {occasion}" for occasion in ("first", "ten releases later", "unchanged")]


def test_a_search_is_counted_beside_one_list_of_everything() -> None:
    cells = first_cells(printed_by("search"))
    assert cells[2:] == [
        f"300: {word}, {when}" for word in ("a rare word", "a common word") for when in ("first", "again")
    ]


@needs_sandbox
def test_an_install_is_measured_beside_uv_and_pip() -> None:
    cells = first_cells(printed_by("install"))
    assert cells.count("**`skill install`**") == 2
    assert cells.count("`uv pip install --target`") == 2


def test_the_page_names_the_command_behind_each_table() -> None:
    page = (ROOT / "benchmarks/README.md").read_text(encoding="utf-8")
    scripts = [path.stem for path in (ROOT / "benchmarks").glob("*.py") if "__main__" in path.read_text("utf-8")]
    missing = [name for name in scripts if f"benchmarks.{name}" not in page and f"benchmarks/{name}.py" not in page]
    assert missing == []
