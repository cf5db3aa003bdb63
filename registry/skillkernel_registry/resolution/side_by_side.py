"""The same work on many things at once, so many at a time."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import anyio

Item = TypeVar("Item")
Result = TypeVar("Result")


async def side_by_side(
    work: Callable[[Item], Awaitable[Result]], items: Sequence[Item], at_once: int
) -> tuple[Result, ...]:
    """The results in the order of `items`; the first error ends the others and is raised as it is."""
    results: dict[int, Result] = {}
    errors: list[Exception] = []
    places = anyio.Semaphore(at_once)

    async def one(place: int, tasks: anyio.abc.TaskGroup) -> None:
        try:
            async with places:
                results[place] = await work(items[place])
        except Exception as error:  # noqa: BLE001 # raised below, outside of the group that would wrap it
            errors.append(error)
            tasks.cancel_scope.cancel()

    async with anyio.create_task_group() as tasks:
        for place in range(len(items)):
            tasks.start_soon(one, place, tasks)
    if errors:
        raise errors[0]
    return tuple(results[place] for place in range(len(items)))
