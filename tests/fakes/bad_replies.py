"""Everything that a model or its endpoint may get wrong, as scripts for `ScriptedOpenAI`."""

import json
from typing import Any

from fakes.scripted_openai import Call, Reply, Script

DEPTH = 100_000


def broken_arguments(arguments: dict[str, Any]) -> dict[str, Any]:
    """The same arguments written wrongly, by what is wrong; two of them are not even strings."""
    good = json.dumps(arguments)
    name, value = next(iter(arguments.items()))
    return {
        "truncated": good[:-2],
        "trailing comma": good[:-1] + ",}",
        "single quotes": "{" + ", ".join(f"'{key}': '{item}'" for key, item in arguments.items()) + "}",
        "fenced": f"```json\n{good}\n```",
        "Python literals": good[:-1] + ', "private": True, "note": None}',
        "encoded twice": json.dumps(good),
        "duplicate keys": good[:-1] + f", {json.dumps(name)}: {json.dumps(value)}}}",
        "NaN": good[:-1] + ', "weight": NaN}',
        "nested 100,000 deep": '{"deep": ' * DEPTH + "1" + "}" * DEPTH,
        "not an object": "[1, 2]",
        "prose": "I would like to book it for tomorrow",
        "control characters": good[:-1] + ', "note": "\u0000\u001b[2J\u202e"}',
        "wrong type": json.dumps({key: {"not": ["the", "type"]} for key in arguments}),
        "missing": "{}",
        "made-up": json.dumps(arguments | {"made_up": "argument"}),
        "an object in place of text": arguments,
        "null": None,
    }


def bad_replies(tool: str, arguments: dict[str, Any]) -> dict[str, Script]:
    """Scripts by what is wrong with them, for a `tool` (wire name) whose right arguments are `arguments`.

    Bad calls come once and are followed by an answer in text, so that a session can end; endpoints that fail, fail for
    ever.
    """
    good = json.dumps(arguments)
    right = Call(tool, good)
    answer = Reply(text="I could not do that.")
    scripts: dict[str, Script] = {
        f"arguments: {name}": (Reply(calls=(Call(tool, text),)), answer)
        for name, text in broken_arguments(arguments).items()
    }
    scripts |= {
        "unknown tool": (Reply(calls=(Call("calender__creat_event", good),)), answer),
        "control characters in a name": (Reply(calls=(Call(f"{tool}\x00\x1b[2J\u202e\n", good),)), answer),
        "empty name": (Reply(calls=(Call("", good),)), answer),
        "endless name": (Reply(calls=(Call("a" * 100_000, good),)), answer),
        "two calls with one id": (Reply(calls=(right, right)), answer),
        "call without an id": (Reply(calls=(Call(tool, good, id=None),)), answer),
        "call without an index": (Reply(calls=(Call(tool, good, index=None),), fragment=3), answer),
        "same call for ever": (Reply(calls=(right,)),),
        "cycle of two calls": lambda request: Reply(
            calls=(right if len(request["messages"]) % 4 < 2 else Call(tool, "{}"),)
        ),
        "a thousand calls": (Reply(calls=tuple(Call(tool, good, id=f"c{number}") for number in range(1000))), answer),
        "empty reply": (Reply(text=""),),
        "null content": (Reply(text=None, stream=False),),
        "no choices": (Reply(stream=False, body=b'{"object": "chat.completion", "choices": []}'),),
    }
    return scripts | _failing_endpoints(tool, good)


def _failing_endpoints(tool: str, good: str) -> dict[str, Script]:
    html = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>\x1b[2J nginx</body></html>"
    long_text = Reply(text="The event is booked for tomorrow.", fragment=4)
    return {
        "cut in the text": (Reply(text=long_text.text, fragment=4, cut=700),),
        "cut in the text, connection closed": (Reply(text=long_text.text, fragment=4, cut=700, chunked=False),),
        "cut in a call": (Reply(calls=(Call(tool, good),), fragment=4, cut=900),),
        "cut before the first byte": (Reply(text="x", cut=0),),
        "ends without an end": (Reply(text="Half a", finish=None, done=False),),
        "hangs at once": (Reply(silent=True),),
        "hangs after the headers": (Reply(text="x", cut=0, hang=True),),
        "hangs in the text": (Reply(text=long_text.text, fragment=4, cut=700, hang=True),),
        "401": (Reply(status=401, text="Incorrect API key provided"),),
        "403": (Reply(status=403, text="no access"),),
        "404": (Reply(status=404, text="The model `scripted-modle` does not exist"),),
        "429": (Reply(status=429, text="slow down", headers=(("Retry-After", "0"),)),),
        "429 for an hour": (Reply(status=429, text="slow down", headers=(("Retry-After", "3600"),)),),
        "500": (Reply(status=500, text="it broke"),),
        "500 in HTML": (Reply(status=500, body=html, content_type="text/html"),),
        "HTML": (Reply(body=html, content_type="text/html"),),
        "plain text": (Reply(body=b"hello, this is not JSON", content_type="text/plain"),),
        "truncated JSON": (Reply(body=b'{"choices": [{"message"', content_type="application/json"),),
        "other JSON": (Reply(body=b'{"hello": "world"}', content_type="application/json"),),
        "JSON 100,000 deep": (Reply(body=b"[" * DEPTH, content_type="application/json"),),
        "broken event": (Reply(body=b'data: {"choices": [\n\n', content_type="text/event-stream"),),
        "empty body": (Reply(body=b""),),
        "bytes": (Reply(body=bytes(range(256)) * 8, content_type="application/octet-stream"),),
        "error in the stream": (
            Reply(body=b'data: {"error": {"message": "out of memory"}}\n\n', content_type="text/event-stream"),
        ),
        "redirect": (Reply(status=307, headers=(("Location", "http://127.0.0.2:9/v1/chat/completions"),), body=b""),),
    }


BAD_REPLIES: dict[str, Script] = bad_replies(
    "calendar__create_event", {"title": "Lunch with Sam", "start": "2026-11-25T12:30:00"}
)
"""The scripts for the tool of the README's example."""
