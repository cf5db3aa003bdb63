"""Chat-completion objects put together into one reply: its text as it comes, its calls and its end."""

import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal, cast

from skillkernel.errors import ModelReplyInvalid
from skillkernel.model.driver import Finished, ToolCall
from skillkernel.model.openai_driver.body import Chunk
from skillkernel.model.openai_driver.foreign_text import well_formed

FINISH_REASONS: dict[str, Literal["stop", "length", "filtered"]] = {"length": "length", "content_filter": "filtered"}
CALLS_PER_REPLY = 128


@dataclass(slots=True)
class _Draft:
    """A call while its fragments come in."""

    index: int | None
    id: str = ""
    name: str = ""
    arguments: str = ""


class Assembly:
    """Adds up the objects of one reply, trusting nothing about their form.

    `taken` are the call ids of the conversation so far: a call without an id, or with one that is taken, gets its own.
    `recognised` once an object was a chat completion, `finish` once the endpoint said why it ended.
    """

    def __init__(self, taken: Collection[str] = ()) -> None:
        self.finish = ""
        self.recognised = False
        self._taken = set(taken)
        self._drafts: list[_Draft] = []
        self._half_pair = ""
        self._prompt_tokens = 0
        self._completion_tokens = 0

    def add(self, chunk: Chunk) -> str:
        """Take one object; return the text in it."""
        self._count(chunk.get("usage"))
        choices = chunk.get("choices")
        if not isinstance(choices, list):
            return ""
        self.recognised = True
        for choice in cast("list[object]", choices):
            if isinstance(choice, dict):
                return self._add_choice(cast("dict[str, Any]", choice))
        return ""

    def finished(self) -> Finished:
        """The event that ends the reply."""
        reason = FINISH_REASONS.get(self.finish) or ("calls" if self._drafts else "stop")
        return Finished(reason, tuple(map(self._call, self._drafts)), self._prompt_tokens, self._completion_tokens)

    def _add_choice(self, choice: dict[str, Any]) -> str:
        part: Any = choice.get("delta") or choice.get("message")
        text = ""
        if isinstance(part, dict):
            fields = cast("dict[str, Any]", part)
            text = _text(fields.get("content")) or _text(fields.get("refusal"))
            fragments = fields.get("tool_calls")
            if isinstance(fragments, list):
                for fragment in cast("list[object]", fragments):
                    if isinstance(fragment, dict):
                        self._add_fragment(cast("dict[str, Any]", fragment))
        if finish := choice.get("finish_reason"):
            self.finish = str(finish)
        return self._whole(text)

    def _add_fragment(self, fragment: dict[str, Any]) -> None:
        function = fragment.get("function")
        fields = cast("dict[str, Any]", function) if isinstance(function, dict) else fragment
        name, arguments = _text(fields.get("name")), _arguments(fields.get("arguments"))
        index = fragment.get("index")
        draft = self._draft(index if isinstance(index, int) else None, _text(fragment.get("id")), bool(name))
        if not draft.name:
            draft.name = name
        draft.arguments += arguments

    def _draft(self, index: int | None, call_id: str, named: bool) -> _Draft:
        """The call that a fragment belongs to: by index, else by id, else the last one; a new name opens a new call."""
        last = self._drafts[-1] if self._drafts else None
        if index is not None:
            same = next((draft for draft in reversed(self._drafts) if draft.index == index), None)
            # Some endpoints number every whole call 0.
            opens = same is None or (bool(call_id) and call_id != same.id and named and bool(same.name))
        else:
            same = last if last is None or not call_id or call_id == last.id or not last.id else None
            opens = same is None or (named and bool(same.name))
        if same is None or opens:
            if len(self._drafts) == CALLS_PER_REPLY:
                raise ModelReplyInvalid(
                    f"the model asks for more than {CALLS_PER_REPLY} calls at once",
                    hint="none of them was run; ask for less at once, or try another model",
                )
            same = _Draft(index)
            self._drafts.append(same)
        same.id = same.id or call_id
        return same

    def _call(self, draft: _Draft) -> ToolCall:
        call_id = well_formed(draft.id)
        if not call_id or call_id in self._taken:
            call_id = f"call_{secrets.token_hex(8)}"
        self._taken.add(call_id)
        return ToolCall(call_id, well_formed(draft.name), well_formed(draft.arguments) or "{}")

    def _whole(self, text: str) -> str:
        """Text without a cut character: half a surrogate pair at its end waits for the other half."""
        text = self._half_pair + text
        self._half_pair = text[-1] if text and "\ud800" <= text[-1] <= "\udbff" else ""
        return well_formed(text[: len(text) - len(self._half_pair)])

    def _count(self, usage: Any) -> None:
        if not isinstance(usage, dict):
            return
        counts = cast("dict[str, Any]", usage)
        self._prompt_tokens = _number(counts.get("prompt_tokens")) or self._prompt_tokens
        self._completion_tokens = _number(counts.get("completion_tokens")) or self._completion_tokens


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _text(value: Any) -> str:
    """Text that is a string, or a list of parts of which some are text."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        parts = (cast("dict[str, Any]", part) for part in cast("list[object]", value) if isinstance(part, dict))
        return "".join(part["text"] for part in parts if isinstance(part.get("text"), str))
    return ""


def _arguments(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
