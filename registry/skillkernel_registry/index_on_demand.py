"""The index of one command, opened when the first name has to be looked up, and closed at the end."""

from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from skillkernel.catalogue.types import Catalogue, Layout
from skillkernel_registry.index import Index, IndexTerms
from skillkernel_registry.indexes.opening import open_indexes
from skillkernel_registry.progress import OnProgress, Progress, Stage

OpenIndex = Callable[[], Coroutine[Any, Any, Index]]
"""Opens an index the first time, and returns the same one each time."""


@asynccontextmanager
async def index_on_demand(
    layout: Layout, where: str | None, terms: IndexTerms, installed: Catalogue, on_progress: OnProgress
) -> AsyncGenerator[OpenIndex]:
    """What opens the index at `where`, or the configured ones; it raises as `open_indexes` does."""
    opened: list[Index] = []

    async def opening() -> Index:
        if not opened:
            on_progress(Progress(Stage.INDEX, where or ""))
            opened.append(await open_indexes(layout, where, terms, installed))
        return opened[0]

    try:
        yield opening
    finally:
        for index in opened:
            await index.aclose()
