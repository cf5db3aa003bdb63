"""Turns a spoken calculation into an expression: `was ist 144 geteilt durch 6` into `144 / 6`, in seven languages."""

import re
from itertools import pairwise

from skillkernel.model.embedded.evidence import Number

_OPERATORS: tuple[tuple[str, str], ...] = (
    (r"divided by|geteilt durch|durch|divisé par|dividido (?:entre|por)|entre|diviso(?: per)?|gedeeld door|over", "/"),
    (
        r"times|multiplied by|mal|multipliziert mit|fois|multiplié par|por|multiplicado por|per|moltiplicato per|vezes",
        "*",
    ),
    (r"keer|maal|[x×·]", "*"),
    (r"plus|and|und|et|y|più|piu|mais|e|en", "+"),
    (r"minus|less|moins|menos|meno|min", "-"),
    (r"to the power of|to the|hoch|puissance|à la puissance|elevado a(?: la)?|alla|tot de macht|\*\*", "^"),
    (r"modulo|mod|÷", "mod"),
)
_SQUARE_ROOT = re.compile(
    r"(?:the\s+)?square root of|(?:die\s+)?(?:quadrat)?wurzel (?:aus|von)|(?:la\s+)?racine carrée de|raíz cuadrada de|"
    r"(?:la\s+)?radice quadrata di|(?:a\s+)?raiz quadrada de|(?:de\s+)?(?:vierkants)?wortel van",
    re.IGNORECASE,
)
_SQUARED = re.compile(
    r"\s*(?:squared|(?:zum|im) quadrat|au carré|al cuadrado|al quadrato|ao quadrado|kwadraat)", re.IGNORECASE
)
_TOKEN = re.compile(r"\s*(?P<sign>\*\*|//|[-+*/^()!%−÷])")
_FUNCTION = re.compile(r"\s*(?P<name>sqrt|sin|cos|tan|log|ln|exp|abs|round|min|max|pi|factorial)\b", re.IGNORECASE)
_WORD_RULES = tuple((re.compile(rf"\s*(?:{words})(?![\w])", re.IGNORECASE), sign) for words, sign in _OPERATORS)


def expression_in(text: str, numbers: tuple[Number, ...]) -> str:
    """The longest calculation in `text` as one line; empty when there is none with an operator or a function."""
    if told := _told(text, numbers):
        return told
    runs: list[list[str]] = [[]]
    place = 0
    while place < len(text):
        token, after = _next(text, place, numbers)
        if token:
            runs[-1].append(token)
            place = after
            continue
        if not text[place].isspace() and runs[-1]:
            runs.append([])
        place = after
    best = max((_balanced(run) for run in runs), key=len)
    if not any(re.search(r"\d|pi", token) for token in best) or (len(best) < 2 and "(" not in best[0]):
        return ""
    return re.sub(r"\s+([)!%,])", r"\1", " ".join(best)).replace("( ", "(").replace("sqrt (", "sqrt(")


_TOLD: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"\b(?:add(?: up)?|sum(?: of| up)?|total of|addier\w*|zähle?|summe (?:von|aus)|additionne\w*|somme de|suma(?: de)?|somma(?: di)?|soma(?: de)?|tel)\b",
            re.IGNORECASE,
        ),
        "+",
    ),
    (
        re.compile(
            r"\b(?:multiply|product of|multiplizier\w*|produkt (?:von|aus)|multiplie\w*|multiplica\w*|moltiplica\w*|vermenigvuldig)\b",
            re.IGNORECASE,
        ),
        "*",
    ),
    (re.compile(r"\b(?:divide|teile?|dividier\w*|divise\w*|divide|dividi|deel)\b", re.IGNORECASE), "/"),
    (
        re.compile(
            r"\b(?:subtract|take away|subtrahier\w*|ziehe?|soustrais|soustraire|resta|sottrai|subtrai|trek)\b",
            re.IGNORECASE,
        ),
        "-",
    ),
)
_BY = re.compile(
    r"\s*(?:,\s*)?(?:and|und|et|y|e|en|by|mit|durch|par|por|entre|per|met|door|to|zu|from|von|de|da|van)?\s*",
    re.IGNORECASE,
)
_FROM = re.compile(r"\s*(?:from|von|de|da|van)\s*", re.IGNORECASE)


def _told(text: str, numbers: tuple[Number, ...]) -> str:
    """A calculation whose verb stands in front: `multiply 13 by 14`, `the sum of 3, 4 and 5`."""
    for verb, operator in _TOLD:
        found = verb.search(text)
        run = [number for number in numbers if found and number.start >= found.end() and not number.percent]
        if not found or len(run) < 2 or len(run) != len([number for number in numbers if not number.percent]):
            continue
        gaps = [text[one.end : other.start] for one, other in pairwise(run)]
        if text[found.end() : run[0].start].strip() or not all(_BY.fullmatch(gap) for gap in gaps):
            continue
        if operator == "-" and len(run) == 2 and _FROM.fullmatch(gaps[0]):
            run.reverse()
        return f" {operator} ".join(f"{number.value:.15g}" for number in run)
    return ""


def _next(text: str, place: int, numbers: tuple[Number, ...]) -> tuple[str, int]:
    for number in numbers:
        if number.start == place:
            shown = f"{number.value:.15g}" + ("%" if number.percent else "")
            if squared := _SQUARED.match(text, number.end):
                return f"{shown} ^ 2", squared.end()
            return shown, number.end
    if root := _SQUARE_ROOT.match(text, place):
        after = root.end()
        for number in numbers:
            if number.start >= after and not text[after : number.start].strip():
                return f"sqrt({number.value:.15g})", number.end
    if sign := _TOKEN.match(text, place):
        return {"−": "-", "÷": "/", "**": "^"}.get(sign["sign"], sign["sign"]), sign.end()
    if place == 0 or not text[place - 1].isalnum():
        if name := _FUNCTION.match(text, place):
            return name["name"].lower(), name.end()
        for rule, operator in _WORD_RULES:
            if found := rule.match(text, place):
                return operator, found.end()
    word = re.compile(r"\w+|.", re.DOTALL).match(text, place)
    return "", min(word.end() if word else place + 1, _next_number(numbers, place))


def _next_number(numbers: tuple[Number, ...], place: int) -> int:
    return min((number.start for number in numbers if number.start > place), default=1 << 30)


_DANGLING = frozenset(("+", "-", "*", "/", "^", "mod", "//", "%", "!"))


def _balanced(run: list[str]) -> list[str]:
    """`run` without what cannot begin or end a calculation."""
    kept = list(run)
    while kept and kept[0] in _DANGLING - {"-"}:
        kept.pop(0)
    while kept and kept[-1] in (_DANGLING - {"%", "!"}) | {"("}:
        kept.pop()
    while kept.count(")") > kept.count("(") and kept[-1] == ")":
        kept.pop()
    return kept if kept.count("(") == kept.count(")") else []
