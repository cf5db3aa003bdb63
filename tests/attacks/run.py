"""Runs every attack on workers of one tier, and prints what became of each as JSON.

    python -m attacks.run TIER FOLDER

Started by the tests, once for each kind of user and tier, since a process has one user.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import anyio
import msgspec

from attacks.attack import FAMILIES, MARK, Attack, Row, Rows, survivor_name
from attacks.outside import everything_outside
from skillkernel.errors import SandboxMissing, SkillKernelError
from skillkernel.permissions.paths import granted_paths
from skillkernel.services.access import Access
from skillkernel.services.caller import Caller
from skillkernel.services.network.connecting import Connecting
from skillkernel.services.switchboard import Switchboard
from skillkernel.worker.pool import WorkerPool
from skillkernel.worker.seam import Invocation, Tier, WorkerSpec

HERE = Path(__file__).parent
NO_WALLS = 3
"""The exit status where that tier cannot be had."""
_NEIGHBOUR_SECONDS = 10.0
_HOSTILE = '''
import os, sys, time
from skillkernel import Context, tool
from attacks.attack import Outside
from attacks.attempt import attempt as _attempt
from skillkernel.worker.inside.ask import ask_kernel

try:
    WHILE_LOADING = repr(ask_kernel("connect", {"host": "127.0.0.1", "port": 1, "seconds": 1}))
except OSError as error:
    WHILE_LOADING = f"{type(error).__name__}: {error}"

@tool(effect="destroy")
def attempt(family: str, name: str, outside: dict[str, str | int], context: Context) -> dict[str, str]:
    """Try one attack.

    Args:
        family: its module.
        name: its name.
        outside: what there is to reach.
    """
    here = {"data": str(context.data), "environment": os.path.dirname(os.path.abspath(__file__))}
    return _attempt(family, name, Outside(**{**outside, **here}))

@tool(effect="read")
def who() -> int:
    """Say which process this is."""
    return os.getpid()
'''
_PLANTED = {
    "json.py": "taken = True",
    "pluggy.py": "taken = True",
    "skillkernel.py": "taken = True",
    "x.pth": "import sys; sys.attacked = True",
    "sitecustomize.py": "import sys; sys.customized = True",
    "usercustomize.py": "import sys; sys.customized = True",
}
_NEIGHBOUR = '''
import os
from skillkernel import Context, tool

@tool(effect="write")
def keep(text: str, context: Context) -> int:
    """Keep a text in a diary.

    Args:
        text: what to keep.
    """
    (context.data / "diary").write_text(text)
    return os.getpid()
'''


class Result(NamedTuple):
    """What one attack could do (empty: nothing), and how it was held."""

    could: str
    held: str = ""


class NoAccesses:
    """An access log that keeps nothing."""

    def begin(self, caller: Caller, access: Access) -> int:
        """Nothing."""
        return 0

    def conclude(self, number: int, reason: str) -> None:
        """Forget it."""

    def end(self, number: int, *, sent: int, received: int, seconds: float) -> None:
        """Nothing."""


class Battlefield:
    """A hostile skill and its neighbour in one pool, and all that is outside."""

    def __init__(self, tier: Tier, folder: Path, outside: dict[str, Any]) -> None:
        self.tier: Tier = tier
        self.pool = WorkerPool(start_seconds=30.0)
        self._folder = folder
        self._outside = outside
        rows = (f"files.write:{folder / 'person' / 'granted'}", f"network:127.0.0.1:{outside['tcp']}")
        self._make_granted(folder / "person" / "granted")
        paths = granted_paths(
            rows,
            {},
            person=folder / "person",
            kernel_home=folder / "home",
            denied=[str(folder / "person/granted/denied")],
        )
        self.hostile = self._skill("hostile", _HOSTILE, paths=paths, grants=rows, rss_mb=150, storage_mb=2)
        self.neighbour = self._skill("neighbour", _NEIGHBOUR)
        ignored = shutil.ignore_patterns("__pycache__", "test_*")
        shutil.copytree(HERE, self.hostile.environment / "attacks", ignore=ignored)
        for name, content in _PLANTED.items():
            (self.hostile.environment / name).write_text(content)
        for path in self.hostile.environment.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        connecting = Connecting(NoAccesses())
        caller = Caller("hostile", "hostile", "attempt", "s1", 1, rows, asked=rows)
        self._services = Switchboard({"connect": connecting.connect}, NoAccesses()).for_call(caller)

    async def prepare(self) -> None:
        """Start the neighbour, and have it write its diary."""
        number = await self.pool.call(self.neighbour, _ask("keep", text=MARK))
        self._outside["neighbour"] = self._host_pid() if self.tier == "A" else number
        if not self._outside["neighbour"]:
            raise RuntimeError("the neighbour's process cannot be found")
        self._outside["diary"] = str(self.neighbour.data / "diary")

    async def run(self, attack: Attack) -> Result:
        """Make one attack, and look what it left behind."""
        result = await self._call(attack)
        if not result.could and attack.aftermath == "survivor":
            await self.pool.call(self.hostile, _ask("who"))
            result = await self._no_survivor(result)
        try:
            with anyio.fail_after(_NEIGHBOUR_SECONDS):
                await self.pool.call(self.neighbour, _ask("keep", text=MARK))
        except (TimeoutError, SkillKernelError) as error:
            return Result(f"its neighbour cannot be called any more: {error}")
        if attack.family == "resources":
            _empty(self.hostile.data)
        return result

    async def _call(self, attack: Attack) -> Result:
        place = {**self._outside, "granted": str(self._folder / "person/granted"), "tier": self.tier}
        place |= {"data": "", "environment": ""}
        asked = Invocation(
            tool="attempt",
            arguments={"family": attack.family, "name": attack.name, "outside": place},
            timeout=attack.seconds,
            idempotency_key="attack",
            services=self._services,
        )
        try:
            said = await self.pool.call(self.hostile, asked)
        except SkillKernelError as error:
            return Result("", f"{error.code}: {error.message.partition(': ')[2] or error.message}"[:200])
        if said.get("broken"):
            raise RuntimeError(f"{attack.family}: {attack.name} is broken in Tier {self.tier}:\n{said['broken']}")
        return Result(said["could"], said["held"])

    async def _no_survivor(self, result: Result) -> Result:
        """Every process that calls itself so ends within a moment, or has survived."""
        found = _named(survivor_name(os.getpid()))
        with anyio.move_on_after(2.0):
            while found:
                await anyio.sleep(0.01)
                found = _named(survivor_name(os.getpid()))
        if not found:
            return result
        for pid in found:
            os.kill(pid, 9)
        return Result("a process goes on after its worker")

    def _host_pid(self) -> int:
        """The number of the neighbour's process as this process sees it: the deepest of those with its environment."""
        found = [pid for pid in _all_pids() if _runs(pid, self.neighbour)]
        return max(found, default=0)

    def _skill(self, name: str, code: str, **changes: Any) -> WorkerSpec:
        environment = self._folder / "store" / name
        environment.mkdir(parents=True)
        (environment / f"skill_{name}.py").write_text(code, encoding="utf-8")
        for path in (self._folder / "store", environment):
            path.chmod(0o755)
        return WorkerSpec(
            skill=name,
            module=f"skill_{name}",
            environment=environment,
            data=self._folder / "home" / "data" / name,
            store="0" * 64,
            uid_key=f"{name} {self._folder}",
            tier=self.tier,
            **changes,
        )

    def _make_granted(self, granted: Path) -> None:
        (granted / "denied").mkdir(parents=True)
        for folder in (granted.parent, granted, granted / "denied"):
            folder.chmod(0o777)
        for path in (granted / "denied" / "secret", granted.parent / "secret"):
            path.write_text(MARK, encoding="ascii")
            path.chmod(0o666)
        (self._folder / "home" / "data").mkdir(parents=True)
        (self._folder / "home").chmod(0o711)
        (self._folder / "home" / "data").chmod(0o711)


def rows_of(family: str) -> list[Row]:
    """The rows of one family."""
    module = import_module(f"attacks.{family}")
    rows: Rows = getattr(module, family.upper())
    return rows.rows


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _ask(tool: str, **arguments: Any) -> Invocation:
    return Invocation(tool=tool, arguments=arguments, timeout=20.0, idempotency_key="attack")


def _all_pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _named(name: str) -> list[int]:
    found: list[int] = []
    for pid in _all_pids():
        try:
            if Path(f"/proc/{pid}/comm").read_text().strip() == name:
                found.append(pid)
        except OSError:
            continue
    return found


def _runs(pid: int, spec: WorkerSpec) -> bool:
    try:
        return (
            str(spec.data) in Path(f"/proc/{pid}/mountinfo").read_text() and os.readlink(f"/proc/{pid}/cwd") == "/data"
        )
    except OSError:
        return False


def bare(attack: Attack, outside: dict[str, Any]) -> Result:
    """Make an attack in a process that nobody watches."""
    code = (
        "import json, sys; from attacks.attempt import attempt; from attacks.attack import Outside;"
        " print(json.dumps(attempt(*sys.argv[1:3], Outside(**json.loads(sys.argv[3])))))"
    )
    command = [sys.executable, "-c", code, attack.family, attack.name, json.dumps(outside)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, close_fds=False)
    try:
        said = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        raise RuntimeError(f"{attack.name} is broken without a wall: {done.stderr}") from None
    if said.get("broken"):
        raise RuntimeError(f"{attack.name} is broken without a wall: {said['broken']}")
    return Result(said["could"], said["held"])


async def run_all(tier: Tier, folder: Path, families: list[str]) -> dict[str, Result]:
    """Every attack that is run in this tier, by `family: name`."""
    found: dict[str, Result] = {}
    with everything_outside(folder) as outside:
        field = Battlefield(tier, folder, outside)
        try:
            await field.prepare()
            for family in families:
                for row in rows_of(family):
                    if not isinstance(row, Attack) or (tier == "none" and row.off):
                        continue
                    try:
                        if tier == "none" and row.bare:
                            place = {
                                **outside,
                                "granted": "",
                                "tier": "none",
                                "data": str(folder / "bare"),
                                "environment": "",
                            }
                            (folder / "bare").mkdir()
                            found[f"{family}: {row.name}"] = bare(row, place)
                            shutil.rmtree(folder / "bare")
                        else:
                            found[f"{family}: {row.name}"] = await field.run(row)
                    except Exception:  # noqa: BLE001 # told as what it is, and the others go on
                        found[f"{family}: {row.name}"] = Result(f"BROKEN: {traceback.format_exc()}")
        finally:
            await field.pool.aclose()
    return found


def main() -> None:
    """Run, and print one object."""
    tier, folder, *families = sys.argv[1:]
    try:
        found = asyncio.run(run_all(msgspec.convert(tier, Tier), Path(folder), families or list(FAMILIES)))
    except SandboxMissing as error:
        raise SystemExit(NO_WALLS) from error
    print(json.dumps(found))  # noqa: T201 # the answer


if __name__ == "__main__":
    main()
