"""One call of a tool's function: JSON arguments in, JSON result out."""

from collections.abc import Callable
from typing import Any

from skillkernel.errors import ArgumentsInvalid, Cancelled, ResultInvalid, UsageError
from skillkernel.sdk.codec import NotEncodable, encode
from skillkernel.sdk.context import Context
from skillkernel.sdk.shapes import Misfit
from skillkernel.sdk.tool import spec_of


def call_tool(function: Callable[..., Any], arguments: dict[str, Any], context: Context) -> Any:
    """Run a function under `@tool` to its end and return its result as a JSON value; an async one gets a loop.

    Raise `ArgumentsInvalid` or `ResultInvalid` with the path, `Cancelled` when `context` was cancelled, and whatever
    the function itself raises.
    """
    spec = spec_of(function)
    if spec is None:
        raise UsageError(f"{function!r} is not a tool", hint="put `@tool(effect=…)` above it")
    try:
        values = spec.arguments.decode_members(arguments, lambda: context.zone)
    except Misfit as misfit:
        raise ArgumentsInvalid(str(misfit), hint=f"the arguments of {spec.name} are in its input schema") from None
    if spec.context_parameter:
        values[spec.context_parameter] = context
    result = _await(function, values, context) if spec.asynchronous else function(**values)
    try:
        return encode(result, zone=lambda: context.zone)
    except NotEncodable as problem:
        raise ResultInvalid(
            f"{spec.name} returned what JSON cannot hold: {problem}", hint="return texts, numbers, lists, dicts, dates"
        ) from None
    except RecursionError:
        raise ResultInvalid(f"{spec.name} returned a value that holds itself", hint="return plain data") from None


def _await(function: Callable[..., Any], values: dict[str, Any], context: Context) -> Any:
    import asyncio
    from contextlib import suppress

    async def run() -> Any:
        task = asyncio.ensure_future(function(**values))
        loop = asyncio.get_running_loop()

        def stop() -> None:
            with suppress(RuntimeError):  # the call has just ended, and its loop with it
                loop.call_soon_threadsafe(task.cancel)

        context.on_cancel(stop)
        return await task

    try:
        return asyncio.run(run())
    except asyncio.CancelledError:
        raise Cancelled(f"{context.tool} was stopped") from None
