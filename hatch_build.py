"""Build hook: the repository's skills as wheels, in a published index inside the skillkernel wheel.

An editable install gets none of it: there the repository's own index.json, of the `sources` form, is used.
"""

import json
import os
import runpy
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.builders.wheel import WheelBuilder

_EPOCH = "1577836800"
_INSIDE = "skillkernel_registry/embedded_index"


class FirstPartyIndex(BuildHookInterface):  # type: ignore[type-arg] # hatchling ships without types here
    """Builds every skill of index.json with the hatchling that builds skillkernel, and without a network."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the index to the wheel's files, unless the install is editable."""
        if version == "editable":
            return
        root = Path(self.root)
        self._scratch = tempfile.TemporaryDirectory(prefix="skillkernel-index-")
        scratch = Path(self._scratch.name)
        index = json.loads((root / "index.json").read_text(encoding="utf-8"))
        wheels = [_build(root / folder, scratch / "built") for folder in index["sources"].values()]
        publish = runpy.run_path(str(root / "registry" / "skillkernel_registry" / "publish.py"))["publish"]
        publish(wheels, scratch / "index", name=index["name"], publisher=index["publisher"])
        build_data["force_include"][str(scratch / "index")] = _INSIDE

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Take the scratch folder away."""
        if version != "editable":
            self._scratch.cleanup()


def _build(folder: Path, to: Path) -> Path:
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = _EPOCH
    try:
        return Path(next(WheelBuilder(str(folder)).build(directory=str(to), versions=["standard"])))
    finally:
        os.environ.pop("SOURCE_DATE_EPOCH")
        if before is not None:
            os.environ["SOURCE_DATE_EPOCH"] = before
