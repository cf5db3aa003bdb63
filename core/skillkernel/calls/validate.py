"""Stage 3: arguments against the tool's schema; a read tool's are bent into shape where their meaning is plain."""

from typing import Any

from skillkernel.calls.schemas import SchemaCache
from skillkernel.catalogue.types import Target
from skillkernel.errors import ArgumentsInvalid
from skillkernel.manifest.types import Effect


def validate(target: Target, arguments: dict[str, Any], schemas: SchemaCache) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return (arguments that fit, what was bent); raise `ArgumentsInvalid` naming path, problem and what is allowed."""
    schema = schemas.of(target)
    findings = schema.findings(arguments)
    if not findings:
        return arguments, ()
    if target.tool.effect is Effect.READ:
        from skillkernel.calls.coercion import coerce_to_schema

        coerced, reasons = coerce_to_schema(arguments, target.tool.input_schema)
        if reasons and not schema.findings(coerced):
            return coerced, reasons
    shown = "; ".join(f"{finding.path or '/'}: {finding.problem}" for finding in findings[:5])
    allowed = "; ".join(dict.fromkeys(finding.allowed for finding in findings[:5] if finding.allowed))
    raise ArgumentsInvalid(f"the arguments of {target.id} do not fit: {shown}", hint=allowed)
