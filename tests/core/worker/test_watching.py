"""A watched worker says what its code reached for beyond its walls, once each, and no more than so much."""

import json
import os
from typing import Any

import msgspec

from fakes.skill_modules import MakeSkill, invoke
from skillkernel.worker.inside.watching import Watch
from skillkernel.worker.pool import WorkerPool
from skillkernel.worker.seam import ServiceReply

CODE = """
    import subprocess

    try:
        os.listdir("/root")
    except OSError:
        pass

    @tool(effect="read")
    def reach(context: Context) -> str:
        '''Reach.'''
        for _ in range(2):
            for path in ("/etc/hosts", b"/etc/shadow", "/tmp/not-there", __file__, context.data / "x", "/dev/null"):
                try:
                    open(path)
                except OSError:
                    pass
        for attempt in (
            lambda: os.remove("/srv/x"),
            lambda: os.rename(context.data / "a", "/srv/b"),
            lambda: subprocess.run(["ffmpeg"]),
            lambda: os.system("convert a b"),
            lambda: context.secret("token"),
        ):
            try:
                attempt()
            except Exception:
                pass
        (context.data / "own").write_text("x")
        (context.data / "own").read_text()
        return "done"

    @tool(effect="read")
    def flood() -> str:
        '''Reach for much.'''
        for number in range(1_000):
            try:
                open(f"/srv/{number}")
            except OSError:
                pass
        return "done"
"""


class Listener:
    """Takes what a worker tells, or refuses to hear it."""

    def __init__(self, error: OSError | None = None) -> None:
        self.told: list[tuple[str, str, str]] = []
        self._error = error

    async def serve(self, method: str, params: msgspec.Raw) -> ServiceReply:
        said: dict[str, Any] = json.loads(bytes(params))
        assert method == "wanted"
        self.told.append((said["kind"], said["target"], said["how"]))
        if self._error is not None:
            raise self._error
        return ServiceReply()


async def test_what_is_beyond_the_walls_is_told_once_and_what_is_its_own_is_not(
    pool: WorkerPool, make_skill: MakeSkill
) -> None:
    skill = make_skill(CODE, watched=True)
    listener = Listener()
    assert await pool.call(skill, invoke("reach", services=listener)) == "done"
    assert listener.told == [
        ("file", "/root", "read"),
        ("file", "/etc/hosts", "read"),
        ("file", "/etc/shadow", "read"),
        ("file", "/tmp/not-there", "read"),  # noqa: S108 # only a name
        ("file", "/srv/x", "write"),
        ("file", "/srv/b", "write"),
        ("program", "ffmpeg", "run"),
        ("program", "convert", "run"),
        ("secret", "token", "use"),
    ]


async def test_a_worker_that_nobody_watches_tells_nothing(pool: WorkerPool, make_skill: MakeSkill) -> None:
    listener = Listener()
    assert await pool.call(make_skill(CODE), invoke("flood", services=listener)) == "done"
    assert listener.told == []


async def test_what_is_told_is_bounded(pool: WorkerPool, make_skill: MakeSkill) -> None:
    listener = Listener()
    assert await pool.call(make_skill(CODE, watched=True), invoke("flood", services=listener)) == "done"
    assert len(listener.told) == 200


async def test_a_kernel_that_does_not_listen_changes_nothing_for_the_tool(
    pool: WorkerPool, make_skill: MakeSkill
) -> None:
    skill = make_skill(CODE, watched=True)
    assert await pool.call(skill, invoke("reach", services=Listener(PermissionError(13, "no")))) == "done"
    assert await pool.call(skill, invoke("reach")) == "done"


def test_an_event_with_arguments_that_no_call_takes_is_passed_over() -> None:
    watch = Watch([], [], "/tmp")  # noqa: S108 # only a name
    for event, arguments in (
        ("open", ("/x", None, None)),
        ("open", (7, "r", os.O_RDONLY)),
        ("open", ("a\0b", "r", "flags")),
        ("os.system", (b"",)),
        ("os.scandir", (object(),)),
        ("os.chdir", (3,)),
        ("os.rename", ()),
    ):
        watch.hook(event, arguments)
