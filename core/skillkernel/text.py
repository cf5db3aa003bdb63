r"""The one escaping function for text that others wrote and a person reads on a terminal.

Escaped (as `\n`, `\t`, `\r`, else `\u202e`, `\U000e0041`): control characters and ESC, every bidirectional control,
what is invisible (zero-width, soft hyphen, fillers, tags, variation selectors), line and paragraph separators, lone
surrogates, private use, code points that Unicode has not given out, and combining marks piled higher than any
language does. Kept, because ordinary text needs them, are the invisible characters in the one place where their
script uses them: joiners inside Arabic-like and Indic words and emoji families, zero-width spaces between words of
Thai, Lao, Khmer and Burmese, Mongolian selectors, one variation selector after an emoji or a Han character, the tags
of the flags of England, Scotland and Wales. A backslash stays as it is, so the escape shows a character, it does not
encode one; `canonical_call` does encode.
"""

from collections.abc import Callable
from typing import Any

_SHORT = {"\n": r"\n", "\t": r"\t", "\r": r"\r"}


def visible(text: str, *, limit: int | None = None, lines: bool = False) -> str:
    """Return `text` with everything hidden or dangerous made visible; ordinary text of any language is unchanged.

    `limit` is the most characters to return, the last then being an ellipsis. `lines` keeps newlines and tabs.
    Escaping twice is escaping once.
    """
    cut = limit is not None and len(text) > limit
    head = text[:limit] if cut else text
    shown = _shown(head, lines, _escape)
    if limit is not None and (cut or len(shown) > limit):
        return shown[: max(limit - 1, 0)] + "…" if limit else ""
    return shown


def canonical_call(tool: str, arguments: dict[str, Any]) -> str:
    """The call in one line, exactly as it will run: the tool, a space, and canonical JSON that decodes to `arguments`.

    Hidden characters are JSON escapes. Raises as `canonical_json` does.
    """
    from skillkernel.canonical import canonical_json

    return f"{visible(tool)} {_shown(canonical_json(arguments).decode(), False, _escape_json)}"


def _shown(text: str, lines: bool, escape: Callable[[str], str]) -> str:
    if text.isascii():
        return text if text.isprintable() else text.translate(_CONTROLS_BUT_LINES if lines else _CONTROLS)
    from skillkernel.hidden_characters import is_ordinary, pieces

    return text if is_ordinary(text) else "".join(pieces(text, lines, escape))


def _escape(char: str) -> str:
    short = _SHORT.get(char)
    if short:
        return short
    return f"\\u{ord(char):04x}" if char <= "\uffff" else f"\\U{ord(char):08x}"


def _escape_json(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


_CONTROLS = {code: _escape(chr(code)) for code in (*range(0x20), 0x7F)}
_CONTROLS_BUT_LINES = {code: escape for code, escape in _CONTROLS.items() if chr(code) not in "\n\t"}
