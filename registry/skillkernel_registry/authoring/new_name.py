"""Which names a new skill may have: what `skill build` and installers would stumble over later is refused now."""

from packaging.utils import canonicalize_name

from skillkernel.errors import UsageError
from skillkernel.manifest.rules import KERNEL_SERVICES
from skillkernel.names import SkillName, skill_name
from skillkernel_registry.wheel import DISTRIBUTION_PREFIX, shadows


def new_skill_name(text: str) -> SkillName:
    """The name of a skill to be; raise `InvalidName` for its form, `UsageError` for one that is taken or misleads."""
    name = skill_name(text)
    if text.startswith(DISTRIBUTION_PREFIX):
        rest = text.removeprefix(DISTRIBUTION_PREFIX)
        raise UsageError(
            f"{text!r} would become the distribution {DISTRIBUTION_PREFIX}{text}", hint=f"name the skill {rest!r}"
        )
    if canonicalize_name(text).strip("-") != text:
        raise UsageError(
            f"{text!r} has a hyphen at its end, or two in a row, which package names cannot have",
            hint=f"name it {canonicalize_name(text).strip('-')!r}",
        )
    if text in KERNEL_SERVICES | _OURS:
        raise UsageError(f"{text!r} is the name of a part of skillkernel", hint="choose another name")
    if shadows(module_name(name)):
        raise UsageError(
            f"the package {module_name(name)} would stand before a module of that name", hint="choose another name"
        )
    return name


_OURS = frozenset({"skill", "skillkernel", "kernel", "skillpkg"})


def module_name(name: SkillName) -> str:
    """The package of a skill."""
    return f"{DISTRIBUTION_PREFIX}{name}".replace("-", "_")
