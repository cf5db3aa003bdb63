"""What is sent: a request of the kernel as the parameters of a chat completion."""

import json
import re
from typing import Any

from skillkernel.model.driver import Message, ModelRequest, ToolCall, ToolOffer
from skillkernel.model.openai_driver.foreign_text import well_formed

UNREADABLE_CHARACTERS = 2000
"""How much of arguments that are not JSON is sent back for the model to see what it wrote."""

Parameters = dict[str, Any]


def payload(request: ModelRequest, model: str) -> Parameters:
    """The request's messages and tools for `model`, streamed, with the tokens it cost."""
    parameters: Parameters = {
        "model": model,
        "messages": [_message(message) for message in request.messages],
        "max_tokens": request.max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.tools:
        parameters["tools"] = [_tool(offer) for offer in request.tools]
    return parameters


def _message(message: Message) -> dict[str, Any]:
    text = well_formed(message.text)
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.call_id, "content": text}
    if message.role == "assistant" and message.calls:
        return {"role": "assistant", "content": text or None, "tool_calls": [_call(call) for call in message.calls]}
    return {"role": message.role, "content": text}


def _call(call: ToolCall) -> dict[str, Any]:
    """A call in a form that every endpoint reads: some answer 500 to a history with broken names or arguments."""
    name = re.sub(r"[^a-zA-Z0-9_-]", "_", call.name)[:64] or "nameless"
    return {"id": call.id, "type": "function", "function": {"name": name, "arguments": _arguments(call.arguments)}}


def _arguments(raw: str) -> str:
    text = well_formed(raw)
    try:
        if isinstance(json.loads(text), dict):
            return text
    except (ValueError, RecursionError):
        pass
    return json.dumps({"unreadable": text[:UNREADABLE_CHARACTERS]}, ensure_ascii=False)


def _tool(offer: ToolOffer) -> dict[str, Any]:
    function = {"name": offer.name, "description": offer.description, "parameters": offer.input_schema}
    return {"type": "function", "function": function}


_STREAM_OPTIONS = re.compile(r"stream_options|include_usage", re.IGNORECASE)
_MAX_TOKENS = re.compile(r"max_tokens.*max_completion_tokens", re.IGNORECASE | re.DOTALL)
_TOOLS = re.compile(
    r"(does not|doesn't|cannot|can't) (support|use|take) (tools|tool|function)"
    r"|\btools?\b['\"`]?( is| are)? not (supported|permitted|allowed)"
    r"|(unsupported|unrecognized|unknown|unexpected|extra)[^.]{0,40}\btools\b",
    re.IGNORECASE,
)


def without_refused(parameters: Parameters, status: int, complaint: str) -> tuple[Parameters, str] | None:
    """The parameters without what a 400 complains of, and a sentence for the person (empty: nothing they would miss).

    None when the complaint is about something else, or about what was left out already.
    """
    if status not in (400, 422):
        return None
    if "stream_options" in parameters and _STREAM_OPTIONS.search(complaint):
        return {name: value for name, value in parameters.items() if name != "stream_options"}, ""
    if "max_tokens" in parameters and _MAX_TOKENS.search(complaint):
        renamed = {name: value for name, value in parameters.items() if name != "max_tokens"}
        return renamed | {"max_completion_tokens": parameters["max_tokens"]}, ""
    if "tools" in parameters and _TOOLS.search(complaint):
        rest = {name: value for name, value in parameters.items() if name != "tools"}
        return rest, "this model takes no tools; asking it without them"
    return None
