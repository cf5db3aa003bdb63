"""The last rights taken away, for real, in a process of this machine: what ends, and what honest code does not notice."""

import ctypes
import json
import platform
import subprocess
import sys
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import pytest

import skillkernel
from skillkernel.worker.confinement import Confinement, alone, behind_bubblewrap
from skillkernel.worker.inside import landlock
from skillkernel.worker.interpreter import this_interpreter

RUN = """
import json, os, sys
said = json.loads(sys.argv[1])
sys.path[:0] = said["path"]
from skillkernel.worker.inside.confine import confine
confine({"walls": said["walls"]})
os.environ["TMPDIR"] = said["folder"]
os.chdir(said["folder"])
exec(sys.argv[2])
"""


def packages() -> list[Path]:
    return [Path(entry).resolve() for entry in sys.path if entry and Path(entry).is_dir()]


def walls(tier: str, folder: Path) -> Confinement:
    make = behind_bubblewrap if tier == "A" else alone
    kernel = Path(skillkernel.__file__).parent.parent
    return make([*this_interpreter().read_only, *packages(), kernel], [folder])


def confined(tier: str, folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    said = {"path": list(map(str, packages())), "folder": str(folder), "walls": asdict(walls(tier, folder))}
    command = [str(this_interpreter().executable), "-I", "-S", "-c", RUN, json.dumps(said), code]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env={})


HONEST = {
    "threads": "import threading; t = threading.Thread(target=print, args=(1,)); t.start(); t.join()",
    "asyncio": (
        "import asyncio\nasync def main():\n    await asyncio.gather(*(asyncio.sleep(0) for _ in range(10)))\n"
        "    await asyncio.to_thread(print)\nasyncio.run(main())"
    ),
    "sqlite": (
        "import sqlite3; c = sqlite3.connect('x.db'); c.execute('pragma journal_mode=wal');"
        " c.execute('create table t(x)'); c.commit(); c.close()"
    ),
    "ssl": "import ssl; ssl.create_default_context()",
    "temporary files": (
        "import tempfile, shutil, pathlib\nwith tempfile.TemporaryDirectory() as d:\n"
        "    p = pathlib.Path(d, 'a'); p.write_text('x'); p.touch(); shutil.copy2(p, p.with_name('b'));"
        " shutil.move(p, p.with_name('c')); shutil.copytree(d, 'tree')"
    ),
    "archives": "import zipfile, tarfile, io; zipfile.ZipFile('a.zip', 'w').writestr('x', 'y'); zipfile.ZipFile('a.zip').extractall('z')",
    "time zones": "import zoneinfo, time; zoneinfo.ZoneInfo('Europe/Berlin'); time.sleep(0.001)",
    "signals": "import signal, os; signal.signal(10, lambda *_: None); os.kill(os.getpid(), 10); signal.alarm(1)",
    "random": "import secrets, uuid, random; secrets.token_hex(); uuid.uuid4(); random.SystemRandom().random()",
    "memory maps": "import mmap; m = mmap.mmap(-1, 4096); m[:1] = b'x'; m.close()",
    "selectors": "import selectors, socket; a, b = socket.socketpair(); s = selectors.DefaultSelector(); s.register(a, 1); s.close()",
    "terminal": "import os, shutil, sys; shutil.get_terminal_size(); sys.stdout.isatty(); print('x', flush=True)",
    "numbers": "import numpy; numpy.linalg.inv(numpy.eye(300) * 2)",
    "http clients": "import httpx; httpx.Client().close()",
    "cryptography": "from cryptography.fernet import Fernet; Fernet(Fernet.generate_key()).encrypt(b'x')",
}
NEEDS = {"numbers": "numpy", "http clients": "httpx", "cryptography": "cryptography"}


@pytest.mark.parametrize("tier", ["A", "B"])
@pytest.mark.parametrize("what", HONEST)
def test_honest_code_notices_nothing(tmp_path: Path, tier: str, what: str) -> None:
    if what in NEEDS and find_spec(NEEDS[what]) is None:
        pytest.skip(f"{NEEDS[what]} is not installed here")
    done = confined(tier, tmp_path, HONEST[what])
    assert done.returncode == 0, done.stderr[-3000:]


def test_processes_of_its_own_are_had_behind_bubblewrap_alone(tmp_path: Path) -> None:
    code = "from multiprocessing import get_context\nwith get_context('fork').Pool(2) as p: print(p.map(abs, [-1, 2]))"
    assert confined("A", tmp_path, code).stdout == "[1, 2]\n"
    assert "PermissionError" in confined("B", tmp_path, "import os; os.fork()").stderr


@pytest.mark.parametrize("tier", ["A", "B"])
@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.socket()",
        "import subprocess; subprocess.run(['/bin/true'])",
        "import os; os.execv('/bin/true', ['true'])",
        "import os; os.execve(os.open('/dev/null', os.O_RDONLY), ['x'], {})",
        "open('/etc/hostname')",
        "import os; os.listdir('/etc')",
        "import os; os.mkdir('/var/skillkernel')",
        "import os; os.setpriority(0, os.getppid(), 0)",
        "import os; os.kill(os.getppid(), 0)",
        "import os; os.setuid(0)",
        "import fcntl; fcntl.ioctl(0, 0x5412, b'x')",
        "import os; os.link('/etc/hostname', 'stolen')",
    ],
)
def test_what_was_not_granted_is_refused(tmp_path: Path, tier: str, code: str) -> None:
    done = confined(tier, tmp_path, code)
    assert done.returncode == 1
    assert "PermissionError" in done.stderr or "Invalid cross-device link" in done.stderr, done.stderr[-500:]


def test_in_tier_b_a_mode_or_time_outside_does_not_change(tmp_path: Path) -> None:
    outside, own = tmp_path / "outside", tmp_path / "own"
    own.mkdir()
    outside.write_text("x")
    outside.chmod(0o640)
    before = outside.stat()
    code = f"import os; os.chmod({str(outside)!r}, 0o777); os.utime({str(outside)!r}, (1, 1)); print('told so')"
    assert confined("B", own, code).stdout == "told so\n"
    assert (outside.stat().st_mode, outside.stat().st_mtime_ns) == (before.st_mode, before.st_mtime_ns)


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the other entries are those of x86_64")
def test_another_entry_into_the_kernel_ends_the_process(tmp_path: Path) -> None:
    x32 = "import ctypes; ctypes.CDLL(None).syscall(0x40000000 | 39)"
    i386 = (
        "import ctypes, mmap\n"
        "code = mmap.mmap(-1, 4096, prot=7); code.write(b'\\xb8\\x14\\0\\0\\0\\xcd\\x80\\xc3')\n"
        "ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()"
    )
    for code in (x32, i386):
        assert confined("A", tmp_path, code).returncode == -31, code


def test_a_thread_that_was_there_before_stops_it(tmp_path: Path) -> None:
    said = json.dumps(
        {"path": list(map(str, packages())), "folder": str(tmp_path), "walls": asdict(walls("B", tmp_path))}
    )
    early = RUN.replace("confine({", "import _thread, time; _thread.start_new_thread(time.sleep, (60,)); confine({")
    command = [sys.executable, "-I", "-S", "-c", early, said, "print('loaded')"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert "a thread was started before the walls were up" in done.stderr
    assert done.stdout == ""


def test_where_landlock_is_too_old_nothing_is_loaded(tmp_path: Path) -> None:
    newer = asdict(walls("B", tmp_path)) | {"landlock_at_least": 10_000}
    said = json.dumps({"path": list(map(str, packages())), "folder": str(tmp_path), "walls": newer})
    command = [sys.executable, "-I", "-S", "-c", RUN, said, "print('loaded')"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert "Landlock of version 10000 is needed" in done.stderr
    assert done.stdout == ""


def test_the_version_is_what_the_kernel_says() -> None:
    libc = ctypes.CDLL(None)
    libc.syscall.argtypes = [ctypes.c_long] * 4
    assert landlock.version() == max(0, libc.syscall(444, 0, 0, 1))
