"""What an upgrade changes, as a diff against what its user agreed to before."""

from skillkernel_cli.consent_screen import consent_text
from skillkernel_registry.plan import Plan, PlannedSkill

_SIGNS = {"new ": "+", "no longer ": "-", "tool gone": "-"}


def upgrade_text(plan: Plan) -> str:
    """A line for each skill that asks for nothing new, a diff for each that does.

    One that is new, of another publisher or signed by somebody else has the whole screen.
    """
    quiet = [f"{_step(skill)}: asks for nothing new" for skill in plan.skills if not skill.needs_consent]
    asking = [_asking(skill) for skill in plan.skills if skill.needs_consent]
    return "\n\n".join([*(["\n".join(quiet)] if quiet else []), *asking])


def _asking(skill: PlannedSkill) -> str:
    if skill.replaces is None or skill.stranger or skill.other_signer:
        return consent_text(Plan((skill,)))
    lines = [f"{_step(skill)}, from {skill.index}{f', published by {skill.publisher}' if skill.publisher else ''}"]
    lines += [f"  {_sign(change)} {change}" for change in skill.changes] or ["  ~ requires or brings less than before"]
    lines += [f"  ! not granted before, and not by this: {ask}" for ask in skill.withheld]
    if skill.replaces.ask_at_use and skill.new_asks:
        lines.append("  asks you at first use, as before: this grants nothing new")
    return "\n".join(lines)


def _step(skill: PlannedSkill) -> str:
    if skill.replaces is None:
        return f"{skill.name} {skill.version}"
    return f"{skill.name} {skill.replaces.version} -> {skill.version}"


def _sign(change: str) -> str:
    return next((sign for beginning, sign in _SIGNS.items() if change.startswith(beginning)), "~")
