"""Whatever a skill's process does, the call ends with a named error and the next call gets a fresh worker."""

import textwrap

import anyio
import pytest

from fakes.skill_modules import MakeSkill, invoke, processes_that_see, until
from skillkernel.errors import (
    SkillKernelError,
    WorkerDied,
    WorkerError,
    WorkerFloods,
    WorkerOverLimit,
    WorkerProtocolError,
    WorkerStartFailed,
    WorkerTimeout,
)
from skillkernel.worker import watch
from skillkernel.worker.pool import WorkerPool
from skillkernel.worker.seam import Tier

TRICKS = '''
import json, socket
BORN = os.urandom(8).hex()

def framed(body):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return len(data).to_bytes(4, "big") + data

def answer(question, version="2.0"):
    return framed({"jsonrpc": version, "id": question, "result": 1})

def notification(method, params):
    return framed({"jsonrpc": "2.0", "method": method, "params": params})

def send(data):
    os.write(3, data)
    time.sleep(10)

def my_question():
    frame = sys._getframe()
    while "question" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["question"]

@tool(effect="read")
def born() -> str:
    """Say when."""
    return BORN

@tool(effect="read")
def misbehave() -> str:
    """Misbehave."""
'''


def misbehaving(body: str) -> str:
    """A skill whose tool `misbehave` runs `body`, and whose tool `born` tells one worker from another."""
    return TRICKS + textwrap.indent(textwrap.dedent(body).strip(), "    ") + '\n    return "done"\n'


@pytest.mark.parametrize(
    ("body", "expected", "said"),
    [
        pytest.param("send(framed(b'garbage'))", WorkerProtocolError, "no message", id="garbage"),
        pytest.param("send(b'\\x7f\\xff\\xff\\xff')", WorkerFloods, "2147483647 bytes", id="a length of two gigabytes"),
        pytest.param("send(framed(b'[' * 2_000_000))", WorkerFloods, "2000000 bytes", id="a frame over the limit"),
        pytest.param("send(framed(b'[' * 50_000))", WorkerProtocolError, "no message", id="deep nesting"),
        pytest.param("send(framed(b'\"\\xff\"'))", WorkerProtocolError, "no message", id="invalid UTF-8"),
        pytest.param("send(answer('0' * 32))", WorkerProtocolError, "to no question", id="answers what was not asked"),
        pytest.param("send(answer(my_question()) * 2)", WorkerProtocolError, "to no question", id="answers twice"),
        pytest.param("send(answer(my_question(), '1.0'))", WorkerProtocolError, "version", id="another version"),
        pytest.param("send(notification('grant', {}))", WorkerProtocolError, "notification", id="made-up notification"),
        pytest.param(
            "while True: os.write(3, notification('progress', {'id': my_question(), 'text': ''}))",
            WorkerFloods,
            "progress",
            id="floods progress",
        ),
        pytest.param("socket.socket(fileno=3).shutdown(2); time.sleep(10)", WorkerDied, "hung up", id="hangs up"),
        pytest.param(
            "print('bye', flush=True); os._exit(7)", WorkerDied, "status 7; it printed last: 'bye'", id="exits"
        ),
        pytest.param("os.abort()", WorkerDied, "signal 6", id="aborts"),
        pytest.param("while True: print('x' * 1000)", WorkerFloods, "printed", id="prints for ever"),
        pytest.param("while True: os.write(2, b'x' * 65536)", WorkerFloods, "printed", id="floods stderr"),
        pytest.param(
            "os.write(1, b'x' * 1_200_000); time.sleep(10)", WorkerFloods, "printed", id="prints much at once"
        ),
    ],
)
async def test_a_worker_that_misbehaves_is_named_and_replaced(
    pool: WorkerPool, make_skill: MakeSkill, body: str, expected: type[WorkerError], said: str
) -> None:
    skill = make_skill(misbehaving(body))
    before = await pool.call(skill, invoke("born"))
    with pytest.raises(expected) as caught:
        await pool.call(skill, invoke("misbehave"))
    assert said in caught.value.message
    assert caught.value.message.startswith("demo: ")
    assert "\n" not in caught.value.message
    after = await pool.call(skill, invoke("born"))
    assert after != before


async def test_a_result_over_the_limit_is_refused_and_the_worker_stays(pool: WorkerPool, make_skill: MakeSkill) -> None:
    skill = make_skill(misbehaving("return 'x' * 3_000_000"))
    before = await pool.call(skill, invoke("born"))
    with pytest.raises(SkillKernelError, match="3000002 bytes, at most 1000000") as caught:
        await pool.call(skill, invoke("misbehave"))
    assert caught.value.code == "result-invalid"
    assert await pool.call(skill, invoke("born")) == before


async def test_a_closed_descriptor_is_a_timeout_at_the_latest(pool: WorkerPool, make_skill: MakeSkill) -> None:
    skill = make_skill(misbehaving("os.close(3); time.sleep(60)"))
    before = await pool.call(skill, invoke("born"))
    with pytest.raises(WorkerError):  # its reading thread keeps the socket open, or does not: Linux decides
        await pool.call(skill, invoke("misbehave", seconds=0.2))
    assert await pool.call(skill, invoke("born")) != before


async def test_half_a_frame_and_silence_is_a_timeout(pool: WorkerPool, make_skill: MakeSkill) -> None:
    skill = make_skill(misbehaving("os.write(3, b'\\0\\0\\0\\x10half'); time.sleep(60)"))
    before = await pool.call(skill, invoke("born"))
    with pytest.raises(WorkerTimeout, match=r"demo\.misbehave took longer than 0\.2 s and was killed"):
        await pool.call(skill, invoke("misbehave", seconds=0.2))
    assert await pool.call(skill, invoke("born")) != before


async def test_a_worker_that_never_reads_blocks_nobody_else(pool: WorkerPool, make_skill: MakeSkill) -> None:
    deaf = make_skill(misbehaving("os.kill(os.getpid(), 19)"), name="deaf")  # it stops its own process
    other = make_skill(TRICKS + "    return 'fine'\n", name="other")
    large = {"text": "x" * 3_000_000}

    async with anyio.create_task_group() as group:

        async def call_the_deaf(arguments: dict[str, str]) -> None:
            with pytest.raises(WorkerError):
                await pool.call(deaf, invoke("misbehave", arguments, seconds=1.0))

        group.start_soon(call_the_deaf, dict[str, str]())
        group.start_soon(call_the_deaf, large)
        assert await pool.call(other, invoke("misbehave")) == "fine"


async def test_children_end_with_the_worker(pool: WorkerPool, make_skill: MakeSkill, tier: Tier) -> None:
    if tier == "B":
        pytest.skip("a worker can have no children here, see test_walls.py")
    forks = """
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                while True:
                    (open(os.environ["HOME"] + "/alive", "a")).write("x")
                    time.sleep(0.01)
            os._exit(0)
        os._exit(1)
    """
    skill = make_skill(misbehaving(forks))
    with pytest.raises(WorkerDied):
        await pool.call(skill, invoke("misbehave"))
    await pool.call(skill, invoke("born"))
    await pool.aclose()
    await until(lambda: not processes_that_see(skill.data))


async def test_a_fork_bomb_meets_its_limit(pool: WorkerPool, make_skill: MakeSkill) -> None:
    bomb = """
    children = 0
    try:
        while children < 400:
            if os.fork() == 0:
                time.sleep(60)
                os._exit(0)
            children += 1
    except OSError:
        os._exit(5)
    """
    skill = make_skill(misbehaving(bomb), rss_mb=100_000)
    with pytest.raises(WorkerDied, match="status 5"):
        await pool.call(skill, invoke("misbehave"))


async def test_memory_over_the_limit_ends_the_worker(pool: WorkerPool, make_skill: MakeSkill) -> None:
    skill = make_skill(misbehaving("kept = b'x' * 200_000_000\ntime.sleep(60)"), rss_mb=100)
    before = await pool.call(skill, invoke("born"))
    with pytest.raises(WorkerOverLimit, match="100 MB of memory"):
        await pool.call(skill, invoke("misbehave"))
    assert await pool.call(skill, invoke("born")) != before


async def test_a_data_folder_over_its_limit_ends_the_worker_which_may_still_tidy_up(
    pool: WorkerPool, make_skill: MakeSkill
) -> None:
    code = (
        misbehaving("for n in range(20): open(f'{n}', 'wb').write(b'x' * 900_000)\ntime.sleep(60)")
        + '''
@tool(effect="write")
def tidy() -> int:
    """Tidy up."""
    [os.unlink(name) for name in os.listdir(".")]
    return len(os.listdir("."))
'''
    )
    skill = make_skill(code, storage_mb=1)
    with pytest.raises(WorkerOverLimit, match="data folder"):
        await pool.call(skill, invoke("misbehave"))
    assert await pool.call(skill, invoke("tidy")) == 0


async def test_one_file_cannot_be_larger_than_the_storage(pool: WorkerPool, make_skill: MakeSkill) -> None:
    skill = make_skill(misbehaving("open('large', 'wb').write(b'x' * 2_000_000)"), storage_mb=1)
    with pytest.raises(SkillKernelError, match="File too large"):
        await pool.call(skill, invoke("misbehave"))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise RuntimeError('no luck')", "RuntimeError: no luck"),
        ("import not_there", "No module named 'not_there'"),
        ("def broken(:", "SyntaxError"),
        ("print('bye'); sys.stdout.flush(); os._exit(3)", "status 3; it printed last: 'bye'"),
        ("sys.exit(4)", "SystemExit: 4"),
        ("os.close(3); time.sleep(60)", "hung up"),
        ("os.write(3, b'\\0\\0\\0\\x02[]'); time.sleep(60)", "no message"),
    ],
)
async def test_a_skill_that_cannot_be_loaded_says_why(
    pool: WorkerPool, make_skill: MakeSkill, code: str, said: str
) -> None:
    with pytest.raises(WorkerError) as caught:
        await pool.call(make_skill(code), invoke("born"))
    assert said in caught.value.message
    working = make_skill(TRICKS + "    return ''\n")
    assert await pool.call(working, invoke("born"))


async def test_a_skill_that_never_becomes_ready_is_given_up(make_skill: MakeSkill) -> None:
    pool = WorkerPool(start_seconds=0.5)
    with pytest.raises(WorkerStartFailed, match=r"was not ready within 0\.5 s"):
        await pool.call(make_skill("time.sleep(60)"), invoke("born"))
    await pool.aclose()


async def test_a_floods_tail_is_kept_and_escaped(pool: WorkerPool, make_skill: MakeSkill) -> None:
    skill = make_skill(misbehaving("print('\\x1b[31mred\\u202e'); sys.stdout.flush(); os._exit(1)"))
    with pytest.raises(WorkerDied) as caught:
        await pool.call(skill, invoke("misbehave"))
    assert "\x1b" not in caught.value.message + caught.value.output
    assert "\u202e" not in caught.value.message + caught.value.output
    assert "red" in caught.value.output


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param("kept = [open(os.devnull) for _ in range(300)]", "more than 256 open files", id="open files"),
        pytest.param("open('large', 'wb').write(b'x' * 2_000_000)", "more than 1 MB in one file", id="one large file"),
        pytest.param("bytearray(50_000_000_000)", "MB of address space", id="address space"),
    ],
)
async def test_a_limit_that_was_reached_is_named(pool: WorkerPool, make_skill: MakeSkill, body: str, said: str) -> None:
    skill = make_skill(misbehaving(body), storage_mb=1)
    with pytest.raises(WorkerOverLimit, match=said):
        await pool.call(skill, invoke("misbehave"))


async def test_threads_without_end_are_named(pool: WorkerPool, make_skill: MakeSkill) -> None:
    bomb = "import threading\nwhile True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
    with pytest.raises(WorkerOverLimit, match="more than 128 processes and threads"):
        await pool.call(make_skill(misbehaving(bomb), rss_mb=10_000), invoke("misbehave"))


async def test_processor_time_is_limited_in_a_call_and_between_calls(
    pool: WorkerPool, make_skill: MakeSkill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "CPU_SHARE", 0.01)
    monkeypatch.setattr(watch, "IDLE_CPU_SECONDS", 0.2)
    monkeypatch.setattr(watch, "_IDLE_SAMPLE_SECONDS", 0.05)
    with pytest.raises(WorkerOverLimit, match=r"more than 0\.2 s of processor time in one call \(limit cpu\)"):
        await pool.call(make_skill(misbehaving("while True: pass")), invoke("misbehave", seconds=20.0))
    spinning = """
        import threading
        def spin():
            while True: pass
        threading.Thread(target=spin, daemon=True).start()
    """
    skill = make_skill(misbehaving(spinning))
    before = await pool.call(skill, invoke("born"))
    await pool.call(skill, invoke("misbehave", seconds=2000.0))
    await until(lambda: not processes_that_see(skill.data))
    assert await pool.call(skill, invoke("born")) != before
