"""The catalogue of the generation in force."""

import subprocess
import sys
from pathlib import Path

import pytest

from skillkernel.catalogue.read import decode_catalogue, encode_catalogue, read_catalogue
from skillkernel.catalogue.types import Catalogue, Installed, Layout
from skillkernel.errors import IntegrityError
from skillkernel.manifest.types import Effect, Manifest, Permissions, Tool, schema_json
from skillkernel.names import Sha256, SkillName, ToolName

LOOK = Tool(
    name=ToolName("look"),
    description="Look.",
    effect=Effect.READ,
    input_json=schema_json({"type": "object", "properties": {"q": {"type": "string"}}}),
)
WEATHER = Installed(
    name=SkillName("weather"),
    version="1.0",
    manifest=Manifest(
        manifest_version=1, name=SkillName("weather"), version="1.0", summary="The weather.", tools=(LOOK,)
    ),
    manifest_hash=Sha256("a" * 64),
    module="skill_weather",
    store=Sha256("b" * 64),
    tree=Sha256("c" * 64),
    index="builtin",
    publisher="",
    owner="builtin-weather",
    granted=Permissions(files_read=("~/Music",)),
    settings={"units": "metric"},
)
CATALOGUE = Catalogue(generation=3, created="2026-11-24T12:00:00Z", skills=(WEATHER,))


def _write(home: Path, data: bytes) -> Layout:
    (home / "generations" / "3").mkdir(parents=True)
    (home / "current").symlink_to("generations/3")
    (home / "generations" / "3" / "catalogue.json").write_bytes(data)
    return Layout(home)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    catalogue = read_catalogue(_write(tmp_path, encode_catalogue(CATALOGUE)))
    assert catalogue == CATALOGUE
    assert catalogue.skill("weather") == WEATHER
    assert catalogue.skills[0].manifest.tools[0].input_schema["properties"] == {"q": {"type": "string"}}
    assert catalogue.skills[0].manifest.tools[0].output_schema is None
    assert catalogue.skill("calendar") is None


def test_equal_catalogues_have_equal_bytes() -> None:
    again = decode_catalogue(encode_catalogue(CATALOGUE), source="catalogue.json")
    assert encode_catalogue(again) == encode_catalogue(CATALOGUE)
    assert encode_catalogue(CATALOGUE).endswith(b"}\n")


def test_before_the_first_install_it_is_empty(tmp_path: Path) -> None:
    assert read_catalogue(Layout(tmp_path / "absent")) == Catalogue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"skills": [{"name": "x"}]}',
        encode_catalogue(CATALOGUE)[:-20],
        encode_catalogue(CATALOGUE).replace(b'"read"', b'"look"'),
        b'{"created":' + b"[" * 100_000,
    ],
)
def test_a_damaged_one_is_an_integrity_error_with_the_way_out(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(IntegrityError, match="is damaged") as damaged:
        read_catalogue(_write(tmp_path, data))
    assert "skill doctor" in damaged.value.hint


def test_a_generation_without_one_is_damaged(tmp_path: Path) -> None:
    layout = _write(tmp_path, b"")
    layout.catalogue.unlink()
    with pytest.raises(IntegrityError, match="is missing"):
        read_catalogue(layout)


def test_a_link_into_nowhere_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to("generations/9")
    with pytest.raises(IntegrityError, match="is missing"):
        read_catalogue(Layout(tmp_path))


def test_one_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    layout = _write(tmp_path, b"")
    layout.catalogue.unlink()
    layout.catalogue.mkdir()
    with pytest.raises(IntegrityError, match="cannot be read"):
        read_catalogue(layout)


def test_one_of_another_version_is_told(tmp_path: Path) -> None:
    with pytest.raises(IntegrityError, match="catalogue_version 2"):
        read_catalogue(_write(tmp_path, b'{"catalogue_version": 2}'))


def test_reading_it_needs_no_heavy_library() -> None:
    program = (
        "import sys, skillkernel.catalogue.read; print([m for m in ('jsonschema', 'packaging') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
