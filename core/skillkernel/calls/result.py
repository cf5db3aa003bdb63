"""A tool's result against the schema that it promised: the promise is what other tools and a model rely on."""

from typing import TYPE_CHECKING, Any

from skillkernel.calls.schemas import SchemaCache
from skillkernel.catalogue.types import Target
from skillkernel.errors import ResultInvalid

if TYPE_CHECKING:
    from skillkernel.schema import Finding


def check_result(target: Target, result: Any, schemas: SchemaCache) -> None:
    """Raise `ResultInvalid`, naming path and rule, when a tool promised another result; without a schema anything fits.

    Properties that the schema does not speak of pass, and so does a result too large to be checked to its end: the
    tool has run, and its author wrote both sides.
    """
    schema = schemas.of_result(target)
    if schema is None:
        return
    findings = schema.findings(result)
    if not findings or _given_up(findings):
        return
    shown = "; ".join(str(finding) for finding in findings[:5])
    more = f"; and {len(findings) - 5} more" if len(findings) > 5 else ""
    raise ResultInvalid(
        f"the result of {target.id} is not what its output_schema promises: {shown}{more}",
        hint="the tool has run; tell the skill's author",
    )


def _given_up(findings: "tuple[Finding, ...]") -> bool:
    from skillkernel.schema import UNFINISHED

    return findings == (UNFINISHED,)
