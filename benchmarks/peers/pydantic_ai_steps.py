"""pydantic-ai: an agent with a scripted FunctionModel; the tool runs in the same process."""

from time import perf_counter

from pydantic_ai import Agent
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.usage import UsageLimits

from benchmarks.peers.answering import find, intervals, serve


async def run(steps: int) -> list[float]:
    """One run of the agent."""
    marks: list[float] = []

    def reply(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        marks.append(perf_counter())
        number = len(marks)
        if number > steps:
            return ModelResponse(parts=[TextPart("done")])
        return ModelResponse(parts=[ToolCallPart("find", {"text": f"milk {number}"}, f"c{number}")])

    agent = Agent(FunctionModel(reply), tools=[find])
    await agent.run("find milk", usage_limits=UsageLimits(request_limit=None))
    return intervals(marks)


if __name__ == "__main__":
    serve(run, "pydantic-ai-slim")
