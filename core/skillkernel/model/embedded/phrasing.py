"""Finds the words in a request that its arguments are made of: without the command, what it names, and loose ends.

`Please add water the plants to my tasks for Thursday` holds one: `water the plants`.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from skillkernel.model.driver import ToolOffer
from skillkernel.model.embedded.spans import SMALL_WORDS, Words, stretches
from skillkernel.model.embedded.time_words import word_set
from skillkernel.model.embedded.verbs import ACTS, asks, courtesy_of, final_verb, is_duty, opening

PLACE_LINKS = word_set(
    "at in im beim bei chez @ à en presso no na op nel nello nella nell' negli nelle a em te au ins near"
)
PURPOSE_LINKS = word_set("for für pour para per voor as als")
TOPIC_LINKS = word_set(
    "about on regarding concerning wegen über zu zum zur au sur sobre acerca su sul sullo sulla sull' sui sugli sulle riguardo over concernant betreffend mention mentions subject sujet betreff asunto oggetto assunto onderwerp"
)
THAT_LINKS = word_set("that saying says dass che que dat qu' : disant diciendo dicendo dizendo")
PERSON_LINKS = word_set("to with an mit à avec a con com aan met für for of von de di da van d'")
SOURCE_LINKS = word_set("from von ab aus de depuis desde da dal dalla van")
TARGET_LINKS = word_set(
    "to nach bis zu zum zur ins in à a au aux al alla allo ao aan para per naar pour vers hasta até tot jusqu'à"
)
NAMING = word_set(
    "called named titled entitled namens genannt appelé appelée nommé nommée intitulé intitulée llamado llamada titulado titulada "
    "chiamato chiamata intitolato intitolata chamado chamada intitulado intitulada genaamd geheten"
)
"""Words after which a thing's own name stands."""
INTO_LINKS = word_set("into in ins en dans em nella nel no na naar unter under")
LANGUAGE_LINKS = word_set("in into to auf ins en al em para naar")
AUTHOR = re.compile(r"artist|author|composer|singer|band\b|writer|director|^by$|performer|creator", re.IGNORECASE)
BY_AUTHOR = re.compile(
    r"^(?P<what>.+)\s+(?:(?:by|von|de|di|da|do|van|par)\s+|d['’])(?P<who>(?:the |die |les |los )?[A-ZÀ-Þ0-9].*)$"
)
_LINKS = (
    PLACE_LINKS
    | PURPOSE_LINKS
    | TOPIC_LINKS
    | THAT_LINKS
    | PERSON_LINKS
    | SOURCE_LINKS
    | TARGET_LINKS
    | LANGUAGE_LINKS
    | word_set(
        "from by into of von aus auf nach du de da di dal dalla al alla alle allo ai agli ao aos aux an van naar under between próximo called named titled"
    )
)
_MINE = word_set(
    "my our mein meine meinen meinem meiner unser unsere unseren mon ma mes notre nos mi mis nuestro nuestra mio mia miei mie nostro nostra meu minha meus minhas nosso nossa mijn ons onze"
)
_ARTICLES = word_set(
    "a an the some any new ein eine einen einem einer der die das den dem neue neuen un une le la les l' des el los las una il lo gli i os as um uma o het een de du"
)
_ADDRESSEES = word_set(
    "me mir mich moi te dir us uns nous nos ci er noch auch mal bitte encore anche también também ook nog for-me daran eraan down up out off auch"
)
_ASKING = word_set(
    "how do does did you i i've i'm we say make cook gave give got did bin what what's is are the can could should will would have has need get there any "
    "wie sagt man ich wir habe haben kann soll was ist sind gibt es brauche "
    "comment dit-on on dit qu'est-ce j'ai ai je peux est-ce y a-t-il quel quelle est fait fera-t-il temps "
    "cómo se dice qué he yo puedo hay come si ho posso cosa c'è como diz o que eu tenho posso há "
    "when's where's who's how's anything new latest run ran low word wort mot palabra parola palavra woord abbiamo bisogno besoin avons laatste any some something etwas algo qualcosa iets hab hoe zeg je ik heb kan wat spent paid bought cost "
    "we we're we've are out all need needs want wants wanna got gotta hear come mean means going go know tell "
    "wir uns brauchen braucht brauche fehlt fehlen komme komm kommt man kommen bedeutet heißt bis "
    "nous on faut manque me il vais va veut dire signifie aller arriver arrive-t-on "
    "necesito necesitamos falta faltan nos llego significa voy ir "
    "mi ci serve servono manca mancano arrivo vuol dire andare vado "
    "preciso precisamos falta chego vou para quer dizer "
    "we moeten nodig hebben kom betekent ga "
    "took taken take ate had just already pris prise mangé bu tomé comí bebí he ho preso mangiato bevuto tomei comi bebi nam "
    "faut-il met-on vuole vogliono tarda leva dura dauert duurt last"
)
"""What a question or a statement about oneself begins with."""
_OF = frozenset(("de", "d'", "di", "von"))
_COUNTED = re.compile(
    r"\s*(?:people|persons?|guests?|adults?|travell?ers?|passengers?|personen|leute|gäste|personnes?|personas?|persone|"
    r"pessoas?|mensen|€|\$|£|euros?|dollars?|pounds?|bucks|usd|eur|francs?|franken|times|mal)(?!\w)",
    re.IGNORECASE,
)
_RECORDING = word_set(
    "add schedule put set create note book eintragen notieren noter ajouter anotar añadir aggiungere adicionar"
)
_OF_SPEECH = word_set("word words wort wörter mot mots palabra parola palavra woord phrase sentence satz")
_HERE = re.compile(
    r"(?<!\w)(?:right now|at the moment|gerade|im moment|en ce moment|ahora mismo|in questo momento|(?:any|some)where|(?:around|near|close to) (?:here|me)|nearby|close by|here|in der nähe|hier|près d'ici|à proximité|"
    r"dans le coin|cerca(?: de aquí)?|por aquí|aquí|qui vicino|nelle vicinanze|perto(?: daqui)?|por aqui|in de buurt|dichtbij)(?!\w)",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"(?<=,)\s*(?:and\s+|und\s+|et\s+|y\s+|e\s+|en\s+)?(?:(?:please|bitte|(?:can|could) you|let's)\s+)?"
    r"(?:(?:add|put|set|note|save|write|log|make|call|send|setz|schreib|trag|notier|speicher|pack|mets|ajoute|note|pon|añade|apunta|"
    r"metti|aggiungi|segna|adiciona|põe|anota|zet|voeg|noteer)\s+(?:it|that|this|das|es|ihn|sie|ça|cela|le|la|lo|eso|isso|het|dat)"
    r"\b[^,.;!?]*|(?:his|her|their|its|seine?|ihre?|son|sa|su|suo|sua|zijn|haar)\s+\w+\s+(?:is|ist|est|es|è|é)\b|"
    r"(?:thanks|thank you|danke|merci|gracias|grazie|obrigad[oa]|bedankt|okay|ok)\b)",
    re.IGNORECASE,
)
"""`…, put it on my list`, `…, her number is …`: what is said about the request itself, or names what comes after."""
_NAMING = THAT_LINKS | TOPIC_LINKS | NAMING | word_set("to for für pour para per voor of")
_LOOSE = _LINKS | word_set(
    "within back forward over away instead again too innerhalb circa etwa ungefähr zurück entro binnen under less than over weniger als moins menos meno minder dan que please bitte now jetzt"
)
_CONTAINER = re.compile(
    r"(?:lists?|listas?|liste|listen|lijst|lijstje|calendar|kalender|calendario|calendário|calendrier|agenda|to-?dos?)$"
)
"""What things are put into, when the tool's own words do not say it in the request's language."""
_FRAME_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_ELISION = re.compile(r"^(?:l|d|qu|j|n|s|un|dell|all|nell|sull)['’](?=\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A run of words of the request, and the little word in front of it (lower case, or empty)."""

    start: int
    end: int
    text: str
    link: str


def frame_words(offer: ToolOffer) -> frozenset[str]:
    """Words that say which tool is meant rather than what its arguments are: of its name and its properties' names."""
    names = f"{offer.name} {' '.join(offer.input_schema.get('properties', {}))}".replace("_", " ").lower().split()
    told = _FRAME_WORD.findall(offer.description.lower())
    shown = Counter(word for example in offer.examples for word in set(_FRAME_WORD.findall(example.lower())))
    nouns = [word for word in [*told, *(word for word, times in shown.items() if times > 1)] if len(word) > 3]
    return _OF_SPEECH | frozenset(
        form for word in [*names, *nouns] for form in (word, word + "s", word.removesuffix("s"))
    )


def phrases_of(
    text: str, used: Sequence[tuple[int, int]], frame: frozenset[str], *, english: bool = False
) -> list[Phrase]:
    """What is left of the request, one phrase for each stretch between what was `used`, in order."""
    found: list[Phrase] = []
    verb, begin, end = opening(text, used)
    duty, courtesy = is_duty(text), courtesy_of(text)
    known = verb in _RECORDING if duty else verb in ACTS or _governs(text, verb, end)
    command = (begin, end) if known or verb in frame else None
    command = command or ((0, courtesy) if courtesy else None)
    asking = asks(text) or verb in _ASKING
    used = [*used, *(match.span() for match in _ASIDE.finditer(text))]
    if last := final_verb(text):
        used.append(last)
    used += [match.span() for match in _HERE.finditer(text)]
    counted = [(stop, noun.end()) for _, stop in used if (noun := _COUNTED.match(text, stop))]
    for words in stretches(text, [*used, *counted]):
        if phrase := _core(
            words, command, frame, asking=asking and words.places[0][0] <= begin, stated=verb in _ASKING
        ):
            found.append(replace(phrase, link="") if english and phrase.link in _ARTICLES else phrase)
    return found


def _governs(text: str, verb: str, end: int) -> bool:
    """Whether an unknown first word is a verb, since a determiner follows it (`Heat the bathroom`)."""
    after = re.match(r"\s+([^\W\d_]+)", text[end:])
    if after is None or verb in SMALL_WORDS | _ASKING:
        return False
    return after[1].lower() in (_ARTICLES | _MINE) - {"a"}


def _core(
    words: Words, command: tuple[int, int] | None, frame: frozenset[str], *, asking: bool, stated: bool
) -> Phrase | None:
    first, last = 0, len(words.places) - 1
    if command is not None:
        while first <= last and words.places[first][0] < command[1]:
            first += 1
    link = ""
    while asking and first <= last and words.plain(first).replace("’", "'") in _ASKING:
        first += 1
    while first <= last:
        word = words.plain(first)
        if word in _ADDRESSEES and not link:
            first += 1
        elif asking and link in _OF and word in _ASKING - _LINKS:
            link, first = "", first + 1
        elif word in _LINKS or word in SMALL_WORDS - _ARTICLES - _MINE:
            link, first = word, first + 1
            if word in THAT_LINKS:
                break
        elif skipped := _frame_phrase(words, first, last, frame):
            link, first = words.plain(skipped - 1) if skipped <= last + 1 else "", skipped
        else:
            break
    if stated:
        last = _without_participle(words, first, last)
    last = _without_tail(words, first, last, frame)
    if first > last or all(words.plain(place) in SMALL_WORDS | frame for place in range(first, last + 1)):
        return None
    return _phrase(words, first, last, link)


def _frame_phrase(words: Words, first: int, last: int, frame: frozenset[str]) -> int:
    """Where the rest begins after `my notes for`, `a note that`, `the shopping list:`; 0 when it is no such thing."""
    place = first
    while place <= last and words.plain(place) in _ARTICLES | _MINE:
        place += 1
    named = place
    while place <= last and words.plain(place) in frame:
        place += 1
    if place > named:
        return place if place > last else place + 1 if words.plain(place) in _NAMING else 0
    mine = place > first and words.plain(place - 1) in _MINE and first > 0 and words.plain(first - 1) in _LINKS
    return place + 2 if mine and place + 1 < last and words.plain(place + 1) in _LINKS else 0


def _without_tail(words: Words, first: int, last: int, frame: frozenset[str]) -> int:
    """The last word that counts: `to my tasks`, `auf meine Liste`, `in the calendar` and loose little words go."""
    while last > first and words.plain(last) in SMALL_WORDS | _LOOSE:
        last -= 1
    for place in range(last, first, -1):
        if words.plain(place) not in _LINKS or place == last:
            continue
        rest = [words.plain(each) for each in range(place + 1, last + 1)]
        noun = next((word for word in rest if word not in _ARTICLES), "")
        if rest[0] in _MINE or _CONTAINER.search(noun) or all(word in frame | SMALL_WORDS for word in rest):
            return _without_tail(words, first, place - 1, frame) if place > first else last
    return last


def _without_participle(words: Words, first: int, last: int) -> int:
    """`Ich habe … für Kino ausgegeben`: a German participle at the end belongs to the statement."""
    participle = re.fullmatch(r"(?:\w{0,5}ge\w{2,}(?:t|en)|\w+iert)", words.plain(last)) if last > first else None
    return last - 1 if participle and words.text[words.places[last][0]].islower() else last


def _phrase(words: Words, first: int, last: int, link: str) -> Phrase:
    start, end = words.places[first][0], words.places[last][1]
    if elided := _ELISION.match(words.text[start:end]):
        start += elided.end()
    return Phrase(start, end, words.text[start:end], link)


def parts_of(text: str, phrase: Phrase, *, english: bool = False) -> list[Phrase]:
    """The phrase cut before each of its little words: `dinner`, `at Luigi's`; itself alone when there is none."""
    words = stretches(text, [(0, phrase.start), (phrase.end, len(text))])
    if len(words) != 1:
        return [phrase]
    whole = words[0]
    cuts = [
        place
        for place in range(1, len(whole.places) - 1)
        if whole.plain(place) in (_LINKS - _ARTICLES if english else _LINKS)
    ]
    parts: list[Phrase] = []
    begin, link = 0, phrase.link
    for cut in [*cuts, len(whole.places)]:
        if cut > begin:
            parts.append(_phrase(whole, begin, cut - 1, link))
        begin, link = cut + 1, whole.plain(cut) if cut < len(whole.places) else ""
    return parts


def without_article(text: str, *, owner: bool = False, opens: bool = False) -> str:
    """`text` without the article it begins with, unless nothing else is left; `owner`: without `my` or `our` as well.

    A word in capitals belongs to a name, except where the request `opens` with it.
    """
    first, _, rest = text.partition(" ")
    word = first.lower() if opens else first
    dropped: frozenset[str] = _ARTICLES - {"any", "some", "new"} | (_MINE if owner else frozenset[str]())
    shorter = rest.lstrip() if word in dropped else _ELISION.sub("", text)
    return shorter or text
