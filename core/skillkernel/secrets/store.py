"""Where secrets are kept, as those see it who read and change them."""

from collections.abc import Collection
from typing import Protocol


class SecretStore(Protocol):
    """Secrets by owner (`Installed.owner`: index, name and publisher) and name; blocking.

    Every method raises `SecretStoreUnusable` when the place cannot be read, or must not be trusted as it is.
    """

    def read(self, owner: str, names: Collection[str]) -> dict[str, str]:
        """Those of `names` that are set."""
        ...

    def set(self, owner: str, name: str, value: str) -> str:
        """Keep a value in the place of any before; return in words where it is kept."""
        ...

    def remove(self, owner: str, name: str) -> bool:
        """Forget one; return whether there was one."""
        ...

    def purge(self, owner: str) -> bool:
        """Forget all of an owner's; return whether there was one."""
        ...
