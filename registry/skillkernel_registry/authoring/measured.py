"""What a skill was seen to use, against what its manifest says that it may. Pure."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from skillkernel.canonical import canonical_json
from skillkernel.manifest.tokens import tokens_of
from skillkernel.manifest.types import Manifest
from skillkernel_registry.authoring.finding import Finding, error, note, warning

_MEGABYTE = 1_000_000
_NEARLY = 0.9


@dataclass(frozen=True, slots=True)
class Measured:
    """`import_rss` is the peak of a process that imports the skill, `tests_rss` by how much its tests raised theirs, in
    bytes (0: not measured); `instructions` are the characters of SKILL.md; `wheel` is in bytes.
    """

    import_rss: int = 0
    tests_rss: int = 0
    instructions: int = 0
    wheel: int = 0

    def rss_mb(self) -> int:
        """The most memory that was seen, in 10^6 bytes: what the import needs, and what the tests came to need on top."""
        return math.ceil((self.import_rss + self.tests_rss) / _MEGABYTE)


def memory_findings(manifest: Manifest, measured: Measured, place: str) -> Iterator[Finding]:
    """Memory and tokens, measured against declared."""
    memory = manifest.memory
    seen = measured.rss_mb()
    if measured.import_rss / _MEGABYTE > memory.rss_mb:
        what = f"importing the skill takes {seen} MB, and rss_mb = {memory.rss_mb}: it would be ended before its first call"
        yield error("memory-too-small", place, what, f"rss_mb = {_roomy(seen)}")
    elif seen > memory.rss_mb * _NEARLY:
        what = f"the skill and its tests were seen to take {seen} MB, and rss_mb = {memory.rss_mb}"
        yield warning("memory-too-small", place, what, f"rss_mb = {_roomy(seen)}")
    elif seen:
        tested = "import and tests" if measured.tests_rss else "import"
        yield note("memory", place, f"{tested} took {seen} MB of rss_mb = {memory.rss_mb}")
    yield from _tokens(manifest, measured, place)


def _tokens(manifest: Manifest, measured: Measured, place: str) -> Iterator[Finding]:
    offered = [
        {"name": tool.name, "description": tool.description, "input_schema": tool.input_schema}
        for tool in manifest.tools
    ]
    schemas = tokens_of(len(canonical_json(offered).decode()))
    instructions = tokens_of(measured.instructions)
    allowed = manifest.memory.context_tokens
    if schemas + instructions > allowed:
        what = f"the tools need about {schemas} tokens and the instructions {instructions}; context_tokens = {allowed}"
        yield warning(
            "context-too-small", place, what, f"shorten them, or context_tokens = {_roomy(schemas + instructions)}"
        )
    else:
        yield note("context", place, f"tools {schemas} and instructions {instructions} of context_tokens = {allowed}")


def _roomy(figure: int) -> int:
    """A round figure with some room."""
    step: int = 10 ** max(len(str(figure)) - 2, 0)
    return math.ceil(figure * 1.25 / step) * step
