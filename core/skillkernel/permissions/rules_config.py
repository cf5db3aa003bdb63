"""The [rules] of config.toml: the one place where rules come from.

A manifest, the environment and the current folder have no say. A mistake is an error and never a rule left out.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from skillkernel.catalogue.types import Target
from skillkernel.errors import RulesInvalid
from skillkernel.near import nearest
from skillkernel.permissions.rules import Rule, RuleSet
from skillkernel.permissions.rules_check import Trouble, trouble
from skillkernel.permissions.rules_syntax import RuleSyntaxError, parse_rule
from skillkernel.permissions.rules_value import RuleKind
from skillkernel.schema.kinds import is_list, is_object
from skillkernel.text import visible

MAX_RULES = 1_000
_EXAMPLE = 'for example: deny = ["effect:destroy"]'


class Written(NamedTuple):
    """One entry of the file: the rule that it is, or what is wrong with it, or why it sleeps."""

    kind: RuleKind
    place: str
    text: str
    rule: Rule | None
    trouble: Trouble | None

    @property
    def is_wrong(self) -> bool:
        """Whether it is a mistake."""
        return self.trouble is not None and not self.trouble.sleeps


def read_rules(config: Mapping[str, Any], targets: Sequence[Target]) -> RuleSet:
    """The rules of a config.toml for the installed tools; raise `RulesInvalid` with place and fix for the first mistake."""
    written = written_rules(config, targets)
    for each in written:
        if each.is_wrong:
            raise invalid(each)
    rules = [each.rule for each in written if each.rule is not None]
    deny, ask, allow = (tuple(rule for rule in rules if rule.kind is kind) for kind in RuleKind)
    return RuleSet(deny, ask, allow)


def written_rules(config: Mapping[str, Any], targets: Sequence[Target]) -> list[Written]:
    """Every entry, in the order in which they decide; raise `RulesInvalid` where [rules] itself has not the right form."""
    return [_written(kind, number, text, targets) for kind, number, text in _entries(config)]


def invalid(written: Written) -> RulesInvalid:
    """The error for an entry with a mistake."""
    problem, hint, _ = written.trouble or Trouble("", "")
    return RulesInvalid(f"config.toml, {written.place}: {visible(written.text, limit=200)!r}: {problem}", hint=hint)


def _written(kind: RuleKind, number: int, text: str, targets: Sequence[Target]) -> Written:
    place = f"[rules] {kind.value}[{number}]"
    try:
        rule = parse_rule(kind, text, place)
    except RuleSyntaxError as error:
        return Written(kind, place, text, None, Trouble(error.problem, error.hint))
    return Written(kind, place, text, rule, trouble(rule, targets))


def _entries(config: Mapping[str, Any]) -> list[tuple[RuleKind, int, str]]:
    table = config.get("rules", {})
    if not is_object(table):
        raise RulesInvalid(
            "config.toml: rules is not a table", hint=f"write [rules], then lines such as {_EXAMPLE[13:]}"
        )
    for name in table:
        if name not in {kind.value for kind in RuleKind}:
            near = nearest(name, [kind.value for kind in RuleKind])
            raise RulesInvalid(
                f"config.toml, [rules]: {visible(name, limit=40)} is none of allow, ask, deny",
                hint=f"did you mean {near[0]}?" if near else _EXAMPLE,
            )
    found = [(kind, number, text) for kind in RuleKind for number, text in _texts(kind, table.get(kind.value, []))]
    if len(found) > MAX_RULES:
        raise RulesInvalid(f"config.toml, [rules]: more than {MAX_RULES:,} rules", hint="write wider ones")
    return found


def _texts(kind: RuleKind, value: Any) -> list[tuple[int, str]]:
    texts: list[Any] = value if is_list(value) else [None]
    for number, text in enumerate(texts, start=1):
        if not isinstance(text, str):
            place = f"{kind.value}[{number}]" if is_list(value) else kind.value
            raise RulesInvalid(f"config.toml, [rules] {place} is not text in a list", hint=_EXAMPLE)
    return list(enumerate(texts, start=1))
