"""Handing secrets to a call: those that were granted, of these those that its tool declares, each time written down.

Threat: a tool that gets what another tool of the skill needs, and secrets that lie about in a process longer than they
are used. A session reads what it needs at the first call that needs it, and masks it from then on.
"""

from collections.abc import Callable, Collection, Sequence
from functools import partial

import anyio
from anyio import to_thread

from skillkernel.errors import SecretMissing, SecretStoreUnusable
from skillkernel.secrets.masking import Masking
from skillkernel.secrets.store import SecretStore
from skillkernel.services.access import Access, AccessLog
from skillkernel.services.caller import Caller

_PREFIX = "secrets:"


def entitled(granted: Sequence[str], declared: Sequence[str]) -> tuple[str, ...]:
    """The names of secrets among `granted` rows; a tool that declares rows at all gets only those that it declares."""
    return tuple(
        row.removeprefix(_PREFIX) for row in granted if row.startswith(_PREFIX) and (not declared or row in declared)
    )


class Handover:
    """The secrets of one session's calls; `open_store` is called when one is needed for the first time."""

    def __init__(self, open_store: Callable[[], SecretStore] | None = None, masking: Masking | None = None) -> None:
        self._open_store = open_store
        self._masking = masking or Masking()
        self._store: SecretStore | None = None
        self._fetched: dict[str, dict[str, str]] = {}
        self._fetching = anyio.Lock()

    async def fetch(self, skill: str, owner: str, granted: Sequence[str], declared: Sequence[str]) -> None:
        """Read what a call is entitled to, unless the session has it; mask it from now on.

        Raises `SecretMissing` for one that the tool declares and nobody has set, `SecretStoreUnusable` as the store does.
        """
        names = entitled(granted, declared)
        if not names:
            return
        async with self._fetching:
            known = self._fetched.setdefault(owner, {})
            if absent := [name for name in names if name not in known]:
                found = await self._read(skill, owner, absent)
                self._masking.learn(found)
                known.update(found)
        missing = [name for name in names if name not in known and _PREFIX + name in declared]
        if missing:
            raise missing_secret(skill, missing)

    def take(self, caller: Caller, declared: Sequence[str], log: AccessLog) -> dict[str, str]:
        """What was fetched for such a call, with a row in the journal for each."""
        known = self._fetched.get(caller.owner, {})
        taken = {name: known[name] for name in entitled(caller.rows, declared) if name in known}
        for name in taken:
            log.begin(caller, Access("secret", name, "granted"))
        return taken

    def asked_in_vain(self, caller: Caller, asked: Sequence[str], log: AccessLog) -> SecretMissing | None:
        """The better error for a tool that found a secret missing, None when there is none; `asked` is the manifest's list.

        What the skill asks for and was not handed over is written down.
        """
        known = self._fetched.get(caller.owner, {})
        granted = caller.granted("secrets")
        for name in asked:
            if name not in granted:
                log.begin(caller, Access("secret", name, "refused", "not granted"))
            elif name not in known:
                log.begin(caller, Access("secret", name, "failed", "not set"))
        unset = [name for name in granted if name not in known]
        return missing_secret(caller.skill, unset) if unset else None

    async def _read(self, skill: str, owner: str, names: Collection[str]) -> dict[str, str]:
        if self._store is None:
            if self._open_store is None:
                return {}
            self._store = self._open_store()
        found = await to_thread.run_sync(partial(self._store.read, owner, names), abandon_on_cancel=True)
        from skillkernel.secrets.mask import value_problem

        for name, value in found.items():
            if problem := value_problem(value):
                raise SecretStoreUnusable(
                    f"the secret {name} of {skill} cannot be used: {problem}", hint=f"skill secret set {skill} {name}"
                )
        return found


def missing_secret(skill: str, names: Sequence[str]) -> SecretMissing:
    """The error for granted secrets that nobody has set."""
    several = "s" if len(names) > 1 else ""
    return SecretMissing(
        f"the secret{several} {', '.join(names)} of {skill} {'are' if several else 'is'} not set",
        hint=" and ".join(f"`skill secret set {skill} {name}`" for name in names),
    )
