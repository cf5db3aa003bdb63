"""`skill test`: the walls around a skill's tests, what they run with, and how they end."""

from pathlib import Path

import pytest

from fakes.wheels import write_library, write_source
from skillkernel.catalogue.types import Layout
from skillkernel.errors import ManifestError, Missing, UsageError, WorkerTimeout
from skillkernel_registry.authoring.environment_for_tests import requirements_of_tests
from skillkernel_registry.authoring.own_tests import run_own_tests

REACHES_OUT = """
import os, socket, subprocess
from pathlib import Path
import pytest
import skill_tiny

def test_there_is_no_way_out(tmp_path):
    (tmp_path / "x").write_text("its own")
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", PORT), timeout=1)
    with pytest.raises(OSError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(OSError):
        Path(HOME, "x").read_text()
    with pytest.raises(OSError):
        Path(skill_tiny.__file__).write_text("changed")
    with pytest.raises(OSError):
        subprocess.run(["/bin/true"])
    assert "SECRET_OF_THE_SHELL" not in os.environ

def test_a_server_on_loopback_can_be_asked():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
"""


def with_tests(folder: Path, text: str) -> Path:
    (folder / "tests").mkdir()
    (folder / "tests" / "test_tools.py").write_text(text)
    return folder


async def test_the_tests_have_the_walls_of_a_skill(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    monkeypatch.setenv("SECRET_OF_THE_SHELL", "1")
    (tmp_path / "x").write_text("not for tests")
    with socket.create_server(("127.0.0.1", 0)) as server:
        head = f"PORT, HOME = {server.getsockname()[1]}, {str(tmp_path)!r}\n"
        folder = with_tests(write_source(tmp_path / "tiny"), head + REACHES_OUT)
        said = bytearray()
        run = await run_own_tests(layout, folder, on_output=lambda _, piece: said.extend(piece))
    assert run.passed, said.decode()
    assert b"2 passed" in said
    assert run.rss_growth >= 0


async def test_tests_that_fail_are_told_and_counted(layout: Layout, tmp_path: Path) -> None:
    folder = with_tests(write_source(tmp_path / "tiny"), "def test_it():\n    assert 1 == 2\n")
    said = bytearray()
    run = await run_own_tests(layout, folder, on_output=lambda _, piece: said.extend(piece))
    assert (run.passed, run.status) == (False, 1)
    assert b"assert 1 == 2" in said


async def test_arguments_are_pytests_own(layout: Layout, tmp_path: Path) -> None:
    folder = with_tests(write_source(tmp_path / "tiny"), "def test_good(): ...\ndef test_bad(): assert 0\n")
    assert (await run_own_tests(layout, folder, arguments=["-k", "good"])).passed


@pytest.mark.parametrize("text", [None, "x = 1\n"])
async def test_a_skill_without_tests_is_said(layout: Layout, tmp_path: Path, text: str | None) -> None:
    folder = write_source(tmp_path / "tiny")
    if text is not None:
        with_tests(folder, text)
    with pytest.raises(UsageError, match="has no tests") as caught:
        await run_own_tests(layout, folder)
    assert "tests/test_tools.py" in caught.value.hint


async def test_tests_that_never_end_are_ended(layout: Layout, tmp_path: Path) -> None:
    folder = with_tests(write_source(tmp_path / "tiny"), "def test_it():\n    while True: ...\n")
    with pytest.raises(WorkerTimeout):
        await run_own_tests(layout, folder, seconds=3)


async def test_the_test_group_brings_what_the_tests_need(
    layout: Layout, tmp_path: Path, no_package_registry: Path
) -> None:
    write_library(no_package_registry, "greeting", "1.0", {"greeting.py": b"word = 'hi'\n"})
    folder = with_tests(
        write_source(tmp_path / "tiny"), "import greeting\ndef test_it(): assert greeting.word == 'hi'\n"
    )
    with (folder / "pyproject.toml").open("a") as file:
        file.write('\n[dependency-groups]\nbase = ["greeting"]\ntest = [{ include-group = "base" }]\n')
    assert [str(one) for one in requirements_of_tests(folder)] == ["greeting", "pytest>=8"]
    assert (await run_own_tests(layout, folder)).passed
    write_library(no_package_registry, "greeting", "1.1", {"greeting.py": b"word = 'other'\n"})
    assert (await run_own_tests(layout, folder)).passed, "the environment is kept until something changes"


async def test_what_cannot_be_had_is_said(layout: Layout, tmp_path: Path, no_package_registry: Path) -> None:
    folder = with_tests(write_source(tmp_path / "tiny"), "def test_it(): ...\n")
    with (folder / "pyproject.toml").open("a") as file:
        file.write('\n[dependency-groups]\ntest = ["not-to-be-had"]\n')
    with pytest.raises(Missing, match="not-to-be-had"):
        await run_own_tests(layout, folder, offline=True)


@pytest.mark.parametrize("group", ['"pytest"', "[3]", '["!!"]', '[{ include-group = "test" }]'])
def test_a_group_that_is_none_is_said_with_its_place(tmp_path: Path, group: str) -> None:
    folder = write_source(tmp_path / "tiny")
    with (folder / "pyproject.toml").open("a") as file:
        file.write(f"\n[dependency-groups]\ntest = {group}\n")
    with pytest.raises(ManifestError, match="/dependency-groups/test"):
        requirements_of_tests(folder)
