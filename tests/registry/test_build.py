"""`skill build`, and wheels out of source folders: the author's code runs inside the walls alone."""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.index_server import IndexServer, body, serve
from fakes.wheels import HELLO, write_library, write_source
from skillkernel.catalogue.types import Layout
from skillkernel.errors import ManifestError, Missing, UsageError
from skillkernel_registry import source
from skillkernel_registry.backend import build_wheel
from skillkernel_registry.build import build
from skillkernel_registry.dependency_lock import fresh_lock
from skillkernel_registry.errors import BuildFailed, ManifestDrift, UnknownDependency
from skillkernel_registry.project import read_project
from skillkernel_registry.wheel import inspect_wheel

FULL = """
[tool.skill]
requires_kernel = ">=0.1"
requires_skills = ["calendar>=1"]
memory = { result_tokens = 500 }

[tool.skill.permissions]
network = ["{server}"]
files.read = ["~/Music"]

[tool.skill.settings]
type = "object"

[tool.skill.settings.properties.server]
type = "string"
description = "Where."
"""
CANARY = """
import socket
from pathlib import Path
try:
    Path(OUTSIDE, "ran").write_text("ran")
except OSError:
    pass
try:
    socket.create_connection(("127.0.0.1", PORT), timeout=1)
except OSError:
    pass
else:
    raise SystemExit("it reached the network")
"""


async def test_a_build_derives_everything_and_makes_an_installable_wheel(layout: Layout, tmp_path: Path) -> None:
    folder = write_source(tmp_path / "tiny", pyproject=FULL)
    result = await build(layout, folder)
    assert result.wheel is not None
    assert result.changed == (folder / "skill_tiny" / "skill.json",)
    manifest = inspect_wheel(result.wheel).manifest
    assert manifest == result.manifest
    assert [tool.name for tool in manifest.tools] == ["hello"]
    assert manifest.tools[0].input_schema["required"] == ["name"]
    assert manifest.permissions.rows() == ("network:{server}", "files.read:~/Music")
    assert (manifest.requires_kernel, manifest.requires_skills) == (">=0.1", ("calendar>=1",))
    assert manifest.memory.result_tokens == 500


async def test_a_second_build_changes_nothing(layout: Layout, tmp_path: Path) -> None:
    folder = write_source(tmp_path / "tiny")
    first = await build(layout, folder)
    assert first.wheel is not None
    before = first.wheel.read_bytes()
    second = await build(layout, folder)
    assert second.changed == ()
    assert second.wheel is not None
    assert second.wheel.read_bytes() == before


async def test_a_check_refuses_drift_and_shows_it(layout: Layout, tmp_path: Path) -> None:
    folder = write_source(tmp_path / "tiny")
    await build(layout, folder)
    assert (await build(layout, folder, check=True)).wheel is None
    module = folder / "skill_tiny" / "__init__.py"
    module.write_text(HELLO.replace("Greet somebody.", "Greet everybody."))
    committed = (folder / "skill_tiny" / "skill.json").read_bytes()
    with pytest.raises(ManifestDrift) as caught:
        await build(layout, folder, check=True)
    assert '-      "description": "Greet somebody.",' in caught.value.diff
    assert '+      "description": "Greet everybody.",' in caught.value.diff
    assert (folder / "skill_tiny" / "skill.json").read_bytes() == committed


async def test_a_lock_is_made_and_kept_while_it_fits(layout: Layout, tmp_path: Path, no_package_registry: Path) -> None:
    write_library(no_package_registry, "greeting", "1.0", {"greeting.py": b"word = 'hi'\n"})
    folder = write_source(tmp_path / "tiny", code="import greeting\n" + HELLO)
    project = folder / "pyproject.toml"
    project.write_text(project.read_text().replace("[project]\n", '[project]\ndependencies = ["greeting>=1"]\n'))
    await build(layout, folder)
    lock = folder / "skill_tiny" / "locked-requirements.txt"
    assert lock.read_text().startswith("greeting==1.0 \\\n    --hash=sha256:")
    write_library(no_package_registry, "greeting", "1.1", {"greeting.py": b"word = 'hello'\n"})
    assert (await build(layout, folder)).changed == ()
    project.write_text(project.read_text().replace("greeting>=1", "greeting>1.0"))
    with pytest.raises(ManifestDrift, match="locked-requirements"):
        await build(layout, folder, check=True)
    assert (await build(layout, folder)).changed == (lock,)
    assert lock.read_text().startswith("greeting==1.1 ")


async def test_without_the_packages_a_lock_that_still_fits_is_enough(
    layout: Layout, tmp_path: Path, no_package_registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_library(no_package_registry, "greeting", "1.0", {"greeting.py": b""})
    folder = write_source(tmp_path / "tiny")
    project = folder / "pyproject.toml"
    project.write_text(project.read_text().replace("[project]\n", '[project]\ndependencies = ["greeting"]\n'))
    await build(layout, folder)
    kept = folder / "skill_tiny" / "locked-requirements.txt"
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path))
    for offline in (True, False):
        lock = await fresh_lock(read_project(folder), kept, offline=offline)
        assert lock.text() == kept.read_text()
    project.write_text(project.read_text().replace('"greeting"', '"greeting>1"'))
    with pytest.raises(Missing, match="cannot be locked"):
        await fresh_lock(read_project(folder), kept, offline=True)


def depends_on(folder: Path, *names: str) -> None:
    project = folder / "pyproject.toml"
    lines = "".join(f'    "{name}",\n' for name in names)
    project.write_text(project.read_text().replace("[project]\n", f"[project]\ndependencies = [\n{lines}]\n"))


@pytest.fixture
def package_index(tmp_path: Path, no_package_registry: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[IndexServer]:
    """A package index on this machine, which is asked over HTTP and has nothing."""
    (tmp_path / "packages").mkdir()
    with serve(tmp_path / "packages") as server:
        monkeypatch.delenv("UV_OFFLINE")
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"{server.url}simple/")
        yield server


async def test_a_dependency_that_no_package_index_has_is_said_with_its_place_and_its_danger(
    layout: Layout, tmp_path: Path, no_package_registry: Path, package_index: IndexServer
) -> None:
    write_library(no_package_registry, "greeting", "1.0", {"greeting.py": b""})
    folder = write_source(tmp_path / "tiny")
    depends_on(folder, "greeting", "Hallucinated_Name>=1; python_version >= '3.8'", "pytests")
    with pytest.raises(UnknownDependency) as caught:
        await build(layout, folder)
    text = (folder / "pyproject.toml").read_text().splitlines()
    line = next(number for number, line in enumerate(text, start=1) if "Hallucinated" in line)
    assert caught.value.message == (
        f"hallucinated-name (pyproject.toml:{line}): no package index has it,"
        " and whoever registers the name first decides what runs"
    )
    assert not (folder / "skill_tiny" / "locked-requirements.txt").exists()
    project = folder / "pyproject.toml"
    project.write_text(project.read_text().replace("Hallucinated_Name>=1; python_version >= '3.8'", "greeting"))
    with pytest.raises(UnknownDependency, match="pytests") as caught:
        await build(layout, folder)
    assert "did you mean pytest" in caught.value.hint


async def test_a_package_that_a_dependency_needs_and_no_index_has_is_said_too(
    layout: Layout, tmp_path: Path, no_package_registry: Path, package_index: IndexServer
) -> None:
    write_library(no_package_registry, "greeting", "1.0", {"greeting.py": b""}, requires=["gone-for-good>=2"])
    folder = write_source(tmp_path / "tiny")
    depends_on(folder, "greeting")
    with pytest.raises(UnknownDependency, match=r"gone-for-good \(pyproject.toml:\d+, needed by a dependency\)"):
        await build(layout, folder)


@pytest.mark.parametrize("why", ["UV_OFFLINE", "--offline", "no credentials"])
async def test_a_dependency_that_nobody_could_be_asked_about_is_not_called_unknown(
    layout: Layout, tmp_path: Path, package_index: IndexServer, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    if why == "UV_OFFLINE":
        monkeypatch.setenv("UV_OFFLINE", "1")
    package_index.answers["/simple/private-name/"] = body(b"no", status=401)
    folder = write_source(tmp_path / "tiny")
    depends_on(folder, "private-name")
    with pytest.raises(Missing, match=r"private-name \(pyproject.toml:\d+\) could not be looked up"):
        await build(layout, folder, offline=why == "--offline")


async def test_dependencies_that_exclude_each_other_are_said(
    layout: Layout, tmp_path: Path, no_package_registry: Path
) -> None:
    write_library(no_package_registry, "greeting", "1.0", {"greeting.py": b""})
    folder = write_source(tmp_path / "tiny")
    project = folder / "pyproject.toml"
    needs = 'dependencies = ["greeting==1.0", "greeting>1"]'
    project.write_text(project.read_text().replace("[project]\n", f"[project]\n{needs}\n"))
    with pytest.raises(BuildFailed, match="cannot be met together"):
        await build(layout, folder)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import not_there\n", "No module named 'not_there'"),
        ("def broken(:\n", "invalid syntax"),
        ("raise SystemExit(3)\n", "it said nothing"),
        ("x = 1\n", "tool"),
        (HELLO.replace('effect="read"', ""), "effect"),
    ],
)
async def test_a_module_without_usable_tools_is_said_with_its_reason(
    layout: Layout, tmp_path: Path, code: str, said: str
) -> None:
    folder = write_source(tmp_path / "tiny", code=code)
    with pytest.raises((BuildFailed, ManifestError)) as caught:
        await build(layout, folder)
    assert said in caught.value.message
    assert not (folder / "skill_tiny" / "skill.json").exists()


async def test_a_module_that_prints_does_not_disturb_the_manifest(layout: Layout, tmp_path: Path) -> None:
    folder = write_source(tmp_path / "tiny", code="print('{}')\n" + HELLO)
    assert len((await build(layout, folder)).manifest.tools) == 1


async def test_the_authors_code_runs_inside_the_walls(layout: Layout, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = f"OUTSIDE, PORT = {str(tmp_path)!r}, {server.getsockname()[1]}\n{CANARY}"
        folder = write_source(tmp_path / "tiny", code=code + HELLO)
        await build(layout, folder)
        hook_into(folder, code)
        build_wheel(layout, folder)
    assert not (tmp_path / "ran").exists()


def hook_into(folder: Path, code: str) -> None:
    """Let a build of this folder run `code`."""
    hook = f"{code}\nfrom hatchling.builders.hooks.plugin.interface import BuildHookInterface\n"
    (folder / "hatch_build.py").write_text(hook + "class Hook(BuildHookInterface): ...\n")
    with (folder / "pyproject.toml").open("a") as file:
        file.write("\n[tool.hatch.build.targets.wheel.hooks.custom]\n")


def test_a_wheel_is_built_once_for_the_same_source(layout: Layout, tmp_path: Path) -> None:
    folder = write_source(tmp_path / "tiny")
    (folder / "skill_tiny" / "skill.json").write_text("{}")
    first = build_wheel(layout, folder)
    assert build_wheel(layout, folder) == first
    (folder / "skill_tiny" / "more.py").write_text("")
    assert build_wheel(layout, folder) != first


def test_the_same_source_elsewhere_gives_the_same_bytes(layout: Layout, tmp_path: Path) -> None:
    folder = write_source(tmp_path / "tiny")
    first = build_wheel(layout, folder).read_bytes()
    shutil.copytree(folder, tmp_path / "deep" / "er")
    other = Layout(tmp_path / "other-home")
    assert build_wheel(other, tmp_path / "deep" / "er").read_bytes() == first


def test_a_build_that_fails_says_why(layout: Layout, tmp_path: Path) -> None:
    folder = write_source(tmp_path / "tiny")
    with (folder / "pyproject.toml").open("a") as file:
        file.write('\n[tool.hatch.build.targets.wheel.force-include]\n"nowhere" = "skill_tiny/x"\n')
    with pytest.raises(BuildFailed, match="nowhere"):
        build_wheel(layout, folder)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"hatchling.build"', '"setuptools.build_meta"', "/build-system/build-backend"),
        ('["hatchling"]', '["hatchling", "evil-plugin"]', "/build-system/requires"),
        (
            'build-backend = "hatchling.build"',
            'build-backend = "hatchling.build"\nbackend-path = ["."]',
            "/build-system",
        ),
        ('name = "skill-tiny"', 'name = "tiny"', "/project/name"),
        ('version = "1.0"', 'version = "one"', "/project/version"),
        ('version = "1.0"', 'dynamic = ["version"]', "/project/version"),
        ('description = "The skill tiny."', "", "/project/description"),
        ('tiny = "skill_tiny"', 'tiny = "json"', "skillkernel.skills/tiny"),
        ('tiny = "skill_tiny"', 'tiny = "skill_other"', "there is no skill_other/__init__.py"),
        ('tiny = "skill_tiny"', 'Tiny = "skill_tiny"', "not a skill name"),
        ('tiny = "skill_tiny"', 'tiny = "skill_tiny"\nmore = "skill_tiny"', "names 2"),
        ("[project]", '[project]\ndependencies = ["skillkernel"]', "requires_kernel"),
        ("[project]", '[project]\ndependencies = ["x @ https://elsewhere.example/x"]', "address"),
        ("[project]", '[project]\ndependencies = "six"', "/project/dependencies"),
        ("[project]", "[project", "is not TOML"),
    ],
)
def test_a_pyproject_that_is_not_a_skills_is_said_with_the_place(
    tmp_path: Path, old: str, new: str, place: str
) -> None:
    folder = write_source(tmp_path / "tiny")
    file = folder / "pyproject.toml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(ManifestError) as caught:
        read_project(folder)
    assert place in caught.value.message


def test_a_folder_without_pyproject_is_said(layout: Layout, tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"pyproject\.toml"):
        build_wheel(layout, tmp_path)


def test_a_source_holds_files_alone(layout: Layout, tmp_path: Path) -> None:
    folder = write_source(tmp_path / "tiny")
    (folder / "skill_tiny" / "passwd").symlink_to("/etc/passwd")
    with pytest.raises(UsageError, match="link or a device"):
        build_wheel(layout, folder)


def test_a_source_has_a_size(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "SIZE_LIMIT", 100)
    folder = write_source(tmp_path / "tiny")
    with pytest.raises(UsageError, match="100 bytes"):
        build_wheel(layout, folder)


@pytest.mark.parametrize(
    ("extra", "place"),
    [
        ("[tool.skill]\nunknown = 1\n", "unknown"),
        ('[tool.skill]\nname = "other"\n', "/tool/skill/name: is derived"),
        ("[tool.skill]\npermissions = 3\n", "/permissions"),
        ('[tool.skill.permissions]\nnetwork = ["everywhere"]\n', "/permissions/network/0"),
        ('[tool.skill]\ninstructions = "SKILL.md"\n', "SKILL.md"),
        ("[tool.skill]\nmemory = 2026-01-01\n", "/memory"),
    ],
)
async def test_a_wrong_setting_is_named(layout: Layout, tmp_path: Path, extra: str, place: str) -> None:
    folder = write_source(tmp_path / "tiny", pyproject=extra)
    with pytest.raises(ManifestError) as caught:
        await build(layout, folder)
    assert place in caught.value.message


async def test_a_docstring_that_hides_something_is_blamed_on_its_function(layout: Layout, tmp_path: Path) -> None:
    folder = write_source(tmp_path / "tiny", code=HELLO + _HIDING)
    with pytest.raises(ManifestError) as wrong:
        await build(layout, folder)
    assert wrong.value.message.startswith(f"{folder / 'skill_tiny'}: skill_tiny.hiding(): description: it has hidden")
    assert "pyproject" not in wrong.value.message
    assert "/tools/" not in wrong.value.message


_HIDING = '''

@tool(effect="read")
def hiding() -> str:
    """Looks at x\\u202ey."""
    return ""
'''


async def test_a_module_that_prints_without_end_is_named_in_its_authors_words(layout: Layout, tmp_path: Path) -> None:
    folder = write_source(tmp_path / "tiny", code=HELLO + "\nwhile True:\n    print('x' * 1000)\n")
    with pytest.raises(BuildFailed, match="skill_tiny prints too much while it is imported"):
        await build(layout, folder)


async def test_a_module_that_never_ends_is_named_in_its_authors_words(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("skillkernel_registry.build.DESCRIBE_SECONDS", 2)
    folder = write_source(tmp_path / "tiny", code=HELLO + "\nwhile True:\n    pass\n")
    with pytest.raises(BuildFailed, match="importing skill_tiny takes longer than 2 s"):
        await build(layout, folder)


@pytest.mark.parametrize(("kind", "said"), [("pipe", "not a regular file"), ("device", "not"), ("huge", "more than")])
def test_a_pyproject_that_is_no_file_of_a_sane_size_is_refused(tmp_path: Path, kind: str, said: str) -> None:
    place = tmp_path / "pyproject.toml"
    match kind:
        case "pipe":
            os.mkfifo(place)
        case "device":
            place.symlink_to("/dev/zero")
        case _:
            place.write_bytes(b"#" * 1_000_001)
    with pytest.raises(ManifestError, match=said):
        read_project(tmp_path)
