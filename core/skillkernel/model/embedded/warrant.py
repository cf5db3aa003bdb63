"""Lets a tool that destroys or sends be chosen only where the request says so in words, and does not say the opposite.

Likeness alone once took `Yoga 6:30pm today` for the deletion of an event. What cannot be undone needs a word for it: one
that is commonly used for such an act, or one with which the tool's own name, description or examples begin.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from skillkernel.model.driver import ToolOffer
from skillkernel.model.embedded.evidence import Evidence
from skillkernel.model.embedded.verbs import ACTS, Act, acts_of, command_of, opening

_REMOVING = (
    r"get(?:ting)? rid of|throw(?:ing)? (?:\w+ ){0,3}(?:away|out)|call(?:ing)? (?:\w+ ){0,4}off|tak(?:e|ing) (?:\w+ ){1,4}off|"
    r"(?:delet|remov|eras)(?:es|ing|ed)|cancel+(?:s|ing|ed)|call off|no longer need|wip(?:e|es|ing)|trash|purge|unsubscribe|"
    r"ge?löscht|kündig\w*|résilie\w*|gestrichen|entfernt|abgesagt|storniert|stornieren|loswerden|wegwerfen|wirf \b.*\bweg|sag\w* \b.*\bab|"
    r"brauch\w* \b.*\bnicht mehr|supprimé\w*|annulé\w*|effacé\w*|enlever|débarrasse\w*|jette|jeter|"
    r"borr[aáe]\w*|elimin[ae]s?|eliminad\w*|cancelad\w*|quítal?\w*|cancellat\w*|eliminat\w*|disdi|disdire|annullare|rimuovere|"
    r"apagad\w*|excluir|desmarca\w*|verwijder\w*|annule(?:er|ren)|afzeggen|zeg \b.*\baf|schrappen|"
    r"usuń|usunąć|skasuj|skasować|odwołaj|odwołać|anuluj|anulować|удали\w*|отмени\w*|убери|стер[ие]\w*|sil|iptal|"
    r"ta bort|radera|avboka|slett|slet|smaž|zruš|odstraň"
)
_NOT = (
    r"not|n't|never|nothing|none|no|don't|dont|nicht|nichts|kein\w*|nie|ne|n'|pas|rien|jamais|aucune?|nada|nunca|ningun\w*|"
    r"non|niente|nessun\w*|mai|não|nenhum\w*|niet|niets|geen|nooit|nie|niczego|не|ничего"
)
_NEGATED_BEFORE = re.compile(
    rf"(?<!\w)(?<!why )(?:{_NOT})(?:\s+\w+){{0,2}}\s*$|n['’]t(?:\s+\w+){{0,2}}\s*$", re.IGNORECASE
)
_NEGATED_AFTER = re.compile(
    rf"\W*(?:(?:please|bitte|mir|me|by)\W+)?(?:{_NOT})(?![\w-])|[^.,;!?]*(?<!\w)(?:nicht|niet)\s*(?:[.,;!?]|$)",
    re.IGNORECASE,
)
_FORGET = re.compile(
    r"(?<!\w)(?:forget|vergiss|vergessen|oublie\w*|olvid\w*|dimentica\w*|esque[cç]\w*|vergeet)(?!\w)", re.IGNORECASE
)
_WISH = re.compile(
    r"(?<![\w'])(?:need|want|would like|'d like|wish|order|get me|bestell\w*|commande[rz]?|réserve\w*|pide|pídeme|encarga|ordina|peça|encomenda|brauch\w*|möchte\w*|hätte\w*|will|voudrai\w*|aimerai\w*|veux|besoin|"
    r"necesit\w*|quiero|quisiera|vorrei|voglio|serve|quero|queria|preciso|wil|graag|potrzebuj\w*|chc[eę]|нужн\w*|хочу)(?!\w)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_DOES = Act.ADD, Act.CHANGE, Act.SEND, Act.RUN, Act.FINISH, Act.REMOVE


def warranted(offer: ToolOffer, evidence: Evidence) -> bool:
    """Whether a request says what `offer` does, if that destroys or sends something; any other tool needs no word."""
    if offer.effect not in {"destroy", "send"}:
        return True
    text = _outside(evidence)
    places = [*_removals(text)] if offer.effect == "destroy" else [*_commands(text), *_wishes(text)]
    places += _own_words(offer, text)
    return any(not _negated(text, place) for place in places)


def refuses(evidence: Evidence) -> bool:
    """Whether all that a request says to be done is said not to be done: `Delete nothing, just say hi`."""
    text = _outside(evidence)
    removals, commands = list(_removals(text)), list(_commands(text))
    if removals:
        return all(_negated(text, place) for place in removals)
    return (
        bool(commands)
        and _NEGATED_BEFORE.search(text[: commands[0][0]]) is not None
        and not _forgets(text, commands[0])
    )


def _outside(evidence: Evidence) -> str:
    """The request with blanks for what it quotes, since that is not said by the one who asks."""
    text = evidence.text
    for quote in evidence.quotes:
        text = text[: quote.start] + " " * (quote.end - quote.start) + text[quote.end :]
    return text


def _removals(text: str) -> Iterator[tuple[int, int]]:
    yield from (match.span() for match in _removing().finditer(text))
    if Act.REMOVE in acts_of(text):
        yield opening(text)[1:]


@lru_cache(maxsize=1)
def _removing() -> re.Pattern[str]:
    plain = sorted((verb for verb, acts in ACTS.items() if acts & {Act.REMOVE} and verb not in _ALSO), key=len)
    listed = "|".join(re.escape(verb) for verb in reversed(plain))
    return re.compile(rf"(?<![\w'])(?:{_REMOVING}|{listed})(?!\w)", re.IGNORECASE)


_ALSO = frozenset(("sag", "clear", "drop", "haal", "apaga", "apague", "wis", "schrap"))
"""Verbs that remove and are also said of other things: these only count as the request's own command."""


def _commands(text: str) -> Iterator[tuple[int, int]]:
    for match in _WORD.finditer(text):
        if ACTS.get(match.group().lower(), frozenset()) & frozenset(_DOES):
            yield match.span()


def _wishes(text: str) -> Iterator[tuple[int, int]]:
    yield from (match.span() for match in _WISH.finditer(text))


def _own_words(offer: ToolOffer, text: str) -> Iterator[tuple[int, int]]:
    """Where the request says a verb that the tool is described with."""
    name = offer.name.rpartition("__")[2].split("_")[0]
    told = {name, *(command_of(each) for each in (offer.description, *offer.examples))} - {""}
    if offer.effect == "destroy":
        told = {verb for verb in told if not ACTS.get(verb, frozenset()) - {Act.REMOVE, Act.RUN, Act.FINISH}}
    for match in _WORD.finditer(text):
        if match.group().lower() in told:
            yield match.span()


def _negated(text: str, place: tuple[int, int]) -> bool:
    before, after = text[: place[0]], text[place[1] :]
    return not _forgets(text, place) and bool(_NEGATED_BEFORE.search(before) or _NEGATED_AFTER.match(after))


def _forgets(text: str, place: tuple[int, int]) -> bool:
    """Whether what is not to be done is to forget it."""
    return _FORGET.search(text[: place[0]]) is not None


def allowed(offers: Sequence[ToolOffer], evidence: Evidence) -> tuple[ToolOffer, ...]:
    """Those of `offers` that the request may lead to."""
    return tuple(offer for offer in offers if warranted(offer, evidence))
