"""skillkernel: an operating system for language models that you install skills into.

Skill authors import `tool`, `Context` and `ToolError`; embedding developers import `Kernel` and `SyncKernel`.
Names load on first use (PEP 562), so a skill's import costs the standard library alone.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skillkernel.errors import SkillKernelError, ToolError
    from skillkernel.hookspecs import hookimpl
    from skillkernel.kernel import Kernel, SyncKernel
    from skillkernel.sdk.context import Context
    from skillkernel.sdk.field import Field
    from skillkernel.sdk.tool import tool

_HOMES = {
    "Context": "skillkernel.sdk.context",
    "Field": "skillkernel.sdk.field",
    "Kernel": "skillkernel.kernel",
    "SkillKernelError": "skillkernel.errors",
    "SyncKernel": "skillkernel.kernel",
    "ToolError": "skillkernel.errors",
    "hookimpl": "skillkernel.hookspecs",
    "tool": "skillkernel.sdk.tool",
}

__all__ = [
    "Context",
    "Field",
    "Kernel",
    "SkillKernelError",
    "SyncKernel",
    "ToolError",
    "__version__",
    "hookimpl",
    "tool",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
