"""The driver for any OpenAI-compatible endpoint; entry point `openai` of the group `skillkernel.drivers`."""

from skillkernel.hookspecs import hookimpl
from skillkernel.model.driver import Driver, ModelSettings
from skillkernel.model.openai_driver.driver import OpenAIDriver

__all__ = ["OpenAIDriver", "skillkernel_driver"]


@hookimpl
def skillkernel_driver(settings: ModelSettings) -> Driver | None:
    """Take these settings when they name this driver, or when they hold an address or a key and name no other."""
    if settings.driver not in ("", "openai") or not (settings.base_url or settings.api_key):
        return None
    return OpenAIDriver(settings)
