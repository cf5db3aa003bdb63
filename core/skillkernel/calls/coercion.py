"""Arguments of a `read` tool, moved to the types that its schema asks for where only one reading is possible.

Pure and told: each change comes with its reason. A value that fits, or that could be read in two ways, is left alone
for validation to judge.
"""

import re
from collections.abc import Mapping
from typing import Any

from skillkernel.schema.describe import resolved, shown
from skillkernel.schema.finding import pointer
from skillkernel.schema.kinds import is_list, is_object, kind_of
from skillkernel.text import visible

_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d{1,18}(\.\d{1,18})?", re.ASCII)
_TRUTH = {"true": True, "false": False}
_MAX_DEPTH = 32
_NOTHING: Any = object()


def coerce_to_schema(value: dict[str, Any], schema: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return arguments nearer to `schema` (compiled, so its references are local) and what was changed.

    "5" becomes 5 for an integer, "true" becomes true, "Weekly" the enumerated "weekly", a single value a list of one,
    JSON in a string the list or object it holds, and null for an optional property that has no null is left out.
    `value` itself is not changed.
    """
    coercion = _Coercion(schema)
    changed = coercion.object(value, schema, "", 0)
    return changed, tuple(coercion.reasons)


class _Coercion:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self.reasons: list[str] = []

    def object(self, value: dict[str, Any], schema: Any, path: str, depth: int) -> dict[str, Any]:
        """Every property of an object, those that are to go left out."""
        parts: dict[str, Any] = schema.get("properties", {}) if is_object(schema) else {}
        required = schema.get("required", ()) if is_object(schema) else ()
        result: dict[str, Any] = {}
        for name, part in value.items():
            here = pointer(path, name)
            if part is None and name in parts and name not in required and "null" not in self._kinds(parts[name]):
                self._say(here, "null was left out")
            else:
                result[name] = self._value(part, parts[name], here, depth + 1) if name in parts else part
        return result

    def _value(self, value: Any, schema: Any, path: str, depth: int) -> Any:
        schema = resolved(schema, self._root)
        kinds = self._kinds(schema)
        if depth > _MAX_DEPTH or not is_object(schema):
            return value
        if is_object(value):
            return self.object(value, self._branch(schema, "object"), path, depth)
        if is_list(value):
            items = self._branch(schema, "array").get("items", True)
            return [self._value(item, items, pointer(path, index), depth + 1) for index, item in enumerate(value)]
        if not kinds or kind_of(value) in kinds:
            return self._respelled(value, schema, path)
        read = self._read(value, kinds)
        if read is not _NOTHING:
            self._say(path, f"{shown(value)} was read as {shown(read)}")
            return read if not is_object(read) and not is_list(read) else self._value(read, schema, path, depth + 1)
        if "array" in kinds and value is not None:
            self._say(path, f"{shown(value)} was read as a list of one")
            return self._value([value], schema, path, depth + 1)
        return value

    def _read(self, value: Any, kinds: set[str]) -> Any:
        """The one value that a string can stand for among `kinds`, or `_NOTHING`."""
        if not isinstance(value, str):
            return _NOTHING
        text = value.strip()
        readings: list[Any] = []
        if "integer" in kinds and _WHOLE.fullmatch(text):
            readings.append(int(text))
        elif "number" in kinds and _DECIMAL.fullmatch(text):
            readings.append(float(text) if "." in text else int(text))
        if "boolean" in kinds and text.lower() in _TRUTH:
            readings.append(_TRUTH[text.lower()])
        if text[:1] in {"[", "{"}:
            readings += self._decoded(text, kinds)
        return readings[0] if len(readings) == 1 else _NOTHING

    @staticmethod
    def _decoded(text: str, kinds: set[str]) -> list[Any]:
        from skillkernel.calls.arguments import parse_arguments
        from skillkernel.errors import ArgumentsInvalid

        try:
            value = parse_arguments(f'{{"value":{text}}}', repair=False).value
        except ArgumentsInvalid:
            return []
        return [value["value"]] if len(value) == 1 and kind_of(value["value"]) in kinds else []

    def _respelled(self, value: Any, schema: Mapping[str, Any], path: str) -> Any:
        choices = [choice for part in self._alternatives(schema) for choice in part.get("enum", ())]
        if not isinstance(value, str) or not choices or value in choices:
            return value
        same = [choice for choice in choices if isinstance(choice, str) and choice.lower() == value.strip().lower()]
        if len(same) != 1 or len(self._kinds(schema)) > 1:
            return value
        self._say(path, f"{shown(value)} was read as {shown(same[0])}")
        return same[0]

    def _kinds(self, schema: Any) -> set[str]:
        """The JSON types that `schema` speaks of; empty when it takes any."""
        kinds: set[str] = set()
        for part in self._alternatives(schema):
            named = part.get("type", ())
            kinds.update([named] if isinstance(named, str) else named)
            if "type" not in part:
                kinds.update(
                    kind_of(choice) for choice in [*part.get("enum", ()), *([part["const"]] if "const" in part else [])]
                )
        return kinds

    def _branch(self, schema: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
        """The one alternative of that type, or an empty schema where there are several."""
        of_kind = [part for part in self._alternatives(schema) if part.get("type", kind) == kind]
        return of_kind[0] if len(of_kind) == 1 else {}

    def _alternatives(self, schema: Any) -> list[Mapping[str, Any]]:
        schema = resolved(schema, self._root)
        if not is_object(schema):
            return []
        for union in ("anyOf", "oneOf"):
            if union in schema and "type" not in schema:
                parts = [resolved(part, self._root) for part in schema[union]]
                return [part for part in parts if is_object(part)]
        return [schema]

    def _say(self, path: str, what: str) -> None:
        self.reasons.append(f"{visible(path, limit=100)}: {what}")
