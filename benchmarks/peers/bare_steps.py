"""The floor: two Python processes and a socketpair, with nothing around it.

`bytes` sends a question and an answer of the sizes of ours; `checked` validates the arguments with jsonschema before;
`rpc` also encodes and decodes the JSON at both ends and runs the tool's function in the other process.
"""

import asyncio
import json
import socket
import subprocess
import sys
from time import perf_counter
from typing import Any

from jsonschema import Draft202012Validator

from benchmarks.peers.answering import answer_rounds

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"text": {"type": "string", "description": "What to look for."}},
    "required": ["text"],
    "additionalProperties": False,
}
ANSWER = b'{"jsonrpc":"2.0","id":"%s","result":[]}' % (b"0" * 32)

ECHO = """
import socket, sys
sock = socket.socket(fileno=int(sys.argv[1]))
answer = bytes.fromhex(sys.argv[2])
while sock.recv(65536):
    sock.sendall(answer)
"""
SERVER = """
import json, socket, sys
from pathlib import Path
sock = socket.socket(fileno=int(sys.argv[1]))
folder = Path()
def find(text):
    file = folder / "notes.txt"
    notes = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [note for note in notes if text.casefold() in note.casefold()]
while data := sock.recv(65536):
    question = json.loads(data[4:])
    result = find(**question["params"]["arguments"])
    body = json.dumps({"jsonrpc": "2.0", "id": question["id"], "result": result}).encode()
    sock.sendall(len(body).to_bytes(4, "big") + body)
"""


def question(number: int) -> bytes:
    """A frame as the kernel sends it."""
    params = {
        "tool": "find",
        "arguments": {"text": f"milk {number}"},
        "idempotency_key": "0" * 32,
        "secrets": {},
        "max_result_bytes": 1_000_000,
    }
    message = {"jsonrpc": "2.0", "id": "0" * 32, "method": "call", "params": params}
    return framed(json.dumps(message, separators=(",", ":")).encode())


def framed(body: bytes) -> bytes:
    """A body with its length in front."""
    return len(body).to_bytes(4, "big") + body


def step(what: str, ours: socket.socket, validator: Any, number: int) -> float:
    """The seconds that one round trip takes."""
    prepared = question(number)
    started = perf_counter()
    if what != "bytes":
        arguments = {"text": f"milk {number}"}
        if not validator.is_valid(arguments):
            raise ValueError(arguments)
    ours.sendall(question(number) if what == "rpc" else prepared)
    answer = ours.recv(65536)
    if what == "rpc":
        json.loads(answer[4:])
    return perf_counter() - started


def main(what: str) -> None:
    """Serve rounds of one kind."""
    ours, theirs = socket.socketpair()
    descriptor = str(theirs.fileno())
    program = [SERVER, descriptor] if what == "rpc" else [ECHO, descriptor, framed(ANSWER).hex()]
    other = subprocess.Popen([sys.executable, "-I", "-S", "-c", *program], pass_fds=[theirs.fileno()])
    theirs.close()
    validator = Draft202012Validator(SCHEMA)

    async def run(steps: int) -> list[float]:
        return [step(what, ours, validator, number) for number in range(steps)]

    asyncio.run(answer_rounds(run, "jsonschema"))
    ours.close()
    other.wait()


if __name__ == "__main__":
    main(sys.argv[1])
