"""Whether a rule can match anything that is installed: a rule that silently does nothing protects nobody.

A name that is like an installed one is a mistake, and so is a tool, an argument or a value that an installed skill
does not know. A rule for a skill that is not here, and like none that is, sleeps: there is nothing yet that it could
allow or refuse, and uninstalling a skill must not stop everything. It is checked again when that skill comes.
"""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from skillkernel.catalogue.types import Target
from skillkernel.near import nearest
from skillkernel.permissions.rules import ArgumentRule, Rule, names
from skillkernel.permissions.rules_glob import Glob, matches
from skillkernel.permissions.rules_schema import can_fit, is_open, names_at, parts_at, required
from skillkernel.permissions.rules_value import RuleKind
from skillkernel.schema.describe import describe
from skillkernel.text import visible

_TYPO_LIKENESS = 0.75
_TYPO_LENGTH = 2
_MIN_TYPO = 3


class Trouble(NamedTuple):
    """Why a rule matches nothing now; one that `sleeps` is no mistake."""

    problem: str
    hint: str
    sleeps: bool = False


def matched(rule: Rule, targets: Iterable[Target]) -> tuple[Target, ...]:
    """The tools that a rule can match a call of."""
    return tuple(target for target in targets if _named(rule, target) and _argument_trouble(rule, target) is None)


def trouble(rule: Rule, targets: Sequence[Target]) -> Trouble | None:
    """What keeps a rule from matching anything among `targets`, or None."""
    if rule.effect is not None:
        return None
    first: Trouble | None = None
    for target in targets:
        if _named(rule, target):
            found = _argument_trouble(rule, target)
            if found is None:
                return None
            first = first or found
    return first or _name_trouble(rule, targets)


def _named(rule: Rule, target: Target) -> bool:
    return names(rule, target.id, target.tool.effect)


def _name_trouble(rule: Rule, targets: Sequence[Target]) -> Trouble:
    skills = list(dict.fromkeys(str(target.id.skill) for target in targets))
    here = [name for name in skills if matches(rule.skill, name, narrow=False)]
    skill, tool = rule.skill.shown, rule.tool.shown
    tools = [str(target.id.tool) for target in targets if target.id.skill in here]
    if here and rule.skill.literal is not None:
        near = nearest(tool, tools)
        if near:
            return Trouble(
                f"{skill} has no tool {tool}", f"did you mean {_either(f'{skill}.{name}' for name in near)}?"
            )
        return Trouble(f"{skill} has no tool {tool}", visible(f"it has {', '.join(tools)}", limit=300))
    like = _typo_of(rule.tool, tools) if here else _typo_of(rule.skill, skills)
    if like:
        meant = f"{skill}.{like}" if here else f"{like}.{tool}"
        return Trouble(f"nothing that is installed is called {skill}.{tool}", f"did you mean {meant}?")
    absent = f"no installed skill has a tool {tool}" if here else f"no skill {skill} is installed"
    return Trouble(absent, "it will count when there is one", sleeps=True)


def _either(names: Iterable[str]) -> str:
    return visible(" or ".join(names), limit=200)


def _typo_of(glob: Glob, known: Iterable[str]) -> str | None:
    """The name that was most likely meant: like this one but for a letter or two."""
    text = "".join(part for part in glob.parts if isinstance(part, str))
    if len(text) < _MIN_TYPO:
        return None
    scored = [
        (SequenceMatcher(None, text, name, autojunk=False).ratio(), name)
        for name in known
        if abs(len(name) - len(text)) <= _TYPO_LENGTH
    ]
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= _TYPO_LIKENESS else None


def _argument_trouble(rule: Rule, target: Target) -> Trouble | None:
    if not rule.arguments and not rule.closed:
        return None
    for wanted in rule.arguments:
        found = _one_trouble(wanted, rule.kind, target)
        if found:
            return found
    named = {wanted.path[0] for wanted in rule.arguments if not wanted.absent}
    unnamed = [name for name in required(target.tool.input_schema) if name not in named]
    if rule.closed and unnamed:
        return Trouble(f"!* leaves no room for {unnamed[0]}, which {target.id} needs", f"add {unnamed[0]}=*")
    return None


def _one_trouble(wanted: ArgumentRule, kind: RuleKind, target: Target) -> Trouble | None:
    schema = target.tool.input_schema
    for depth, name in enumerate(wanted.path):
        known = names_at(schema, wanted.path[:depth])
        if name in known:
            continue
        near = nearest(name, known)
        if is_open(schema, wanted.path[:depth]) and not near:
            return None
        shown = visible(".".join(wanted.path), limit=80)
        has = visible(f"it has {', '.join(known) or 'none'}", limit=300)
        return Trouble(f"{target.id} has no argument {shown}", f"did you mean {_either(near)}?" if near else has)
    shown = ".".join(wanted.path)
    if wanted.absent:
        needed = wanted.path[0] in required(schema) and len(wanted.path) == 1
        return Trouble(f"{target.id} always has {shown}", f"leave out !{shown}") if needed else None
    parts = parts_at(schema, wanted.path)
    for glob in wanted.globs:
        if not can_fit(glob, parts, kind):
            pattern = visible(glob.shown, limit=60)
            allowed = visible(describe(parts[0], schema), limit=200)
            return Trouble(f"{shown} of {target.id} can never be {pattern}", f"it is {allowed}")
    return None
