"""Asking the model which of two equally good tools is meant."""

from typing import Any

from skillkernel.model.driver import ToolOffer
from skillkernel.model.embedded.choice import Scored
from skillkernel.model.embedded.close_call import decided
from skillkernel.model.embedded.engine import Completion, Prompt


class Opinionated:
    """An engine that always likes A, and B a little more for a request about music."""

    def __init__(self) -> None:
        self.asked = 0

    async def complete(
        self, prompt: Prompt, *, grammar: str = "", schema: Any = None, max_tokens: int = 64, rivals: int = 0
    ) -> Completion:
        self.asked += 1
        music = "jazz" in prompt.turns[1]["content"]
        return Completion("A", {"A": -0.1, "B": -1.0 if music else -5.0})


def scored(name: str, score: float) -> Scored:
    return Scored(ToolOffer(name, f"{name}.", {}), score)


async def test_a_clear_winner_is_taken_without_asking() -> None:
    engine = Opinionated()
    best = await decided(engine, [scored("notes__add", 0.9), scored("music__play", 0.8)], "Put on some jazz")
    assert (best.offer.name, engine.asked) == ("notes__add", 0)


async def test_a_close_call_is_decided_by_what_the_request_changes_in_the_letters() -> None:
    tools = [scored("notes__add", 0.9), scored("music__play", 0.899)]
    assert (await decided(Opinionated(), tools, "Put on some jazz")).offer.name == "music__play"
    assert (await decided(Opinionated(), tools, "Put on paper")).offer.name == "notes__add"
