"""A model's reply, made safe to carry on with: one id a call, and nothing twice."""

from dataclasses import replace

from skillkernel.model.driver import ToolCall

MAX_CALLS_A_REPLY = 16


def distinct_calls(calls: tuple[ToolCall, ...], seen: set[str]) -> tuple[ToolCall, ...]:
    """Give every call an id of its own, drop exact repetitions of one id, and remember the ids in `seen`.

    An answer is matched to its call by id, so two calls with one id could not be told apart.
    """
    kept: list[ToolCall] = []
    for call in calls:
        if call in kept:
            continue
        ident = call.id or "call"
        number = 2
        while ident in seen:
            ident = f"{call.id or 'call'}-{number}"
            number += 1
        seen.add(ident)
        kept.append(replace(call, id=ident) if ident != call.id else call)
    return tuple(kept)
