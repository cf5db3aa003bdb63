"""`skill rollback`: what an earlier generation held, as a new generation."""

from skillkernel.catalogue.types import Catalogue, Layout
from skillkernel.catalogue.verify import verify_store
from skillkernel_registry.generation import exclusive, previous, switch
from skillkernel_registry.progress import OnProgress, silent


async def rollback(layout: Layout, *, to: int | None = None, on_progress: OnProgress = silent) -> Catalogue:
    """Put the skills of generation `to`, or of the one before that in force, back in force.

    Numbers only grow: going back is a new generation, and going back twice undoes the first. Raises `UsageError` when
    there is no such generation, `SkillBroken` or `IntegrityError` when a skill of it is no longer whole in the store.
    """
    async with exclusive(layout, on_progress):
        earlier = previous(layout, to)
        for skill in earlier.skills:
            verify_store(layout, skill)
        return switch(layout, earlier, on_progress)
