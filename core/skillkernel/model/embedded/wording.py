"""Decides which text argument gets which phrase of the request; what stays open is left to the model."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from skillkernel.model.embedded.evidence import Evidence
from skillkernel.model.embedded.option_words import room_in
from skillkernel.model.embedded.phrasing import (
    AUTHOR,
    BY_AUTHOR,
    INTO_LINKS,
    LANGUAGE_LINKS,
    NAMING,
    PERSON_LINKS,
    PLACE_LINKS,
    PURPOSE_LINKS,
    SOURCE_LINKS,
    TARGET_LINKS,
    THAT_LINKS,
    TOPIC_LINKS,
    Phrase,
    parts_of,
    without_article,
)
from skillkernel.model.embedded.properties import Kind, Property
from skillkernel.model.embedded.verbs import asks, renames


class Role(Enum):
    """What a text argument says."""

    THING = auto()
    PLACE = auto()
    TOPIC = auto()
    CONTENT = auto()
    PURPOSE = auto()
    PERSON = auto()
    SOURCE = auto()
    TARGET = auto()
    LANGUAGE = auto()


_ROLES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (Role.LANGUAGE, re.compile(r"language", re.IGNORECASE)),
    (Role.SOURCE, re.compile(r"^from\b|origin|departure|^source|^start(?:ing)?\b|^sender", re.IGNORECASE)),
    (
        Role.TARGET,
        re.compile(r"destination|arrival|folder|directory|^to (?:city|station|place|airport)", re.IGNORECASE),
    ),
    (
        Role.PLACE,
        re.compile(
            r"place|location|city|town|where|venue|country|region|airport|station|room|restaurant|hotel|shop|store|cinema|"
            r"museum|theat(?:er|re)|area|neighbou?rhood",
            re.IGNORECASE,
        ),
    ),
    (Role.PERSON, re.compile(r"^to$|recipient|person|contact|\bwho(?:m|se)?\b|addressee|friend", re.IGNORECASE)),
    (Role.TOPIC, re.compile(r"subject|topic|query|keyword|search|about|question", re.IGNORECASE)),
    (Role.CONTENT, re.compile(r"text|body|message|content|notes?\b|memo|comment", re.IGNORECASE)),
    (Role.PURPOSE, re.compile(r"label|reason|purpose", re.IGNORECASE)),
)
_GENITIVES = frozenset(("of", "de", "von", "ab", "from", "da", "di", "van", "du"))
_TOWARD = frozenset(("to", "an", "à", "a", "aan", "au", "al", "para"))
_LINKS: dict[Role, tuple[frozenset[str], ...]] = {
    Role.PLACE: (PLACE_LINKS | _GENITIVES,),
    Role.TOPIC: (TOPIC_LINKS,),
    Role.CONTENT: (THAT_LINKS,),
    Role.PURPOSE: (PURPOSE_LINKS,),
    Role.PERSON: (_TOWARD, PERSON_LINKS),
    Role.SOURCE: (SOURCE_LINKS,),
    Role.TARGET: (TARGET_LINKS, INTO_LINKS),
    Role.LANGUAGE: (LANGUAGE_LINKS,),
}
"""The little words in front of what a role says; the later ones only count when none of the former is there."""
_NAMED = frozenset((Role.PLACE, Role.SOURCE, Role.TARGET, Role.PERSON))
_ORDER = (Role.LANGUAGE, Role.CONTENT, Role.TARGET, Role.SOURCE, Role.PERSON)
_CODE_NAME = re.compile(r"number|code|tracking|isbn|serial|reference id|\bids?\b", re.IGNORECASE)
_CODE = re.compile(r"(?<![\w.-])(?=[\w-]*[A-Za-z])[A-Za-z0-9][\w-]{3,}(?![\w.-]*\w)|(?<![\w.])\d{5,}(?![\w.]*\d)")
_WHAT_FOR = re.compile(r"\bfor\b\W*$", re.IGNORECASE)
_ABOUT_WHAT = re.compile(r"\W*(?:what|how|which|title or|id or)\b|.*\bor id\b", re.IGNORECASE)
_CALLED = {
    "subject": "subject betreff objet sujet asunto oggetto assunto onderwerp title",
    "body": "text message body content nachricht texte mensaje testo messaggio texto mensagem bericht tekst",
    "message": "text message nachricht texte mensaje testo messaggio texto mensagem bericht tekst",
    "note": "note notiz nota notitie comment",
    "notes": "note notes notiz notizen nota notitie comment",
    "title": "title titel titre título titolo called",
    "location": "location place ort lieu lugar luogo local plaats",
}
_NEW = re.compile(r"(?:^|_)new(?:_|$)", re.IGNORECASE)
_NEW_NAME = re.compile(r"\bnew[\s_]+(?:title|name|label|subject)\b", re.IGNORECASE)
_WHO_AND_WHAT = re.compile(
    r"(?P<who>(?:(?:my|meiner?|meinem|ma|mon|mi|mia|mio|minha|meu|mijn)\s+)?[^\W\d]+(?:\s+[A-ZÀ-Þ][\w'’-]+)*)"
    r"(?:(?:\s+(?:an?|eine?|une?|una?|uma|een)\s+(?i:message|text|nachricht|sms|mensaje|messaggio|mensagem|bericht(?:je)?))?\s*:\s*|,?\s+(?:that|dass|que|qu'|che|dat)\s+|\s+(?=(?:I|I'm|I'll|I've|I'd|we|we're|we'll|you|he|she|it|it's|they|there|the|my|our)\b))"
    r"(?P<said>.+)$"
)
_NAMES_IT = re.compile(r"(?:^|_)(?:name|label|title|note|notes|description|purpose|reason)(?:_|$)", re.IGNORECASE)
_FULL_NAME = re.compile(r"(?<!\w)[A-ZÀ-Þ][\w'’-]+(?:\s+(?:(?:de|da|di|van|von|der|la|le)\s+)*[A-ZÀ-Þ][\w'’-]+)+")
_ROOM = re.compile(r"(?:^|_)(?:room|zone|area)(?:_|$)", re.IGNORECASE)
_COLON = re.compile(r":\s")
_POSSESSOR = re.compile(r"^(?P<who>.+?)['’]s?(?:\s+\S+){0,3}$")
_FROM_WHOM = re.compile(
    r"^(?P<what>.+)\s+(?:from|by|von|de|da|di|van)\s+(?P<who>[A-ZÀ-Þ][\w'’-]*(?:\s+[A-ZÀ-Þ][\w'’-]*)*)$"
)
_SPLITTING = PLACE_LINKS - {"a", "te", "au", "op", "no", "na", "near"}
_SETTINGS = re.compile(r"time.?zone|rrule|cursor|token|identifier|(?:^|_)id$|locale|format", re.IGNORECASE)


def role_of(each: Property) -> Role:
    """What the property says, by its name, else by the beginning of its description."""
    name = each.name.replace("_", " ")
    told = re.split(r"[,.:;(]", each.description)[0]
    for text in (name, told if len(told.split()) <= 6 and not _ABOUT_WHAT.match(told) else ""):
        for role, pattern in _ROLES:
            if pattern.search(text):
                return role
    return Role.PURPOSE if _WHAT_FOR.search(told) else Role.THING


@dataclass(slots=True)
class Wording:
    """Texts by property name, and the phrases from which the model may choose the others."""

    values: dict[str, str] = field(default_factory=dict[str, str])
    left: list[Phrase] = field(default_factory=list[Phrase])


def wording_of(properties: Sequence[Property], evidence: Evidence, phrases: Sequence[Phrase]) -> Wording:
    """Give each text of `properties` (those without a value so far) its phrase, when the request shows which."""
    texts = [each for each in properties if _is_text(each) and not _SETTINGS.search(each.name)]
    wording = Wording(left=list(phrases))
    _labelled(texts, evidence, wording)
    _quoted(texts, evidence, wording)
    _coded(texts, evidence, wording)
    _called(texts, wording)
    _renamed(texts, evidence, wording)
    _addressed(texts, evidence, wording)
    required = [each for each in texts if each.required and each.name not in wording.values]
    if len(required) == 1:
        _introduced(evidence.text, wording)
    optional = [each for each in texts if not each.required and each.name not in wording.values]
    for each in sorted(required, key=lambda each: _rank(role_of(each))):
        _linked(each, evidence, wording)
    waiting = [each for each in required if each.name not in wording.values]
    if len(waiting) == 2:
        _pair(waiting, evidence, wording)
        waiting = []
    if len(waiting) == 1 and wording.left and _plain_command(evidence.text, wording):
        _whole(waiting[0], optional, evidence, wording)
    if not [each for each in required if each.name not in wording.values]:
        for each in optional:
            if each.name not in wording.values:
                _linked(each, evidence, wording)
    if not required and len(wording.left) == 1 and wording.left[0].link in PURPOSE_LINKS | PLACE_LINKS:
        for each in [each for each in optional if _NAMES_IT.search(each.name) and each.name not in wording.values][:1]:
            wording.values[each.name] = wording.left.pop().text
    if not required and not evidence.moments and not evidence.numbers:
        _only_topic(optional, wording)
    for each in texts:
        if each.name not in wording.values and _ROOM.search(each.name) and (room := room_in(evidence.text)):
            wording.values[each.name] = room
    for each in texts:
        if each.name in wording.values and role_of(each) is not Role.CONTENT:
            wording.values[each.name] = _trimmed(each, wording.values[each.name], evidence.text)
    return wording


def _trimmed(each: Property, said: str, text: str) -> str:
    """A name without what surrounds it, anything else without its article; a thing is called the same whosever it is."""
    if role_of(each) is Role.PERSON and (name := _FULL_NAME.search(said)):
        return name.group()
    if _ROOM.search(each.name) and (room := room_in(said)):
        return room
    opens = text.lstrip(" ¿¡\"'").startswith(said)
    return without_article(said, owner=role_of(each) in {Role.THING, Role.TOPIC}, opens=opens)


def _only_topic(optional: Sequence[Property], wording: Wording) -> None:
    """Of a search that takes nothing else, the only words left are what is searched."""
    topics = [each for each in optional if role_of(each) is Role.TOPIC]
    if len(topics) == 1 and len(wording.left) == 1 and not wording.values:
        wording.values[topics[0].name] = wording.left.pop().text


def _is_text(each: Property) -> bool:
    return each.kind in {Kind.TEXT, Kind.FILE} or (each.kind is Kind.TEXTS and each.required)


def _rank(role: Role) -> int:
    return _ORDER.index(role) if role in _ORDER else len(_ORDER)


def _labelled(texts: Sequence[Property], evidence: Evidence, wording: Wording) -> None:
    """`with the subject Picnic plans`, `text: I am late`: the property's name, or what it is commonly called, in front."""
    labels = {each.name: _labels(each) for each in texts}
    text = evidence.text
    other = "|".join(label for names in labels.values() for label in names)
    for each in texts:
        names = "|".join(labels[each.name])
        head = rf"(?<![\w'])(?i:(?:the |a |an |with |mit )*(?:{names}))(?:\s+is\s+|\s*:\s*|\s+(?=[A-ZÀ-Þ\"'“]))"
        found = re.search(
            rf"{head}(?P<said>.+?)(?=[,;.]?\s+(?:(?i:and|und|et|y|e|en|with|mit)\s+)?(?i:{other})\b|[.;]?\s*$)",
            text,
        )
        if found and (found.start() > 0 or ":" in text[: found.start("said")]):
            wording.values[each.name] = found["said"].strip(" \"'“”‘’")
            wording.left = [phrase for phrase in _without(wording.left, text, found.span()) if phrase.text]


def _labels(each: Property) -> list[str]:
    named = re.escape(each.name).replace("_", r"[\s_-]")
    return [named, *_CALLED.get(each.name.lower(), "").split()]


def _without(phrases: Sequence[Phrase], text: str, span: tuple[int, int]) -> Iterator[Phrase]:
    """The phrases, without what lies in `span`."""
    for phrase in phrases:
        if phrase.end <= span[0] or phrase.start >= span[1]:
            yield phrase
        elif phrase.start < span[0]:
            before = text[phrase.start : span[0]].rstrip(" ,;:")
            yield Phrase(phrase.start, phrase.start + len(before), before, phrase.link)


def _quoted(texts: Sequence[Property], evidence: Evidence, wording: Wording) -> None:
    waiting = [each for each in texts if each.required and each.name not in wording.values]
    fitting = [each for each in waiting if role_of(each) in {Role.CONTENT, Role.THING, Role.TOPIC}] or waiting
    new = [each for each in texts if _NEW.search(each.name)]
    if new and len(evidence.quotes) == 1 and any(phrase.end <= evidence.quotes[0].start for phrase in wording.left):
        fitting = new[:1]
    for each, quote in zip(fitting, evidence.quotes, strict=False):
        wording.values[each.name] = quote.text
        wording.left = [each for each in wording.left if each.end <= quote.start or each.start >= quote.end]


def _addressed(texts: Sequence[Property], evidence: Evidence, wording: Wording) -> None:
    """`tell mum I'll be late`, `text Oliver: see you at six`: a person, then what to say, which goes on to the end."""
    waiting = [each for each in texts if each.required and each.name not in wording.values]
    if {role_of(each) for each in waiting} != {Role.PERSON, Role.CONTENT} or len(waiting) != 2 or not wording.left:
        return
    person, content = sorted(waiting, key=lambda each: role_of(each) is Role.CONTENT)
    begin = wording.left[0].start
    if found := _WHO_AND_WHAT.match(evidence.text, begin):
        wording.values[person.name] = found["who"]
        wording.values[content.name] = found["said"].strip(" .!'\"")
        wording.left = []


def _renamed(texts: Sequence[Property], evidence: Evidence, wording: Wording) -> None:
    """`Rename the standup to daily sync`: the new name is what comes last."""
    new = next((each for each in texts if _NEW_NAME.search(f"{each.name} {each.description}")), None)
    if new is None or new.name in wording.values or not renames(evidence.text):
        return
    for place in range(len(wording.left) - 1, -1, -1):
        if _behind(new, TARGET_LINKS, place, evidence, wording):
            return


def _introduced(text: str, wording: Wording) -> None:
    """What stands before a colon only says what comes after it: `New appointment: dentist`."""
    colon = _COLON.search(text)
    if colon and any(phrase.start >= colon.end() for phrase in wording.left):
        after = [phrase for phrase in wording.left if phrase.start >= colon.end()]
        said = text[colon.end() :].strip().rstrip(".!")
        whole = len(after) == 1 and said.endswith(after[0].text)
        start = text.index(said, colon.end()) if said else colon.end()
        wording.left = [Phrase(start, after[0].end, said, ":")] if whole else after


def _coded(texts: Sequence[Property], evidence: Evidence, wording: Wording) -> None:
    """A number of letters and digits goes to the property that asks for one."""
    for each in texts:
        if each.required and each.name not in wording.values and _CODE_NAME.search(f"{each.name} {each.description}"):
            codes = (match for match in _CODE.finditer(evidence.text) if re.search(r"\d", match.group()))
            found = next((code for code in codes if any(code.group() in phrase.text for phrase in wording.left)), None)
            if found:
                wording.values[each.name] = found.group()
                wording.left = [phrase for phrase in wording.left if found.group() not in phrase.text]


def _called(texts: Sequence[Property], wording: Wording) -> None:
    """`a playlist called Road Trip`: what is named goes before its name, and is no part of it."""
    waiting = [each for each in texts if each.name not in wording.values and role_of(each) is Role.THING]
    for place, phrase in enumerate(wording.left):
        words = list(re.finditer(r"\S+", phrase.text))
        naming = next((word for word in words[1:-1] if word.group().lower() in NAMING), None)
        if naming and waiting:
            wording.values[waiting[0].name] = phrase.text[naming.end() :].strip()
            del wording.left[place]
            return


def _pair(waiting: list[Property], evidence: Evidence, wording: Wording) -> None:
    """Two texts and two parts: one after the other, what is `new` last."""
    parts = [part for phrase in wording.left for part in parts_of(evidence.text, phrase, english=evidence.english)]
    if len(parts) != 2:
        return
    ordered = sorted(waiting, key=lambda each: "new" in f"{each.name} {each.description}".lower())
    wording.values |= {each.name: part.text for each, part in zip(ordered, parts, strict=True)}
    wording.left = []


def _linked(each: Property, evidence: Evidence, wording: Wording) -> None:
    """The phrase, or the end of one, behind a little word that fits what the property says."""
    role = role_of(each)
    for links in _LINKS.get(role, ()):
        for place in range(len(wording.left) - 1, -1, -1):
            if _take(each, role, links, place, evidence, wording):
                return


def _take(each: Property, role: Role, links: frozenset[str], place: int, evidence: Evidence, wording: Wording) -> bool:
    phrase = wording.left[place]
    if role is Role.PERSON and (owner := _POSSESSOR.match(phrase.text)):
        wording.values[each.name] = owner["who"]
        del wording.left[place]
        return True
    if phrase.link in links and (role is Role.CONTENT or _is_short(phrase, evidence)):
        wording.values[each.name] = phrase.text
        del wording.left[place]
        return True
    if not each.required and role not in (_NAMED - {Role.PERSON}) | {Role.TOPIC}:
        return False
    return _behind(each, links, place, evidence, wording)


def _is_short(phrase: Phrase, evidence: Evidence) -> bool:
    return len(parts_of(evidence.text, phrase, english=evidence.english)) == 1


def _behind(each: Property, links: frozenset[str], place: int, evidence: Evidence, wording: Wording) -> bool:
    """Take the part of a phrase behind a fitting little word, and leave what stands around it.

    Of several the last, but one that is written like a name before one that is not.
    """
    phrase, text, role = wording.left[place], evidence.text, role_of(each)
    parts = parts_of(text, phrase, english=evidence.english)
    fitting = [number for number, part in enumerate(parts) if part.link in links]
    if len(parts) > 1 and fitting:
        number = max(fitting, key=lambda number: (parts[number].text[0].isupper() and role in _NAMED, number))
        part = parts[number]
        whole = role in {Role.CONTENT, Role.TOPIC}
        wording.values[each.name] = text[part.start : phrase.end] if whole else part.text
        around = [_until(text, phrase, parts[number - 1].end)] if number else []
        if not whole and number + 1 < len(parts):
            after = parts[number + 1]
            around.append(Phrase(after.start, phrase.end, text[after.start : phrase.end], after.link))
        wording.left[place : place + 1] = around
        return True
    return False


def _plain_command(text: str, wording: Wording) -> bool:
    return not asks(text) or (len(wording.left) == 1 and len(wording.left[0].text.split()) <= 3)


def _whole(each: Property, optional: Sequence[Property], evidence: Evidence, wording: Wording) -> None:
    """The first phrase as it stands; what it says of a place goes to the property that asks for one."""
    phrase = wording.left.pop(0)
    author = next((other for other in optional if AUTHOR.search(other.name)), None)
    if author is not None and (found := BY_AUTHOR.match(phrase.text)):
        wording.values |= {each.name: found["what"], author.name: found["who"]}
        return
    source = next((other for other in optional if role_of(other) is Role.SOURCE), None)
    if source is not None and (said := _FROM_WHOM.match(phrase.text)):
        wording.values |= {each.name: said["what"], source.name: said["who"]}
        return
    place = next((other for other in optional if role_of(other) is Role.PLACE), None)
    if place is not None:
        parts = parts_of(evidence.text, phrase, english=evidence.english)
        for number, part in enumerate(parts[1:], start=1):
            if part.link in _SPLITTING:
                wording.values[place.name] = evidence.text[part.start : phrase.end]
                phrase = _until(evidence.text, phrase, parts[number - 1].end)
                break
    wording.values[each.name] = phrase.text


def _until(text: str, phrase: Phrase, end: int) -> Phrase:
    return Phrase(phrase.start, end, text[phrase.start : end], phrase.link)
