"""What the model reads when a request is answered in words alone."""

from collections.abc import Sequence

from skillkernel.model.driver import Message
from skillkernel.model.embedded.engine import Prompt, Turn

SLOT = 1
_TALK = (
    "You are a helpful assistant. Answer truthfully in one or two short sentences, in the language of the user. "
    "You can only talk: you have done, booked, sent, changed or deleted nothing and cannot, so never say that you did or will. "
    "When something is to be done, say that you have not done it and ask for it to be put in other words."
)


def chat_prompt(messages: Sequence[Message]) -> Prompt:
    """The last turns of a conversation, to be answered in words."""
    turns: list[Turn] = [{"role": "system", "content": _TALK}]
    for message in [each for each in messages if each.role in {"user", "assistant"} and each.text][-5:]:
        turns.append({"role": "user" if message.role == "user" else "assistant", "content": message.text[:1500]})
    return Prompt(tuple(turns), SLOT)
