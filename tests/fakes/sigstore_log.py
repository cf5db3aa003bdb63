"""The signature log of a private Sigstore instance: a Merkle tree (RFC 6962) behind Rekor's first interface."""

import base64
import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec

from fakes.sigstore_authority import key_id, new_key, sign


@dataclass
class SignatureLog:
    """Keeps what was signed; `ahead` moves its time by seconds."""

    name: str = "rekor.sigstore.test"
    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)
    ahead: int = 0
    leaves: list[bytes] = field(default_factory=list[bytes])

    def add(self, proposed: dict[str, Any]) -> dict[str, Any]:
        """Keep an entry and prove that it is there, as Rekor answers."""
        body = rfc8785.dumps(_without_nothing(_entry(proposed)))
        index = len(self.leaves)
        self.leaves.append(hashlib.sha256(b"\0" + body).digest())
        seen: dict[str, str | int] = {
            "body": _b64(body),
            "integratedTime": int(time.time()) + self.ahead,
            "logID": key_id(self.key).hex(),
            "logIndex": index,
        }
        proof = {
            "logIndex": index,
            "rootHash": _root(self.leaves).hex(),
            "treeSize": len(self.leaves),
            "hashes": [one.hex() for one in _path(index, self.leaves)],
            "checkpoint": self._checkpoint(),
        }
        promise = _b64(sign(self.key, rfc8785.dumps({**seen})))
        return {f"{index:064x}": seen | {"verification": {"signedEntryTimestamp": promise, "inclusionProof": proof}}}

    def _checkpoint(self) -> str:
        note = f"{self.name} - 1\n{len(self.leaves)}\n{_b64(_root(self.leaves))}\n"
        return f"{note}\n\u2014 {self.name} {_b64(key_id(self.key)[:4] + sign(self.key, note.encode()))}\n"


def _entry(proposed: dict[str, Any]) -> dict[str, Any]:
    if proposed["kind"] != "dsse":
        return proposed
    content = proposed["spec"]["proposedContent"]
    envelope = json.loads(content["envelope"])
    payload = base64.b64decode(envelope["payload"])
    return {
        "apiVersion": "0.0.1",
        "kind": "dsse",
        "spec": {
            "envelopeHash": _hash(content["envelope"].encode()),
            "payloadHash": _hash(payload),
            "signatures": [
                {"signature": one["sig"], "verifier": content["verifiers"][0]} for one in envelope["signatures"]
            ],
        },
    }


def _hash(data: bytes) -> dict[str, str]:
    return {"algorithm": "sha256", "value": hashlib.sha256(data).hexdigest()}


def _without_nothing(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: _without_nothing(one) for key, one in value.items() if one is not None}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] # JSON of any shape


def _root(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    half = _half(len(leaves))
    return hashlib.sha256(b"\1" + _root(leaves[:half]) + _root(leaves[half:])).digest()


def _path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    half = _half(len(leaves))
    if index < half:
        return [*_path(index, leaves[:half]), _root(leaves[half:])]
    return [*_path(index - half, leaves[half:]), _root(leaves[:half])]


def _half(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
