"""On what terms a command uses indexes: what its options say, and a person's word for an index that is new."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skillkernel_registry.index import IndexTerms, NewRoot


def index_terms(
    *, unsigned: bool = False, yes: bool = False, trust_config: Path | None = None, offline: bool = False
) -> "IndexTerms":
    """The terms of one command; an index that is met for the first time is shown, and asked about unless `yes`."""
    from skillkernel_registry.index import IndexTerms

    async def accept(root: "NewRoot") -> bool:
        return await _accept(root, yes=yes)

    return IndexTerms(unsigned=unsigned, accept_root=accept, trust_config=trust_config, offline=offline)


async def _accept(root: "NewRoot", *, yes: bool) -> bool:
    from skillkernel_cli.asking import ask_yes_no, can_ask
    from skillkernel_cli.output import note
    from skillkernel_cli.status import clear_line

    clear_line()
    keys = f"{len(root.keys)} key{'s' if len(root.keys) != 1 else ''}, {root.threshold} of which must agree"
    note(f"the index {root.index} is used for the first time")
    note(f"  its root is signed with {keys}; sha256 {root.fingerprint}")
    if yes:
        return True
    return can_ask() and await ask_yes_no("is that the index that you mean, to be trusted from now on?")
