"""From a dataclass or a TypedDict to its shape."""

import dataclasses
from typing import Any, NotRequired, Required, get_args, get_origin

from skillkernel.sdk.hints import HintUnsupported, fitting, name_of, resolved_hints, shape_of
from skillkernel.sdk.records import Member, Record


def record_of(kind: type[Any], inside: tuple[Any, ...]) -> Record:
    """The shape of a dataclass or TypedDict, the last of `inside`; raise `HintUnsupported` naming the field."""
    members: dict[str, Member] = {}
    for name, hint, required, default in _fields(kind):
        try:
            shape = shape_of(hint, inside=inside)
            known = {} if default is dataclasses.MISSING else {"default": fitting(shape, default, "default")}
        except HintUnsupported as unsupported:
            raise HintUnsupported(f"{name_of(kind)}.{name}: {unsupported.problem}", unsupported.fix) from None
        members[name] = Member(shape, required=required, **known)
    return Record(members, kind, _own_docstring(kind))


def _fields(kind: type[Any]) -> list[tuple[str, Any, bool, Any]]:
    """Name, hint, whether it is required, and default (or MISSING) of each field."""
    hints = resolved_hints(kind)
    if dataclasses.is_dataclass(kind):
        return [
            (
                field.name,
                hints[field.name],
                field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING,
                field.default,
            )
            for field in dataclasses.fields(kind)
            if field.init
        ]
    return [
        (name, *_typed_dict_field(hint, name in kind.__required_keys__), dataclasses.MISSING)
        for name, hint in hints.items()
    ]


def _typed_dict_field(hint: Any, required: bool) -> tuple[Any, bool]:
    # With `from __future__ import annotations` __required_keys__ counts a NotRequired field too: the hint decides.
    origin = get_origin(hint)
    if origin in (Required, NotRequired):
        return get_args(hint)[0], origin is Required
    return hint, required


def _own_docstring(kind: type[Any]) -> str:
    text = kind.__doc__ or ""
    generated = dataclasses.is_dataclass(kind) and text.startswith(f"{kind.__name__}(")
    return "" if generated or text == dict.__doc__ else text
