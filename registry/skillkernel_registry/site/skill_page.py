"""What a skill's page shows, as values for the template: every text visible, nothing claimed that nobody checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from packaging.version import InvalidVersion, Version

from skillkernel.manifest.types import Effect, Memory, Permissions
from skillkernel.text import visible
from skillkernel_registry.consent import plain_words
from skillkernel_registry.index_format import Record, Release, Releases
from skillkernel_registry.provenance.signer import publisher_words
from skillkernel_registry.site.argument_words import Argument, arguments_of
from skillkernel_registry.site.listing import Card
from skillkernel_registry.site.simple import distribution_of
from skillkernel_registry.site.wheel_text import WheelText

EFFECTS = {
    Effect.READ: ("reads", "It looks, and changes nothing."),
    Effect.WRITE: ("changes", "It changes your own data, which can be undone."),
    Effect.SEND: ("sends", "Something leaves: mail, a post, a purchase."),
    Effect.DESTROY: ("deletes", "It cannot be undone."),
}
"""How a page names an effect, and what that means."""
_LINE = 400
_TEXT = 4_000
_ARGUMENTS = 60


@dataclass(frozen=True, slots=True)
class ToolView:
    """A tool; `arguments` is None where its wheel could not be read."""

    name: str
    description: str
    effect: str
    meaning: str
    arguments: tuple[Argument, ...] | None
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """A release; `wheel` and `provenance` are addresses, empty where the page cannot know them."""

    version: str
    day: str
    size: str
    sha256: str
    wheel: str
    provenance: str
    attested: bool
    yanked: bool
    reason: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """Something to type: `before` and `after` stand around the address of the index, which may not be known yet."""

    title: str
    before: str
    after: str
    remark: str


@dataclass(frozen=True, slots=True)
class SkillPage:
    """Everything that skill.html shows."""

    name: str
    distribution: str
    summary: str
    publisher: str
    pins: tuple[str, ...]
    must_attest: bool
    newest: ReleaseView
    releases: tuple[ReleaseView, ...]
    tools: tuple[ToolView, ...]
    permissions: tuple[str, ...]
    requires: tuple[str, ...]
    memory: Memory | None
    instructions: str
    instructions_whole: bool
    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What all pages of a site say alike; `up` leads from a skill's page to the index, empty when it is elsewhere."""

    index: str
    publisher: str
    form: Releases
    signed: bool
    base: str
    up: str


def newest_of(record: Record) -> Release | None:
    """The release that a plain install would look at first: not yanked, not a pre-release, if there is such a one."""
    offered = [release for release in record.releases if release.yanked is False] or list(record.releases)
    stable = [release for release in offered if not _version(release).is_prerelease] or offered
    return max(stable, key=_version, default=None)


def card_of(record: Record, newest: Release) -> Card:
    """The skill in a list."""
    used = {tool.effect for tool in newest.tools}
    effects = tuple(effect.value for effect in Effect if effect in used)
    return Card(
        name=record.name,
        version=shown(newest.version, 60),
        summary=shown(newest.summary),
        effects=effects,
        asks=len(newest.permissions.rows()),
        day=_day(newest.uploaded),
    )


def skill_page(
    record: Record, newest: Release, frame: Frame, *, must_attest: bool, text: WheelText | None
) -> SkillPage:
    """The page of a skill whose newest release is `newest`; `text` is what its wheel holds, None when it is unread."""
    releases = sorted(record.releases, key=_version, reverse=True)
    return SkillPage(
        name=record.name,
        distribution=distribution_of(record.name),
        summary=shown(newest.summary),
        publisher=shown(record.publisher or frame.publisher),
        pins=tuple(shown(publisher_words(pin)) for pin in record.publishers),
        must_attest=must_attest,
        newest=_release(newest, frame),
        releases=tuple(_release(release, frame) for release in releases),
        tools=_tools(newest, text),
        permissions=_permissions(text.manifest.permissions if text else newest.permissions),
        requires=tuple(shown(one) for one in newest.requires_skills),
        memory=text.manifest.memory if text else None,
        instructions=text.instructions if text else "",
        instructions_whole=text.whole if text else True,
        commands=tuple(_commands(record.name, newest, frame)),
    )


def shown(text: str, limit: int = _LINE) -> str:
    """Somebody else's text for one line of a page."""
    return visible(text, limit=limit)


def size_in_words(size: int) -> str:
    """Bytes as people say them: 950 bytes, 41 kB, 1.2 MB."""
    if size < 1000:
        return f"{size} bytes"
    if size < 999_500:
        return f"{size / 1000:.0f} kB"
    return f"{size / 1e6:.1f} MB"


def _version(release: Release) -> Version:
    try:
        return Version(release.version)
    except InvalidVersion:
        return Version("0.dev0")


def _release(release: Release, frame: Frame) -> ReleaseView:
    needs = [f"skillkernel {release.requires_kernel}"] if release.requires_kernel else []
    needs += [f"Python {release.requires_python}"] if release.requires_python else []
    proof = release.provenance
    return ReleaseView(
        version=shown(release.version, 60),
        day=_day(release.uploaded),
        size=size_in_words(release.length),
        sha256=release.sha256,
        wheel=_address(frame, frame.form.wheels + release.wheel),
        provenance=_address(frame, frame.form.provenance + proof.path) if proof else "",
        attested=proof is not None,
        yanked=release.yanked is not False,
        reason=shown(release.yanked) if isinstance(release.yanked, str) else "",
        needs=tuple(shown(need, 80) for need in needs),
    )


def _address(frame: Frame, path: str) -> str:
    start = frame.up or frame.base
    return start + quote(path) if start else ""


def _tools(newest: Release, text: WheelText | None) -> tuple[ToolView, ...]:
    if text is None:
        return tuple(_tool(tool.name, tool.description, tool.effect, None, ()) for tool in newest.tools)
    return tuple(
        _tool(tool.name, tool.description, tool.effect, arguments_of(tool.input_schema), tool.examples)
        for tool in text.manifest.tools
    )


def _tool(
    name: str, description: str, effect: Effect, arguments: Sequence[Argument] | None, examples: Sequence[str]
) -> ToolView:
    word, meaning = EFFECTS[effect]
    return ToolView(
        name=shown(name, 80),
        description=visible(description, limit=_TEXT, lines=True),
        effect=effect.value,
        meaning=f"{word}: {meaning}",
        arguments=None if arguments is None else tuple(_argument(one) for one in arguments[:_ARGUMENTS]),
        examples=tuple(shown(example, 200) for example in examples[:6]),
    )


def _argument(one: Argument) -> Argument:
    return Argument(shown(one.name, 80), shown(one.kind, 240), one.required, shown(one.description, 600))


def _permissions(permissions: Permissions) -> tuple[str, ...]:
    return tuple(shown(words) for words in plain_words(permissions))


def _commands(name: str, newest: Release, frame: Frame) -> list[Command]:
    wheel = quote(frame.form.wheels + newest.wheel)
    distribution = distribution_of(name)
    unsigned = "" if frame.signed else " --unsigned"
    beside = "With pip and uv it is a plain package beside your own: nothing is asked, nothing is walled in."
    return [
        Command("skill", f"skill install {name} --index ", unsigned, "Shows what it asks for, and asks you."),
        Command("pip", f'pip install "{distribution} @ ', f'{wheel}#sha256={newest.sha256}"', ""),
        Command("uv", f"uv add {distribution} --index skills=", "simple/", beside),
    ]


def _day(uploaded: str) -> str:
    try:
        return datetime.fromisoformat(uploaded).date().isoformat()
    except ValueError:
        return ""
