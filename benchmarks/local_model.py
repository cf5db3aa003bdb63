"""How well the embedded model chooses tools and fills in their arguments, over the sets of requests in data/.

    python benchmarks/local_model.py [MODEL.gguf] [--data FILE …] [--split dev|test] [--show]

Asks through the public driver, one request at a time, and prints a table. Times are of this machine in this moment.
All of these sets were looked at while the driver was built, so the table shows what works and goes on working, not how
well unseen requests go; what a set scored when it was new is printed beside it.
"""

import argparse
import ast
import json
import os
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, cast
from zoneinfo import ZoneInfo

import anyio
import platformdirs

from skillkernel.model.driver import Driver, Finished, Message, ModelRequest, ModelSettings, ToolOffer
from skillkernel.model.embedded import skillkernel_driver


def matches(expected: dict[str, Any], got: dict[str, Any], schema: dict[str, Any]) -> bool:
    """Whether the arguments `got` are those expected, written or left out as the schema's defaults allow."""
    properties: dict[str, Any] = schema["properties"]
    names = set(expected) | set(got)
    for name in names:
        default = properties.get(name, {}).get("default")
        if not _same(expected.get(name, default), got.get(name, default)):
            return False
    return True


def _same(expected: Any, got: Any) -> bool:
    if isinstance(expected, dict):
        rule = cast("dict[str, Any]", expected)
        if "any" in rule:
            return any(_same(each, got) for each in rule["any"])
        return isinstance(got, str) and abs(_worked_out(got) - float(rule["value"])) < 1e-9
    if isinstance(expected, list) and isinstance(got, list):
        ones, others = cast("Sequence[Any]", expected), cast("Sequence[Any]", got)
        return len(ones) == len(others) and all(map(_same, ones, others))
    if isinstance(expected, str) and isinstance(got, str):
        return _plain(expected) == _plain(got) or _instant(expected) == _instant(got) is not None
    return bool(expected == got)


def _plain(text: str) -> str:
    return " ".join(text.casefold().strip(string.punctuation + " ").split())


def _instant(text: str) -> datetime | date | None:
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return read(text)
        except ValueError:
            continue
    return None


_OPERATIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda one, other: one + other,
    ast.Sub: lambda one, other: one - other,
    ast.Mult: lambda one, other: one * other,
    ast.Div: lambda one, other: one / other,
    ast.Pow: lambda one, other: float(one**other),
    ast.Mod: lambda one, other: one % other,
}


def _worked_out(expression: str) -> float:
    try:
        return _node(ast.parse(expression.replace("^", "**"), mode="eval").body)
    except (SyntaxError, KeyError, ArithmeticError, TypeError):
        return float("nan")


def _node(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATIONS[type(op)](_node(left), _node(right))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_node(operand)
        case ast.Call(func=ast.Name(id="sqrt"), args=[argument]):
            return float(_node(argument) ** 0.5)
        case _:
            raise TypeError("no number")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one request went: whether the tool and every argument were right, and the seconds to the reply's end."""

    language: str
    wanted: str | None
    tool_right: bool
    all_right: bool
    seconds: float


async def ask(driver: Driver, case: dict[str, Any], data: dict[str, Any], offers: tuple[ToolOffer, ...]) -> Finished:
    """The driver's whole reply to one request; only its last event counts here."""
    zone = ZoneInfo(data["time_zone"])
    now = datetime.fromisoformat(data["now"]).astimezone(zone)
    request = ModelRequest((Message("user", case["text"]),), offers, now, zone.key, max_tokens=60)
    last: Finished | None = None
    async for event in driver.reply(request):
        last = event if isinstance(event, Finished) else last
    if last is None:
        raise AssertionError("a reply ends with Finished")
    return last


def judged(case: dict[str, Any], finished: Finished, offers: tuple[ToolOffer, ...], seconds: float) -> Outcome:
    """What a reply is worth."""
    wanted: str | None = case["tool"]
    got = finished.calls[0] if finished.calls else None
    tool_right = [call.name for call in finished.calls] == ([wanted] if wanted else [])
    all_right = tool_right
    if got and tool_right:
        schema = next(offer.input_schema for offer in offers if offer.name == wanted)
        arguments = json.loads(got.arguments)
        all_right = any(matches(expected, arguments, schema) for expected in case["arguments"])
    return Outcome(case["language"], wanted, tool_right, all_right, seconds)


def row(label: str, outcomes: list[Outcome]) -> str:
    """One line of the table."""
    if not outcomes:
        return f"{label:<22}      -"
    seconds = sorted(outcome.seconds for outcome in outcomes)
    count = len(outcomes)
    tools = sum(outcome.tool_right for outcome in outcomes)
    right = sum(outcome.all_right for outcome in outcomes)
    p90 = seconds[min(count - 1, int(count * 0.9))]
    return (
        f"{label:<22} {count:>4}  {tools:>3} ({tools / count:4.0%})  {right:>3} ({right / count:4.0%})"
        f"  {median(seconds):7.2f}  {p90:7.2f}"
    )


async def measure(settings: ModelSettings, files: Sequence[Path], split: str, show: bool) -> None:
    """Ask every request of the split in each file and print the table."""
    driver = skillkernel_driver(settings)
    if driver is None:
        raise SystemExit("these settings are for another driver")
    began = perf_counter()
    sets = [(file.stem, cast("dict[str, Any]", json.loads(file.read_text(encoding="utf-8")))) for file in files]
    await ask(driver, {"text": "Hello"}, sets[0][1], ())
    print(
        f"{driver.name}; loading and the first reply took {perf_counter() - began:.1f} s; load {os.getloadavg()[0]:.1f}"
    )
    measured = [(name, data, await outcomes_of(driver, data, split, show)) for name, data in sets]
    await driver.aclose()
    print(f"{'requests':<22} {'n':>4}  {'right tool':>10}  {'arguments':>10}  {'median s':>7}  {'p90 s':>7}")
    for name, data, outcomes in measured:
        print(row(f"{name}, {len(data['tools'])} tools", [outcome for outcome in outcomes if outcome.wanted]))
        print(row("  to be left alone", [outcome for outcome in outcomes if not outcome.wanted]))
    every = [outcome for _, _, outcomes in measured for outcome in outcomes]
    called = [outcome for outcome in every if outcome.wanted]
    print(row("all with a tool", called))
    print(row("  English", [outcome for outcome in called if outcome.language == "en"]))
    print(row("  other languages", [outcome for outcome in called if outcome.language != "en"]))
    print(row("all left alone", [outcome for outcome in every if not outcome.wanted]))
    print("Looked at while building: all of these sets. When they were new:")
    for name, data, _ in measured:
        print(f"  {name}: {data.get('first_look', 'not kept')}")


async def outcomes_of(driver: Driver, data: dict[str, Any], split: str, show: bool) -> list[Outcome]:
    """How the requests of one set went."""
    tools: list[dict[str, Any]] = data["tools"]
    offers = tuple(
        ToolOffer(tool["name"], tool["description"], tool["input_schema"], tool["effect"], tuple(tool["examples"]))
        for tool in tools
    )
    await ask(driver, {"text": "Hello"}, data, offers)
    outcomes: list[Outcome] = []
    for case in [case for case in data["requests"] if split in ("", case["split"])]:
        began = perf_counter()
        finished = await ask(driver, case, data, offers)
        outcomes.append(judged(case, finished, offers, perf_counter() - began))
        if show and not outcomes[-1].all_right:
            print(f"{case['text']}\n    got {[(call.name, call.arguments) for call in finished.calls]}")
    return outcomes


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="", help="a .gguf file or a catalogue name; the installed default")
    parser.add_argument("--split", default="", choices=["", "dev", "test"], help="only the requests of this half")
    parser.add_argument("--data", type=Path, nargs="+", help="sets of requests; all of those in data/")
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    options = parser.parse_args()
    home = os.environ.get("SKILL_HOME") or platformdirs.user_data_dir("skillkernel")
    settings = ModelSettings(driver="embedded", model=options.model, models_folder=Path(home, "models"))
    files = options.data or sorted(Path(__file__).with_name("data").glob("*requests*.json"))
    anyio.run(measure, settings, files, options.split, options.show)


if __name__ == "__main__":
    main()
