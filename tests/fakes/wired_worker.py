"""A real worker whose network requests are served, with the hosts that a test grants."""

import textwrap
from typing import Any

from fakes.accesses import KeptAccesses
from fakes.resolver import Names
from fakes.skill_modules import invoke
from skillkernel.services.caller import Caller
from skillkernel.services.network.connecting import Connecting
from skillkernel.services.switchboard import CallServices, Switchboard
from skillkernel.worker.pool import WorkerPool
from skillkernel.worker.seam import WorkerSpec

SKILL = '''
@tool(effect="read")
def run(code: str, place: dict[str, str | int]) -> str:
    """Run code that ends in a text called `answer`."""
    values = dict(place)
    exec(code, values)
    return str(values["answer"])

@tool(effect="read")
async def run_async(code: str, place: dict[str, str | int]) -> str:
    """Run the coroutine function `main` of that code."""
    values = dict(place)
    exec(code, values)
    return str(await values["main"]())
'''


class Wired:
    """A worker whose calls are served, with the hosts that a test grants."""

    def __init__(self, spec: WorkerSpec, pool: WorkerPool) -> None:
        self.spec = spec
        self.log = KeptAccesses()
        self.names = Names(localhost=[["127.0.0.1"]])
        self.private: set[str] = set()
        self.connecting = Connecting(self.log, look_up=self.names, private=self.private)
        self.last: CallServices | None = None
        self._switchboard = Switchboard({"connect": self.connecting.connect}, self.log)
        self._pool = pool

    async def run(self, code: str, *granted: str, tool: str = "run", seconds: float = 20, **place: Any) -> str:
        """What the code answers."""
        rows = tuple(f"network:{value}" for value in granted)
        self.last = self._switchboard.for_call(Caller("demo", "demo", tool, "s1", 1, rows, asked=rows))
        arguments = {"code": textwrap.dedent(code), "place": place}
        return str(await self._pool.call(self.spec, invoke(tool, arguments, seconds=seconds, services=self.last)))
