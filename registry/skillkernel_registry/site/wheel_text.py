"""What only the wheel of a release tells: its manifest whole, and the instructions that a model reads."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from skillkernel.errors import SkillKernelError
from skillkernel.manifest.parse import parse_manifest
from skillkernel.manifest.types import Manifest
from skillkernel.text import visible
from skillkernel_registry.archive import Archive, open_archive
from skillkernel_registry.index_format import Release

INSTRUCTIONS_LIMIT = 8_000
"""Characters of the instructions that a page shows."""


@dataclass(frozen=True, slots=True)
class WheelText:
    """`instructions` has nothing hidden in it, and is empty where the skill has none; `whole` when it was not cut."""

    manifest: Manifest
    instructions: str
    whole: bool


def wheel_text(data: bytes, release: Release) -> WheelText:
    """Read a release out of the bytes of its wheel; raise `SkillKernelError` where they are not those of the record."""
    if hashlib.sha256(data).hexdigest() != release.sha256:
        raise SkillKernelError(f"{release.wheel} is not the wheel that its record names")
    with TemporaryDirectory(prefix="skillkernel-site-") as folder:
        file = Path(folder) / release.wheel.rpartition("/")[2]
        file.write_bytes(data)
        with open_archive(file) as archive:
            return _read(archive)


def _read(archive: Archive) -> WheelText:
    places = [name for name in archive.names if name.count("/") == 1 and name.endswith("/skill.json")]
    if len(places) != 1:
        raise archive.refuse("skill.json", f"is there {len(places)} times")
    manifest = parse_manifest(archive.read(places[0]), source=f"{archive.label}: {places[0]}")
    text = ""
    if manifest.instructions:
        package = places[0].rpartition("/")[0]
        text = _body(archive.read(f"{package}/{manifest.instructions}").decode("utf-8", "replace"))
    return WheelText(manifest, visible(text[:INSTRUCTIONS_LIMIT], lines=True), len(text) <= INSTRUCTIONS_LIMIT)


def _body(text: str) -> str:
    """The text without the front matter, which says again what the page says already."""
    if text.startswith("---\n"):
        _, closed, rest = text[4:].partition("\n---\n")
        text = rest if closed else text
    return text.strip()
