"""The embedded model as a driver plugin: answers with nothing configured, from a small model on this machine.

Light to import: the engine (extra `local`) and the weights are only looked for when a reply is asked for.
"""

from typing import TYPE_CHECKING

from skillkernel.hookspecs import hookimpl

if TYPE_CHECKING:
    from skillkernel.model.driver import Driver, ModelSettings

NAME = "embedded"


@hookimpl
def skillkernel_driver(settings: "ModelSettings") -> "Driver | None":
    """The embedded driver, when it is asked for by name or nothing says that another is meant."""
    chosen = settings.driver == NAME
    open_choice = not settings.driver and not settings.base_url and not settings.api_key
    if not chosen and not open_choice:
        return None
    from skillkernel.model.embedded.embedded_driver import EmbeddedDriver
    from skillkernel.model.embedded.installed_weights import shown_name, vectors_of, weights_of

    return EmbeddedDriver(shown_name(settings), lambda: weights_of(settings), vectors_of(settings))
