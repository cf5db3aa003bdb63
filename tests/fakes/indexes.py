"""Published indexes in a folder."""

from pathlib import Path

from fakes.wheels import SkillWheelFake
from skillkernel_registry.index import IndexTerms
from skillkernel_registry.publish import publish

UNSIGNED = IndexTerms(unsigned=True)
"""As a person who says `--unsigned`."""


def write_index(folder: Path, *fakes: SkillWheelFake, publisher: str = "somebody") -> Path:
    """Publish these skills in `folder`, in place of what was there."""
    wheels = [fake.write(folder.with_name(f"{folder.name}-built")) for fake in fakes]
    publish(wheels, folder, name="test", publisher=publisher)
    return folder
