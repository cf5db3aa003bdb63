"""FastMCP over stdio: a client and a server process, as an MCP host would call a tool. No model takes part."""

import asyncio
import os
import sys
from time import perf_counter

from fastmcp import Client
from fastmcp.client.transports import StdioTransport

from benchmarks.peers.answering import answer_rounds


async def main() -> None:
    """Keep one server for all rounds, warm like a skill's worker."""
    transport = StdioTransport(sys.executable, ["-m", "benchmarks.peers.fastmcp_server"], env=dict(os.environ))
    async with Client(transport) as client:

        async def run(steps: int) -> list[float]:
            times: list[float] = []
            for number in range(steps):
                started = perf_counter()
                await client.call_tool("find", {"text": f"milk {number}"})
                times.append(perf_counter() - started)
            return times

        await answer_rounds(run, "fastmcp", "mcp")


if __name__ == "__main__":
    asyncio.run(main())
