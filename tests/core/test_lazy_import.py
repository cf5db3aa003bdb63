"""What a skill imports of skillkernel costs the standard library alone."""

import subprocess
import sys
from pathlib import Path

import pluggy

import skillkernel

CORE = Path(skillkernel.__file__).parent.parent

_PROGRAM = """
import sys
sys.path[:0] = sys.argv[1].split("|")
from skillkernel import {names}
foreign = sorted(
    name for name in sys.modules
    if (top := name.partition(".")[0]) not in sys.stdlib_module_names and top not in ("skillkernel", "__main__")
)
print(",".join(foreign))
print(",".join(name for name in ("asyncio", "dataclasses", "datetime", "decimal", "threading") if name in sys.modules))
"""


def _imports(names: str, folder: Path) -> list[str]:
    (folder / "pluggy").symlink_to(Path(pluggy.__file__).parent)
    program = _PROGRAM.format(names=names)
    command = [sys.executable, "-I", "-S", "-c", program, f"{CORE}|{folder}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def test_what_a_skill_imports_needs_the_standard_library_alone(tmp_path: Path) -> None:
    foreign, heavy = _imports("tool, Context, Field, ToolError", tmp_path)
    assert foreign == ""
    assert heavy == "", "each of these would be paid by every cold start"


def test_a_skill_with_hooks_needs_pluggy_too(tmp_path: Path) -> None:
    foreign, _ = _imports("tool, hookimpl", tmp_path)
    assert {name.partition(".")[0] for name in foreign.split(",")} == {"pluggy"}


def test_every_public_name_is_there() -> None:
    for name in skillkernel.__all__:
        assert getattr(skillkernel, name) is not None
    assert set(skillkernel.__all__) <= set(dir(skillkernel))
