"""The bill of materials: valid by CycloneDX's own schema, the same each time, and true."""

import json
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from fakes.indexes import UNSIGNED, write_index
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Layout
from skillkernel.errors import UsageError
from skillkernel_registry.export import export_cyclonedx
from skillkernel_registry.grants import revoke
from skillkernel_registry.install import install


@pytest.fixture
async def filled(layout: Layout, tmp_path: Path, greeting: str) -> Layout:
    """Two skills, one of which requires the other, both with the same dependency."""
    fakes = [
        SkillWheelFake(requires=["greeting"], lock=greeting, permissions={"secrets": ["a", "b"]}),
        SkillWheelFake(name="big", requires_skills=["tiny"], requires=["greeting"], lock=greeting),
    ]
    index = write_index(tmp_path / "index", *fakes)
    await install(layout, ["big"], index=str(index), terms=UNSIGNED, consent=lambda plan: True)
    await revoke(layout, "tiny", ["secrets:b"])
    return layout


def properties(component: dict[str, Any], name: str) -> list[str]:
    return [one["value"] for one in component["properties"] if one["name"] == f"skillkernel:{name}"]


async def test_it_is_valid_by_the_schema(filled: Layout) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(export_cyclonedx(filled)) is None


async def test_with_nothing_installed_it_is_valid_too(layout: Layout) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(export_cyclonedx(layout)) is None


async def test_it_says_what_is_there(filled: Layout) -> None:
    bom = json.loads(export_cyclonedx(filled))
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6")
    big, tiny = bom["components"]
    skill = read_catalogue(filled).skill("tiny")
    assert skill is not None
    assert (tiny["name"], tiny["version"], tiny["publisher"]) == ("tiny", "1.0", "somebody")
    assert tiny["purl"].startswith("pkg:generic/skill-tiny@1.0?checksum=sha256:")
    assert tiny["hashes"] == [{"alg": "SHA-256", "content": skill.wheel}]
    assert properties(tiny, "permission") == ["secrets:a", "secrets:b"]
    assert properties(tiny, "granted") == ["secrets:a"]
    assert properties(tiny, "index") == [skill.index]
    (library,) = tiny["components"]
    assert (library["name"], library["purl"]) == ("greeting", "pkg:pypi/greeting@1.0")
    assert len(library["hashes"][0]["content"]) == 64
    graph = {one["ref"]: one.get("dependsOn", []) for one in bom["dependencies"]}
    assert graph["skillkernel"] == ["skill:big@1.0"]
    assert graph[big["bom-ref"]] == ["skill:big@1.0/greeting@1.0", "skill:tiny@1.0"]


async def test_the_same_generation_gives_the_same_bytes(filled: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    assert export_cyclonedx(filled) == export_cyclonedx(filled)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1577836800")
    assert json.loads(export_cyclonedx(filled))["metadata"]["timestamp"] == "2020-01-01T00:00:00+00:00"


@pytest.mark.parametrize("epoch", ["yesterday", "99999999999999999999", "1.5"])
async def test_an_epoch_that_is_none_is_told(layout: Layout, monkeypatch: pytest.MonkeyPatch, epoch: str) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        export_cyclonedx(layout)
