"""jsonschema's errors as findings: which one counts, and how it is said."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from skillkernel.near import nearest
from skillkernel.schema.describe import describe, listed, resolved, shown
from skillkernel.schema.finding import Finding, pointer
from skillkernel.schema.kinds import is_object
from skillkernel.text import visible

MAX_FINDINGS = 20
"""Faults that are told at once; a model mends no more than that in one turn."""
_MAX_UNION_DEPTH = 8
_WRONG_KIND = {"type", "enum", "const", None}


def explain(errors: Iterable[Any], root: Mapping[str, Any]) -> tuple[Finding, ...]:
    """The findings of jsonschema's errors, each once, in the order of their paths."""
    found = {finding: None for error in errors for finding in _findings(error, root, 0)}
    return tuple(sorted(found)[:MAX_FINDINGS])


def _findings(error: Any, root: Mapping[str, Any], depth: int) -> Iterator[Finding]:
    if error.validator in {"anyOf", "oneOf"} and error.context and depth < _MAX_UNION_DEPTH:
        yield from _best_branch(error, root, depth)
    elif error.validator == "required":
        yield from _missing(error, root)
    elif error.validator == "additionalProperties" and error.validator_value is False:
        yield _unknown(error)
    else:
        yield Finding(_path(error), *_in_words(error, root))


def _path(error: Any) -> str:
    path = ""
    for step in error.absolute_path:
        path = pointer(path, step)
    return path


def _best_branch(error: Any, root: Mapping[str, Any], depth: int) -> Iterator[Finding]:
    """The errors of the one branch that was meant: of the right kind and nearest to fitting; else all in one line."""
    branches: dict[int | str, list[Any]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0] if inner.schema_path else -1, []).append(inner)
    meant = [
        inner
        for inner in branches.values()
        if not any(each.validator in _WRONG_KIND and not each.path for each in inner)
    ]
    meant.sort(key=lambda inner: (sum(each.validator in {"const", "enum"} for each in inner), len(inner)))
    if meant:
        for inner in meant[0]:
            yield from _findings(inner, root, depth + 1)
    else:
        yield Finding(_path(error), f"{shown(error.instance)} is none of what is allowed", describe(error.schema, root))


def _missing(error: Any, root: Mapping[str, Any]) -> Iterator[Finding]:
    for name in error.validator_value:
        if name not in error.instance:
            part = resolved(error.schema.get("properties", {}).get(name, True), root)
            yield Finding(pointer(_path(error), name), f"{shown(name)} is missing", _with_description(part, root))


def _with_description(part: Any, root: Mapping[str, Any]) -> str:
    words = describe(part, root)
    note = part.get("description", "") if is_object(part) else ""
    return f"{words} ({visible(note, limit=120)})" if note else words


def _unknown(error: Any) -> Finding:
    return unknown_property(_path(error), str(error.path[-1]), error.schema.get("properties", {}))


def unknown_property(path: str, name: str, known: Iterable[str]) -> Finding:
    """There is no property of that name at `path` (the property's own pointer); `known` are those there are."""
    names = sorted(known)
    near = nearest(name, names, limit=1)
    hint = f"did you mean {shown(near[0])}? " if near else ""
    return Finding(
        visible(path, limit=200),
        f"there is no property {shown(name)}",
        f"{hint}known: {listed(names)}" if names else "no properties",
    )


def _in_words(error: Any, root: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong and what is allowed, by the keyword that failed."""
    value, argument = shown(error.instance), error.validator_value
    allowed = describe(error.schema, root)
    match error.validator:
        case "type" | "enum" | "const":
            return f"{value} is not allowed here", allowed
        case "format":
            return f"{value} is not {_article(argument)}", allowed
        case "pattern":
            return f"{value} does not have the form that is asked for", f"text matching {visible(argument, limit=80)}"
        case "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties":
            return f"its length is {len(error.instance)}", f"{_limit(error.validator)} {argument}"
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            return f"{value} is out of range", allowed
        case "multipleOf":
            return f"{value} is not a multiple of {argument}", f"a multiple of {argument}"
        case "uniqueItems":
            return "this value is there twice", "each value once"
        case "dependentRequired":
            return "a property that belongs to another one is missing", _dependencies(argument, error.instance)
        case "oneOf":
            return f"{value} fits more than one of the alternatives", allowed
        case "not":
            return f"{value} is not allowed here", f"anything but {describe(argument, root)}"
        case "unevaluatedProperties":
            return "there are properties that the schema does not know", allowed
        case None:
            return "nothing may stand here", "leave it out"
        case keyword:
            return f"{value} does not fit {keyword}", allowed


def _article(name: str) -> str:
    return f"{'an' if name[0] in 'aeio' else 'a'} {name}"


def _limit(keyword: str) -> str:
    return "at least" if keyword.startswith("min") else "at most"


def _dependencies(argument: Mapping[str, list[str]], instance: Mapping[str, Any]) -> str:
    pairs = [f"{shown(name)} asks for {listed(needs)}" for name, needs in argument.items() if name in instance]
    return "; ".join(pairs)
