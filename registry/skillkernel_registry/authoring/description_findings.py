"""Descriptions that a model cannot use, or that try to use the model. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from skillkernel.manifest.types import Manifest, Tool
from skillkernel.sdk.shapes import is_list, is_object
from skillkernel.text import visible
from skillkernel_registry.authoring.finding import Finding, error, warning

_FEWEST_WORDS = 2
_MOST_CHARACTERS = 1_000
_MOST_OF_A_PARAMETER = 500
_WORD = re.compile(r"\w+")
_SCRIPTS_WITHOUT_SPACES = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_ORDERS = (
    r"\b(ignore|disregard|forget|override)\b.{0,40}\b(previous|prior|above|earlier|all|any|other|system)\b.{0,30}\b(instructions?|rules?|prompts?|tools?|messages?)\b",
    r"\b(do not|don't|never|without)\b.{0,30}\b(tell|telling|inform|informing|mention|mentioning|reveal|show|showing)\b.{0,30}\b(user|person|human)\b",
    r"\b(always|must|first)\b.{0,40}\b(call|use|run|invoke)\b.{0,20}\bthis\b.{0,20}\b(tool|function|first|before|instead)\b",
    r"\b(before|instead of)\b.{0,30}\b(any|every|all|using|calling)\b.{0,20}\bother tools?\b",
    r"\b(read|send|include|attach|pass|copy)\b.{0,60}(~/\.|\.ssh|id_rsa|\.env\b|/etc/passwd|api[ _-]?keys?|credentials|passwords?)",
    r"\b(system prompt|developer message|jailbreak|you are now|as an ai)\b",
    r"</?\s*(important|system|instructions?|secret|admin|assistant|user|tool)\b[^>]*>",
    r"\b(this|the) (tool|skill) (is|has) (safe|trusted|approved|verified)\b",
)
_POISON = re.compile("|".join(f"(?:{order})" for order in _ORDERS), re.IGNORECASE | re.DOTALL)
_BLOB = re.compile(r"[A-Za-z0-9+/=_-]{80,}")
_SMALL_WORDS = frozenset(["a", "an", "at", "for", "in", "it", "of", "on", "that", "the", "this", "to", "tool"])
_Place = Callable[[str], str]


def description_findings(manifest: Manifest, place_of: _Place, summary_place: str) -> Iterator[Finding]:
    """What is wrong with the words of a manifest; `place_of` gives the place of a tool by its name."""
    yield from poison("summary", manifest.summary, summary_place)
    seen: dict[str, str] = {}
    for tool in manifest.tools:
        place = place_of(tool.name)
        yield from _tool(tool, place)
        key = " ".join(tool.description.casefold().split())
        other = seen.setdefault(key, tool.name)
        if other != tool.name:
            what = f"{tool.name}: its description is that of {other}, so a model cannot choose between them"
            yield error("description-equal", place, what, "say what each is for")


def poison(what: str, text: str, place: str) -> Iterator[Finding]:
    """Words that give a model orders, or that a person cannot read; `what` says whose text it is."""
    found = _POISON.search(text)
    if found:
        said = " ".join(found[0].split())[:80]
        yield warning(
            "instructs-the-model",
            place,
            f"{what}: {visible(said)!r} gives the model orders; tools that do so are refused by careful users",
            "say what the tool does, not what the model has to do",
        )
    if _BLOB.search(text):
        yield warning("unreadable", place, f"{what}: holds a long run of letters that nobody can read", "take it out")


def hidden(what: str, text: str, place: str) -> Iterator[Finding]:
    """Characters that a person does not see and a model reads."""
    if visible(text, lines=True) != text:
        shown = next(line for line in text.splitlines() or [text] if visible(line, lines=True) != line)
        yield error(
            "hidden-characters", place, f"{what}: hides characters: {visible(shown, limit=120)}", "take them out"
        )


def _tool(tool: Tool, place: str) -> Iterator[Finding]:
    yield from _words(tool.name, tool.name, tool.description, place)
    for example in tool.examples:
        yield from poison(f"{tool.name}: an example", example, place)
    for name, schema in _parameters(tool.input_schema):
        what = f"{tool.name}({name})"
        described = str(schema.get("description", ""))
        if not described.strip():
            fix = f"describe it under Args: in the docstring: `{name.rpartition('.')[2]}: …`"
            yield warning("parameter-without-description", place, f"{what}: has no description", fix)
            continue
        if _only_repeats(described, name.rpartition(".")[2]):
            yield warning("description-is-name", place, f"{what}: its description repeats its name", "say what to pass")
        if len(described) > _MOST_OF_A_PARAMETER:
            what_long = f"{what}: its description has {len(described)} characters"
            yield warning("description-too-long", place, what_long, "a sentence is enough")
        yield from poison(what, described, place)


def _words(what: str, name: str, text: str, place: str) -> Iterator[Finding]:
    if len(_WORD.findall(text)) < _FEWEST_WORDS and not _SCRIPTS_WITHOUT_SPACES.search(text):
        yield warning(
            "description-too-short", place, f"{what}: {text!r} says too little", "say what it does, and to what"
        )
    elif _only_repeats(text, name):
        yield warning("description-is-name", place, f"{what}: its description repeats its name", "say what it does")
    if len(text) > _MOST_CHARACTERS:
        what_long = f"{what}: its description has {len(text)} characters, which every request pays for"
        yield warning(
            "description-too-long", place, what_long, "keep what is needed to choose it; SKILL.md holds the rest"
        )
    yield from poison(what, text, place)


def _only_repeats(text: str, name: str) -> bool:
    said = {word.casefold() for word in _WORD.findall(text)} - _SMALL_WORDS
    return said <= set(name.casefold().split("_"))


def _parameters(schema: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    properties = schema.get("properties")
    for name, inner in properties.items() if is_object(properties) else ():
        if is_object(inner):
            yield f"{before}{name}", inner
    for branch in schema.get("anyOf", ()) if is_list(schema.get("anyOf")) else ():
        if is_object(branch):
            yield from _parameters(branch, before)
