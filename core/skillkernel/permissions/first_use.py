"""What a call still has to ask a person for: what its tool needs, was not granted, and could be given to it here."""

from skillkernel.catalogue.types import Installed
from skillkernel.manifest.types import Tool
from skillkernel.permissions.decide import lacking, refusal
from skillkernel.permissions.narrow import narrowed


def to_ask_for(
    skill: Installed, tool: Tool, rows: tuple[str, ...], session: frozenset[str] | None = None
) -> tuple[str, ...]:
    """The rows to ask for, beside the `rows` that the call has; empty when it may run with those.

    A tool that declares no rows may need any that the manifest asks for. Raises `PermissionRefused` for what the tool
    needs and nobody is to be asked about: its skill was not installed to ask, or the session allows no more.
    """
    missing = lacking(tool.permissions, rows)
    if not skill.ask_at_use:
        if missing:
            raise refusal(skill, tool, missing, session)
        return ()
    wanted = missing if tool.permissions else lacking(skill.manifest.permissions.rows(), rows)
    askable = wanted if session is None else narrowed(wanted, skill.settings, session)
    beyond = tuple(row for row in missing if row not in askable)
    if beyond:
        raise refusal(skill, tool, beyond, session)
    return askable
