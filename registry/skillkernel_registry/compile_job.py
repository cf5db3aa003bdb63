"""Bytecode for the sources of an environment, each compiled once for all skills.

Compiling is not running, but a hostile source may crash the compiler, so it happens in a process of its own, started
as `python -I -S compile_job.py ENVIRONMENT CACHE i/n` for the i-th of n shares. Bytecode is kept by the hash of its
source and copied to where it is needed, never linked. Standard library alone.
"""

import hashlib
import importlib.util
import os
import py_compile
import sys
from pathlib import Path

_UNCHECKED = py_compile.PycInvalidationMode.UNCHECKED_HASH


def reuse(environment: Path, cache: Path) -> bool:
    """Put kept bytecode beside its sources; return whether there was some for every one of them."""
    complete = True
    for source in _sources(environment):
        kept = _kept(source, cache)
        if kept.exists():
            _put(kept, source)
        else:
            complete = False
    return complete


def compile_share(environment: Path, cache: Path, share: int, shares: int) -> None:
    """Compile every n-th source file that has no bytecode yet; one that does not compile is left without."""
    for source in _sources(environment)[share::shares]:
        if _beside(source).exists():
            continue
        kept = _kept(source, cache)
        if kept.exists() or _compile(source, kept):
            _put(kept, source)


def _sources(environment: Path) -> list[Path]:
    """Every source file in a stable order, each in a folder that has a place for bytecode."""
    found: list[Path] = []
    for folder, _, names in os.walk(environment):
        sources = [Path(folder, name) for name in names if name.endswith(".py")]
        if sources:
            Path(folder, "__pycache__").mkdir(exist_ok=True)
            found += sources
    return sorted(found)


def _beside(source: Path) -> Path:
    return Path(importlib.util.cache_from_source(str(source)))


def _kept(source: Path, cache: Path) -> Path:
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    return cache / digest[:2] / f"{digest}.pyc"


def _put(kept: Path, source: Path) -> None:
    _beside(source).write_bytes(kept.read_bytes())


def _compile(source: Path, kept: Path) -> bool:
    kept.parent.mkdir(parents=True, exist_ok=True)
    partial = kept.with_suffix(f".{os.getpid()}")
    try:
        py_compile.compile(str(source), str(partial), dfile=source.name, doraise=True, invalidation_mode=_UNCHECKED)
    except (py_compile.PyCompileError, ValueError, RecursionError, MemoryError):
        return False
    partial.replace(kept)
    return True


if __name__ == "__main__":
    _, _environment, _cache, _share = sys.argv
    _index, _count = _share.split("/")
    compile_share(Path(_environment), Path(_cache), int(_index), int(_count))
