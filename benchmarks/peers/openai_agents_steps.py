"""OpenAI Agents SDK: an agent with a scripted model; the tool runs in the same process. Tracing is off."""

import json
from collections.abc import AsyncIterator
from time import perf_counter
from typing import Any

from agents import Agent, Model, ModelResponse, RunConfig, Runner, Usage, function_tool
from openai.types.responses import (
    ResponseFunctionToolCall,
    ResponseOutputMessage,
    ResponseOutputText,
)

from benchmarks.peers.answering import find, intervals, serve


class Scripted(Model):
    """Asks for `steps` calls, then says that it is done."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.marks: list[float] = []

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        """The next reply."""
        self.marks.append(perf_counter())
        number = len(self.marks)
        if number > self.steps:
            text = ResponseOutputText(text="done", type="output_text", annotations=[])
            output: Any = ResponseOutputMessage(
                id=f"m{number}", content=[text], role="assistant", status="completed", type="message"
            )
        else:
            output = ResponseFunctionToolCall(
                call_id=f"c{number}",
                name="find",
                arguments=json.dumps({"text": f"milk {number}"}),
                type="function_call",
            )
        return ModelResponse(output=[output], usage=Usage(), response_id=None)

    def stream_response(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        """Not used."""
        raise NotImplementedError


async def run(steps: int) -> list[float]:
    """One run of the agent."""
    model = Scripted(steps)
    agent = Agent(name="notes", model=model, tools=[function_tool(find)])
    await Runner.run(agent, "find milk", max_turns=steps + 1, run_config=RunConfig(tracing_disabled=True))
    return intervals(model.marks)


if __name__ == "__main__":
    serve(run, "openai-agents")
