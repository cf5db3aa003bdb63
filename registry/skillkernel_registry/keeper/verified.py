"""TUF metadata as its keeper reads it: only what the keys of its role vouch for, whether it has run out or not."""

# tuf.api.metadata is where its manual says to import from; it only lacks __all__.
# pyright: reportPrivateImportUsage=false

from typing import Any, TypeVar

from tuf.api.exceptions import LengthOrHashMismatchError, UnsignedMetadataError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, Targets, Timestamp
from tuf.api.serialization import DeserializationError

from skillkernel_registry.errors import IndexTampered
from skillkernel_registry.index_files import IndexFiles

RESTORE = "put back a copy that was published; nothing is built upon what the keys do not vouch for"
_Kind = TypeVar("_Kind", Root, Timestamp, Snapshot, Targets)


class Verified:
    """Reads the metadata under `folder` of an index; whatever is not as it was signed raises `IndexTampered`."""

    def __init__(self, files: IndexFiles, folder: str) -> None:
        self._files = files
        self._folder = folder

    def newest_root(self) -> Metadata[Root]:
        """The last of the roots, each of which the one before it vouches for."""
        root = self.verified(self.read("1.root.json"), "1.root.json", Root, "root", None)
        while (data := self._files.read(f"{self._folder}{root.signed.version + 1}.root.json")) is not None:
            name = f"{root.signed.version + 1}.root.json"
            after = self.verified(data, name, Root, "root", root.signed)
            self._check(after, "root", after.signed, name)
            root = after
        return root

    def role(
        self, name: str, kind: type[_Kind], role: str, delegator: Root | Targets, promise: MetaFile | None = None
    ) -> Metadata[_Kind]:
        """The metadata in a file, with the length and hash that were promised, if they were."""
        data = self.read(name)
        try:
            if promise is not None:
                promise.verify_length_and_hashes(data)
        except LengthOrHashMismatchError as error:
            raise self._tampered(name, "is not the one that the timestamp names") from error
        return self.verified(data, name, kind, role, delegator)

    def verified(
        self, data: bytes, name: str, kind: type[_Kind], role: str, delegator: Root | Targets | None
    ) -> Metadata[_Kind]:
        """Metadata in its form, of its role, of the version in its name, and signed; a first root signs itself."""
        try:
            metadata = Metadata[_Kind].from_bytes(data)
        except DeserializationError as error:
            raise self._tampered(name, "is not TUF metadata") from error
        if metadata.signed.type != kind.type:
            raise self._tampered(name, "is of another role")
        itself = metadata.signed if isinstance(metadata.signed, Root) else None
        self._check(metadata, role, delegator or itself, name)
        version = name.partition(".")[0]
        if version.isdecimal() and metadata.signed.version != int(version):
            raise self._tampered(name, f"has version {metadata.signed.version}")
        return metadata

    def read(self, name: str) -> bytes:
        """The bytes of a file that has to be there."""
        data = self._files.read(self._folder + name)
        if data is None:
            raise self._tampered(name, "is not there")
        return data

    def _check(self, metadata: Metadata[Any], role: str, delegator: Root | Targets | None, name: str) -> None:
        try:
            if delegator is None:
                raise ValueError(role)
            delegator.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
        except (UnsignedMetadataError, ValueError) as error:
            raise self._tampered(name, "is not signed by the keys of its role: it was changed since") from error

    def _tampered(self, name: str, problem: str) -> IndexTampered:
        return IndexTampered(f"{self._files.place(self._folder + name)} {problem}", hint=RESTORE)
