"""An engine that is loaded when it is first asked: most calls are worked out without the model."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

from skillkernel.model.embedded.engine import Completion, Engine, Prompt, Spent, require_engine


class LateEngine:
    """The same questions as `Engine`, for the file `path`; raises at once when the extra `local` is not installed."""

    def __init__(self, path: Path) -> None:
        require_engine()
        self._path = path
        self._engine: Engine | None = None
        self._loading = anyio.Lock()

    @property
    def spent(self) -> Spent:
        """Tokens read and written so far."""
        return self._engine.spent if self._engine else Spent()

    async def complete(
        self, prompt: Prompt, *, grammar: str = "", schema: Any = None, max_tokens: int = 64, rivals: int = 0
    ) -> Completion:
        """See `Engine.complete`."""
        engine = await self._loaded()
        return await engine.complete(prompt, grammar=grammar, schema=schema, max_tokens=max_tokens, rivals=rivals)

    async def stream(self, prompt: Prompt, max_tokens: int) -> AsyncGenerator[Completion, None]:
        """See `Engine.stream`."""
        engine = await self._loaded()
        async with aclosing(engine.stream(prompt, max_tokens)) as pieces:
            async for piece in pieces:
                yield piece

    async def aclose(self) -> None:
        """Free the model, if it was loaded."""
        async with self._loading:
            if self._engine is not None:
                await self._engine.aclose()

    async def _loaded(self) -> Engine:
        async with self._loading:
            if self._engine is None:
                self._engine = await anyio.to_thread.run_sync(Engine, self._path)
            return self._engine
