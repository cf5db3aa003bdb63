"""Compiled schemas, one per tool of a store digest, made at its first call."""

from typing import TYPE_CHECKING

from skillkernel.calls.types import Target

if TYPE_CHECKING:
    from skillkernel.schema import CompiledSchema


class SchemaCache:
    """Keeps what `compile_schema` made of a tool's input schema."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], CompiledSchema] = {}

    def of(self, target: Target) -> "CompiledSchema":
        """The compiled input schema of a tool; raise `SchemaError` when it cannot be used."""
        key = (target.skill.store, target.tool.name)
        found = self._compiled.get(key)
        if found is None:
            from skillkernel.schema import compile_schema

            found = self._compiled[key] = compile_schema(
                # Checked in full when the skill was installed.
                target.tool.input_schema,
                where=str(target.id),
                checked=True,
            )
        return found
