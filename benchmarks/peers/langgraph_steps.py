"""LangGraph: a graph of a scripted chat model and a ToolNode; the tool runs in the same process, nothing is kept."""

from time import perf_counter
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import tool
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

from benchmarks.peers.answering import find, intervals, serve


class Scripted(BaseChatModel):
    """Asks for `steps` calls, then says that it is done."""

    steps: int
    marks: list[float]

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        self.marks.append(perf_counter())
        number = len(self.marks)
        if number > self.steps:
            message = AIMessage("done")
        else:
            message = AIMessage(
                "", tool_calls=[{"name": "find", "args": {"text": f"milk {number}"}, "id": f"c{number}"}]
            )
        return ChatResult(generations=[ChatGeneration(message=message)])


async def run(steps: int) -> list[float]:
    """One run of the graph."""
    model = Scripted(steps=steps, marks=[])

    def ask(state: MessagesState) -> dict[str, list[BaseMessage]]:
        return {"messages": [model.invoke(state["messages"])]}

    graph = StateGraph(MessagesState)
    graph.add_node("model", ask)
    graph.add_node("tools", ToolNode([tool(find)]))
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", tools_condition)
    graph.add_edge("tools", "model")
    graph.compile().invoke({"messages": [("user", "find milk")]}, {"recursion_limit": 2 * steps + 2})
    return intervals(model.marks)


if __name__ == "__main__":
    serve(run, "langgraph", "langchain-core")
