"""Workers find compiled modules, although they cannot write any."""

import importlib.util
import os
from pathlib import Path

from skillkernel.worker.bytecode import compile_stale
from skillkernel.worker.walls import sdk_mounts


def bytecode_of(module: Path) -> Path:
    return Path(importlib.util.cache_from_source(str(module)))


def test_what_is_missing_or_old_is_compiled_and_what_is_fresh_is_left(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("raise SystemExit('no code may run')\n")
    compile_stale([tmp_path])
    first = bytecode_of(module).stat()
    compile_stale([tmp_path])
    assert bytecode_of(module).stat().st_ino == first.st_ino
    os.utime(module, (first.st_mtime + 10, first.st_mtime + 10))
    compile_stale([tmp_path])
    assert bytecode_of(module).stat().st_ino != first.st_ino


def test_a_module_that_is_no_python_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def broken(:\n")
    (tmp_path / "b.py").write_text("\n")
    compile_stale([tmp_path])
    assert bytecode_of(tmp_path / "b.py").exists()


def test_the_first_code_of_a_worker_is_compiled_before_it_starts() -> None:
    kernel = sdk_mounts()[0].source
    assert kernel is not None
    module = kernel / "worker" / "bootstrap.py"
    assert bytecode_of(module).exists()
