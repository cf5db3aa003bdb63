"""The tools of a module: its own functions under `@tool`, then those that its `skillkernel_tools` hook adds."""

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from skillkernel.errors import ToolDeclarationInvalid
from skillkernel.sdk.tool import spec_of

if TYPE_CHECKING:
    import pluggy

ToolFunction = Callable[..., Any]


def collect_tools(module: ModuleType, hooks: "pluggy.PluginManager | None" = None) -> dict[str, ToolFunction]:
    """The module's tools by name, in the order of declaration; raise `ToolDeclarationInvalid` for two of one name.

    `hooks` is the worker's plugin manager, with the module registered in it; without one, its hook is asked alone.
    """
    found: dict[int, ToolFunction] = {id(value): value for value in vars(module).values() if spec_of(value)}
    added = (hooks or _hooks_of(module)).hook.skillkernel_tools()
    for function in (function for functions in reversed(added) for function in functions):
        if spec_of(function) is None:
            raise ToolDeclarationInvalid(
                module.__name__,
                getattr(function, "__name__", repr(function)),
                "",
                "skillkernel_tools offers it, but it is not a tool",
                hint="put `@tool(effect=…)` above it",
            )
        found.setdefault(id(function), function)
    return _by_name(module, list(found.values()))


def _by_name(module: ModuleType, functions: list[ToolFunction]) -> dict[str, ToolFunction]:
    tools: dict[str, ToolFunction] = {}
    for order, name, function in sorted(
        (spec.order, spec.name, function) for function in functions if (spec := spec_of(function))
    ):
        del order
        if name in tools:
            raise ToolDeclarationInvalid(
                module.__name__, name, "", "two tools have this name", hint="rename one of the functions"
            )
        tools[name] = function
    return tools


def _hooks_of(module: ModuleType) -> "pluggy.PluginManager":
    import pluggy

    from skillkernel import hookspecs

    hooks = pluggy.PluginManager(hookspecs.PROJECT)
    hooks.add_hookspecs(hookspecs)
    hooks.register(module)
    return hooks
