"""The first trust in a signed index, and what is remembered of it: SKILL_HOME/trust, a folder an index.

The root that a person said yes to is pinned whole, as `first-root.json`; every later root has to follow from it by its
own signatures. An index that has a folder here was signed once, and is never again taken unsigned until a person
says `skill index forget`.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import anyio

from skillkernel.catalogue.types import Layout
from skillkernel.errors import IntegrityError, UsageError
from skillkernel_registry.durable import sync_folder, write_durable
from skillkernel_registry.errors import IndexTampered
from skillkernel_registry.index import NewRoot

if TYPE_CHECKING:
    from tuf.api.metadata import Metadata, Root  # pyright: ignore[reportPrivateImportUsage] # tuf documents them here

_POLL_SECONDS = 0.05


class TrustFolder:
    """Where one index is remembered.

    `first_root` is the pinned root, `metadata` the folder that tuf keeps (its newest root is `root.json` in it), `index`
    the newest index.json that was vouched for.
    """

    def __init__(self, layout: Layout, identity: str) -> None:
        self.slug = hashlib.sha256(identity.encode()).hexdigest()[:32]
        self.path = layout.trust / self.slug
        self.first_root = self.path / "first-root.json"
        self.metadata = self.path / "metadata"
        self.index = self.path / "index.json"
        self.kept = layout.cache / "indexes" / self.slug

    @asynccontextmanager
    async def exclusive(self) -> AsyncGenerator[None]:
        """Hold it for one process at a time."""
        descriptor = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    await anyio.sleep(_POLL_SECONDS)
                else:
                    break
            yield
        finally:
            os.close(descriptor)


def was_signed(layout: Layout, identity: str) -> bool:
    """Whether this index was signed when it was used before."""
    return TrustFolder(layout, identity).path.is_dir()


def known_root(layout: Layout, identity: str) -> NewRoot | None:
    """The root that this index was first trusted with; raise `IntegrityError` when what was kept of it is damaged."""
    folder = TrustFolder(layout, identity)
    return describe_root(identity, check_pinned(folder)) if folder.path.is_dir() else None


def pin_root(layout: Layout, identity: str, data: bytes) -> NewRoot:
    """Trust an index by this root.json from now on.

    Nothing happens when it follows from what is trusted already. Raises `IndexTampered` for one that does not sign
    itself, and `UsageError` where another is trusted.
    """
    root = describe_root(identity, data)
    folder = TrustFolder(layout, identity)
    if folder.path.is_dir():
        _check_same(folder, identity, data)
        return root
    layout.trust.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Path(mkdtemp(prefix=".new-", dir=layout.trust))
    try:
        write_durable(made / folder.first_root.name, data)
        made.rename(folder.path)
        sync_folder(layout.trust)
    except OSError:
        if not folder.path.is_dir():
            raise
        _check_same(folder, identity, data)  # another process was first
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return root


def forget(layout: Layout, identity: str) -> bool:
    """Forget that an index was ever used; return whether anything was known."""
    folder = TrustFolder(layout, identity)
    shutil.rmtree(folder.kept, ignore_errors=True)
    if not folder.path.is_dir():
        return False
    gone = Path(mkdtemp(prefix=".gone-", dir=layout.trust))
    folder.path.rename(gone / folder.slug)
    shutil.rmtree(gone, ignore_errors=True)
    return True


def describe_root(index: str, data: bytes) -> NewRoot:
    """What a person is asked to trust; raise `IndexTampered` for a root that does not sign itself."""
    root = read_root(data, f"the root.json of {index}").signed
    role = root.roles["root"]
    return NewRoot(index, hashlib.sha256(data).hexdigest(), tuple(role.keyids), role.threshold)


def read_root(data: bytes, place: str) -> "Metadata[Root]":
    """A root whose own keys signed it; raise `IndexTampered` naming `place`."""
    from tuf.api.exceptions import RepositoryError
    from tuf.api.metadata import Metadata, Root  # pyright: ignore[reportPrivateImportUsage] # tuf documents them here

    try:
        root = Metadata[Root].from_bytes(data)
        if root.signed.type != "root":
            raise IndexTampered(f"{place} is {root.signed.type!r}, not a root", hint="give the index's root.json")
        root.signed.verify_delegate("root", root.signed_bytes, root.signatures)
    except RepositoryError as error:
        raise IndexTampered(
            f"{place} is not a root that signs itself: {error}", hint="tell whoever runs the index"
        ) from error
    return root


def check_pinned(folder: TrustFolder) -> bytes:
    """The pinned root.json, whole; raise `IntegrityError` when it was damaged on this machine."""
    try:
        data = folder.first_root.read_bytes()
        read_root(data, folder.first_root.name)
    except OSError as error:
        raise _damaged(folder, error.strerror or str(error)) from error
    except IndexTampered as error:
        raise _damaged(folder, error.message) from error
    return data


def _check_same(folder: TrustFolder, identity: str, data: bytes) -> None:
    followed = [folder.first_root, *(folder.metadata / "root_history").glob("*.root.json")]
    if not any(file.read_bytes() == data for file in followed if file.is_file()):
        raise UsageError(
            f"the index {identity} is trusted by another root already",
            hint="if you know why it changed: `skill index forget` first",
        )


def _damaged(folder: TrustFolder, problem: str) -> IntegrityError:
    return IntegrityError(
        f"{folder.first_root}, by which an index was trusted, is damaged: {problem}",
        hint="put it back from a backup, or `skill index forget` the index and trust it anew",
    )
