"""What people call days, months, hours and numbers in seven languages: English, German, French, Spanish, Italian,
Portuguese and Dutch. Words of all of them stand side by side, since a request does not say its language.
"""


def word_set(text: str) -> frozenset[str]:
    """The words of `text`, apart by spaces."""
    return frozenset(text.split())


WEEKDAYS: tuple[tuple[str, ...], ...] = (
    ("monday", "mon", "montag", "lundi", "lunes", "lunedì", "lunedi", "segunda-feira", "segunda", "maandag"),
    ("tuesday", "tue", "tues", "dienstag", "mardi", "martes", "martedì", "martedi", "terça-feira", "terça", "dinsdag"),
    (
        *("wednesday", "wed", "mittwoch", "mercredi", "miércoles", "miercoles", "mercoledì", "mercoledi"),
        *("quarta-feira", "quarta", "woensdag"),
    ),
    (
        *("thursday", "thu", "thur", "thurs", "donnerstag", "jeudi", "jueves", "giovedì", "giovedi"),
        *("quinta-feira", "quinta", "donderdag"),
    ),
    ("friday", "fri", "freitag", "vendredi", "viernes", "venerdì", "venerdi", "sexta-feira", "sexta", "vrijdag"),
    ("saturday", "sat", "samstag", "sonnabend", "samedi", "sábado", "sabado", "sabato", "zaterdag"),
    ("sunday", "sonntag", "dimanche", "domingo", "domenica", "zondag"),
)
"""Monday first, as `date.weekday` counts."""

MONTHS: tuple[tuple[str, ...], ...] = (
    ("january", "jan", "januar", "jänner", "janvier", "enero", "gennaio", "janeiro", "januari"),
    ("february", "feb", "februar", "février", "fevrier", "febrero", "febbraio", "fevereiro", "februari"),
    ("march", "mar", "märz", "maerz", "mars", "marzo", "março", "maart"),
    ("april", "apr", "avril", "abril", "aprile"),
    ("may", "mai", "mayo", "maggio", "maio", "mei"),
    ("june", "jun", "juni", "juin", "junio", "giugno", "junho"),
    ("july", "jul", "juli", "juillet", "julio", "luglio", "julho"),
    ("august", "aug", "août", "aout", "agosto", "augustus"),
    ("september", "sept", "sep", "septembre", "septiembre", "settembre", "setembro"),
    ("october", "oct", "oktober", "okt", "octobre", "octubre", "ottobre", "outubro"),
    ("november", "nov", "novembre", "noviembre", "novembro"),
    ("december", "dec", "dezember", "dez", "décembre", "decembre", "diciembre", "dicembre", "dezembro"),
)

DAYS_FROM_TODAY: dict[str, int] = {
    **dict.fromkeys(("today", "heute", "aujourd'hui", "aujourd’hui", "hoy", "oggi", "hoje", "vandaag"), 0),
    **dict.fromkeys(("tonight", "ce soir", "esta noche", "stasera", "esta noite", "vanavond"), 0),
    **dict.fromkeys(("tomorrow", "morgen", "demain", "mañana", "domani", "amanhã", "amanha"), 1),
    **dict.fromkeys(("the day after tomorrow", "day after tomorrow", "übermorgen", "uebermorgen"), 2),
    **dict.fromkeys(("après-demain", "après demain", "pasado mañana", "dopodomani", "overmorgen"), 2),
    **dict.fromkeys(("depois de amanhã", "depois de amanha"), 2),
    **dict.fromkeys(("yesterday", "gestern", "hier", "ayer", "ieri", "ontem", "gisteren"), -1),
}

EVENINGS = frozenset(("tonight", "ce soir", "esta noche", "stasera", "esta noite", "vanavond"))
"""Words of a day that say its part as well."""

DAY_PARTS: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("morning", "früh", "vormittag", "vormittags", "morgens", "matin", "mattina", "manhã"), (8, 12)),
    **dict.fromkeys(("matinée", "ochtend", "'s ochtends", "mattino", "madrugada", "in der früh"), (8, 12)),
    **dict.fromkeys(("afternoon", "nachmittag", "nachmittags", "après-midi", "tarde", "pomeriggio"), (12, 18)),
    **dict.fromkeys(("middag", "'s middags"), (12, 18)),
    **dict.fromkeys(("evening", "abend", "abends", "soir", "soirée", "sera", "avond", "'s avonds"), (18, 22)),
    **dict.fromkeys(("night", "nachts", "nuit", "noche", "notte", "noite", "nacht"), (18, 23)),
}
"""First and last hour. What stands for tomorrow as well (`mañana`, `morgen`) is told apart by its context."""

NOONS = ("noon", "midday", "mittag", "mittags", "midi", "mediodía", "mediodia", "mezzogiorno", "meio-dia", "meio dia")
MIDNIGHTS = ("midnight", "mitternacht", "minuit", "medianoche", "mezzanotte", "meia-noite", "middernacht")

NEXT = (
    *("next", "nächsten", "nächster", "nächste", "nächstes", "prochain", "prochaine", "próximo", "próxima", "proximo"),
    *("proxima", "que viene", "prossimo", "prossima", "que vem", "volgende", "seguente"),
)
COMING = (
    *("this", "coming", "kommenden", "kommende", "kommender", "diesen", "diese", "dieser", "ce", "cette", "este"),
    *("esta", "questo", "questa", "komende", "deze", "aanstaande", "dieses", "dit"),
)
LAST = (
    *("last", "letzten", "letzte", "vergangenen", "dernier", "dernière", "pasado", "pasada", "scorso", "scorsa"),
    *("passado", "passada", "vorige", "afgelopen"),
)

UNITS: dict[str, str] = {
    **dict.fromkeys(
        ("second", "seconds", "sec", "secs", "sekunde", "sekunden", "sek", "seconde", "secondes"), "second"
    ),
    **dict.fromkeys(("segundo", "segundos", "secondo", "secondi", "seconden"), "second"),
    **dict.fromkeys(("minute", "minutes", "min", "mins", "minuten", "minuto", "minutos", "minuti", "minuut"), "minute"),
    **dict.fromkeys(("minuutje", "minuutjes"), "minute"),
    **dict.fromkeys(("hour", "hours", "hr", "hrs", "h", "stunde", "stunden", "std", "heure", "heures"), "hour"),
    **dict.fromkeys(("hora", "horas", "ora", "ore", "uur", "uren", "uurtje"), "hour"),
    **dict.fromkeys(("day", "days", "tag", "tage", "tagen", "jour", "jours", "día", "días", "dia", "dias"), "day"),
    **dict.fromkeys(("giorno", "giorni", "dag", "dagen"), "day"),
    **dict.fromkeys(("week", "weeks", "woche", "wochen", "semaine", "semaines", "semana", "semanas"), "week"),
    **dict.fromkeys(("settimana", "settimane", "weken"), "week"),
    **dict.fromkeys(("month", "months", "monat", "monate", "monaten", "mois", "mes", "meses", "mese", "mesi"), "month"),
    **dict.fromkeys(("mês", "maand", "maanden"), "month"),
    **dict.fromkeys(("year", "years", "jahr", "jahre", "jahren", "an", "ans", "année", "año", "años", "anno"), "year"),
    **dict.fromkeys(("anni", "ano", "anos", "jaar"), "year"),
}
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}

HALF_HOURS = (
    *("half an hour", "half hour", "half-hour", "a half hour", "halbe stunde", "halben stunde", "demi-heure"),
    *("demi heure", "media hora", "mezz'ora", "mezz’ora", "mezzora", "meia hora", "halfuur", "half uur"),
)
QUARTER_HOURS = (
    *("quarter of an hour", "quarter hour", "viertelstunde", "quart d'heure", "quart d’heure", "cuarto de hora"),
    *("quarto d'ora", "quarto d’ora", "quarto de hora", "kwartier", "kwartiertje"),
)
THREE_QUARTERS = ("three quarters of an hour", "dreiviertelstunde", "trois quarts d'heure", "tres cuartos de hora")
AND_A_HALF = ("and a half", "et demie", "et demi", "y media", "y medio", "e mezza", "e mezzo", "e meia", "e meio")
ONE_AND_A_HALF = ("anderthalb", "eineinhalb", "anderhalf", "anderhalve", "one and a half")

NUMBERS: dict[str, int] = {
    word: value
    for value, words in {
        1: "one a an ein eine einen einer eines einem un une uno una um uma een één l' un'",
        2: "two zwei deux dos due dois duas twee",
        3: "three drei trois tres tre três drie",
        4: "four vier quatre cuatro quattro quatro",
        5: "five fünf cinq cinco cinque vijf",
        6: "six sechs seis sei zes",
        7: "seven sieben sept siete sette sete zeven",
        8: "eight acht huit ocho otto oito",
        9: "nine neun neuf nueve nove negen",
        10: "ten zehn dix diez dieci dez tien",
        11: "eleven elf onze once undici",
        12: "twelve zwölf douze doce dodici doze twaalf dozen dutzend",
        13: "thirteen dreizehn treize trece tredici treze dertien",
        14: "fourteen vierzehn quatorze catorce quattordici catorze veertien",
        15: "fifteen fünfzehn quinze quince quindici vijftien",
        16: "sixteen sechzehn seize dieciséis sedici dezesseis zestien",
        17: "seventeen siebzehn dix-sept diecisiete diciassette dezessete zeventien",
        18: "eighteen achtzehn dix-huit dieciocho diciotto dezoito achttien",
        19: "nineteen neunzehn dix-neuf diecinueve diciannove dezenove negentien",
        20: "twenty zwanzig vingt veinte venti vinte twintig",
        25: "twenty-five fünfundzwanzig vingt-cinq veinticinco venticinque vijfentwintig",
        30: "thirty dreißig trente treinta trenta trinta dertig",
        40: "forty vierzig quarante cuarenta quaranta quarenta veertig",
        45: "forty-five fünfundvierzig quarante-cinq quarantacinque vijfenveertig",
        50: "fifty fünfzig cinquante cincuenta cinquanta cinquenta vijftig",
        60: "sixty sechzig soixante sesenta sessanta sessenta zestig",
        90: "ninety neunzig quatre-vingt-dix noventa novanta negentig",
        100: "hundred hundert cent cien cento cem honderd",
        1000: "thousand tausend mille mil duizend",
    }.items()
    for word in words.split()
}
ONES = frozenset(
    [
        "one",
        "a",
        "an",
        "ein",
        "eine",
        "einen",
        "einer",
        "eines",
        "einem",
        "un",
        "une",
        "uno",
        "una",
        "um",
        "uma",
        "een",
        "l'",
        "un'",
    ]
)
"""Articles that count as one only before a unit."""
