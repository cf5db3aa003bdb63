"""`skill history`: the generations, and what each of them changed."""

from typing import TYPE_CHECKING, Any

from skillkernel_cli.options import Json

if TYPE_CHECKING:
    from skillkernel_registry.history import Change, Generation


def history_command(json: Json = False) -> None:
    """Show the generations, newest first, and what each changed against the one before.

    Example: skill history
    """
    from skillkernel.home import open_home
    from skillkernel_cli.output import json_document, note, print_table
    from skillkernel_registry.history import history

    found = history(open_home())
    if json:
        json_document([_as_json(one) for one in found])
    elif found:
        print_table([row for one in found for row in _rows(one)], ("GENERATION", "TIME", "CHANGED"))
        note("`skill rollback --to N` puts one back in force")
    else:
        note("nothing was installed yet")


def _rows(one: "Generation") -> list[tuple[str, str, str]]:
    number = f"{one.kept.number}{' (in force)' if one.in_force else ''}"
    says = (
        [one.kept.problem] if one.kept.problem else [change_in_words(change) for change in one.changes] or ["nothing"]
    )
    return [
        (number, one.kept.created, says[0]),
        *(("", "", said) for said in says[1:]),
    ]


def change_in_words(change: "Change") -> str:
    """One line for a person."""
    if change.change in {"granted", "revoked"}:
        return f"{change.skill}: {change.change} {', '.join(change.rows)}"
    if change.change == "set":
        return f"{change.skill}: settings changed: {', '.join(change.settings)}"
    if change.change == "asking":
        return f"{change.skill}: {'asks' if change.after == 'yes' else 'no longer asks'} at first use"
    versions = " -> ".join(version for version in (change.before, change.after) if version)
    return f"{change.skill}: {change.change} {versions}"


def _as_json(one: "Generation") -> dict[str, Any]:
    catalogue = one.kept.catalogue
    return {
        "generation": one.kept.number,
        "created": one.kept.created or None,
        "in_force": one.in_force,
        "problem": one.kept.problem or None,
        "skills": [{"name": skill.name, "version": skill.version} for skill in catalogue.skills] if catalogue else [],
        "changes": [
            {
                "skill": change.skill,
                "change": change.change,
                "before": change.before or None,
                "after": change.after or None,
                "rows": list(change.rows),
                "settings": list(change.settings),
            }
            for change in one.changes
        ],
    }
