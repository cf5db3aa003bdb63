"""A skill's environment made of what the tests' own interpreter has installed: no package index is asked."""

import shutil
from importlib.metadata import distribution, requires
from pathlib import Path

from packaging.requirements import Requirement


def copy_distributions(folder: Path, *names: str) -> None:
    """Copy these installed distributions and what they need into `folder`, as `uv pip install --target` would."""
    pending, done = list(names), set[str]()
    while pending:
        name = pending.pop().lower().replace("_", "-")
        if name in done:
            continue
        done.add(name)
        for text in requires(name) or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                pending.append(requirement.name)
        for file in distribution(name).files or ():
            if ".." not in file.parts and file.suffix != ".pyc":
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), target)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
