"""Compiled modules for workers, which cannot write any: without them each cold start would compile the SDK again."""

import importlib.util
from collections.abc import Iterable
from pathlib import Path


def compile_stale(folders: Iterable[Path]) -> None:
    """Compile the modules of `folders` (not of folders in them) whose bytecode is missing or older than they are.

    An installer has mostly done this; a clone that is installed in place has nobody else. Where the folder is not ours
    to write, it is left as it is. No code of the modules runs.
    """
    stale = [module for folder in folders for module in folder.glob("*.py") if not _is_fresh(module)]
    if not stale:
        return
    import py_compile

    for module in stale:
        try:
            py_compile.compile(str(module), quiet=2)
        except OSError:
            return


def _is_fresh(module: Path) -> bool:
    cached = Path(importlib.util.cache_from_source(str(module)))
    try:
        return cached.stat().st_mtime >= module.stat().st_mtime
    except OSError:
        return False
