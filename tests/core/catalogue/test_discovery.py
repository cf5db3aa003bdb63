"""Skills in a folder of installed distributions: found by their metadata, never imported."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from skillkernel.catalogue.discovery import Found, discover

MANIFEST: dict[str, Any] = {
    "manifest_version": 1,
    "version": "1.0",
    "summary": "For a test.",
    "tools": [{"name": "look", "description": "Look.", "effect": "read", "input_schema": {"type": "object"}}],
}


class Site:
    """A folder such as site-packages, filled with distributions as pip leaves them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def install(
        self,
        name: str = "weather",
        *,
        distribution: str = "",
        version: str = "1.0",
        entry_points: str | bytes | None = None,
        metadata: str | None = None,
        manifest: bytes | None = None,
    ) -> Path:
        """Put a skill there; what is given replaces what would be right. Returns its .dist-info folder."""
        module = f"skill_{name}"
        distribution = distribution or f"skill-{name}"
        info = self.path / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        text = f"[skillkernel.skills]\n{name} = {module}\n" if entry_points is None else entry_points
        (info / "entry_points.txt").write_bytes(text.encode() if isinstance(text, str) else text)
        words = f"Metadata-Version: 2.4\nName: {distribution}\nVersion: {version}\n" if metadata is None else metadata
        (info / "METADATA").write_text(words, "utf-8")
        package = self.path / module
        package.mkdir(exist_ok=True)
        (package / "__init__.py").write_text("import pathlib\npathlib.Path(__file__).with_name('IMPORTED').touch()\n")
        written = json.dumps({**MANIFEST, "name": name}).encode() if manifest is None else manifest
        if written:
            (package / "skill.json").write_bytes(written)
        return info

    def only(self) -> Found:
        """The one skill that is found."""
        [found] = discover(self.path)
        return found


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site")


def test_a_skill_is_found_with_its_manifest(site: Site) -> None:
    info = site.install()
    found = site.only()
    assert (found.name, found.distribution, found.version, found.module) == (
        "weather",
        "skill-weather",
        "1.0",
        "skill_weather",
    )
    assert found.metadata == info
    assert found.folder == site.path / "skill_weather"
    assert found.problem == ""
    assert found.manifest is not None
    assert found.manifest.tools[0].name == "look"


def test_nothing_of_a_skill_is_imported_or_run(site: Site) -> None:
    site.install()
    (site.path / "skill_weather.pth").write_text("import skill_weather\n")
    assert site.only().manifest is not None
    assert not (site.path / "skill_weather" / "IMPORTED").exists()
    assert "skill_weather" not in sys.modules
    subprocess.run([sys.executable, "-c", "import skill_weather"], cwd=site.path, check=True)
    assert (site.path / "skill_weather" / "IMPORTED").exists(), "the module would have told"


def test_other_distributions_are_passed_over(site: Site) -> None:
    site.install("weather")
    site.install("x", distribution="black", entry_points="[console_scripts]\nblack = black:main\n")
    site.install("y", distribution="broken", entry_points=b"\xff\xfe")
    (site.path / "odd-1.0.dist-info").write_text("a file")
    (site.path / "empty-1.0.dist-info").mkdir()
    assert [found.name for found in discover(site.path)] == ["weather"]


def test_a_folder_that_is_not_there_has_no_skills(tmp_path: Path) -> None:
    assert discover(tmp_path / "nowhere") == []


BROKEN: list[tuple[str, dict[str, Any], str]] = [
    (
        "bytes that are no text",
        {"entry_points": b"[skillkernel.skills]\nweather = \xff\n"},
        "entry_points.txt cannot be read",
    ),
    ("a line that is no entry", {"entry_points": "[skillkernel.skills]\nweather\n"}, "entry_points.txt is malformed"),
    (
        "a function",
        {"entry_points": "[skillkernel.skills]\nweather = skill_weather:main\n"},
        "not the name of a module",
    ),
    ("a path", {"entry_points": "[skillkernel.skills]\nweather = ../evil\n"}, "not the name of a module"),
    ("extras", {"entry_points": "[skillkernel.skills]\nweather = skill_weather [x]\n"}, "not the name of a module"),
    (
        "a bad name",
        {"entry_points": "[skillkernel.skills]\nWeather = skill_weather\n"},
        "'Weather' is not a skill name",
    ),
    ("another's name", {"entry_points": "[skillkernel.skills]\ncalendar = skill_weather\n"}, "only skill-calendar may"),
    ("another distribution", {"distribution": "requests"}, "the distribution requests offers the skill weather"),
    ("no manifest", {"manifest": b""}, "there is no skill.json"),
    ("a manifest of another", {"manifest": json.dumps({**MANIFEST, "name": "maps"}).encode()}, "the file says 'maps'"),
    ("a manifest that is not JSON", {"manifest": b"{'name'"}, "line 1, column 2"),
    ("a huge manifest", {"manifest": b" " * 1_000_001}, "larger than"),
    (
        "another version",
        {"manifest": json.dumps({**MANIFEST, "name": "weather", "version": "2.0"}).encode()},
        "skill.json is of version 2.0, the distribution 1.0",
    ),
    ("no metadata", {"metadata": ""}, "METADATA is missing"),
    ("metadata of another", {"metadata": "Name: skill-maps\nVersion: 1.0\n"}, "METADATA is of skill-maps"),
]


@pytest.mark.parametrize(("broken", "problem"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_broken_skill_is_told_and_harms_no_other(site: Site, broken: dict[str, Any], problem: str) -> None:
    site.install("notes")
    site.install("weather", **broken)
    told, fine = sorted(discover(site.path), key=lambda found: found.problem == "")
    assert problem in told.problem
    assert told.manifest is None
    assert "\n" not in told.problem
    assert fine.name == "notes"
    assert fine.manifest is not None


def test_metadata_that_is_no_text_is_told(site: Site) -> None:
    info = site.install()
    (info / "METADATA").write_bytes(b"Name: \xff\n")
    assert "METADATA" in site.only().problem


def test_a_name_that_two_distributions_claim_belongs_to_neither(site: Site) -> None:
    site.install("weather")
    second = site.path / "skill_weather-2.0.dist-info"
    second.mkdir()
    for name in ("entry_points.txt", "METADATA"):
        (second / name).write_bytes((site.path / "skill_weather-1.0.dist-info" / name).read_bytes())
    found = discover(site.path)
    assert [skill.manifest for skill in found] == [None, None]
    assert all("both claim the name weather" in skill.problem for skill in found)


def test_an_impostor_does_not_take_the_name_from_its_owner_silently(site: Site) -> None:
    site.install("weather")
    site.install("evil", entry_points="[skillkernel.skills]\nweather = skill_evil\n")
    assert all("both claim the name weather" in skill.problem for skill in discover(site.path))


def test_an_editable_install_is_found_where_its_link_points(site: Site, tmp_path: Path) -> None:
    info = site.install("weather", manifest=b"")
    (site.path / "skill_weather" / "__init__.py").unlink()
    (site.path / "skill_weather").rmdir()
    source = Site(tmp_path / "clone")
    source.install("weather")
    (site.path / "_skill_weather.pth").write_text(f"import os; os.abort()\n{source.path}\n")
    (info / "RECORD").write_text("_skill_weather.pth,,\n../../bin/x.pth,,\n")
    found = site.only()
    assert found.problem == ""
    assert found.folder == source.path / "skill_weather"


def test_skills_come_in_the_order_of_names(site: Site) -> None:
    for name in ("notes", "calendar", "weather"):
        site.install(name)
    assert [found.name for found in discover(site.path)] == ["calendar", "notes", "weather"]
