"""What the README and the embedding page show works as shown."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from fakes.command import Command
from skillkernel.catalogue.types import Layout
from skillkernel_cli import health

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "docs/embedding.md")


@pytest.fixture(scope="module")
def with_calculator(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """A home in which the calculator was installed as the README says."""
    command = Command(tmp_path_factory.mktemp("readme") / "home")
    ran = command("install", "calculator", "--yes")
    assert ran.code == 0, ran.err
    return command


def blocks(page: str) -> list[str]:
    return re.findall(r"^```python\n(.+?)^```", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)


def shown_commands() -> list[list[str]]:
    lines = re.findall(r"^    (skill [a-z].*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines]


@pytest.mark.parametrize(("page", "code"), [(page, code) for page in PAGES for code in blocks(page)])
def test_the_python_that_is_shown_runs(with_calculator: Command, page: str, code: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=with_calculator.environment(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip().splitlines()[-1].endswith(("0.3", "1024")), ran.stdout


def test_every_command_that_is_shown_is_one(with_calculator: Command) -> None:
    assert len(shown_commands()) >= 8
    for words in shown_commands():
        options = [word.split("=")[0] for word in words[2:] if word.startswith("--")]
        ran = with_calculator(words[1], "--help")
        assert ran.code == 0, words
        assert [option for option in options if option not in ran.out] == [], words


def test_the_call_that_is_shown_gives_what_it_should(with_calculator: Command) -> None:
    (words,) = [words for words in shown_commands() if "calculator.evaluate" in words]
    assert '"0.3"' in with_calculator(*words[1:]).out


def test_what_doctor_prints_on_other_systems_is_what_the_readme_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    check, _ = health.sandbox(Layout(tmp_path))
    readme = (ROOT / "README.md").read_text()
    assert f"    {check.name:<8}  {check.state:<7}  {check.says}\n" in readme
    assert f"    hint: {check.name}: {check.hint}\n" in readme
