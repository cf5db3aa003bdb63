"""What a skill can see and touch from inside the walls, tried by a skill."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.skill_modules import MakeSkill, invoke
from skillkernel.worker.pool import WorkerPool
from skillkernel.worker.seam import Tier

HIDDEN = {"FileNotFoundError", "PermissionError"}
"""What is not mounted is not there; what is there but was not granted is refused."""

PROBE = '''
import json, socket, subprocess

@tool(effect="read")
def attempt(code: str) -> str:
    """Evaluate an expression; the name of the error when it fails.

    Args:
        code: the expression.
    """
    try:
        return repr(eval(code))
    except OSError as error:
        return type(error).__name__

@tool(effect="write")
def write(name: str, text: str, context: Context) -> str:
    """Write into the data folder.

    Args:
        name: the file.
        text: what it holds.
    """
    (context.data / name).write_text(text)
    return str(context.data)
'''


async def attempt(pool: WorkerPool, make_skill: MakeSkill, code: str) -> str:
    result = await pool.call(make_skill(PROBE), invoke("attempt", {"code": code}))
    assert isinstance(result, str)
    return result


async def test_the_kernels_environment_is_not_there(
    pool: WorkerPool, make_skill: MakeSkill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_SECRET", "FAKE_SECRET_123")
    names = await attempt(pool, make_skill, "sorted(os.environ)")
    assert set(eval(names)) <= {"HOME", "LANG", "LC_CTYPE", "PWD", "TMPDIR", "TZ"}  # noqa: S307 # our own probe's list
    first = await attempt(pool, make_skill, "open('/proc/1/environ', 'rb').read()")
    assert first in {"b''", "PermissionError"}
    assert "FAKE_SECRET" not in await attempt(pool, make_skill, "open('/proc/1/cmdline', 'rb').read()")


@pytest.fixture
def open_private_file(tmp_path: Path) -> Iterator[Path]:
    """A 0600 file, with an inheritable descriptor on it in this process."""
    path = tmp_path / "private"
    path.write_text("FAKE_SECRET_123")
    path.chmod(0o600)
    descriptor = os.open(path, os.O_RDONLY)
    os.set_inheritable(descriptor, True)
    yield path
    os.close(descriptor)


async def test_descriptors_of_the_kernel_are_not_there(
    pool: WorkerPool, make_skill: MakeSkill, open_private_file: Path
) -> None:
    code = "[os.path.realpath(f'/proc/self/fd/{number}') for number in range(256)]"
    seen = {path for path in eval(await attempt(pool, make_skill, code)) if "/fd/" not in path or ":" in path}  # noqa: S307 # our own probe's list
    assert {path.rpartition("/")[2].partition(":")[0] for path in seen} == {"null", "pipe", "socket"}


async def test_files_outside_are_not_there(pool: WorkerPool, make_skill: MakeSkill, open_private_file: Path) -> None:
    for path in (
        open_private_file,
        Path.home() / ".profile",
        Path(__file__),
        Path("/etc/passwd"),
        Path("/etc/hostname"),
    ):
        assert await attempt(pool, make_skill, f"open({str(path)!r}).read()") in HIDDEN


async def test_only_what_python_needs_is_mounted(pool: WorkerPool, make_skill: MakeSkill, tier: Tier) -> None:
    assert await attempt(pool, make_skill, "os.listdir('/')") == "PermissionError"
    for folder in ("home", "var", "boot", "sys", "run", "mnt", "srv", "opt", "etc"):
        seen = await attempt(pool, make_skill, f"os.path.exists('/{folder}')")
        assert seen == "False" or tier == "B" or folder == "etc"
        assert await attempt(pool, make_skill, f"os.listdir('/{folder}')") in HIDDEN
    for program in ("/bin/sh", "/usr/bin/env", "/usr/bin/id"):
        assert await attempt(pool, make_skill, f"subprocess.run([{program!r}])") == "PermissionError"


async def test_another_skills_data_is_not_there(pool: WorkerPool, make_skill: MakeSkill) -> None:
    other = make_skill(PROBE, name="other")
    await pool.call(other, invoke("write", {"name": "diary", "text": "secret"}))
    assert (other.data / "diary").read_text() == "secret"
    for path in (other.data / "diary", Path("/data/diary")):
        assert await attempt(pool, make_skill, f"open({str(path)!r}).read()") in HIDDEN


async def test_no_server_on_this_machine_can_be_reached(pool: WorkerPool, make_skill: MakeSkill) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        socket.create_connection(("127.0.0.1", port)).close()
        code = f"socket.create_connection(('127.0.0.1', {port}), timeout=3)"
        assert await attempt(pool, make_skill, code) == "PermissionError"


async def test_no_abstract_socket_of_the_host_can_be_reached(pool: WorkerPool, make_skill: MakeSkill) -> None:
    name = f"\0skillkernel-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        code = f"socket.socket(socket.AF_UNIX).connect({name!r})"
        assert await attempt(pool, make_skill, code) == "PermissionError"


@pytest.mark.parametrize(
    "path",
    [
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/vm/drop_caches",
        "/x",
        "/dev/x",
        "/usr/x",
        "/environment/x",
        "/kernel/x",
        "/kernel/skillkernel/errors.py",
    ],
)
async def test_nothing_but_the_data_folder_can_be_written(pool: WorkerPool, make_skill: MakeSkill, path: str) -> None:
    code = f"os.open({path!r}, os.O_WRONLY | os.O_CREAT)"
    assert await attempt(pool, make_skill, code) in {"OSError", "PermissionError", "FileNotFoundError"}


async def test_the_data_folder_is_private_writable_and_lasts(
    pool: WorkerPool, make_skill: MakeSkill, tier: Tier
) -> None:
    skill = make_skill(PROBE)
    own = await pool.call(skill, invoke("write", {"name": "a", "text": "kept"}))
    assert own == ("/data" if tier == "A" else str(skill.data))
    assert skill.data.stat().st_mode & 0o777 == 0o700
    await pool.aclose()
    assert await attempt(pool, make_skill, f"open('{own}/a').read()") == "'kept'"


async def test_a_file_of_its_own_can_be_touched_into_being_and_copied(pool: WorkerPool, make_skill: MakeSkill) -> None:
    touch = "(__import__('pathlib').Path('new').touch(), os.path.exists('new'))[1]"
    assert await attempt(pool, make_skill, touch) == "True"
    copy = "(__import__('shutil').copy2('new', 'copy'), os.path.exists('copy'))[1]"
    assert await attempt(pool, make_skill, copy) == "True"


async def test_there_is_no_way_to_become_root_or_to_gain_a_right(pool: WorkerPool, make_skill: MakeSkill) -> None:
    for code in (
        "os.setuid(0)",
        "os.setgid(0)",
        "os.setgroups([0])",
        "os.chroot('/tmp')",
        "os.mknod('/data/n', 0o60600, 1)",
    ):
        assert await attempt(pool, make_skill, code) in {"PermissionError", "OSError"}
    code = "[os.getresuid(), os.getresgid(), os.getgroups(), __import__('ctypes').CDLL(None).prctl(39, 0, 0, 0, 0)]"
    users, groups, others, no_new_rights = eval(await attempt(pool, make_skill, code))  # noqa: S307 # our own probe's list
    assert no_new_rights == 1
    assert 0 not in (*users, *groups, *others)


async def test_there_is_no_capability_left(pool: WorkerPool, make_skill: MakeSkill, tier: Tier) -> None:
    if tier == "B":
        pytest.skip("a worker cannot read /proc here; what it cannot do is tried instead")
    status = await attempt(pool, make_skill, "open('/proc/self/status').read()")
    fields = dict(line.split(":\t", 1) for line in eval(status).splitlines() if ":\t" in line)  # noqa: S307 # our own probe's text
    assert {fields[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", "2")


async def test_other_processes_are_not_there(pool: WorkerPool, make_skill: MakeSkill, tier: Tier) -> None:
    if tier == "B":
        assert await attempt(pool, make_skill, "os.listdir('/proc')") == "PermissionError"
        return
    seen = eval(await attempt(pool, make_skill, "[int(n) for n in os.listdir('/proc') if n.isdigit()]"))  # noqa: S307 # our own probe's list
    assert len(seen) <= 3


async def test_limits_are_set_and_cannot_be_raised(pool: WorkerPool, make_skill: MakeSkill) -> None:
    limits = eval(  # noqa: S307 # our own probe's list
        await attempt(pool, make_skill, "[__import__('resource').getrlimit(kind) for kind in (4, 7, 1)]")
    )
    assert limits == [(0, 0), (256, 256), (100_000_000, 100_000_000)]


async def test_libraries_that_python_programs_use_load(pool: WorkerPool, make_skill: MakeSkill, tier: Tier) -> None:
    code = "[__import__(name).__name__ for name in ('ctypes', 'ssl', 'sqlite3', 'zoneinfo', 'lzma', 'multiprocessing')]"
    assert "ssl" in await attempt(pool, make_skill, code)
    locks = await attempt(pool, make_skill, "__import__('multiprocessing').Lock() is None")
    assert locks == ("False" if tier == "A" else "PermissionError")
    assert "Berlin" in await attempt(pool, make_skill, "str(__import__('zoneinfo').ZoneInfo('Europe/Berlin'))")


async def test_the_kernels_own_packages_are_not_there(pool: WorkerPool, make_skill: MakeSkill) -> None:
    code = "[__import__('importlib.util').util.find_spec(name) for name in ('msgspec', 'anyio', 'openai', 'pytest')]"
    assert await attempt(pool, make_skill, code) == "[None, None, None, None]"


async def test_a_skill_cannot_stand_in_for_the_standard_library_or_the_sdk(
    pool: WorkerPool, make_skill: MakeSkill
) -> None:
    skill = make_skill(PROBE)
    for name in ("json", "pluggy", "skillkernel"):
        (skill.environment / f"{name}.py").write_text("raise SystemExit('taken over')")
    assert await pool.call(skill, invoke("attempt", {"code": "json.__file__"})) != "'/environment/json.py'"


async def test_without_walls_all_of_this_is_possible_and_the_worker_works_the_same(
    pool: WorkerPool, make_skill: MakeSkill, open_private_file: Path
) -> None:
    skill = make_skill(PROBE, tier="none")

    async def attempt_it(code: str) -> str:
        return str(await pool.call(skill, invoke("attempt", {"code": code})))

    assert await attempt_it(f"open({str(open_private_file)!r}).read()") == "'FAKE_SECRET_123'"
    assert await attempt_it("subprocess.run(['/bin/true']).returncode") == "0"
    assert "socket" in await attempt_it("__import__('_socket').socket(socket.AF_INET, socket.SOCK_DGRAM)")
    assert await attempt_it(f"os.kill({os.getpid()}, 0)") == "None"
    assert await attempt_it("os.getuid()") == str(os.geteuid())
    assert "FAKE_SECRET" not in await attempt_it("str(os.environ)")
    await pool.call(skill, invoke("write", {"name": "a", "text": "kept"}))
    assert (skill.data / "a").read_text() == "kept"


async def test_a_skill_that_gets_its_walls_back_still_owns_its_data(
    pool: WorkerPool, make_skill: MakeSkill, tier: Tier
) -> None:
    for walls in (tier, "none", tier):
        skill = make_skill(PROBE, tier=walls)
        await pool.call(skill, invoke("write", {"name": "a", "text": walls}))
    assert (skill.data / "a").read_text() == tier
