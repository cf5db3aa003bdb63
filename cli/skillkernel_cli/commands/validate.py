"""`skill validate`: everything that is wrong with a skill, at once."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skillkernel_cli.options import Json

if TYPE_CHECKING:
    from skillkernel_registry.authoring.finding import Finding
    from skillkernel_registry.authoring.validate import Validation


def validate_command(
    target: Annotated[
        Path, typer.Argument(metavar="[FOLDER|WHEEL]", help="The skill's source, or its wheel.")
    ] = Path(),
    strict: Annotated[bool, typer.Option("--strict", help="Fail on warnings too.")] = False,
    no_tests: Annotated[bool, typer.Option("--no-tests", help="Do not run its tests, which measure memory.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Look nothing up.")] = False,
    json: Json = False,
) -> int:
    """Look for all that a build, a user or a model would stumble over. Its code runs in the sandbox alone.

    Exit code 1 when there is an error; warnings count with --strict.

    Example: skill validate . --strict
    """
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.output import data, json_document, note
    from skillkernel_registry.authoring.finding import Severity

    async def main() -> "Validation":
        from skillkernel.home import open_home
        from skillkernel_registry.authoring.validate import validate

        return await validate(open_home(), target, offline=offline, tests=not no_tests)

    result = run_async(main)
    errors, warnings = result.counts(Severity.ERROR), result.counts(Severity.WARNING)
    failed = errors > 0 or (strict and warnings > 0)
    if json:
        json_document(_as_json(result, ok=not failed))
    else:
        for one in result.findings:
            data(_shown(one))
        note(f"{result.name or target}: {_count(errors, 'error')}, {_count(warnings, 'warning')}")
    return 1 if failed else 0


def _shown(one: "Finding") -> str:
    from skillkernel.text import visible

    fix = f"\n    fix: {visible(one.fix)}" if one.fix else ""
    return f"{visible(one.place)}: {one.severity.value}: {visible(one.what)} [{one.rule}]{fix}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _as_json(result: "Validation", *, ok: bool) -> dict[str, object]:
    measured = result.measured
    return {
        "name": result.name,
        "ok": ok,
        "findings": [one.as_json() for one in result.findings],
        "measured": {
            "import_rss": measured.import_rss,
            "tests_rss": measured.tests_rss,
            "instructions": measured.instructions,
            "wheel": measured.wheel,
        },
    }
