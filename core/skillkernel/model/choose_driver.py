"""Which driver runs the model: the settings, the drivers that may load, and the one that takes the settings.

Only the drivers of the skillkernel distribution itself and those that config.toml names are ever imported: a package
that pip put beside the kernel gets no code into its process by being there.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from skillkernel import hookspecs
from skillkernel.errors import ModelMissing, UsageError
from skillkernel.model.driver import Driver, ModelSettings

if TYPE_CHECKING:
    import pluggy

GROUP = "skillkernel.drivers"
OURS = "skillkernel"

BOTH_WAYS = (
    "either set OPENAI_BASE_URL (and OPENAI_API_KEY, SKILL_MODEL) for a model at an endpoint, "
    'or pip install "skillkernel[local]" for the embedded one'
)

_TEXTS = ("driver", "model", "base_url", "api_key")
_SECONDS = ("connect_timeout", "read_timeout")
_COUNTS = ("retries", "context_tokens")


def model_settings(
    environ: Mapping[str, str], config: Mapping[str, Any], models_folder: Path = Path()
) -> ModelSettings:
    """What the `[model]` table of config.toml says, the environment over it; raise `UsageError` for a wrong entry.

    A key in config.toml belongs to the address there: with another OPENAI_BASE_URL it is not sent. SKILL_MODEL that
    is a path to a .gguf file means the embedded model unless an address is set, whatever key the shell exports.
    """
    said = _model_table(config)
    for name, variable in (("model", "SKILL_MODEL"), ("api_key", "OPENAI_API_KEY"), ("base_url", "OPENAI_BASE_URL")):
        value = environ.get(variable, "").strip()
        if not value:
            continue
        if name == "base_url" and value != said.get("base_url") and not environ.get("OPENAI_API_KEY"):
            said.pop("api_key", None)
        said[name] = value
    if said.get("model", "").lower().endswith(".gguf") and not said.get("base_url"):
        said.setdefault("driver", "embedded")
    return ModelSettings(**said, models_folder=models_folder)


def load_drivers(names: Sequence[str] = ()) -> "pluggy.PluginManager":
    """The built-in drivers and those of `names`, asked in the order: named ones, openai, embedded.

    Raises `UsageError` for a name that no installed package offers, that two offer, or that does not import, and for
    `names` that are no list: they come from config.toml as they stand there.
    """
    import pluggy

    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    offered = list(entry_points(group=GROUP))
    # pluggy asks the one that was registered last first.
    for point in sorted((point for point in offered if _distribution(point) == OURS), key=lambda point: point.name):
        manager.register(_loaded(point), name=point.name)
    for name in reversed(_listed(names)):
        if not manager.has_plugin(name):
            manager.register(_loaded(_third_party(name, offered)), name=name)
    return manager


def choose_driver(settings: ModelSettings, plugins: Sequence[str] = ()) -> Driver:
    """The first driver that takes these settings; raise `ModelMissing`, saying both ways to a model, when none does."""
    manager = load_drivers(plugins)
    if settings.driver and not manager.has_plugin(settings.driver):
        names = sorted(name for name, _ in manager.list_name_plugin())
        raise UsageError(
            f"there is no driver {settings.driver!r}",
            hint=f"there are: {', '.join(names)}; `drivers` in config.toml names others",
        )
    if not settings.driver and not _is_for_embedded(settings) and manager.has_plugin("embedded"):
        manager.unregister(name="embedded")
    driver = cast("Driver | None", manager.hook.skillkernel_driver(settings=settings))
    if driver is None:
        raise _no_driver(settings)
    return driver


def _is_for_embedded(settings: ModelSettings) -> bool:
    from skillkernel.model.embedded.model_catalogue import is_local

    return not settings.model or is_local(settings.model)


def _no_driver(settings: ModelSettings) -> ModelMissing:
    if settings.driver == "openai":
        return ModelMissing("the driver openai has no endpoint", hint="set OPENAI_BASE_URL or OPENAI_API_KEY")
    if not settings.model:
        return ModelMissing("no model is configured", hint=BOTH_WAYS)
    from skillkernel.model.embedded.model_catalogue import catalogue_names

    near = get_close_matches(settings.model, catalogue_names(), n=2)
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    return ModelMissing(
        f"the model {settings.model!r} is neither a .gguf file nor one of the catalogue, and no endpoint is set",
        hint=f"{meant}{BOTH_WAYS}",
    )


def _listed(names: object) -> list[str]:
    if isinstance(names, list | tuple):
        items = cast("Sequence[object]", names)
        texts = [name for name in items if isinstance(name, str)]
        if len(texts) == len(items):
            return texts
    raise UsageError(f"config.toml: drivers is {names!r}", hint='it has to be a list of names: drivers = ["NAME"]')


def _distribution(point: EntryPoint) -> str:
    return point.dist.name.lower() if point.dist is not None else ""


def _third_party(name: str, offered: Sequence[EntryPoint]) -> EntryPoint:
    found = [point for point in offered if point.name == name and _distribution(point) != OURS]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(
            f"config.toml names the driver {name!r}, which no installed package offers",
            hint="install it beside skillkernel, or take it out of `drivers`",
        )
    raise UsageError(
        f"the driver {name!r} is offered by {' and '.join(sorted(map(_distribution, found)))}",
        hint="uninstall one of them",
    )


def _loaded(point: EntryPoint) -> object:
    try:
        return point.load()
    except (ImportError, AttributeError, SyntaxError) as error:
        raise UsageError(
            f"the driver {point.name!r} of {_distribution(point)} does not import: {error}",
            hint="reinstall it, or take it out of `drivers` in config.toml",
        ) from error


def _model_table(config: Mapping[str, Any]) -> dict[str, Any]:
    table = config.get("model", {})
    if not isinstance(table, dict):
        raise UsageError("config.toml: model is not a table", hint='write [model], then lines such as model = "NAME"')
    said: dict[str, Any] = {}
    for name, value in cast("dict[str, Any]", table).items():
        said[name] = _checked(name, value)
    return said


def _checked(name: str, value: Any) -> Any:
    if name in _TEXTS:
        if isinstance(value, str):
            return value.strip()
        form = "a string"
    elif name in _SECONDS:
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return float(value)
        form = "a number of seconds above 0"
    elif name in _COUNTS:
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        form = "a whole number, 0 or more"
    else:
        known = (*_TEXTS, *_SECONDS, *_COUNTS)
        near = get_close_matches(name, known, n=1)
        raise UsageError(
            f"config.toml: model.{name} is not a setting",
            hint=f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}",
        )
    raise UsageError(f"config.toml: model.{name} is {value!r}", hint=f"it has to be {form}")
