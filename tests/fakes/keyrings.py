"""Keyrings in memory: a backend is what `keyring` itself asks of whoever keeps its passwords."""

import threading
from typing import Any, ClassVar

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

MEMORY = f"{__name__}.MemoryKeyring"
LOCKED = f"{__name__}.LockedKeyring"
HANGING = f"{__name__}.HangingKeyring"
CARELESS = f"{__name__}.CarelessKeyring"
CLEAR = f"{__name__}.ClearKeyring"


class MemoryKeyring(KeyringBackend):
    """Keeps passwords by service and user name, for all of its instances, until `forget`."""

    priority: Any = 5.0
    kept: ClassVar[dict[tuple[str, str], str]] = {}

    @classmethod
    def forget(cls) -> None:
        cls.kept.clear()

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        try:
            del self.kept[service, username]
        except KeyError:
            raise PasswordDeleteError("no such password") from None


class LockedKeyring(MemoryKeyring):
    """Its owner closed the window that asked for the password."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("Failed to unlock the collection!")


class HangingKeyring(MemoryKeyring):
    """Waits for an answer that never comes."""

    def get_password(self, service: str, username: str) -> str | None:
        threading.Event().wait()
        return None


class CarelessKeyring(MemoryKeyring):
    """Says in its error what it was to keep."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"cannot keep {password}")


class ClearKeyring(MemoryKeyring):
    """Keeps passwords in the clear, and says so by its priority, as the ones of keyrings.alt do."""

    priority: Any = 0.5
