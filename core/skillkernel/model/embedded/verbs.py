"""What people ask to be done, in seven languages: the verbs that commands begin with, by what they mean."""

import re
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


_VERBS: dict[Act, str] = {
    Act.ADD: (
        "add book schedule create make put plan enter note remember write jot log record save store set register "
        "remind reserve insert append arrange block pencil organize organise bookmark keep new track order buy "
        "trag trage füge erstelle erstell mach mache plane leg lege setz setze notiere notier merk merke schreib schreibe "
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
        "verschieb verschiebe ändere ändern benenne bearbeite verleg verlege aktualisiere korrigiere tausche verlängere "
        "déplace déplacer change changer modifie modifier renomme reporte reporter décale décaler avance repousse "
        "mueve mover cambia cambiar modifica modificar renombra aplaza pospón actualiza retrasa "
        "sposta spostare cambia modifica rinomina rimanda posticipa aggiorna anticipa "
        "move mova mover muda mude mudar altera altere remarca remarque adia adie atualiza renomeia "
        "verplaats verzet wijzig verander hernoem verschuif werk"
    ),
    Act.REMOVE: (
        "delete remove cancel erase drop clear discard scrap undo unschedule dismiss complete "
        "lösch lösche entferne entfern streich streiche storniere sag cancel "
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
    Act.RUN: (
        "play start stop pause resume turn open close launch run shuffle skip lock unlock dim wake "
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
    r"can you|could you|would you|will you|can we|let's|i want to|i'd like to|i would like to|i need to|i have to|i want you to|"
    r"kannst du(?: mir)?|könntest du(?: mir)?|kannst du bitte|ich möchte|ich will|ich muss|peux-tu|pourrais-tu|tu peux|"
    r"je veux|je voudrais|j'aimerais|je dois|puedes|podrías|quiero|quisiera|necesito|tengo que|puoi|potresti|vorrei|voglio|"
    r"devo|você pode|podes|podia|pode|quero|queria|gostaria de|preciso(?: de)?|tenho de|kun je|kan je|zou je|ik wil|ik moet|"
    r"don't let me forget to|i also need to|also|then|and)(?![\w'])[\s,:]*)+",
    re.IGNORECASE,
)
_NOUNS_TOO = frozenset(("text", "message", "record", "log", "order", "plan", "note", "notes"))
_FIRST = re.compile(r"[^\W\d_][\w'’-]*")


def opening(text: str) -> tuple[str, int, int]:
    """The first word of `text` after words of politeness, lower case, and where it stands; empty when there is none."""
    polite = _POLITE.match(text)
    found = _FIRST.search(text, polite.end() if polite else 0)
    return (found.group().lower().replace("’", "'"), found.start(), found.end()) if found else ("", 0, 0)


def acts_of(text: str) -> frozenset[Act]:
    """What a request asks to be done, by its first word; empty when that is not known."""
    return ACTS.get(opening(text)[0], frozenset())


def asks(text: str) -> bool:
    """Whether a request is a question."""
    return opening(text)[0] in _QUESTION_WORDS or (text.rstrip().endswith("?") and not acts_of(text) - {Act.LOOK})


def acts_of_name(name: str) -> frozenset[Act]:
    """What a tool does, by the first word of its name; empty when that is not known as a verb."""
    first = name.rpartition("__")[2].split("_")[0]
    return ACTS.get(first, frozenset()) if first not in _NOUNS_TOO else frozenset()
