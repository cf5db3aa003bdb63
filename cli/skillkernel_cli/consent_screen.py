"""What an install asks a person to agree to, in plain words."""

from skillkernel_registry.plan import Plan, PlannedSkill

_EFFECTS = {"read": "looks", "write": "changes your data", "send": "sends something out", "destroy": "deletes for good"}


def consent_text(plan: Plan) -> str:
    """The whole screen: one paragraph a skill, and what a person should know before."""
    warnings = [f"warning: {warning}" for warning in plan.warnings]
    return "\n\n".join([*(_skill(skill) for skill in plan.skills), *(["\n".join(warnings)] if warnings else [])])


def _skill(skill: PlannedSkill) -> str:
    lines = [f"{skill.name} {skill.version}, from {skill.index}{_by(skill.publisher)}", f"  {skill.summary}"]
    if skill.candidate.signer:
        lines.append(f"  signed by {skill.candidate.signer}")
    if skill.candidate.withdrawn:
        lines.append(f"  ATTENTION: its publisher withdrew this release: {skill.candidate.withdrawn}")
    if skill.stranger and skill.replaces is not None:
        lines.append(
            f"  ATTENTION: the installed {skill.name} came from {skill.replaces.index}{_by(skill.replaces.publisher)}; "
            "this one is by somebody else and starts with no data and no grants"
        )
    elif skill.other_signer and skill.replaces is not None:
        lines.append(
            f"  ATTENTION: the installed {skill.name} was {_signed(skill.replaces.signer)}, this one is "
            f"{_signed(skill.candidate.signer)}; nothing that was granted carries over"
        )
    elif skill.replaces is not None:
        lines.append(f"  replaces {skill.replaces.version}")
        if skill.replaces.ask_at_use:
            lines.append("  asks you at first use, as before: this grants nothing new")
        lines += [f"  {change}" for change in skill.changes]
    lines.append("  it can")
    lines += [f"    {tool.name}  {_EFFECTS[tool.effect.value]}" for tool in skill.manifest.tools]
    lines.append("  it may")
    lines += [f"    {ask}{_standing(ask, skill)}" for ask in skill.asks] or [
        "    nothing but keep data of its own: no network, none of your files"
    ]
    memory = skill.memory
    lines.append(
        f"  it uses  up to {memory.rss_mb} MB of memory, {memory.storage_mb} MB of disk, "
        f"{memory.context_tokens} tokens of the model's window"
    )
    if skill.dependencies:
        lines.append(f"  it brings  {', '.join(skill.dependencies)}")
    return "\n".join(lines)


def _standing(ask: str, skill: PlannedSkill) -> str:
    if ask in skill.new_asks:
        return ""
    return " (not granted before, and not by this)" if ask in skill.withheld else " (granted before)"


def _signed(signer: str) -> str:
    return f"signed by {signer}" if signer else "signed by nobody"


def _by(publisher: str) -> str:
    return f", published by {publisher}" if publisher else ""
