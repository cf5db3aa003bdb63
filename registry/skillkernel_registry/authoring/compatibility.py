"""Whether one JSON Schema (2020-12) still takes every value that another took. Pure.

The answer errs on one side: when some value that was accepted is refused now, there is a finding; where two schemas
cannot be compared, that is a finding too. So every keyword of the later schema has to follow from the earlier one.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, cast

from skillkernel.sdk.shapes import is_object
from skillkernel_registry.authoring.schema_side import ALL_TYPES, Schema, Side, plain

_DEEPEST = 40
_CLOSED_BY_NAMES = ("allOf", "anyOf", "oneOf", "$ref", "if", "dependentSchemas")


class Narrowing(NamedTuple):
    """Where a schema takes less than another did: `place` names a value (`day`, `guests[].mail`), empty: the whole."""

    place: str
    what: str


def narrowings(before: Schema, after: Schema) -> tuple[Narrowing, ...]:
    """Every place at which `after` may refuse what `before` took; empty: it takes at least as much."""
    pair = _Pair(Side(before, before), Side(after, after))
    return tuple(dict.fromkeys(_narrowings(pair)))


def argument_narrowings(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Narrowing, ...]:
    """The same of two schemas of arguments, which take no property that they do not speak of."""
    found = narrowings(_closed(before), _closed(after))
    if plain(before) != plain(after) and any(key in one for one in (before, after) for key in _CLOSED_BY_NAMES):
        return (Narrowing("", "is put together from several schemas, which cannot be compared"), *found)
    return found


def _closed(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema as the kernel reads it: an object that says nothing of further properties takes none."""
    says = ("additionalProperties", "unevaluatedProperties", *_CLOSED_BY_NAMES)
    if any(key in schema for key in says) or schema.get("type", "object") != "object":
        return schema
    return {**schema, "additionalProperties": False}


@dataclass(frozen=True, slots=True)
class _Pair:
    """The two sides at one place; `seen` are the pairs of references on the way here."""

    before: Side
    after: Side
    place: str = ""
    seen: frozenset[str] = frozenset()
    depth: int = 0

    def step(self, before: Schema, after: Schema, place: str) -> "_Pair":
        return replace(
            self, before=self.before.at(before), after=self.after.at(after), place=place, depth=self.depth + 1
        )

    def inside(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name

    def finding(self, what: str) -> Narrowing:
        return Narrowing(self.place, what)


def _narrowings(pair: _Pair) -> Iterator[Narrowing]:
    before, after = pair.before, pair.after
    if pair.depth > _DEEPEST:
        yield pair.finding("is nested too deep to be compared")
        return
    if after.schema is True or not after.constraints() or before.schema is False or _same(before, after):
        return
    if after.schema is False:
        yield pair.finding("is refused now, whatever its value")
        return
    if "$ref" in before.constraints() or "$ref" in after.constraints():
        yield from _through_references(pair)
        return
    for keyword in ("anyOf", "oneOf", "allOf"):
        if keyword in before.constraints() and keyword not in after.constraints():
            yield from _from_alternatives(pair, keyword)
            return
    values = before.finite()
    if values is not None:
        yield from _of_values(pair, values)
        return
    for keyword, value in after.constraints().items():
        if keyword in _RULES:
            yield from _RULES[keyword](pair, value)
        elif keyword in _WHOLE or (keyword in _UNCOMPARED and not _same_keyword(pair, keyword)):
            yield pair.finding(f"has another `{keyword}`, which cannot be compared")


def _same(before: Side, after: Side) -> bool:
    """Whether both say the same, references included."""
    if plain(before.schema) != plain(after.schema):
        return False
    return "$ref" not in json.dumps(before.schema) or plain(_definitions(before)) == plain(_definitions(after))


def _definitions(side: Side) -> Any:
    return side.root if isinstance(side.root, bool) else dict(side.root)


def _same_keyword(pair: _Pair, keyword: str) -> bool:
    before, after = pair.before.constraints(), pair.after.constraints()
    if keyword not in before or plain({keyword: before[keyword]}) != plain({keyword: after[keyword]}):
        return False
    return "$ref" not in json.dumps(after[keyword]) or plain(_definitions(pair.before)) == plain(
        _definitions(pair.after)
    )


def _through_references(pair: _Pair) -> Iterator[Narrowing]:
    mark = json.dumps([pair.before.schema, pair.after.schema], sort_keys=True, default=str)
    if mark in pair.seen:
        return  # on the way round: what was to be found has been
    before, after = (_resolved(side) for side in (pair.before, pair.after))
    if before is None or after is None:
        yield pair.finding("has a reference beside other rules, which cannot be compared")
        return
    yield from _narrowings(replace(pair, before=before, after=after, seen=pair.seen | {mark}, depth=pair.depth + 1))


def _resolved(side: Side) -> Side | None:
    """What a lone reference stands for; None when it leads nowhere or does not stand alone."""
    reference = side.get("$ref")
    if reference is None:
        return side
    if len(side.constraints()) > 1 or not isinstance(reference, str):
        return None
    if reference != "#" and not reference.startswith("#/"):
        return None
    found: Any = side.root
    for step in reference.removeprefix("#").split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if is_object(found) else None
    return side.at(found) if is_object(found) or isinstance(found, bool) else None


def _from_alternatives(pair: _Pair, keyword: str) -> Iterator[Narrowing]:
    """Each alternative that was taken has to be taken still; of rules that all hold, one that suffices is enough."""
    branches = cast("list[Schema]", pair.before.get(keyword))
    others = {key: value for key, value in pair.before.constraints().items() if key != keyword}
    without = list(_narrowings(pair.step(others, pair.after.schema, pair.place)))
    if not without:
        return
    found = [list(_narrowings(pair.step(branch, pair.after.schema, pair.place))) for branch in branches]
    if keyword == "allOf":
        yield from [] if any(not each for each in found) else without
        return
    for each in found:
        yield from each


def _of_values(pair: _Pair, values: list[Any]) -> Iterator[Narrowing]:
    from skillkernel.errors import SchemaError
    from skillkernel.schema import compile_schema

    root = pair.after.root
    known = {} if isinstance(root, bool) else {key: root[key] for key in ("$defs", "definitions") if key in root}
    try:
        compiled = compile_schema({**known, **pair.after.constraints()}, where=pair.place, closed=False)
    except SchemaError:
        yield pair.finding("cannot be compared")
        return
    refused = [value for value in values if not compiled.is_valid(value)]
    if refused:
        shown = ", ".join(json.dumps(value, ensure_ascii=False)[:60] for value in refused[:5])
        yield pair.finding(f"does not take {shown} any more")


def _type_rule(pair: _Pair, value: Any) -> Iterator[Narrowing]:
    lost = pair.before.types() - pair.after.types()
    if lost:
        was = " or ".join(sorted(pair.before.types() - ({"integer"} if "number" in pair.before.types() else set())))
        now = value if isinstance(value, str) else " or ".join(sorted(value))
        yield pair.finding(f"was {'any value' if pair.before.types() == ALL_TYPES else was} and is {now} now")


def _values_rule(pair: _Pair, value: Any) -> Iterator[Narrowing]:
    yield pair.finding("takes a few named values alone now")


def _limit(keyword: str, kinds: frozenset[str], *, lower: bool, also: str = "") -> "_Rule":
    """A bound that may not get tighter; `also` is a keyword whose bound implies this one."""

    def rule(pair: _Pair, value: Any) -> Iterator[Narrowing]:
        if not kinds & pair.before.types():
            return
        bounds = [bound for name in (keyword, also) if name and (bound := pair.before.get(name)) is not None]
        if not any(bound >= value if lower else bound <= value for bound in bounds):
            was = pair.before.get(keyword)
            yield pair.finding(f"has `{keyword}` {value}, and had {'none' if was is None else was}")

    return rule


def _exclusive(keyword: str, inclusive: str, *, lower: bool) -> "_Rule":
    def rule(pair: _Pair, value: Any) -> Iterator[Narrowing]:
        if not _NUMBERS & pair.before.types():
            return
        same, other = pair.before.get(keyword), pair.before.get(inclusive)
        held = same is not None and (same >= value if lower else same <= value)
        if not held and not (other is not None and (other > value if lower else other < value)):
            yield pair.finding(f"has `{keyword}` {value} now")

    return rule


def _multiple_rule(pair: _Pair, value: Any) -> Iterator[Narrowing]:
    was = pair.before.get("multipleOf")
    whole = isinstance(value, int) and isinstance(was, int) and was % value == 0
    if _NUMBERS & pair.before.types() and was != value and not whole:
        yield pair.finding(f"has `multipleOf` {value} now")


def _text_rule(keyword: str) -> "_Rule":
    def rule(pair: _Pair, value: Any) -> Iterator[Narrowing]:
        if "string" in pair.before.types() and pair.before.get(keyword) != value:
            yield pair.finding(f"has another `{keyword}`: {json.dumps(value, ensure_ascii=False)[:80]}")

    return rule


def _unique_rule(pair: _Pair, value: Any) -> Iterator[Narrowing]:
    if value and "array" in pair.before.types() and not pair.before.get("uniqueItems"):
        yield pair.finding("takes no item twice now")


def _required_rule(pair: _Pair, value: Any) -> Iterator[Narrowing]:
    if "object" not in pair.before.types():
        return
    for name in value:
        if name not in pair.before.get("required", ()):
            new = name not in pair.before.get("properties", {})
            yield Narrowing(pair.inside(name), "is new and required" if new else "is required now")


def _properties_rule(pair: _Pair, value: Any) -> Iterator[Narrowing]:
    if "object" not in pair.before.types():
        return
    known = pair.before.get("properties", {})
    for name, schema in value.items():
        earlier = known[name] if name in known else _other_properties(pair.before)
        yield from _narrowings(pair.step(earlier, schema, pair.inside(name)))


def _other_properties(side: Side) -> Schema:
    """What a property without a rule of its own has to be."""
    return True if side.get("patternProperties") else side.get("additionalProperties", True)


def _additional_rule(pair: _Pair, value: Any) -> Iterator[Narrowing]:
    if "object" not in pair.before.types() or value is True:
        return
    if plain(pair.before.get("patternProperties", {})) != plain(pair.after.get("patternProperties", {})):
        yield pair.finding("has other `patternProperties`, which cannot be compared")
        return
    if not pair.before.get("patternProperties"):
        earlier = pair.before.get("additionalProperties", True)
        if value is False and earlier is not False:
            yield pair.finding("takes no further properties any more")
        else:
            yield from _narrowings(pair.step(earlier, value, pair.inside("*")))
    elif not _same_keyword(pair, "additionalProperties"):
        yield pair.finding("has other rules for further properties")
    for name, schema in pair.before.get("properties", {}).items():
        if name in pair.after.get("properties", {}) or schema is False:
            continue
        if value is False:
            yield Narrowing(pair.inside(name), "is gone")
        else:
            yield from _narrowings(pair.step(schema, value, pair.inside(name)))


def _items_rule(pair: _Pair, value: Any) -> Iterator[Narrowing]:
    if "array" not in pair.before.types():
        return
    first: list[Schema] = pair.before.get("prefixItems", [])
    for place, schema in enumerate(first[len(pair.after.get("prefixItems", [])) :]):
        yield from _narrowings(pair.step(schema, value, f"{pair.place}[{place}]"))
    yield from _narrowings(pair.step(pair.before.get("items", True), value, f"{pair.place}[]"))


def _prefix_rule(pair: _Pair, value: Any) -> Iterator[Narrowing]:
    if "array" not in pair.before.types():
        return
    first: list[Schema] = pair.before.get("prefixItems", [])
    for place, schema in enumerate(value):
        earlier = first[place] if place < len(first) else pair.before.get("items", True)
        yield from _narrowings(pair.step(earlier, schema, f"{pair.place}[{place}]"))


def _all_rule(pair: _Pair, value: Any) -> Iterator[Narrowing]:
    if _same_keyword(pair, "allOf"):
        return
    for branch in value:
        yield from _narrowings(pair.step(pair.before.schema, branch, pair.place))


def _any_rule(pair: _Pair, value: Any) -> Iterator[Narrowing]:
    """Taken by one of the alternatives is taken; each earlier alternative may find its own."""
    if _same_keyword(pair, "anyOf"):
        return
    earlier: list[Schema] = pair.before.get("anyOf") or [pair.before.schema]
    for schema in earlier:
        if all(any(True for _ in _narrowings(pair.step(schema, branch, pair.place))) for branch in value):
            yield pair.finding("has alternatives that do not take all that it took")
            return


_Rule = Callable[[_Pair, Any], Iterator[Narrowing]]
_NUMBERS = frozenset({"number", "integer"})
_STRINGS, _ARRAYS, _OBJECTS = frozenset({"string"}), frozenset({"array"}), frozenset({"object"})
_RULES: Mapping[str, _Rule] = {
    "type": _type_rule,
    "enum": _values_rule,
    "const": _values_rule,
    "minimum": _limit("minimum", _NUMBERS, lower=True, also="exclusiveMinimum"),
    "maximum": _limit("maximum", _NUMBERS, lower=False, also="exclusiveMaximum"),
    "exclusiveMinimum": _exclusive("exclusiveMinimum", "minimum", lower=True),
    "exclusiveMaximum": _exclusive("exclusiveMaximum", "maximum", lower=False),
    "multipleOf": _multiple_rule,
    "minLength": _limit("minLength", _STRINGS, lower=True),
    "maxLength": _limit("maxLength", _STRINGS, lower=False),
    "pattern": _text_rule("pattern"),
    "format": _text_rule("format"),
    "minItems": _limit("minItems", _ARRAYS, lower=True),
    "maxItems": _limit("maxItems", _ARRAYS, lower=False),
    "uniqueItems": _unique_rule,
    "items": _items_rule,
    "prefixItems": _prefix_rule,
    "minProperties": _limit("minProperties", _OBJECTS, lower=True),
    "maxProperties": _limit("maxProperties", _OBJECTS, lower=False),
    "required": _required_rule,
    "properties": _properties_rule,
    "additionalProperties": _additional_rule,
    "allOf": _all_rule,
    "anyOf": _any_rule,
}
_UNCOMPARED = frozenset(
    [
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "propertyNames",
        "patternProperties",
        "dependentRequired",
        "dependentSchemas",
        "$dynamicRef",
        "$recursiveRef",
    ]
)
_WHOLE = frozenset(["contains", "minContains", "maxContains", "unevaluatedItems", "unevaluatedProperties"])
"""Their meaning hangs on what stands beside them: only an equal whole is equal."""
