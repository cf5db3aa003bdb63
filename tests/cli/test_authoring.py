"""`skill new`, `test`, `validate` and `version` as an author types them."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.command import Command
from skillkernel_cli.safe_stream import SafeStream


def test_an_author_gets_from_nothing_to_a_wheel(bare: Command, tmp_path: Path) -> None:
    made = bare("new", "weather", "--in", str(tmp_path), "--summary", "Tell the weather.")
    assert (made.code, made.out) == (0, f"{tmp_path / 'weather'}\n"), made.err
    folder = made.out.strip()
    tested = bare("test", folder, "--", "-q")
    assert tested.code == 0, tested.err
    assert "3 passed" in tested.out
    validated = bare("validate", folder, "--strict")
    assert validated.code == 0, validated.out
    assert "0 errors, 0 warnings" in validated.err
    assert bare("build", folder).code == 0
    shown = bare("version", "--folder", folder)
    assert (shown.code, shown.out) == (0, "0.1.0\n")
    assert bare("version", "minor", "--dry-run", "--folder", folder).out == "0.2.0\n"
    assert bare("version", "minor", "--folder", folder).code == 0
    assert bare("version", "--folder", folder, "--json").json() == {
        "name": "weather", "version": "0.2.0", "before": "0.2.0", "against": None,
        "least": "patch", "breaking": [], "added": [],
    }  # fmt: skip


def test_tests_that_fail_end_with_one_and_those_that_are_not_there_with_a_hint(bare: Command, tmp_path: Path) -> None:
    folder = Path(bare.here("new", "weather", "--in", str(tmp_path)).out.strip())
    test = folder / "tests" / "test_tools.py"
    test.write_text("def test_it():\n    assert False, '\\x1b]0;title\\x07'\n")
    failed = bare.here("test", str(folder))
    assert failed.code == 1
    assert "1 failed" in failed.out
    assert "\x1b]" not in failed.out
    test.unlink()
    missing = bare.here("test", str(folder))
    assert missing.code == 2
    assert "hint: write tests/test_tools.py" in missing.err


def test_findings_are_printed_with_place_and_fix_and_as_json(bare: Command, tmp_path: Path) -> None:
    folder = Path(bare.here("new", "weather", "--in", str(tmp_path)).out.strip())
    module = folder / "skill_weather" / "__init__.py"
    module.write_text(module.read_text() + "\n\nimport os\n\nEDITOR = os.environ['EDITOR_OF']\n")
    ran = bare.here("validate", str(folder), "--no-tests")
    assert ran.code == 1
    assert "skill_weather/__init__.py" in ran.out
    assert "    fix: " in ran.out
    found = json.loads(bare.here("validate", str(folder), "--no-tests", "--json").out)
    assert found["ok"] is False
    assert {"severity", "rule", "place", "what", "fix"} == set(found["findings"][0])
    assert "environment-not-asked" in {one["rule"] for one in found["findings"]}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["new"], 2, "the name of the skill is missing"),
        (["new", "Weather"], 2, "is not a skill name"),
        (["new", "weather", "--template", "nowhere"], 2, "there is no template"),
        (["test", "nowhere"], 2, "pyproject.toml"),
        (["validate", "nowhere"], 2, "neither a folder nor a wheel"),
        (["version", "--folder", "nowhere"], 2, "pyproject.toml"),
    ],
)
def test_a_mistake_is_said_in_a_line(bare: Command, words: list[str], code: int, said: str) -> None:
    ran = bare.here(*words)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err


@given(st.lists(st.binary(max_size=12) | st.sampled_from([b"\x1b", b"[31m", b"\x1b[0m", b"\xe2\x82", b"\xac"])))
def test_of_what_is_passed_on_colours_alone_reach_a_terminal(pieces: list[bytes]) -> None:
    out = io.StringIO()
    stream = SafeStream(out)
    for piece in pieces:
        stream.write(piece)
    stream.close()
    whole = io.StringIO()
    once = SafeStream(whole)
    once.write(b"".join(pieces))
    once.close()
    assert out.getvalue() == whole.getvalue()
    for begun in out.getvalue().split("\x1b")[1:]:
        assert begun.startswith("[")
        assert begun[1:].lstrip("0123456789;").startswith("m")
