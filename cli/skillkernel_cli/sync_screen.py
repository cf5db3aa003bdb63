"""What a sync does, in plain words, for a person to agree to."""

from collections.abc import Iterator

from skillkernel.schema.describe import shown
from skillkernel_cli.consent_screen import consent_text
from skillkernel_registry.consent import row_in_words
from skillkernel_registry.lockfile.sync_plan import SyncedSkill, SyncPlan
from skillkernel_registry.plan import Plan


def sync_text(plan: SyncPlan) -> str:
    """The whole plan: a paragraph for each skill that differs, then what goes."""
    paragraphs = [_skill(step) for step in plan.skills]
    paragraphs += [f"{one.name} {one.version}: its files are made anew" for one in plan.repaired]
    paragraphs += [f"{gone.name} {gone.version} is removed; its data stays" for gone in plan.removed]
    return "\n\n".join(paragraphs)


def _skill(step: SyncedSkill) -> str:
    if step.planned is not None:
        head = consent_text(Plan((step.planned,)))
    else:
        head = f"{step.name}{' ' + step.before.version if step.before else ''}, as it is installed"
    return "\n".join([head, *_lines(step)])


def _lines(step: SyncedSkill) -> Iterator[str]:
    if step.goes_back:
        yield "  ATTENTION: this is older than what is installed"
    yield from _rows("the lock grants", step.new_rows)
    yield from _rows("the lock takes back", step.lost_rows)
    if step.planned is not None:
        yield from _rows("the lock does not grant", step.withheld)
    if step.ask_at_use and not (step.before and step.before.ask_at_use):
        yield "  it asks you at first use for what is not granted"
    if step.before is not None and step.before.ask_at_use and not step.ask_at_use:
        yield "  it no longer asks you at first use"
    for name in step.new_settings:
        yield (
            f"  the lock sets {name} to {shown(step.settings[name])}"
            if name in step.settings
            else (f"  the lock unsets {name}")
        )


def _rows(what: str, rows: tuple[str, ...]) -> Iterator[str]:
    if rows:
        yield f"  {what}"
    for row in rows:
        yield f"    {row_in_words(row)}"
