"""`@tool`: a function with hints and a docstring becomes a tool that a model can call."""

import inspect
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Never, TypeGuard, TypeVar, get_args

from skillkernel.errors import InvalidName, ToolDeclarationInvalid
from skillkernel.names import tool_name
from skillkernel.sdk.codec import is_sequence
from skillkernel.sdk.context import Context
from skillkernel.sdk.hints import HintUnsupported, fitting, resolved_hints, shape_of
from skillkernel.sdk.records import Member, Record
from skillkernel.sdk.shapes import Anything, Shape

Effect = Literal["read", "write", "send", "destroy"]
PERMISSION_KINDS = ("network", "files.read", "files.write", "environment", "secrets", "programs", "kernel")
TIMEOUT_LIMIT = 3600.0
"""The longest that one call may be given, in seconds."""

_Function = TypeVar("_Function", bound=Callable[..., Any])
_MARK = "__skillkernel_tool__"
_PARAMETER = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,63}")
_order = itertools.count()


class ToolSpec:
    """All that is known of one tool; `order` counts declarations, `context_parameter` is empty when it takes none.

    What only `skill build` needs (schemas, description) is derived when it is asked for.
    """

    def __init__(
        self,
        *,
        name: str,
        arguments: Record,
        returns: Shape,
        context_parameter: str,
        asynchronous: bool,
        effect: Effect,
        idempotent: bool,
        timeout: float,
        permissions: tuple[str, ...],
        examples: tuple[str, ...],
    ) -> None:
        self.name = name
        self.arguments = arguments
        self.returns = returns
        self.context_parameter = context_parameter
        self.asynchronous = asynchronous
        self.effect: Effect = effect
        self.idempotent = idempotent
        self.timeout = timeout
        self.permissions = permissions
        self.examples = examples
        self.order = next(_order)

    @property
    def description(self) -> str:
        """The docstring before its first section."""
        from skillkernel.sdk.docstring import parse_docstring

        return parse_docstring(self.arguments.docstring).description

    @property
    def input_schema(self) -> dict[str, Any]:
        """The JSON Schema of the arguments."""
        return self.arguments.schema()

    @property
    def output_schema(self) -> dict[str, Any] | None:
        """The JSON Schema of the result, None when the function does not say or says Any."""
        return None if isinstance(self.returns, Anything) else self.returns.schema()


def tool(
    *bare: Never,
    effect: Effect,
    idempotent: bool = False,
    timeout: float = 30.0,
    permissions: Sequence[str] = (),
    examples: Sequence[str] = (),
) -> Callable[[_Function], _Function]:
    """Offer a function as a tool; it stays the plain function that it was. Raise `ToolDeclarationInvalid`.

    `effect` says what a call does to the world: `read` looks, `write` changes the user's own data and can be undone,
    `send` lets something leave, `destroy` cannot be undone. `idempotent` says that a second equal call changes nothing
    more. `timeout` is in seconds, `permissions` are the rows (`network:example.org:443`) of the skill's permissions
    that this tool uses, `examples` are requests, in any language, that it would answer.
    """
    # `bare` is there so that `@tool` without brackets fails as "missing … argument: 'effect'", which names the fix.

    def declare(function: _Function) -> _Function:
        declaration = _Declaration(function)
        declaration.check_effect_and_timeout(effect, timeout)
        spec = declaration.spec(
            effect,
            idempotent,
            float(timeout),
            declaration.rows(permissions),
            declaration.texts("examples", examples),
        )
        setattr(function, _MARK, spec)
        return function

    return declare


def spec_of(function: object) -> ToolSpec | None:
    """What `@tool` noted on a function, or None for anything else."""
    spec = getattr(function, _MARK, None)
    return spec if isinstance(spec, ToolSpec) else None


def _is_texts(values: object) -> TypeGuard[Sequence[str]]:
    return is_sequence(values) and all(isinstance(entry, str) and entry.strip() for entry in values)


class _Declaration:
    """One use of `@tool`, while it is being checked."""

    def __init__(self, function: Callable[..., Any]) -> None:
        code = getattr(function, "__code__", None)
        self.function = function
        self.place = f"{code.co_filename}:{code.co_firstlineno}" if code else getattr(function, "__module__", "?")
        self.name = getattr(function, "__name__", repr(function))
        if not inspect.isfunction(function):
            raise self.invalid("", f"a {type(function).__name__} is not a function", "write `def` under `@tool(…)`")

    def invalid(self, parameter: str, problem: str, fix: str) -> ToolDeclarationInvalid:
        return ToolDeclarationInvalid(self.place, self.name, parameter, problem, hint=fix)

    def check_effect_and_timeout(self, effect: object, timeout: object) -> None:
        if effect not in get_args(Effect):
            raise self.invalid("", f"{effect!r} is not an effect", "use read, write, send or destroy")
        if not (isinstance(timeout, (int, float)) and 0 < timeout <= TIMEOUT_LIMIT):
            raise self.invalid("", f"timeout={timeout!r} is not a time", f"use seconds, up to {TIMEOUT_LIMIT:g}")

    def texts(self, option: str, values: object) -> tuple[str, ...]:
        """The values of an option that is a list of texts."""
        if not _is_texts(values):
            raise self.invalid("", f"{option} is not a list of texts", f'write {option}=["…"]')
        return tuple(values)

    def rows(self, values: object) -> tuple[str, ...]:
        """The permissions that the tool uses."""
        rows = self.texts("permissions", values)
        for row in rows:
            kind, _, value = row.partition(":")
            if kind not in PERMISSION_KINDS or not value:
                kinds = ", ".join(PERMISSION_KINDS)
                raise self.invalid("", f"{row!r} is not a permission", f"write kind:value, with a kind of {kinds}")
        return rows

    def spec(
        self,
        effect: Effect,
        idempotent: bool,
        timeout: float,
        permissions: tuple[str, ...],
        examples: tuple[str, ...],
    ) -> ToolSpec:
        if not (self.function.__doc__ or "").strip():
            raise self.invalid("", "there is no docstring", "say in one sentence what the tool does; a model reads it")
        hints = self._hints()
        context = self._context_parameter(hints)
        return ToolSpec(
            name=self._tool_name(),
            arguments=self._arguments(hints, context),
            returns=self._returns(hints),
            context_parameter=context,
            asynchronous=inspect.iscoroutinefunction(self.function),
            effect=effect,
            idempotent=idempotent,
            timeout=timeout,
            permissions=permissions,
            examples=examples,
        )

    def _tool_name(self) -> str:
        try:
            return tool_name(self.name)
        except InvalidName as error:
            raise self.invalid("", error.message, f"rename the function: {error.hint}") from None

    def _hints(self) -> dict[str, Any]:
        try:
            return resolved_hints(self.function)
        except HintUnsupported as unsupported:
            raise self.invalid("", unsupported.problem, unsupported.fix) from None

    def _context_parameter(self, hints: Mapping[str, Any]) -> str:
        names = [name for name, hint in hints.items() if hint is Context and name != "return"]
        if len(names) > 1:
            raise self.invalid(names[1], "a second Context", "keep one")
        return names[0] if names else ""

    def _arguments(self, hints: Mapping[str, Any], context: str) -> Record:
        parameters = inspect.signature(self.function).parameters.values()
        members = {
            parameter.name: self._member(parameter, hints) for parameter in parameters if parameter.name != context
        }
        return Record(members, dict, self.function.__doc__ or "", titled=False)

    def _member(self, parameter: inspect.Parameter, hints: Mapping[str, Any]) -> Member:
        name = parameter.name
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise self.invalid(name, "a tool takes no * or ** parameter", "name each parameter, or take a list or dict")
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise self.invalid(name, "a tool is called by names", "remove the `/`")
        if name not in hints:
            raise self.invalid(name, "it has no type hint", f"write `{name}: str`, or whatever it is")
        if not _PARAMETER.fullmatch(name):
            raise self.invalid(name, "models see this name", "use a letter, then up to 63 letters, digits, underscores")
        try:
            shape = shape_of(hints[name])
            if parameter.default is parameter.empty:
                return Member(shape, required=True)
            return Member(shape, required=False, default=fitting(shape, parameter.default, "default"))
        except HintUnsupported as unsupported:
            raise self.invalid(name, unsupported.problem, unsupported.fix) from None

    def _returns(self, hints: Mapping[str, Any]) -> Shape:
        try:
            return shape_of(hints.get("return", Any))
        except HintUnsupported as unsupported:
            raise self.invalid("return", unsupported.problem, unsupported.fix) from None
