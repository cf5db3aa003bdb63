"""Which invisible characters stand where their script needs them; all others are made visible.

The rules behind `skillkernel.text.visible`, in a module of their own because most text never needs them.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator

_PRINTABLE_YET_HIDDEN = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U0001bca0-\U0001bca3\U000e0100-\U000e01ef"
)
_MARKS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_MAX_MARKS = 8
_SUSPICIOUS = re.compile(f"[{_PRINTABLE_YET_HIDDEN}]|{_MARKS}{{{_MAX_MARKS + 1}}}")
_IS_HIDDEN = re.compile(f"[{_PRINTABLE_YET_HIDDEN}]")
_IS_MARK = re.compile(_MARKS)
_NUMBER_SIGN = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")
"""Format characters by their category, yet drawn."""

_MONGOLIAN = "\u1820-\u18aa"
_JOINING = (
    "\u0600-\u07bf\u07c0-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u1820-\u18aa\u1900-\u1cff\ua800-\ua9ff"
    "\uaa00-\uabff\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00011fff\U0001e900-\U0001e95f"
)
_IS_JOINING = re.compile(f"[{_JOINING}]")
_IS_MONGOLIAN = re.compile(f"[{_MONGOLIAN}]")
_IS_SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_IS_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]")
_IS_EMOJI = re.compile("[\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]")
_IS_EMOJI_BASE = re.compile(
    "[#*0-9\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_IS_OTHER_SELECTABLE = re.compile("[\u2200-\u22ff\u2a00-\u2aff\u1000-\u109f\ua840-\ua87f\u3001\u3002\uff00-\uff1f]")
_IS_JAMO = re.compile("[\u1100-\u115e\u1161-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]")
_LATER_UNICODE = re.compile("[\U0001f000-\U0001faff\U00020000-\U0003fffd]")
"""Blocks of emoji and Han characters: what Python's tables do not know yet is most likely new, not nonsense."""
_FLAG = re.compile(
    "\U0001f3f4\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073)\U000e007f"
)


def is_ordinary(text: str) -> bool:
    """Whether nothing in `text` needs a second look."""
    return text.isprintable() and _SUSPICIOUS.search(text) is None


def pieces(text: str, lines: bool, escape: Callable[[str], str]) -> Iterator[str]:
    """Each character as it is shown; `before` is the last one when it was kept, so that an escape shields nothing."""
    before, marks, position = "", 0, 0
    while position < len(text):
        flag = _FLAG.match(text, position) if text[position] == "\U0001f3f4" else None
        if flag:
            yield flag[0]
            before, marks, position = "\U0001f3f4", 0, flag.end()
            continue
        char, after = text[position], text[position + 1 : position + 2]
        marks = marks + 1 if _IS_MARK.match(char) else 0
        kept = (lines and char in "\n\t") or (marks <= _MAX_MARKS and _is_kept(char, before, after))
        yield char if kept else escape(char)
        before, position = char if kept else "", position + 1


def _is_kept(char: str, before: str, after: str) -> bool:
    if char.isprintable() and not _IS_HIDDEN.match(char):
        return True
    rule = _IN_PLACE.get(char)
    if rule:
        return rule(before, after)
    if "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return _selects(char, before)
    category = unicodedata.category(char)
    if category == "Cn":
        return bool(_LATER_UNICODE.match(char))
    if category == "Zs":
        return True
    return category == "Cf" and bool(_NUMBER_SIGN.match(char))


def _joins(before: str, after: str) -> bool:
    if _IS_EMOJI.match(before) or before == "\ufe0f":
        return bool(_IS_EMOJI.match(after))
    return bool(_IS_JOINING.match(before))


def _separates(before: str, after: str) -> bool:
    return bool(_IS_JOINING.match(before) and _IS_JOINING.match(after))


def _breaks_words(before: str, after: str) -> bool:
    return bool(_IS_SPACELESS.match(before) and _IS_SPACELESS.match(after))


def _after_mongolian(before: str, after: str) -> bool:
    return bool(_IS_MONGOLIAN.match(before))


def _between_jamo(before: str, after: str) -> bool:
    return bool(_IS_JAMO.match(before) or _IS_JAMO.match(after))


def _between_marks(before: str, after: str) -> bool:
    return bool(before and after and unicodedata.combining(before) and unicodedata.combining(after))


_IN_PLACE: dict[str, Callable[[str, str], bool]] = {
    "\u200b": _breaks_words,
    "\u200c": _separates,
    "\u200d": _joins,
    "\u034f": _between_marks,
    "\u115f": _between_jamo,
    "\u1160": _between_jamo,
    **dict.fromkeys("\u180b\u180c\u180d\u180e\u180f", _after_mongolian),
}


def _selects(selector: str, before: str) -> bool:
    if selector in "\ufe0e\ufe0f":
        return bool(_IS_EMOJI_BASE.match(before))
    if selector <= "\ufe0d":
        return bool(_IS_HAN.match(before) or _IS_OTHER_SELECTABLE.match(before))
    return bool(_IS_HAN.match(before))
