"""Files and memory without a name are found where they are held."""

import subprocess
import sys
from pathlib import Path

from skillkernel.worker.nameless import nameless_bytes, shared_bytes

_HOLDING = """
import os, sys
kept = [open(name, "wb") for name in ("a", "b", "c")]
for file in kept:
    file.write(b"x" * 1_000_000)
    file.flush()
    os.fsync(file)
os.unlink("a"), os.unlink("b")
twice = os.dup(kept[0].fileno())
if os.fork():
    print("ready", flush=True)
sys.stdin.read()
"""


def test_what_was_removed_while_it_is_open_is_counted_once_and_what_has_a_name_is_not(tmp_path: Path) -> None:
    device = tmp_path.stat().st_dev
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDING], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        held = nameless_bytes(process.pid, device)
        elsewhere = nameless_bytes(process.pid, device + 1)
        process.communicate()
    assert 2_000_000 <= held < 2_100_000
    assert elsewhere == 0


_SHARING = """
import mmap, os, sys
kept = mmap.mmap(-1, 3_000_000)
kept[:] = b"x" * 3_000_000
kept.madvise(mmap.MADV_DONTNEED)
own = mmap.mmap(-1, 5_000_000, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
if os.fork():
    print("ready", flush=True)
sys.stdin.read()
"""


def test_memory_that_is_shared_is_counted_once_though_nobody_touches_it_any_more() -> None:
    with subprocess.Popen([sys.executable, "-c", _SHARING], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        shared = shared_bytes(process.pid)
        process.communicate()
    assert 3_000_000 <= shared < 3_100_000


def test_a_process_that_is_gone_holds_nothing(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert nameless_bytes(process.pid, tmp_path.stat().st_dev) == 0
    assert shared_bytes(process.pid) == 0
