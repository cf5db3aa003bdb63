"""The whole contract between skillkernel and its plugins, as pluggy hooks.

Skills (group `skillkernel.skills`) are registered inside their sandboxed worker; drivers (group `skillkernel.drivers`)
in the kernel's own process. A hook that a plugin leaves out is simply not called.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from skillkernel.model.driver import Driver, ModelSettings
    from skillkernel.sdk.context import Context

PROJECT = "skillkernel"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def skillkernel_tools() -> Sequence[Callable[..., Any]]:  # type: ignore[empty-body] # a hookspec has no body
    """Skill: the functions to offer as tools, each decorated with `@tool`; those of the module itself are always there."""


@hookspec
def skillkernel_start(context: "Context") -> None:
    """Skill: called once in a fresh worker, before its first call."""


@hookspec
def skillkernel_stop() -> None:
    """Skill: called when the worker is asked to end; it has two seconds."""


@hookspec(firstresult=True)
def skillkernel_driver(settings: "ModelSettings") -> "Driver | None":
    """Driver: the model to run for these settings, or None to leave them to another driver."""
