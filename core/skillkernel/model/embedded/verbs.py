"""What people ask to be done, in seven languages: the verbs that commands begin with, by what they mean."""

import re
from collections.abc import Sequence
from enum import Enum

from skillkernel.model.embedded.time_words import word_set


class Act(Enum):
    """What a request or a tool does to things."""

    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"
    LOOK = "look"
    SEND = "send"
    RUN = "run"
    FINISH = "finish"


_VERBS: dict[Act, str] = {
    Act.ADD: (
        "add book schedule create make put plan enter note remember write jot log record save store set register "
        "remind reserve insert append arrange block pencil organize organise bookmark keep new track order buy "
        "hinzufügen eintragen erstellen anlegen stellen buchen planen notieren speichern trag trage füge erstelle erstell mach mache plane leg lege setz setze notiere notier merk merke schreib schreibe "
        "erinnere erinner buch buche reserviere reservier speicher speichere stell stelle pack vereinbare "
        "ajoute ajouter ajoutez crée créer note noter notez mets mettre planifie planifier programme réserve inscris "
        "enregistre rappelle rappelle-moi prévois fixe règle écris "
        "añade añadir agrega agregar apunta apúntame anota crea crear pon ponme programa reserva recuerda recuérdame guarda "
        "agenda registra escribe "
        "aggiungi aggiungere segna segnati crea creare metti inserisci annota fissa prenota ricorda ricordami salva scrivi "
        "programma imposta pianifica "
        "adiciona adicione adicionar acrescenta marca marque marcar cria crie criar anota anote agenda agende coloca "
        "coloque lembra lembre lembra-me lembre-me põe ponha regista registra guarda guarde escreve reserva reserve "
        "voeg zet maak plan noteer schrijf onthoud herinner boek reserveer bewaar stel"
    ),
    Act.CHANGE: (
        "move reschedule change rename update edit shift postpone modify adjust push correct replace swap extend shorten "
        "schieb schiebe verschieben umbenennen verlegen verschieb verschiebe ändere ändern benenne nenne umbenennen bearbeite verleg verlege aktualisiere korrigiere tausche verlängere "
        "déplace déplacer change changer modifie modifier renomme reporte reporter décale décaler avance repousse "
        "pasa pasar mueve mover cambia cambiar modifica modificar renombra aplaza pospón actualiza retrasa "
        "sposta spostare cambia modifica rinomina rimanda posticipa aggiorna anticipa "
        "move mova mover muda mude mudar altera altere remarca remarque adia adie atualiza renomeia "
        "verplaats verzet wijzig verander hernoem verschuif werk"
    ),
    Act.REMOVE: (
        "delete remove cancel erase drop clear discard scrap undo unschedule dismiss "
        "löschen entfernen streichen absagen lösch lösche entferne entfern streich streiche storniere sag cancel "
        "supprime supprimer efface effacer annule annuler retire retirer enlève "
        "borra borrar elimina eliminar cancela cancelar quita quitar anula "
        "cancella cancellare elimina eliminare rimuovi togli annulla "
        "apaga apague apagar remove remova remover exclui exclua cancela cancele elimina elimine "
        "verwijder wis annuleer schrap haal"
    ),
    Act.LOOK: (
        "show list find search look check see view display read get what what's which when where who how is are do does "
        "will have am tell give any calculate compute convert count translate "
        "zeig zeige such suche finde find liste was wann welche welcher welches wo wer wie habe hab gibt ist sind steht "
        "rechne berechne wieviel nenne schau prüfe lies wird regnet "
        "montre montrer cherche chercher trouve trouver trouve-moi affiche liste quel quelle quels quelles quand où qui "
        "que qu'est-ce combien est-ce ai-je calcule convertis donne dis consulte "
        "muestra mostrar muéstrame busca buscar encuentra lista qué cuándo cuál cuáles dónde quién cuánto cuántos cuánta "
        "tengo hay calcula convierte dame dime "
        "mostra mostrami cerca trova elenca che cosa quando quale quali dove chi quanto quanti quanta ho c'è calcola "
        "converti dammi dimmi "
        "mostra mostre mostrar procura procure encontra encontre lista liste que quando qual quais onde quem quanto quantos "
        "tenho há calcula calcule converte converta diga "
        "toon zoek vind laat wat wanneer welke waar wie hoe hoeveel heb is bereken reken geef"
    ),
    Act.SEND: (
        "send email e-mail mail text message forward reply share post tweet publish invite call tell write "
        "schreib schreibe sag écris dis escribe dile escreve scrivi schrijf zeg "
        "schick schicke sende maile antworte leite teile "
        "envoie envoyer envoyez réponds transfère partage "
        "envía enviar manda mandar envíale responde comparte reenvía "
        "invia inviare manda mandare rispondi inoltra condividi "
        "envia envie enviar manda mande responde responda partilha compartilhe "
        "stuur mail verstuur beantwoord deel"
    ),
    Act.FINISH: (
        "complete finish tick finished completed done mark erledige erledigt hake abhaken termine terminer marque coche completa "
        "termina acaba marca completar segna spunta conclui conclua termine finaliza rond vink"
    ),
    Act.RUN: (
        "play start stop pause resume turn open close launch run shuffle skip lock unlock dim wake switch kill hear listen watch "
        "mets mettre pon metti spielen abspielen ausschalten einschalten starten stoppen öffnen schließen hören höre écouter oír escuchar ascoltare sentire ouvir luisteren horen despiértame sveglia svegliami réveille-moi "
        "spiel spiele starte start stopp stoppe schalte schalt öffne schließe mach weck "
        "joue jouer lance lancer arrête démarre allume éteins ouvre ferme "
        "reproduce toca pon inicia para detén enciende apaga abre cierra "
        "riproduci suona avvia ferma accendi spegni apri chiudi "
        "toca toque tocar inicia inicie para pare liga ligue desliga desligue abre abra "
        "speel start stop doe open sluit"
    ),
}
ACTS: dict[str, frozenset[Act]] = {
    verb: frozenset(act for act, words in _VERBS.items() if verb in words.split())
    for words in _VERBS.values()
    for verb in words.split()
}
_QUESTION_WORDS = word_set(
    "what what's which when where who how is are do does will have am any was wann welche welcher welches wo wer wie habe hab gibt ist sind steht wieviel wird regnet quel quelle quels quelles quand où qui que qu'est-ce combien est-ce ai-je qué cuándo cuál cuáles dónde quién cuánto cuántos cuánta tengo hay che cosa quando quale quali dove chi quanto quanti quanta ho c'è qual quais onde quem quantos tenho há wat wanneer welke waar wie hoe hoeveel heb did can could"
)
_POLITE = re.compile(
    r"^\W*(?:(?:hey|hi|hello|ok|okay|please|bitte|s'il te plaît|s'il vous plaît|por favor|per favore|per piacere|alsjeblieft|"
    r"can you|could you|would you|will you|can we|let's|i want to|i must|i've got to|we have to|we need to|we should|i should|i'd like to|remember to|i would like to|i need to|i (?:still |also |really )?(?:have|need|want) to|i want you to|"
    r"kannst du(?: mir)?|könntest du(?: mir)?|kannst du bitte|ich möchte|ich will|ich muss(?: noch)?|wir müssen|peux-tu|pourrais-tu|tu peux|"
    r"je veux|je voudrais|j'aimerais|je dois|puedes|podrías|quiero|quisiera|necesito|tengo que|puoi|potresti|vorrei|voglio|"
    r"devo|você pode|podes|podia|pode|quero|queria|gostaria de|preciso(?: de)?|tenho de|kun je|kan je|zou je|ik wil|ik moet|"
    r"don't let me forget to|i also need to|also|then|and)(?![\w'])[\s,:]*)+",
    re.IGNORECASE,
)
_DUTY = re.compile(
    r"(?:have to|need to|must|forget to|muss|dois|tengo que|necesito|devo|preciso(?: de)?|tenho de|moet)\W*$",
    re.IGNORECASE,
)
_MODAL = re.compile(
    r"^\W*(?:bitte )?(?:ich (?:will|möchte|würde)|(?:kannst|könntest|würdest) du|ik (?:wil|zou)|(?:kun|kan|zou|wil) je)\b",
    re.IGNORECASE,
)
_NO_INFINITIVES = frozenset(("open", "listen", "when", "quien"))
_FINAL = re.compile(r"(\w+n)\W*$")
_THEN_ASKED = re.compile(
    r",\s*(?:can|could|would|will) you\b|,\s*(?:kannst|könntest) du\b|,\s*(?:tu peux|puedes|puoi|kun je)\b",
    re.IGNORECASE,
)
_RENAMING = word_set("rename retitle call benenne nenne renomme renommer renombra rinomina renomeia renomeie hernoem")
_NOUNS_TOO = frozenset(("text", "message", "record", "log", "order", "plan", "note", "notes"))
_SWITCHING = frozenset(("put", "turn", "switch", "shut"))
_PHRASAL = _SWITCHING | {"tick", "check", "cross", "mark"}
_PARTICLE = re.compile(r"\s+(on|off)(?=\s+(?:the|a|an|some|my|all|every)\b)", re.IGNORECASE)
_FIRST = re.compile(r"[^\W\d_][\w'’-]*")


def opening(text: str, used: Sequence[tuple[int, int]] = ()) -> tuple[str, int, int]:
    """The first word of `text` after words of politeness and what was `used`, lower case, and where it stands.

    The word is empty when there is none.
    """
    start = courtesy_of(text)
    while later := next((end for begin, end in used if begin <= _skipped(text, start) < end), 0):
        start = courtesy_of(text, later)
    found = _FIRST.search(text, start)
    return (found.group().lower().replace("’", "'"), found.start(), found.end()) if found else ("", 0, 0)


def _skipped(text: str, start: int) -> int:
    return start + len(text[start:]) - len(text[start:].lstrip(" ,;:.!¡¿"))


def courtesy_of(text: str, start: int = 0) -> int:
    """How far the words of politeness or duty go that stand at `start`: `could you please`, `I have to`."""
    polite = _POLITE.match(text[start:])
    return start + polite.end() if polite else start


def is_duty(text: str) -> bool:
    """Whether a request begins by saying that something has to be done, so that its verb belongs to what that is."""
    return bool(_DUTY.search(text[: courtesy_of(text)]))


def command_of(text: str) -> str:
    """The first word, with the particle that makes it another verb: `put on` some music."""
    verb, _, end = opening(text)
    particle = _PARTICLE.match(text, end)
    return f"{verb} {particle[1].lower()}" if verb in _PHRASAL and particle else verb


def acts_of(text: str) -> frozenset[Act]:
    """What a request asks to be done, by its first word; empty when that is not known."""
    command = command_of(text)
    if " " in command:
        return frozenset((Act.RUN if command.split()[0] in _SWITCHING else Act.FINISH,))
    last = final_verb(text)
    return ACTS.get(text[slice(*last)].lower() if last else command, frozenset())


def final_verb(text: str) -> tuple[int, int] | None:
    """Where the infinitive stands that ends a German or Dutch request: `ich will … löschen`, `Termin morgen absagen`."""
    found = _FINAL.search(text)
    if found is None or found[1] not in ACTS or found.start() == 0:
        return None
    bare = found[1].endswith("en") and found[1] not in _NO_INFINITIVES and opening(text)[0] not in ACTS
    return found.span(1) if bare or _MODAL.match(text) else None


def asks(text: str) -> bool:
    """Whether a request is a question."""
    return opening(text)[0] in _QUESTION_WORDS or (
        text.rstrip().endswith("?") and not acts_of(text) - {Act.LOOK} and not _THEN_ASKED.search(text)
    )


def acts_of_name(name: str) -> frozenset[Act]:
    """What a tool does, by the first word of its name; empty when that is not known as a verb."""
    first = name.rpartition("__")[2].split("_")[0]
    return ACTS.get(first, frozenset()) if first not in _NOUNS_TOO else frozenset()


def renames(text: str) -> bool:
    """Whether a request gives something another name."""
    return opening(text)[0] in _RENAMING
