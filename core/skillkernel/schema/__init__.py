"""JSON Schemas of tools and settings: compiled once with a hostile author in mind, then asked for findings."""

from skillkernel.schema.compiled import UNFINISHED, CompiledSchema, compile_schema
from skillkernel.schema.finding import Finding

__all__ = ["UNFINISHED", "CompiledSchema", "Finding", "compile_schema"]
