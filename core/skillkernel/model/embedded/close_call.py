"""Lets the model decide between tools that fit a request about equally well, by one letter.

A small model prefers some letters whatever the request is, so its log-probabilities are taken relative to those for an
empty request.
"""

from collections.abc import Sequence

from skillkernel.model.embedded.choice import Scored, spoken_name
from skillkernel.model.embedded.engine import Prompt, Writer

SLOT = 0
MARGIN = 0.02
WEIGHT = 0.015
MOST = 3
_LETTERS = "ABCDEFGH"
_NEVER = -12.0
_SYSTEM = "Choose the tool that does what the user asks for. Answer with its letter only."
_EMPTY = "…"


async def decided(engine: Writer, scored: Sequence[Scored], request: str) -> Scored:
    """The best of `scored` (best first, at least one); the model is asked only when others are within `MARGIN`."""
    close = [each for each in scored[:MOST] if scored[0].score - each.score < MARGIN]
    if len(close) < 2:
        return close[0]
    said = await _letters(engine, close, request)
    unsaid = await _letters(engine, close, _EMPTY)
    gains = [one - other for one, other in zip(said, unsaid, strict=True)]
    best = max(range(len(close)), key=lambda place: close[place].score + WEIGHT * gains[place])
    return close[best]


async def _letters(engine: Writer, close: Sequence[Scored], request: str) -> list[float]:
    rows = [
        f"{letter}. {spoken_name(each.offer)}: {each.offer.description[:160]}"
        for letter, each in zip(_LETTERS, close, strict=False)
    ]
    listed = "\n".join(rows)
    prompt = Prompt(
        (
            {"role": "system", "content": _SYSTEM},
            {"role": "user", "content": f"{listed}\n\nRequest: {request[:600]}"},
            {"role": "assistant", "content": "Letter: "},
        ),
        SLOT,
    )
    reply = await engine.complete(prompt, max_tokens=1, rivals=40)
    return [
        max(reply.first.get(letter, _NEVER), reply.first.get(f" {letter}", _NEVER)) for letter in _LETTERS[: len(close)]
    ]
