"""Tools that say that they do less than their source does, as far as it can be followed. Pure."""

from collections.abc import Iterator, Sequence

from skillkernel.manifest.types import Effect, Manifest, Tool
from skillkernel_registry.authoring.finding import Finding, warning
from skillkernel_registry.authoring.source_tree import SourceTree
from skillkernel_registry.authoring.uses import Use, reached


def effect_findings(manifest: Manifest, tree: SourceTree, uses: Sequence[Use]) -> Iterator[Finding]:
    """What a tool's effect and permission rows do not speak of."""
    naming = any(tool.permissions for tool in manifest.tools)
    for tool in manifest.tools:
        within = reached(tree, f"{tree.package}.{tool.name}")
        own = [use for use in uses if use.function in within]
        yield from _effect(tool, own)
        if naming:
            yield from _rows(manifest, tool, own)


def _effect(tool: Tool, uses: Sequence[Use]) -> Iterator[Finding]:
    for kind, weaker, fix in (
        ("write", (Effect.READ,), 'say effect="write", or leave the user\'s data alone'),
        ("send", (Effect.READ, Effect.WRITE), 'say effect="send" if something leaves'),
    ):
        found = next((use for use in uses if use.kind == kind), None)
        if found is not None and tool.effect in weaker:
            what = f"{tool.name}() says effect {tool.effect.value}, and comes to {found.what}, which may {kind}"
            yield warning("effect-too-weak", found.place, what, fix)


def _rows(manifest: Manifest, tool: Tool, uses: Sequence[Use]) -> Iterator[Finding]:
    for kind in ("network", "secrets", "programs", "kernel"):
        asked = [row for row in manifest.permissions.rows() if row.startswith(f"{kind}:")]
        found = next((use for use in uses if use.kind == kind and use.certain), None)
        if asked and found is not None and not any(row.startswith(f"{kind}:") for row in tool.permissions):
            what = f"{tool.name}() comes to {found.what}, and its permissions name no {kind}"
            yield warning("tool-permission-missing", found.place, what, f'@tool(…, permissions=["{asked[0]}"])')
