"""What the person's own rules say of a call: a pure decision over values.

Deny goes before ask, ask before allow, whatever their order in config.toml. Where a call can be read in two ways, the
more dangerous reading counts:
- of a list, every element has to fit a rule that allows, and one is enough for a rule that asks or denies;
- an argument that is left out, or an empty list, fits no rule that allows; for the others it is the default of the
  tool's schema, where that has one;
- wildcards reach less far in a rule that allows (rules_glob.py).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from skillkernel.manifest.types import Effect
from skillkernel.names import ToolId
from skillkernel.permissions.rules_glob import Glob, matches
from skillkernel.permissions.rules_value import RuleKind, value_fits
from skillkernel.schema.kinds import is_list, is_object

_NO_NAME = Glob(())


@dataclass(frozen=True, slots=True)
class ArgumentRule:
    """What is asked of one argument: one of `globs`, or (`absent`) that it is not there; `path` leads into objects."""

    path: tuple[str, ...]
    globs: tuple[Glob, ...] = ()
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: an `effect`, or names with arguments; `closed` says that no argument may be there that is not named.

    `text` is the rule as it was written, `place` where: `[rules] allow[2]`, counted from 1.
    """

    kind: RuleKind
    text: str
    place: str = ""
    effect: Effect | None = None
    skill: Glob = _NO_NAME
    tool: Glob = _NO_NAME
    arguments: tuple[ArgumentRule, ...] = ()
    closed: bool = False

    def __str__(self) -> str:
        return f"the rule `{self.text}` ({self.place})" if self.place else f"the rule `{self.text}`"


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Every rule of a person; false when there is none."""

    deny: tuple[Rule, ...] = ()
    ask: tuple[Rule, ...] = ()
    allow: tuple[Rule, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.deny or self.ask or self.allow)

    def __iter__(self) -> Iterator[Rule]:
        """The rules in the order in which they decide."""
        yield from self.deny
        yield from self.ask
        yield from self.allow


class Decision(NamedTuple):
    """The rule that decided; None where no rule speaks of the call."""

    rule: Rule | None = None

    @property
    def ruling(self) -> RuleKind | None:
        """What it says."""
        return None if self.rule is None else self.rule.kind


def decide(
    rules: RuleSet,
    tool: ToolId,
    effect: Effect,
    arguments: Mapping[str, Any],
    schema: Mapping[str, Any] | None = None,
) -> Decision:
    """What `rules` say of a call with validated `arguments`; `schema` is the tool's, for its defaults."""
    for rule in rules:
        if covers(rule, tool, effect, arguments, schema):
            return Decision(rule)
    return Decision()


def covers(
    rule: Rule,
    tool: ToolId,
    effect: Effect,
    arguments: Mapping[str, Any],
    schema: Mapping[str, Any] | None = None,
) -> bool:
    """Whether a rule speaks of a call."""
    if not names(rule, tool, effect):
        return False
    if not all(_fits(rule.kind, wanted, arguments, schema) for wanted in rule.arguments):
        return False
    return not rule.closed or all(_is_named(path, rule.arguments) for path in _leaf_paths(dict(arguments), ()))


def names(rule: Rule, tool: ToolId, effect: Effect) -> bool:
    """Whether a rule speaks of a tool, whatever its arguments."""
    if rule.effect is not None:
        return rule.effect is effect
    return _is_called(rule.skill, rule.tool, tool)


@lru_cache(maxsize=4_096)
def _is_called(skill: Glob, tool: Glob, name: ToolId) -> bool:
    """Kept, since the same few tools are called over and over, and an engine for each rule would be most of the cost."""
    return matches(skill, name.skill, narrow=False) and matches(tool, name.tool, narrow=False)


class _Absent:
    """There is nothing at that place."""


_ABSENT = _Absent()


def _fits(kind: RuleKind, wanted: ArgumentRule, arguments: Mapping[str, Any], schema: Mapping[str, Any] | None) -> bool:
    found = list(_at(dict(arguments), wanted.path))
    if wanted.absent:
        return all(value is _ABSENT for value in found)
    if kind is RuleKind.ALLOW:
        return bool(found) and all(_one_fits(kind, wanted.globs, value) for value in found)
    if schema is not None and any(value is _ABSENT for value in found):
        from skillkernel.permissions.rules_schema import defaults  # a start without such a rule does not wait for it

        found += [value for default, rest in defaults(schema, wanted.path) for value in _at(default, rest)]
    return any(_one_fits(kind, wanted.globs, value) for value in found)


def _one_fits(kind: RuleKind, globs: tuple[Glob, ...], value: Any) -> bool:
    if value is _ABSENT:
        return False
    if is_list(value):  # an empty one: nothing is in it that could be looked at
        return kind is not RuleKind.ALLOW and any(glob.is_anything for glob in globs)
    return any(value_fits(glob, value, kind) for glob in globs)


def _at(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """Every value that `path` leads to, through lists; `_ABSENT` for each place where it leads to nothing."""
    if is_list(value) and value:
        for item in value:
            yield from _at(item, path)
    elif is_list(value) or not path:
        yield value
    elif is_object(value) and path[0] in value:
        yield from _at(value[path[0]], path[1:])
    else:
        yield _ABSENT


def _leaf_paths(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if is_object(value) and value:
        for key, part in value.items():
            yield from _leaf_paths(part, (*path, key))
    elif is_list(value) and value:
        for part in value:
            yield from _leaf_paths(part, path)
    elif path:
        yield path


def _is_named(path: tuple[str, ...], wanted: tuple[ArgumentRule, ...]) -> bool:
    return any(path[: len(each.path)] == each.path for each in wanted)
