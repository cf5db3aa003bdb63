r"""A rule's text: read into a `Rule`, and written from one.

    rule      = "effect:" EFFECT
              | SKILL "." TOOL [ "(" argument *( "," argument ) ")" ]
    argument  = PATH "=" pattern *( "|" pattern )      one of the patterns
              | "!" PATH                               it is not there (in `allow` alone)
              | "!*"                                   nothing else is there (in `allow` alone)

SKILL and TOOL hold `?` and `*`; PATH is names with dots between, through lists as if each element stood there; a
pattern holds `?`, `*` and `**`. Double quotes in a pattern or a PATH protect commas, brackets, bars and spaces, not
wildcards. A backslash takes `* ? \ " ( ) , | ! = .` and a space as they are; `\n \t \r \u0000 \U00000000` are
characters.
"""

import re
from unicodedata import normalize

from skillkernel.manifest.types import Effect
from skillkernel.permissions.rules import ArgumentRule, Rule
from skillkernel.permissions.rules_glob import Glob, Wild
from skillkernel.permissions.rules_value import RuleKind
from skillkernel.text import visible

MAX_CHARACTERS = 2_000
"""Of one rule."""

_NAMES = re.compile(r"([a-z0-9?*-]+)\.([a-z0-9_?*]+)")
_SHORT = {"n": "\n", "t": "\t", "r": "\r"}
_PLAIN = set('*?\\"(),|!=. ')
_ENDS = {",", ")", "|"}
_WILD = re.compile(r"\*+|\?")


class RuleSyntaxError(ValueError):
    """A text that is no rule: what is wrong with it, and how to mend it."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint


def parse_rule(kind: RuleKind, text: str, place: str = "") -> Rule:
    """Read one rule; raise `RuleSyntaxError`."""
    if len(text) > MAX_CHARACTERS:
        raise RuleSyntaxError(f"it has more than {MAX_CHARACTERS:,} characters", "write several shorter rules")
    if visible(text) != text:
        raise RuleSyntaxError(
            "it holds hidden or control characters", f"write them so that they are seen: {visible(text, limit=200)}"
        )
    text = text.strip()
    if text.startswith("effect:"):
        return Rule(kind, text, place, effect=_effect(text.removeprefix("effect:")))
    names = _NAMES.match(text)
    if names is None or text[names.end() : names.end() + 1] not in ("", "("):
        raise _no_names(text)
    skill, tool = (_name_glob(part) for part in names.groups())
    arguments, closed = _Arguments(text, names.end()).read() if names.end() < len(text) else ((), False)
    if kind is not RuleKind.ALLOW and (closed or any(each.absent for each in arguments)):
        raise RuleSyntaxError(
            "`!` stands in a rule that does not allow",
            "only `allow` can ask that something is left out: otherwise one more argument would be a way round the rule",
        )
    return Rule(kind, text, place, skill=skill, tool=tool, arguments=arguments, closed=closed)


def _effect(name: str) -> Effect:
    try:
        return Effect(name)
    except ValueError:
        from skillkernel.near import nearest

        near = nearest(name, [effect.value for effect in Effect])
        says = (
            f"did you mean effect:{near[0]}?"
            if near
            else "there are effect:read, effect:write, effect:send, effect:destroy"
        )
        raise RuleSyntaxError(f"there is no effect {visible(name, limit=40)!r}", says) from None


def _no_names(text: str) -> RuleSyntaxError:
    head = text.partition("(")[0]
    if "__" in head:
        return RuleSyntaxError("it has a model's name of a tool", f"write {head.replace('__', '.', 1)}")
    if head != head.lower():
        return RuleSyntaxError("names are lower case", f"write {visible(head.lower(), limit=80)}")
    if "." not in head:
        return RuleSyntaxError(
            "it names no tool", "write SKILL.TOOL, such as calendar.list_events; calendar.* is every tool of calendar"
        )
    return RuleSyntaxError(
        "it does not begin with SKILL.TOOL", "for example: calendar.list_*, mail.send(to=*@example.org), effect:send"
    )


def _name_glob(text: str) -> Glob:
    """`*` and `**` are one in a name: it has nothing that they could not reach over."""
    pieces = [piece for piece in re.split(r"(\*+|\?)", text) if piece]
    return _glob([Wild.RUN if piece[0] == "*" else Wild.ONE if piece == "?" else piece for piece in pieces])


def _glob(pieces: list[str | Wild]) -> Glob:
    """Pieces with what stands side by side put together, literals in NFC."""
    parts: list[str | Wild] = []
    for piece in pieces:
        before = parts[-1] if parts else None
        if isinstance(piece, Wild):
            if before in (Wild.RUN, Wild.ANYTHING) and piece is not Wild.ONE:
                parts[-1] = Wild.ANYTHING if Wild.ANYTHING in (before, piece) else Wild.RUN
                continue
        elif before is not None and not isinstance(before, Wild):
            parts[-1] = before + piece
            continue
        parts.append(piece)
    return Glob(tuple(part if isinstance(part, Wild) else normalize("NFC", part) for part in parts))


class _Arguments:
    """Reads from a bracket to its end, character by character."""

    def __init__(self, text: str, at: int) -> None:
        self._text = text
        self._at = at + 1

    def read(self) -> tuple[tuple[ArgumentRule, ...], bool]:
        """The arguments, and whether no other may be there."""
        found: list[ArgumentRule] = []
        closed = False
        while True:
            self._skip_spaces()
            if self._text.startswith("!*", self._at):
                self._at += 2
                closed = True
            else:
                found.append(self._argument())
            self._skip_spaces()
            end = self._take()
            if end == ")":
                break
            if end != ",":
                raise self._wrong("a comma or a closing bracket is missing", "separate arguments with commas")
        if self._at != len(self._text):
            raise self._wrong("something stands behind the closing bracket", "end the rule there")
        paths = [each.path for each in found]
        if len(set(paths)) != len(paths):
            raise RuleSyntaxError("an argument is named twice", "separate what it may be with |, as in to=a|b")
        return tuple(found), closed

    def _argument(self) -> ArgumentRule:
        if self._peek() == "!":
            self._at += 1
            return ArgumentRule(self._path(), absent=True)
        path = self._path()
        self._skip_spaces()
        if self._take() != "=":
            raise self._wrong(
                f"{'.'.join(path)} has no = behind it", "write NAME=PATTERN, or !NAME in a rule that allows"
            )
        globs = [self._pattern()]
        while self._peek() == "|":
            self._at += 1
            globs.append(self._pattern())
        return ArgumentRule(path, tuple(globs))

    def _path(self) -> tuple[str, ...]:
        names = [self._name()]
        while self._peek() == ".":
            self._at += 1
            names.append(self._name())
        return tuple(names)

    def _name(self) -> str:
        name = ""
        quoted = False
        while (char := self._peek()) and (quoted or not (char.isspace() or char in ".=,()|!")):
            self._at += 1
            if char == '"':
                quoted = not quoted
            elif char == "\\":
                name += self._escape()
            elif char in "*?":
                raise self._wrong("the name of an argument has a wildcard", "name one argument, and give it a pattern")
            else:
                name += char
        if quoted or not name:
            raise self._wrong(
                "the name of an argument is missing", "as in mail.send(to=*@example.org); quote what is no plain name"
            )
        return name

    def _pattern(self) -> Glob:
        self._skip_spaces()
        pieces: list[str | Wild] = []
        quoted = was_quoted = False
        kept = 0  # pieces up to here are no spaces that only stand before a comma
        while (char := self._peek()) and (quoted or char not in _ENDS):
            if char == "(" and not quoted:
                raise self._wrong("an opening bracket stands in a pattern", 'put the pattern in quotes: "…"')
            wild = _WILD.match(self._text, self._at)
            self._at += len(wild[0]) if wild else 1
            if char == '"':
                quoted = not quoted
                was_quoted = True
            elif wild:
                pieces.append(Wild.ONE if char == "?" else Wild.RUN if len(wild[0]) == 1 else Wild.ANYTHING)
            else:
                pieces.append(self._escape() if char == "\\" else char)
            if quoted or not char.isspace():
                kept = len(pieces)
        if quoted:
            raise RuleSyntaxError("a quote is never closed", 'write " at its end, or \\" for the character itself')
        if not kept and not was_quoted:
            raise self._wrong("a pattern is empty", 'write "" for an empty text, * for any value')
        return _glob(pieces[:kept])

    def _escape(self) -> str:
        char = self._take()
        if char in _PLAIN:
            return char
        if char in _SHORT:
            return _SHORT[char]
        digits = self._text[self._at : self._at + {"u": 4, "U": 8}.get(char, 0)]
        if char in ("u", "U") and re.fullmatch(r"[0-9a-fA-F]{4}|[0-9a-fA-F]{8}", digits):
            code = int(digits, 16)
            if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
                self._at += len(digits)
                return chr(code)
        raise self._wrong(rf"\{char} means nothing", r"write \\ for a backslash, \* for a star, \u00e9 for a character")

    def _skip_spaces(self) -> None:
        while self._peek().isspace():
            self._at += 1

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self) -> str:
        char = self._peek()
        self._at += 1
        return char

    def _wrong(self, problem: str, hint: str) -> RuleSyntaxError:
        return RuleSyntaxError(f"{problem} (character {min(self._at, len(self._text))})", hint)


def rule_text(rule: Rule) -> str:
    """A rule's canonical text: `parse_rule` reads the same rule from it, and nothing in it is hidden."""
    if rule.effect is not None:
        return f"effect:{rule.effect.value}"
    arguments = [_argument_text(each) for each in rule.arguments] + (["!*"] if rule.closed else [])
    names = f"{rule.skill.shown}.{rule.tool.shown}"
    return f"{names}({','.join(arguments)})" if arguments else names


def _argument_text(argument: ArgumentRule) -> str:
    path = ".".join(_quoted(name, '.=,()|! "\\*?') for name in argument.path)
    if argument.absent:
        return f"!{path}"
    return f"{path}={'|'.join(_pattern_text(glob) for glob in argument.globs)}"


def _pattern_text(glob: Glob) -> str:
    text = "".join(part.value if isinstance(part, Wild) else _escaped(part) for part in glob.parts)
    bare = text and not any(char.isspace() or char in ",()|" for char in text)
    return text if bare else f'"{text}"'


def _quoted(name: str, special: str) -> str:
    text = _escaped(name)
    return f'"{text}"' if any(char in special or char.isspace() for char in name) else text


def _escaped(text: str) -> str:
    return "".join(_escaped_character(char) for char in text)


def _escaped_character(char: str) -> str:
    if char in '*?\\"':
        return f"\\{char}"
    if char.isascii():
        return visible(char)
    code = f"\\u{ord(char):04x}" if char <= "\uffff" else f"\\U{ord(char):08x}"
    return char if char.isalnum() and visible(char) == char else code
