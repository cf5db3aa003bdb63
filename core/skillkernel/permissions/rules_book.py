"""The rules of a running kernel, and the file that "always" adds to: nothing but the one rule changes in it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from skillkernel.config_file import rewrite_config
from skillkernel.errors import UsageError
from skillkernel.permissions.rules import Rule, RuleSet
from skillkernel.permissions.rules_value import RuleKind
from skillkernel.schema.kinds import is_list, is_object

NO_RULES = RuleSet()


@dataclass(slots=True)
class Rulebook:
    """The rules in force, and the config.toml they came from."""

    config: Path
    rules: RuleSet = NO_RULES

    def always(self, text: str) -> None:
        """Allow from now on what a rule says: here, and in config.toml; raise `UsageError` when that cannot be written."""
        from skillkernel.permissions.rules_syntax import parse_rule

        number = add_allow(self.config, text)
        rule: Rule = parse_rule(RuleKind.ALLOW, text, f"[rules] allow[{number}]")
        self.rules = replace(self.rules, allow=(*self.rules.allow, rule))


def add_allow(config: Path, text: str) -> int:
    """Add a rule to `[rules] allow` and return its number there; raise `UsageError` when the file cannot be written."""
    import tomllib

    try:
        after = rewrite_config(config, lambda before: with_allow(before, text))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{config} cannot be changed: {error}", hint=f"add the rule to [rules] allow by hand: {text}"
        ) from error
    allowed: list[str] = tomllib.loads(after)["rules"]["allow"]
    return allowed.index(text) + 1


def with_allow(document: str, text: str) -> str:
    """A config.toml with one more rule in `[rules] allow`; unchanged when it is there already."""
    import tomllib

    import tomlkit

    before = tomllib.loads(document)
    rules: Any = before.get("rules", {})
    allowed: Any = rules.get("allow", []) if is_object(rules) else None
    if not is_list(allowed):
        raise _no_place(text)
    if text in allowed:
        return document
    edited = tomlkit.parse(document)
    table: Any = edited.setdefault("rules", tomlkit.table())
    array: Any = table.setdefault("allow", tomlkit.array())
    array.append(tomlkit.string(text, literal="'" not in text))
    written = tomlkit.dumps(edited)
    if tomllib.loads(written) != {**before, "rules": {**rules, "allow": [*allowed, text]}}:
        raise _no_place(text)
    return written


def _no_place(text: str) -> UsageError:
    return UsageError(
        "config.toml is written in a way that no rule can be added to",
        hint=f"add the rule to [rules] allow by hand: {text}",
    )
