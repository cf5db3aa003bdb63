"""The narrowest rule that allows one call again: what "always" writes.

Every argument is held to its value, and no other may be there (`!*`). One exception keeps such a rule of use: a long
text with spaces, such as a letter's body, may change, where something shorter says what the call is about and the tool
destroys nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from unicodedata import normalize

from skillkernel.manifest.types import Effect
from skillkernel.names import ToolId
from skillkernel.permissions.rules import ArgumentRule, Rule, covers
from skillkernel.permissions.rules_glob import Glob, Wild
from skillkernel.permissions.rules_syntax import RuleSyntaxError, parse_rule, rule_text
from skillkernel.permissions.rules_value import RuleKind, text_of
from skillkernel.schema.kinds import is_list, is_object

_LONG = 80


def narrow_rule(tool: ToolId, effect: Effect, arguments: Mapping[str, Any]) -> str:
    """The text of that rule for `[rules] allow`; empty where no rule can say it."""
    values: dict[tuple[str, ...], list[str]] = {}
    for path, text in _texts(dict(arguments), ()):
        if text is None:
            return ""
        values.setdefault(path, []).append(text)
    free = {path for path, texts in values.items() if effect is not Effect.DESTROY and all(map(_is_prose, texts))}
    if len(free) == len(values):
        free.clear()
    rule = Rule(
        RuleKind.ALLOW,
        "",
        skill=Glob((tool.skill,)),
        tool=Glob((tool.tool,)),
        arguments=tuple(
            ArgumentRule(path, (Glob((Wild.RUN,)),) if path in free else _literals(texts))
            for path, texts in values.items()
        ),
        closed=True,
    )
    text = rule_text(rule)
    try:
        again = parse_rule(RuleKind.ALLOW, text)
    except RuleSyntaxError:  # too long, or an argument without a name
        return ""
    return text if covers(again, tool, effect, arguments) else ""


def _literals(texts: list[str]) -> tuple[Glob, ...]:
    return tuple(Glob((text,) if text else ()) for text in dict.fromkeys(texts))


def _texts(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str | None]]:
    """Each value with its path; None where one is empty, so that no pattern can hold it."""
    if is_object(value) and (value or not path):
        for key, part in value.items():
            yield from _texts(part, (*path, key))
    elif is_list(value) and value:
        for part in value:
            yield from _texts(part, path)
    else:
        yield path, None if is_list(value) or is_object(value) else normalize("NFC", text_of(value))


def _is_prose(text: str) -> bool:
    return len(text) > _LONG and any(char.isspace() for char in text)
