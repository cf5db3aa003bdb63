"""Secrets in the person's keyring: one item an owner, so that what is set can be listed and purged.

Threat: code of others. `keyring` loads every backend that any package beside the kernel offers; here only its own are
tried, and another one only where config.toml names it. A keyring that asks for a password on the desktop, or hangs, is
waited for in a thread of its own and for `seconds` only.
"""

import queue
import threading
from collections.abc import Callable, Collection
from typing import Protocol, TypeVar, cast

import msgspec

from skillkernel.errors import SecretStoreUnusable

T = TypeVar("T")
PATIENCE_SECONDS = 30.0
"""Long enough to type the password of a keyring that asks for it."""
_OWN_BACKENDS = (
    "keyring.backends.SecretService.Keyring",
    "keyring.backends.kwallet.DBusKeyring",
    "keyring.backends.libsecret.Keyring",
    "keyring.backends.macOS.Keyring",
)
_RECOMMENDED = 1
"""keyring's own measure: backends that keep nothing, or keep it in the clear, are below it."""
_OTHERWISE = 'unlock or start it, or write store = "file" under [secrets] in config.toml'
_decode = msgspec.json.Decoder(dict[str, str]).decode


class NoKeyring(SecretStoreUnusable):
    """Nothing here keeps passwords."""


class _Backend(Protocol):
    """What is used of a `keyring.backend.KeyringBackend`."""

    priority: float

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


class KeyringStore:
    """A `SecretStore` in a keyring; `backend` is a class to use in the place of keyring's own, as `module.Class`.

    `home` keeps the secrets of one SKILL_HOME apart from those of another.
    """

    def __init__(self, home: str, *, backend: str = "", seconds: float = PATIENCE_SECONDS) -> None:
        self._service = f"skillkernel {home}"
        self._names = (backend,) if backend else _OWN_BACKENDS
        self._seconds = seconds
        self._found: _Backend | None = None
        self._problem: str | None = None

    def problem(self) -> str:
        """Why there is no keyring here, empty when there is one; raise `SecretStoreUnusable` when that cannot be found out."""
        if self._problem is None:
            try:
                self._within(self._backend)
            except NoKeyring as error:
                self._problem = error.message
            else:
                self._problem = ""
        return self._problem

    def read(self, owner: str, names: Collection[str]) -> dict[str, str]:
        """Those of `names` that are set."""
        found = self._within(lambda: self._load(owner))
        return {name: value for name, value in found.items() if name in names}

    def set(self, owner: str, name: str, value: str) -> str:
        """Keep a value."""
        self._within(lambda: self._save(owner, self._load(owner) | {name: value}))
        return f"the keyring ({self._label()})"

    def remove(self, owner: str, name: str) -> bool:
        """Forget one."""

        def take() -> bool:
            found = self._load(owner)
            if found.pop(name, None) is None:
                return False
            self._save(owner, found)
            return True

        return self._within(take)

    def purge(self, owner: str) -> bool:
        """Forget all of an owner's."""

        def take() -> bool:
            there = bool(self._load(owner))
            if there:
                self._save(owner, {})
            return there

        return self._within(take)

    def _load(self, owner: str) -> dict[str, str]:
        text = self._backend().get_password(self._service, owner)
        try:
            return {} if text is None else _decode(text)
        except msgspec.DecodeError:
            raise SecretStoreUnusable(
                f"the keyring's item {owner!r} of {self._service!r} does not hold what skill wrote into it",
                hint="delete that item, and set the secrets again",
            ) from None

    def _save(self, owner: str, found: dict[str, str]) -> None:
        if found:
            self._backend().set_password(self._service, owner, msgspec.json.encode(found).decode())
        else:
            self._backend().delete_password(self._service, owner)

    def _backend(self) -> "_Backend":
        if self._found is None:
            self._found = _find(self._names)
        return self._found

    def _label(self) -> str:
        return "none" if self._found is None else type(self._found).__module__.rpartition(".")[2]

    def _within(self, work: Callable[[], T]) -> T:
        """Do it in a thread that is left behind when time is up; no error of a backend, which may hold a value, goes on."""
        ended: queue.SimpleQueue[tuple[T] | BaseException] = queue.SimpleQueue()

        def run() -> None:
            try:
                ended.put((work(),))
            except BaseException as error:  # noqa: BLE001 # whatever a backend raises is for the one who waits
                ended.put(error)

        threading.Thread(target=run, name="keyring", daemon=True).start()
        try:
            outcome = ended.get(timeout=self._seconds)
        except queue.Empty:
            raise SecretStoreUnusable(
                f"the keyring ({self._label()}) gave no answer within {self._seconds:g} s", hint=_OTHERWISE
            ) from None
        if isinstance(outcome, tuple):
            return outcome[0]
        if isinstance(outcome, SecretStoreUnusable):
            raise outcome
        kind = type(outcome).__name__
        problem = "is locked" if kind == "KeyringLocked" else f"cannot be used ({kind})"
        raise SecretStoreUnusable(f"the keyring ({self._label()}) {problem}", hint=_OTHERWISE) from None


def _find(names: tuple[str, ...]) -> "_Backend":
    from keyring.core import load_keyring

    for name in names:
        try:
            backend = cast("_Backend", load_keyring(name))
            if backend.priority >= _RECOMMENDED:
                return backend
        except Exception:  # noqa: BLE001, S112 # a backend that is not for this machine says so by any error
            continue
    what = names[0] if len(names) == 1 else "neither the Secret Service nor KWallet"
    raise NoKeyring(
        f"there is no keyring to use here: {what} is {'not usable' if len(names) == 1 else 'there'}",
        hint="start GNOME Keyring, KWallet or KeePassXC's Secret Service in this session",
    )
