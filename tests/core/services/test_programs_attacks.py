"""Attacks with a granted program, and on the choice of it; each works where there is no wall, and not in here."""

import asyncio
import os
import shutil
import stat
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from fakes.program_desk import ProgramDesk
from fakes.skill_modules import processes_that_see, until
from skillkernel.errors import SandboxMissing, ToolError
from skillkernel.worker.program_file import opened_program
from skillkernel.worker.program_run import run_walled
from skillkernel.worker.program_walls import Asked
from skillkernel.worker.walls import host_uid

BASH = shutil.which("bash") or ""
LOADER = next(iter(Path("/lib64").glob("ld-*.so*")), Path("/lib/ld-linux-aarch64.so.1"))
TEMPORARY = ("/tmp", "/dev/shm")  # noqa: S108 # the sandbox's own
TRUE = shutil.which("true") or "/usr/bin/true"
pytestmark = pytest.mark.skipif(not BASH, reason="bash is not on this machine")


def without_walls(script: str, *, leaky: bool = False) -> "subprocess.CompletedProcess[bytes]":
    """What the same script does as an ordinary process."""
    return subprocess.run([BASH, "-c", script], check=False, capture_output=True, timeout=20, close_fds=not leaky)


async def in_walls(desk: ProgramDesk, script: str, **params: Any) -> tuple[int, str, str]:
    ended = await desk.run("bash", "-c", script, **params)
    return ended.returncode, ended.stdout.decode(), ended.stderr.decode()


@pytest.fixture
def desk(tmp_path: Path) -> ProgramDesk:
    """A skill that may run bash."""
    tmp_path.chmod(0o755)
    return ProgramDesk(tmp_path, "programs:bash")


def copy(program: str, place: Path, mode: int = 0o755) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(program, place)
    place.chmod(mode)
    return place


async def refusal(desk: ProgramDesk, name: str) -> str:
    with pytest.raises(PermissionError) as refused:
        await desk.run(name)
    assert desk.log.rulings("program")[-1] == (name, "refused")
    return str(refused.value.strerror)


async def test_a_program_that_was_not_granted_is_refused_and_says_how_it_could_be(tmp_path: Path) -> None:
    desk = ProgramDesk(tmp_path, "programs:tr", asked=("programs:bash",))
    assert "`skill grant demo programs:bash`" in await refusal(desk, "bash")
    assert "its manifest does not ask for it" in await refusal(desk, BASH)


async def test_a_name_is_not_looked_up_where_a_skill_may_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = ProgramDesk(tmp_path, "programs:mine")
    planted = copy(TRUE, desk.data / "mine")
    monkeypatch.chdir(desk.data)
    monkeypatch.setenv("PATH", f".{os.pathsep}{desk.data}{os.pathsep}{os.environ['PATH']}")
    assert shutil.which("mine") == "./mine" or shutil.which("mine") == str(planted)  # others would take it
    with pytest.raises(ToolError, match="the program mine is not on this machine"):
        await desk.run("mine")


@pytest.mark.parametrize("place", ["home/data/demo/tool", "person/out/tool"])
async def test_a_program_in_a_place_that_a_skill_may_write_is_not_run(tmp_path: Path, place: str) -> None:
    planted = copy(TRUE, tmp_path / place)
    link = tmp_path / "bin" / "tool"
    link.parent.mkdir()
    link.symlink_to(planted)
    assert without_walls(str(link)).returncode == 0
    desk = ProgramDesk(tmp_path, f"programs:{link}", f"programs:{planted}", "files.write:~/out")
    for name in (link, planted):
        assert "which a skill may write" in await refusal(desk, str(name))


async def test_a_program_is_what_was_checked_or_does_not_start(tmp_path: Path) -> None:
    tool = copy(TRUE, tmp_path / "bin" / "tool")
    desk = ProgramDesk(tmp_path, f"programs:{tool}")
    assert (await desk.run(str(tool))).returncode == 0
    uid = host_uid(desk.spec.uid_key)
    with ExitStack() as stack:
        program = stack.enter_context(opened_program(tool, desk.written, uid))
        walled = await desk.service.walls.around(program, Asked(()), desk.spec, desk.written, stack)
        copy(BASH, tmp_path / "other").replace(tool)
        with pytest.raises(SandboxMissing, match="was exchanged for something else"):
            await run_walled(walled, seconds=20, most_output=1_000)


@pytest.mark.parametrize(
    ("mode", "said"), [(0o4755, "setuid"), (0o2755, "setgid"), (0o757, "others than its owner"), (0o644, "executed")]
)
async def test_a_program_with_such_a_mode_is_not_run(tmp_path: Path, mode: int, said: str) -> None:
    tool = copy(TRUE, tmp_path / "bin" / "tool", mode)
    assert stat.S_IMODE(tool.stat().st_mode) == mode
    assert said in await refusal(ProgramDesk(tmp_path, f"programs:{tool}"), str(tool))


@pytest.mark.skipif(os.geteuid() != 0, reason="only as root is a skill another user")
async def test_a_program_that_belongs_to_the_skills_user_is_not_run(tmp_path: Path) -> None:
    tool = copy(TRUE, tmp_path / "bin" / "tool")
    desk = ProgramDesk(tmp_path, f"programs:{tool}")
    os.chown(tool, desk.uid, 0)
    assert "others than its owner may write" in await refusal(desk, str(tool))


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"#!/bin/sh\nexit 0\n", "a script"), (b"MZ" * 100, "no program of Linux"), (b"", "no program of Linux")],
)
async def test_what_is_no_machine_code_is_named_and_not_run(tmp_path: Path, content: bytes, said: str) -> None:
    tool = tmp_path / "tool"
    tool.write_bytes(content)
    tool.chmod(0o755)
    assert said in await refusal(ProgramDesk(tmp_path, f"programs:{tool}"), str(tool))


@pytest.mark.parametrize("argv", [[], ["bash", "a\0b"], ["bash"] * 1_001, ["bash", "x" * 100_001]])
async def test_a_list_of_arguments_that_no_program_gets_is_refused(desk: ProgramDesk, argv: list[str]) -> None:
    with pytest.raises(OSError, match=r"argument|empty list"):
        await desk.run(*argv)


async def test_an_argument_is_one_argument_and_no_shell_reads_it(tmp_path: Path) -> None:
    desk = ProgramDesk(tmp_path, "programs:printf")
    odd = "$(id); `id` | x > /tmp/y && \"'"
    assert (await desk.run("printf", "%s|", odd, "b")).stdout.decode() == f"{odd}|b|"


async def test_no_other_program_can_be_executed(desk: ProgramDesk) -> None:
    loader = LOADER
    planted = copy(shutil.which("id") or "", desk.data / "id")
    os.chown(planted, desk.uid, -1)
    for command in ("/usr/bin/id", f"{loader} /usr/bin/id", "{data}/id", f"{loader} {{data}}/id"):
        assert b"uid=" in without_walls(command.format(data=desk.data)).stdout
        code, out, _ = await in_walls(desk, command.format(data="/data"))
        assert (code in {126, 127}, out) == (True, ""), command


async def test_a_program_copied_into_its_temporary_folder_cannot_be_executed(tmp_path: Path) -> None:
    desk = ProgramDesk(tmp_path, "programs:cp", "programs:env")
    (desk.data / "made").mkdir()
    (desk.data / "made").chmod(0o777)
    for place in ("/data/made/x", *(f"{folder}/x" for folder in TEMPORARY)):
        ended = await desk.run("cp", "-p", shutil.which("cp") or "", place)
        assert ended.returncode == 0, ended.stderr
    ended = await desk.run("env", "/data/made/x", "--version")
    assert ended.returncode == 126
    assert b"Permission denied" in ended.stderr


async def test_nothing_outside_its_data_can_be_written(desk: ProgramDesk, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    assert without_walls(f"echo x > {outside}").returncode == 0
    outside.unlink()
    for place in (outside, "/etc/x", "/usr/bin/x", BASH, "/x", "/proc/sys/kernel/core_pattern", "/sys/x"):
        code, _, said = await in_walls(desk, f"echo x > {place}")
        assert code == 1, said
    assert not outside.exists()
    assert (await in_walls(desk, "echo x > /data/x; echo y > /tmp/y"))[0] == 0
    assert (desk.data / "x").read_text() == "x\n"
    assert (await in_walls(desk, "read -r x < /tmp/y"))[0] == 1


async def test_granted_files_are_there_as_the_skill_has_them(tmp_path: Path) -> None:
    person = tmp_path / "person"
    for name in ("in", "out", "secret"):
        (person / name).mkdir(parents=True)
        (person / name).chmod(0o777)
        (person / name / "a").write_text(name)
    desk = ProgramDesk(tmp_path, "programs:bash", "files.read:~/in", "files.write:~/out")
    script = f"echo $(<{person}/in/a) $(<{person}/secret/a); echo new > {person}/out/b; echo x > {person}/in/c"
    code, out, said = await in_walls(desk, script, cwd=str(person / "in"))
    assert (code, out) == (1, "in\n")
    assert "Read-only file system" in said
    assert (person / "out" / "b").read_text() == "new\n"


async def test_descriptors_of_the_kernel_do_not_come_with_it(desk: ProgramDesk, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    with secret.open() as file:
        os.set_inheritable(file.fileno(), True)
        script = f"read -r x <&{file.fileno()} || [ $x ] && echo $x; "
        script += "for f in /proc/self/fd/*; do [ -e $f ] && echo ${f##*/}; done"
        assert b"secret" in without_walls(script, leaky=True).stdout
        _, out, _ = await in_walls(desk, script)
    assert "secret" not in out
    assert set(out.split()) <= {"0", "1", "2", "3", "255"}  # 3 is the folder that the shell reads itself


async def test_proc_leads_nowhere_outside(desk: ProgramDesk, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for way in ("/proc/self/root", "/proc/1/root", "/proc/1/cwd", "/proc/self/cwd/../../../../.."):
        code, out, _ = await in_walls(desk, f"read -r x < {way}{secret}; echo $x")
        assert (code, out) == (0, "\n"), way
    _, out, _ = await in_walls(
        desk, "shopt -s nullglob; cd /proc; echo [0-9]*; read -r -d '' x < /proc/1/environ; echo $x"
    )
    assert len(out.splitlines()[0].split()) <= 3
    assert "=" not in out.replace("PATH=", "").replace("HOME=", "").replace("LANG=", "")


async def test_a_flood_is_cut_off(tmp_path: Path, desk: ProgramDesk) -> None:
    for stream in ("1", "2"):
        with pytest.raises(ToolError, match="bash printed more than 8000000 bytes"):
            await in_walls(desk, f"while :; do printf '%10000d' 1 >&{stream}; done")
    await until(lambda: processes_that_see(desk.data) == [])


async def test_what_is_never_read_does_not_hold_up_the_kernel(desk: ProgramDesk) -> None:
    ended = await desk.run("bash", "-c", "exit 3", stdin=b"x" * 2_000_000)
    assert ended.returncode == 3


async def test_a_program_that_sleeps_is_ended_with_all_that_it_started(desk: ProgramDesk) -> None:
    script = "trap '' TERM INT HUP; (while :; do read -t 100 x <> <(:); done) & read -t 100 x <> <(:)"
    with pytest.raises(ToolError, match=r"took longer than 0\.5 s"):
        await in_walls(desk, script, seconds=0.5)
    await until(lambda: processes_that_see(desk.data) == [])
    assert desk.log.endings == ["bash took longer than 0.5 s and was ended"]


async def test_a_call_that_ends_takes_its_program_along(desk: ProgramDesk) -> None:
    running = asyncio.create_task(in_walls(desk, "echo > /data/here; while :; do :; done"))
    await until((desk.data / "here").exists)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await until(lambda: processes_that_see(desk.data) == [])
    assert desk.log.endings == ["ended with its call"]


async def test_a_fork_bomb_stays_small_and_ends(desk: ProgramDesk) -> None:
    script = "for i in {1..400}; do while :; do read -t 1 x <> <(:); done & done; echo done; wait"
    with pytest.raises(ToolError, match="took longer"):
        await in_walls(desk, script, seconds=3)
    await until(lambda: processes_that_see(desk.data) == [])


async def test_memory_is_bounded(tmp_path: Path) -> None:
    desk = ProgramDesk(tmp_path, "programs:tail", rss_mb=50)
    with pytest.raises(ToolError, match="50 MB of memory"):
        await desk.run("tail", "/dev/zero")
    await until(lambda: processes_that_see(desk.data) == [])


async def test_a_file_is_bounded(tmp_path: Path) -> None:
    desk = ProgramDesk(tmp_path, "programs:dd", storage_mb=1)
    await desk.run("dd", "if=/dev/zero", "of=/data/x", "bs=100000", "count=50")
    assert (desk.data / "x").stat().st_size <= 1_000_000


async def test_in_tier_b_no_program_runs_and_the_error_says_what_to_do(tmp_path: Path) -> None:
    desk = ProgramDesk(tmp_path, "programs:bash", tier="B")
    with pytest.raises(SandboxMissing, match="Tier B") as refused:
        await desk.run("bash", "-c", ":")
    assert "bubblewrap" in refused.value.hint
    assert desk.log.rulings("program") == [("bash -c :", "failed")]


async def test_a_working_folder_elsewhere_is_refused(desk: ProgramDesk) -> None:
    for folder in ("/", "/data/..", "/proc", "relative", "/database"):
        with pytest.raises(ToolError, match="no working folder"):
            await in_walls(desk, "pwd", cwd=folder)
    assert (await in_walls(desk, "pwd", cwd=TEMPORARY[0]))[1] == f"{TEMPORARY[0]}\n"


async def test_a_skill_runs_a_few_programs_at_a_time(desk: ProgramDesk) -> None:
    running = [asyncio.create_task(in_walls(desk, "while :; do :; done")) for _ in range(8)]
    await asyncio.sleep(0)
    with pytest.raises(BlockingIOError, match="8 programs at a time"):
        await in_walls(desk, ":")
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    assert (await in_walls(desk, ":"))[0] == 0
