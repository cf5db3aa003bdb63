"""jsonschema's 2020-12 validator with our own keywords where the library's are slow, inexact or unbounded.

Imports jsonschema, so only `compiled` imports this module, and late. Differences from the library: patterns run on
RE2, `multipleOf` is exact, `uniqueItems` is linear, formats are those of `formats`, nothing is fetched, and one
evaluation costs at most `MAX_STEPS`: references and `anyOf` can double the work at every level.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from importlib import import_module
from typing import Any, NoReturn

from jsonschema.exceptions import ValidationError
from referencing.exceptions import NoSuchResource

from skillkernel.canonical import canonical_json
from skillkernel.errors import SchemaError
from skillkernel.schema import formats, patterns
from skillkernel.schema.finding import pointer
from skillkernel.schema.kinds import is_list, is_object
from skillkernel.text import visible

_jsonschema: Any = import_module("jsonschema")  # the stubs leave what is used here untyped
_referencing: Any = import_module("referencing")

MAX_STEPS = 50_000
"""Keywords, enumerated values and properties looked at in one evaluation: about a second."""

_Keyword = Callable[[Any, Any, Any, Mapping[str, Any]], Iterator[ValidationError]]


class TooMuchWork(Exception):
    """The value cannot be checked within `MAX_STEPS`."""


class _Steps(threading.local):
    left = 0
    per_error = 0


_steps = _Steps()


def count_steps(nodes: int) -> None:
    """Begin one evaluation of a value that holds `nodes` JSON values.

    An error's message repeats the value it is about, so each error over a list or object costs by the value's size.
    """
    _steps.left = MAX_STEPS
    _steps.per_error = nodes // 50


def _spend(steps: int) -> None:
    _steps.left -= steps
    if _steps.left < 0:
        raise TooMuchWork


def _counted(keyword: _Keyword) -> _Keyword:
    def counted(validator: Any, argument: Any, instance: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
        _spend(1 + (len(argument) if is_object(argument) or is_list(argument) else 0))
        for error in keyword(validator, argument, instance, schema) or ():
            if is_object(instance) or is_list(instance):
                _spend(_steps.per_error)
            yield error

    return counted


def _pattern(validator: Any, pattern: str, instance: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not patterns.occurs(pattern, instance):
        yield ValidationError("does not match")


def _pattern_properties(
    validator: Any, parts: Mapping[str, Any], instance: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    if not is_object(instance):
        return
    _spend(len(parts) * len(instance))
    for pattern, part in parts.items():
        for key, value in instance.items():
            if patterns.occurs(pattern, key):
                yield from validator.descend(value, part, path=key, schema_path=pattern)


def _additional_properties(
    validator: Any, rest: Any, instance: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    if not is_object(instance):
        return
    for key in unknown_properties(instance, schema):
        if rest is False:
            yield ValidationError("unknown", path=(key,))
        else:
            yield from validator.descend(instance[key], rest, path=key)


def unknown_properties(instance: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """The keys of `instance` that neither `properties` nor `patternProperties` of `schema` speak of."""
    known, by_pattern = schema.get("properties", {}), schema.get("patternProperties", {})
    return [
        key for key in instance if key not in known and not any(patterns.occurs(pattern, key) for pattern in by_pattern)
    ]


def _unique_items(validator: Any, unique: bool, instance: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    if not unique or not is_list(instance):
        return
    _spend(len(instance) // 10)
    seen: set[bytes] = set()
    for index, item in enumerate(instance):
        key = canonical_json(_as_numbers(item))
        if key in seen:
            yield ValidationError("repeated", path=(index,))
        seen.add(key)


def _as_numbers(value: Any) -> Any:
    """The value with 1.0 as 1, since JSON Schema counts them as equal."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if is_list(value):
        return [_as_numbers(item) for item in value]
    if is_object(value):
        return {key: _as_numbers(item) for key, item in value.items()}
    return value


def _multiple_of(validator: Any, divisor: float, instance: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    if isinstance(instance, bool) or not isinstance(instance, int | float):
        return
    try:
        exact = (_fraction(instance) / _fraction(divisor)).denominator == 1
    except ValueError:
        exact = False
    if not exact:
        yield ValidationError("not a multiple")


def _fraction(number: float) -> Fraction:
    """0.3 is three tenths, as it was written, not the binary number nearest to it."""
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def _format_checker() -> Any:
    checker = _jsonschema.FormatChecker(formats=())
    for name in formats.EXAMPLES:
        checker.checks(name)(partial(_conforms, name))
    return checker


def _conforms(name: str, value: object) -> bool:
    return not isinstance(value, str) or formats.conforms(name, value)


def _fetch(uri: str) -> NoReturn:
    raise NoSuchResource(uri)


_OURS: dict[str, _Keyword] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "uniqueItems": _unique_items,
    "multipleOf": _multiple_of,
}
_DIALECT = _jsonschema.Draft202012Validator
_KEYWORDS: dict[str, _Keyword] = {**_DIALECT.VALIDATORS, **_OURS}
_VALIDATOR = _jsonschema.validators.extend(_DIALECT, {name: _counted(keyword) for name, keyword in _KEYWORDS.items()})
_FORMATS = _format_checker()


def validator_for(schema: Mapping[str, Any]) -> Any:
    """The validator of an inspected schema."""
    return _VALIDATOR(schema, format_checker=_FORMATS, registry=_referencing.Registry(retrieve=_fetch))


def check_metaschema(schema: Mapping[str, Any], where: str) -> None:
    """Raise `SchemaError` unless `schema` is a schema by the 2020-12 metaschema."""
    checker = _DIALECT(_DIALECT.META_SCHEMA)
    try:
        error: ValidationError | None = _jsonschema.exceptions.best_match(checker.iter_errors(schema))
    except RecursionError:
        raise SchemaError(f"{where}: the schema is too nested to be checked") from None
    if error is not None:
        place = where
        for step in error.absolute_path:
            place = pointer(place, step)
        raise SchemaError(
            f"{place}: not JSON Schema: {visible(error.message, limit=160)}",
            hint="see https://json-schema.org/understanding-json-schema for what each keyword takes",
        )
