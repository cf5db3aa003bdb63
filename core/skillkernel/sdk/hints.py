"""From a type hint to its shape; what no shape exists for is refused with what to write instead."""

import collections.abc
import types
from enum import Enum, Flag
from typing import (
    Annotated,
    Any,
    Literal,
    NewType,
    TypeGuard,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from skillkernel.sdk.codec import NotEncodable, encode
from skillkernel.sdk.containers import AnyOf, Items, Limited, Row, Table, json_types
from skillkernel.sdk.field import Field
from skillkernel.sdk.shapes import (
    Anything,
    Boolean,
    Choice,
    Integer,
    Misfit,
    Null,
    Number,
    Shape,
    Text,
)

_SCALARS: dict[Any, type[Shape]] = {
    Any: Anything,
    object: Anything,
    None: Null,
    type(None): Null,
    bool: Boolean,
    int: Integer,
    float: Number,
    str: Text,
}
_LISTS = (
    list,
    collections.abc.Sequence,
    collections.abc.MutableSequence,
    collections.abc.Iterable,
    collections.abc.Collection,
)
_SETS = {set: set, frozenset: frozenset, collections.abc.Set: set, collections.abc.MutableSet: set}
_MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_MOMENT_MODULES = ("datetime", "decimal")
_SUGGESTIONS = {
    "bytearray": "take a str, in base64 if need be",
    "bytes": "take a str, in base64 if need be",
    "complex": "take two floats",
    "Context": "annotate a single parameter with Context alone",
    "Path": "take a str, and make the Path of it yourself",
    "timedelta": "take a number with its unit in the name, such as `duration_minutes: int`",
}
_SUPPORTED = (
    "use str, int, float, bool, None, Literal, Enum, date, datetime, time, Decimal, list, tuple, set, dict[str, …], "
    "a union of these, a dataclass or a TypedDict"
)


class HintUnsupported(Exception):
    """No shape exists for a hint; `problem` says why, `fix` what to write instead."""

    def __init__(self, problem: str, fix: str = _SUPPORTED) -> None:
        super().__init__(problem)
        self.problem = problem
        self.fix = fix


def shape_of(hint: Any, *, inside: tuple[Any, ...] = ()) -> Shape:
    """The shape of a resolved hint; raise `HintUnsupported`. `inside` holds the types that it is part of."""
    try:
        scalar = _SCALARS.get(hint)
    except TypeError:
        scalar = None
    if scalar is not None:
        return scalar()
    if isinstance(hint, NewType):
        return shape_of(hint.__supertype__, inside=inside)
    origin = get_origin(hint)
    if origin is Annotated:
        return _annotated(hint, inside)
    if origin is Literal:
        return _literal(get_args(hint))
    if origin in (Union, types.UnionType):
        return AnyOf([shape_of(member, inside=inside) for member in get_args(hint)])
    if hasattr(hint, "__value__"):  # `type Name = …` of Python 3.12
        return shape_of(hint.__value__, inside=_entered(hint, inside))
    return _class(hint, origin or hint, inside)


def _class(hint: Any, kind: Any, inside: tuple[Any, ...]) -> Shape:
    arguments = get_args(hint)
    if kind in _LISTS:
        return Items(_item(arguments, inside), list)
    if kind is tuple:
        return _tuple(arguments, inside)
    if kind in _SETS:
        return _set(arguments, _SETS[kind], inside)
    if kind in _MAPPINGS:
        return _table(arguments, inside)
    if _is_class(kind, Enum):
        return _enum(kind)
    if is_record(kind):
        from skillkernel.sdk.record_hints import record_of

        return record_of(kind, _entered(kind, inside))
    if isinstance(hint, str):
        raise HintUnsupported(f"the hint {hint!r} is a text that cannot be looked up", "write the type itself")
    if getattr(kind, "__module__", "") in _MOMENT_MODULES:
        return _moment(kind)
    raise HintUnsupported(f"no JSON form is known for {name_of(hint)}", _SUGGESTIONS.get(name_of(kind), _SUPPORTED))


def _entered(kind: Any, inside: tuple[Any, ...]) -> tuple[Any, ...]:
    if kind in inside:
        raise HintUnsupported(f"{name_of(kind)} holds itself", "refer to the inner one by a name or a number")
    return (*inside, kind)


def _is_class(kind: Any, base: type[Any]) -> bool:
    return isinstance(kind, type) and issubclass(kind, base)


def is_record(kind: Any) -> TypeGuard[type[Any]]:
    """Whether a type's values are objects with named fields."""
    return is_typeddict(kind) or hasattr(kind, "__dataclass_fields__")


def _annotated(hint: Any, inside: tuple[Any, ...]) -> Shape:
    inner, *notes = get_args(hint)
    shape = shape_of(inner, inside=inside)
    for field in (note for note in notes if isinstance(note, Field)):
        problem = field.problem_with(json_types(shape))
        if problem:
            raise HintUnsupported(problem, "put the Field on the type that it limits")
        shape = Limited(shape, field, [fitting(shape, example, "example") for example in field.examples])
    return shape


def _literal(values: tuple[Any, ...]) -> Shape:
    return _choice([(value.value if isinstance(value, Enum) else value, value) for value in values])


def _enum(kind: type[Enum]) -> Shape:
    if issubclass(kind, Flag):
        raise HintUnsupported(f"{name_of(kind)} is a Flag, whose members combine", "take a list of a plain Enum")
    if not list(kind):
        raise HintUnsupported(f"{name_of(kind)} has no members", "give it at least one")
    return _choice([(member.value, member) for member in kind])


def _choice(pairs: list[tuple[Any, Any]]) -> Shape:
    for raw, _ in pairs:
        if not isinstance(raw, (str, int, float, bool, type(None))):
            raise HintUnsupported(f"{raw!r} is not a JSON value", "give each member a text or a number as its value")
    plain = [(str(raw) if isinstance(raw, str) else raw, meant) for raw, meant in pairs]
    return Choice(plain)


def _item(arguments: tuple[Any, ...], inside: tuple[Any, ...]) -> Shape:
    return shape_of(arguments[0], inside=inside) if arguments else Anything()


def _moment(kind: Any) -> Shape:
    from skillkernel.sdk.moments import MOMENTS

    if kind not in MOMENTS:
        raise HintUnsupported(f"no JSON form is known for {name_of(kind)}", _SUGGESTIONS.get(name_of(kind), _SUPPORTED))
    return MOMENTS[kind]()


def _tuple(arguments: tuple[Any, ...], inside: tuple[Any, ...]) -> Shape:
    if not arguments:
        return Items(Anything(), tuple)
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return Items(shape_of(arguments[0], inside=inside), tuple)
    return Row([shape_of(place, inside=inside) for place in arguments])


def _set(arguments: tuple[Any, ...], make: Any, inside: tuple[Any, ...]) -> Shape:
    item = _item(arguments, inside)
    if not json_types(item) or json_types(item) & {"object", "array"}:
        raise HintUnsupported("a set holds texts, numbers, dates or choices only", "take a list")
    return Items(item, make, unique=True)


def _table(arguments: tuple[Any, ...], inside: tuple[Any, ...]) -> Shape:
    if not arguments:
        return Table(Anything())
    key, value = arguments
    if type(shape_of(key, inside=inside)) is not Text:
        raise HintUnsupported(f"the keys of a JSON object are texts, not {name_of(key)}", "use dict[str, …]")
    return Table(shape_of(value, inside=inside))


def resolved_hints(thing: Any) -> dict[str, Any]:
    """The hints of a function or class, looked up where it was written; raise `HintUnsupported`."""
    try:
        return get_type_hints(thing, include_extras=True)
    except NameError as error:
        raise HintUnsupported(
            f"the name {error.name!r} in a hint is not known here",
            "define or import it above, outside `if TYPE_CHECKING:`",
        ) from None
    except (TypeError, SyntaxError, AttributeError) as error:
        raise HintUnsupported(f"a hint cannot be read: {error}") from None


def fitting(shape: Shape, value: Any, what: str) -> Any:
    """The JSON form of a default or an example; raise `HintUnsupported` when the shape would not take it."""
    try:
        raw = encode(value)
        shape.decode(raw, None)
    except (NotEncodable, Misfit) as error:
        raise HintUnsupported(f"the {what} {value!r} does not fit its hint: {error}", "change one of the two") from None
    return raw


def name_of(hint: Any) -> str:
    """A hint as an author wrote it."""
    return getattr(hint, "__qualname__", None) or str(hint)
