"""What a signed index costs whoever uses it: bytes and requests of a refresh and one record.

    python -m benchmarks.refresh [--skills N ...] [--million] [--smoke]

*First*: nothing is known yet; index.json, the root, every role and one record come. *Later*: ten other skills had a
release, and the one that is asked for too. *Unchanged*: nobody published. The client is the real one, over HTTP on
loopback; what is counted are the bodies of answers as they pass, with and without gzip. The index is synthetic: of its
bins only those exist that are asked for, filled with the targets that names of that many skills put there.
"""

# The classes are documented to be in modules that only import them.
# pyright: reportPrivateImportUsage=false

import argparse
import asyncio
import gzip
import hashlib
import tempfile
import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
from securesystemslib.signer import CryptoSigner, Key
from tuf.api.metadata import (
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    SuccinctRoles,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer

from benchmarks.samples import table
from benchmarks.setting import machine
from skillkernel.catalogue.types import Layout
from skillkernel.names import skill_name
from skillkernel_registry.http_fetch import HttpFetcher
from skillkernel_registry.index import IndexTerms, NewRoot
from skillkernel_registry.index_format import IndexFile, Record, Release, Releases
from skillkernel_registry.keeper.shape import wanted_bits
from skillkernel_registry.location import parse_location
from skillkernel_registry.trust.signed_index import open_signed_index

ASKED = "skill-000042"
FIRST, LATER, UNCHANGED = "first", "ten releases later", "unchanged"
PROMISED = {FIRST: 60_000, LATER: 25_000, UNCHANGED: 1_000}
"""Bytes at 100,000 skills."""
_COMPACT = JSONSerializer(compact=True)
_MISSING = b"not found\n"


class SyntheticIndex:
    """The files of an index of so many skills that a client asks for which wants one of them."""

    def __init__(self, skills: int) -> None:
        self.files: dict[str, bytes] = {}
        self._skills = skills
        self._key = CryptoSigner.generate_ed25519()
        self._expires = datetime.now(UTC) + timedelta(days=30)
        keyid = self._key.public_key.keyid
        self._bins = SuccinctRoles([keyid], 1, wanted_bits(skills), "skills")
        self._versions = {
            name: 1 + int(hashlib.sha256(name.encode()).hexdigest(), 16) % 999 for name in self._bins.get_roles()
        }
        self._bin = Targets(expires=self._expires)
        self._home = self._bins.get_role_for_target(_path(ASKED))
        for number in range(skills):
            self._vouch(f"skill-{number:06}")
        file = IndexFile(index_version=1, name="synthetic", releases=Releases(metadata="metadata/"))
        self._index = msgspec.json.encode(file)
        self._put("index.json", self._index)
        self._write_root()
        self._write_targets()
        self._version = 1_000
        self.release([ASKED])

    def release(self, names: Iterable[str]) -> None:
        """Publish a release of each of these skills at once."""
        self._version += 1
        for name in names:
            bin_ = self._bins.get_role_for_target(_path(name))
            self._versions[bin_] += 1
            if name == ASKED:
                data = _record(self._version)
                digest = hashlib.sha256(data).hexdigest()
                self._put(f"skills/{digest}.{name}.json", data)
                self._bin.targets[_path(name)] = TargetFile(len(data), {"sha256": digest}, _path(name))
        self._bin.version = self._versions[self._home]
        self._write(f"metadata/{self._bin.version}.{self._home}.json", self._bin)
        meta = {f"{name}.json": MetaFile(version) for name, version in self._versions.items()}
        snapshot = Snapshot(self._version, expires=self._expires, meta={"targets.json": MetaFile(1), **meta})
        data = self._write(f"metadata/{self._version}.snapshot.json", snapshot)
        pinned = MetaFile(self._version, len(data), {"sha256": hashlib.sha256(data).hexdigest()})
        self._write("metadata/timestamp.json", Timestamp(self._version, expires=self._expires, snapshot_meta=pinned))

    def _vouch(self, name: str) -> None:
        path = _path(name)
        if self._bins.get_role_for_target(path) == self._home:
            digest = hashlib.sha256(name.encode()).hexdigest()
            self._bin.targets[path] = TargetFile(1_500, {"sha256": digest}, path)

    def _write_root(self) -> None:
        root = Root(1, expires=self._expires, unrecognized_fields={"x-skillkernel": {"attestations": "none"}})
        for role in ("root", "timestamp", "snapshot", "targets"):
            root.add_key(self._key.public_key, role)
        self._write("metadata/1.root.json", root)

    def _write_targets(self) -> None:
        digest = hashlib.sha256(self._index).hexdigest()
        self._put(f"{digest}.index.json", self._index)
        keys: dict[str, Key] = {self._key.public_key.keyid: self._key.public_key}
        delegations = Delegations(keys, succinct_roles=self._bins)
        target = {"index.json": TargetFile(len(self._index), {"sha256": digest}, "index.json")}
        self._write("metadata/1.targets.json", Targets(1, None, self._expires, target, delegations))

    def _write(self, path: str, role: Root | Timestamp | Snapshot | Targets) -> bytes:
        metadata = Metadata[Any](role)
        metadata.sign(self._key)
        return self._put(path, metadata.to_bytes(_COMPACT))

    def _put(self, path: str, data: bytes) -> bytes:
        self.files[f"/{path}"] = data
        return data


def _path(name: str) -> str:
    return f"skills/{name}.json"


def _record(version: int) -> bytes:
    releases = tuple(
        Release(version=f"1.{version}.{each}", wheel=f"skill_x-1.{version}.{each}.whl", length=9_000, sha256="0" * 64)
        for each in range(5)
    )
    return msgspec.json.encode(Record(record_version=1, name=ASKED, publisher="somebody", releases=releases))


@dataclass
class Traffic:
    """What passed since it was last looked at."""

    requests: int = 0
    sent: int = 0

    def taken(self) -> "Traffic":
        """The counts so far; counting begins anew."""
        seen = Traffic(self.requests, self.sent)
        self.requests = self.sent = 0
        return seen


@contextmanager
def serving(index: SyntheticIndex, packed: bool, traffic: Traffic) -> Generator[str]:
    """Serve it on loopback, with gzip if `packed`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle(self) -> None:
            with suppress(ConnectionResetError):  # the client leaves
                super().handle()

        def do_GET(self) -> None:
            data = index.files.get(self.path)
            status, data = (404, _MISSING) if data is None else (200, data)
            self.send_response(status)
            if packed and len(squeezed := gzip.compress(data, 6)) < len(data):
                data = squeezed
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            traffic.requests += 1
            traffic.sent += len(data)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


async def use(layout: Layout, url: str, file: IndexFile | None) -> None:
    """Open the index as a command does, and read one record."""

    def accept(root: NewRoot) -> bool:
        return True

    location = parse_location(url)
    index = await open_signed_index(layout, url, location, HttpFetcher(url), file, IndexTerms(accept_root=accept))
    try:
        await index.record(skill_name(ASKED))
    finally:
        await index.aclose()


def measured(index: SyntheticIndex, skills: int, packed: bool) -> dict[str, Traffic]:
    """The traffic of the three occasions, one after the other."""
    traffic, found = Traffic(), dict[str, Traffic]()
    with tempfile.TemporaryDirectory(prefix="skill-benchmark-") as home, serving(index, packed, traffic) as url:
        for occasion in (FIRST, LATER, UNCHANGED):
            if occasion == LATER:
                others = range(0, skills, max(1, skills // 10))
                index.release([ASKED, *(f"skill-{number:06}" for number in others)])
            asyncio.run(use(Layout(Path(home)), url, None))
            found[occasion] = traffic.taken()
    return found


def rows(sizes: Iterable[int]) -> Generator[tuple[str, ...]]:
    """The table's rows."""
    for skills in sizes:
        index = SyntheticIndex(skills)
        plain, packed = (measured(index, skills, squeezed) for squeezed in (False, True))
        for occasion, traffic in packed.items():
            promised = f"{PROMISED[occasion]:,}" if skills == 100_000 else "-"
            yield (
                f"{skills:,} skills, {occasion}",
                str(traffic.requests),
                f"{plain[occasion].sent:,}",
                f"{traffic.sent:,}",
                promised,
            )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Bytes and requests of a refresh of a signed index.")
    parser.add_argument("--skills", type=int, nargs="+", default=[1_000, 100_000], help="sizes of the index")
    parser.add_argument("--million", action="store_true", help="1,000,000 skills as well")
    parser.add_argument("--smoke", action="store_true", help="one small index, to see that it runs")
    chosen = parser.parse_args()
    sizes = [100] if chosen.smoke else [*chosen.skills, *([1_000_000] if chosen.million else [])]
    print(f"{machine()}\n")
    header = ("a refresh and one record", "requests", "bytes, plain", "bytes, gzip", "promised")
    print(table(header, rows(sizes)))


if __name__ == "__main__":
    main()
