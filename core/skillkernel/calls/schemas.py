"""Compiled schemas, one per tool of a store digest, made at its first call."""

from typing import TYPE_CHECKING

from skillkernel.catalogue.types import Target

if TYPE_CHECKING:
    from skillkernel.schema import CompiledSchema


class SchemaCache:
    """Keeps what `compile_schema` made of a tool's schemas."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], CompiledSchema] = {}
        self._results: dict[tuple[str, str], CompiledSchema | None] = {}

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

    def of_result(self, target: Target) -> "CompiledSchema | None":
        """The compiled output schema of a tool, open to properties it does not speak of; None when it has none."""
        key = (target.skill.store, target.tool.name)
        if key in self._results:
            return self._results[key]
        schema = target.tool.output_schema
        if schema is None:
            found = None
        else:
            from skillkernel.schema import compile_schema

            found = compile_schema(schema, where=f"{target.id} output_schema", closed=False, checked=True)
        self._results[key] = found
        return found
