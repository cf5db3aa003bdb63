"""Objects with named fields: dataclasses, TypedDicts, and a tool's own parameters."""

from collections.abc import Callable, Mapping
from typing import Any

from skillkernel.sdk.shapes import Misfit, Shape, Zone, as_object, shown

NO_DEFAULT = object()


class Member:
    """One field: its shape, whether it must be there, and its default as JSON."""

    __slots__ = ("default", "required", "shape")

    def __init__(self, shape: Shape, *, required: bool, default: Any = NO_DEFAULT) -> None:
        self.shape = shape
        self.required = required
        self.default = default

    def schema(self, description: str) -> dict[str, Any]:
        """The field's schema; a default of null is left out, since `not required` says as much."""
        schema = self.shape.schema()
        if description:
            schema.setdefault("description", description)
        if self.default is not NO_DEFAULT and self.default is not None:
            schema["default"] = self.default
        return schema


class Record(Shape):
    """An object with these members and no others; `make` builds the Python value from the decoded members.

    The docstring describes the members; it is read when the schema is asked for, which a worker never does.
    """

    rank = 4

    def __init__(
        self, members: Mapping[str, Member], make: Callable[..., Any], docstring: str, *, titled: bool = True
    ) -> None:
        self.members = dict(members)
        self.make = make
        self.docstring = docstring
        self.titled = titled

    def schema(self) -> dict[str, Any]:
        from skillkernel.sdk.docstring import parse_docstring

        said = parse_docstring(self.docstring)
        required = [name for name, member in self.members.items() if member.required]
        properties = {name: member.schema(said.parameters.get(name, "")) for name, member in self.members.items()}
        return {
            "type": "object",
            **({"description": said.description} if self.titled and said.description else {}),
            "properties": properties,
            **({"required": required} if required else {}),
            "additionalProperties": False,
        }

    def decode(self, value: Any, zone: Zone) -> Any:
        values = self.decode_members(value, zone)
        try:
            return self.make(**values)
        except ValueError as error:
            raise Misfit(str(error) or f"{shown(value)} was refused") from error

    def decode_members(self, value: Any, zone: Zone) -> dict[str, Any]:
        """The Python values by name; what is absent and has a default is left out."""
        entries = as_object(value)
        for name in entries:
            if name not in self.members:
                raise Misfit(self._unknown(name)).under(name)
        missing = [name for name, member in self.members.items() if member.required and name not in entries]
        if missing:
            raise Misfit(f"missing {', '.join(missing)}")
        decoded: dict[str, Any] = {}
        for name, entry in entries.items():
            try:
                decoded[name] = self.members[name].shape.decode(entry, zone)
            except Misfit as misfit:
                raise misfit.under(name) from None
        return decoded

    def _unknown(self, name: str) -> str:
        from difflib import get_close_matches

        near = get_close_matches(name, self.members, n=1)
        return f"there is no such field, did you mean {near[0]}?" if near else "there is no such field"
