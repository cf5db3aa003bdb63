"""The catalogue that ships, and how names are told from files."""

import pytest

from skillkernel.errors import ModelMissing
from skillkernel.model.embedded.model_catalogue import (
    PackageSource,
    UrlSource,
    catalogue_names,
    is_local,
    model_catalogue,
)


def test_the_default_is_the_model_that_was_measured() -> None:
    entry = model_catalogue().entry("")
    assert str(entry) == "Qwen2.5-Coder-0.5B-Instruct Q4_K_M (491 MB, licence Apache-2.0)"
    assert entry.size == 491_400_064
    assert entry.sha256 == "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"


def test_every_model_can_be_fetched_from_its_hub_and_from_packages_that_carry_the_same_bytes() -> None:
    for entry in model_catalogue().models:
        hub, packages = entry.sources
        assert isinstance(hub, UrlSource)
        assert hub.url.startswith("https://")
        assert isinstance(packages, PackageSource)
        assert sum(part.size for part in packages.parts) == entry.size


@pytest.mark.parametrize("name", ["Qwen2.5-Coder-0.5B-Instruct", "qwen2.5-coder-0.5b-instruct-q4_k_m"])
def test_a_name_counts_in_any_case(name: str) -> None:
    assert model_catalogue().entry(name).name in catalogue_names()
    assert is_local(name)


def test_a_name_that_is_nearly_right_is_met_with_the_right_one() -> None:
    with pytest.raises(ModelMissing) as missing:
        model_catalogue().entry("Qwen2.5-Coder")
    assert "did you mean Qwen2.5-Coder-0.5B-Instruct?" in missing.value.hint


@pytest.mark.parametrize(
    ("model", "local"),
    [("x.gguf", True), ("/models/x", True), ("./x", True), ("~/x", True), ("gpt-5", False), ("qwen/qwen3", False)],
)
def test_paths_are_told_from_names(model: str, local: bool) -> None:
    assert is_local(model) == local
