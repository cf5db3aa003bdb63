# ruff: noqa: RUF001 - letters that look alike are what this file is about
"""What a person reads on a terminal of text that others wrote."""

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.canonical import canonical_json
from skillkernel.text import canonical_call, visible

ORDINARY = {
    "English": "“Fish & chips” — café, naïve; 50 % off: C:\\new\\u202e?",
    "German": "Füße größer als 3 °C; Straße, Übung",
    "French": "L’été\u00a0: 5\u202f000\u202f€ «\u00a0déjà vu\u00a0»",
    "Polish": "Zażółć gęślą jaźń",
    "Turkish": "İstanbul’da ılık çay",
    "Vietnamese": unicodedata.normalize("NFD", "Tiếng Việt rất đẹp"),
    "Greek": "Ξεσκεπάζω τὴν ψυχοφθόρα βδελυγμία",
    "Russian": "Съешь же ещё этих мягких булок",
    "Arabic": "السَّلامُ عليكم ورحمةُ الله ١٢٣ ؟",
    "Arabic with a verse's end": "قُلْ \u06dd١",
    "Arabic abbreviation": "سنة 1446 ه\u200d",
    "Hebrew": "בְּרֵאשִׁית בָּרָא אֱלֹהִים",
    "Persian": "می\u200cخواهم کتاب\u200cها را بخوانم",
    "Urdu": "یہ اُردو ہے۔",
    "Hindi": "क्\u200dष और क्\u200cष, विद्\u200dया",
    "Bengali": "র\u200d্যাব, বাংলা",
    "Tamil": "யாதும் ஊரே",
    "Malayalam": "അവന്\u200d, മലയാളം",
    "Sinhala": "ශ්\u200dරී ලංකාව",
    "Thai": "ภาษา\u200bไทย",
    "Khmer": "ភាសា\u200bខ្មែរ",
    "Burmese": "မြန်မာ\u200bစာ",
    "Tibetan": "བོད་སྐད་",
    "Mongolian": "ᠮᠣᠩᠭᠣᠯ\u180eᠠ ᠪᠢᠴᠢᠭ\u180b",
    "Chinese": "你好，世界。𠮷野家",
    "Japanese": "こんにちは\u3000世界、ｶﾀｶﾅ、葛\U000e0100城",
    "Korean": "안녕하세요 세계",
    "Amharic": "ሰላም ልዑል",
    "Georgian": "გამარჯობა",
    "emoji": "👩\u200d👩\u200d👧\u200d👦 👍🏽 ❤\ufe0f 1\ufe0f\u20e3 🏳\ufe0f\u200d🌈 🧑🏽\u200d🚀 🇩🇪 ☎\ufe0e 👁\ufe0f\u200d🗨\ufe0f",
    "flags of Britain": "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "emoji newer than the tables": "\U0001fae8\U0001fadf",
    "mathematics": "∀x ∈ ℝ: ⌈x⌉ = −⌊−x⌋, ∩\ufe00",
}

HIDDEN = {
    "colours": ("\x1b[31mred\x1b[0m", r"\u001b[31mred\u001b[0m"),
    "a title": ("\x1b]0;x\x07", r"\u001b]0;x\u0007"),
    "C1 control sequence": ("\x9b2J", r"\u009b2J"),
    "a line overwritten": ("safe\rrm -rf", r"safe\rrm -rf"),
    "backspaces and delete": ("a\b\x7f", r"a\u0008\u007f"),
    "null": ("a\x00b", r"a\u0000b"),
    "new lines": ("a\nb\tc\x0b\x0c", r"a\nb\tc\u000b\u000c"),
    "bidi override": ("a\u202ecod.exe", r"a\u202ecod.exe"),
    "bidi embeddings": ("\u202a\u202b\u202c\u202d", r"\u202a\u202b\u202c\u202d"),
    "bidi isolates": ("\u2066\u2067\u2068\u2069", r"\u2066\u2067\u2068\u2069"),
    "bidi marks": ("א\u200f\u200e\u061c", r"א\u200f\u200e\u061c"),
    "zero width in Latin": ("pay\u200bpal\u200c.\u200dcom", r"pay\u200bpal\u200c.\u200dcom"),
    "joiners in a row": ("می\u200c\u200cخ", r"می\u200c\u200cخ"),
    "a joiner at an emoji's end": ("👩\u200d!", r"👩\u200d!"),
    "byte order mark": ("\ufeffa", r"\ufeffa"),
    "soft hyphen and word joiner": ("a\u00ad\u2060b", r"a\u00ad\u2060b"),
    "invisible operators": ("a\u2061\u2062\u2063\u2064", r"a\u2061\u2062\u2063\u2064"),
    "separators": ("a\u2028b\u2029", r"a\u2028b\u2029"),
    "tags": ("hi\U000e0068\U000e0069", r"hi\U000e0068\U000e0069"),
    "tags behind a flag": ("🏴\U000e0068\U000e007f", r"🏴\U000e0068\U000e007f"),
    "variation selectors": ("a\ufe0f\ufe01😀\ufe0f\ufe0f", r"a\ufe0f\ufe01😀" + "\ufe0f" + r"\ufe0f"),
    "selectors supplement": ("b\U000e0100葛\U000e0100\U000e0101", r"b\U000e0100葛" + "\U000e0100" + r"\U000e0101"),
    "fillers": ("\u3164\uffa0a\u115f\u1160", r"\u3164\uffa0a\u115f\u1160"),
    "a grapheme joiner": ("a\u034fb", r"a\u034fb"),
    "half a character": ("\ud800a", r"\ud800a"),
    "private use": ("\ue000\U000f0000", r"\ue000\U000f0000"),
    "not a character": ("\ufdd0\uffff\U0001ffff", r"\ufdd0\uffff\U0001ffff"),
    "not given out": ("\u0378\U000e0fff", r"\u0378\U000e0fff"),
    "a tower of marks": ("a" + "\u0301" * 10, "a" + "\u0301" * 8 + r"\u0301\u0301"),
    "annotations": ("\ufff9a\ufffa", r"\ufff9a\ufffa"),
    "musical and shorthand controls": ("\U0001d173\U0001bca0", r"\U0001d173\U0001bca0"),
    "Mongolian separator elsewhere": ("a\u180eb", r"a\u180eb"),
}


@pytest.mark.parametrize("language", ORDINARY)
def test_ordinary_text_of_any_language_is_unchanged(language: str) -> None:
    assert visible(ORDINARY[language]) == ORDINARY[language]


@pytest.mark.parametrize("trick", HIDDEN)
def test_what_is_hidden_becomes_visible(trick: str) -> None:
    text, shown = HIDDEN[trick]
    assert visible(text) == shown


def test_lines_are_kept_when_asked_for() -> None:
    assert visible("a\n\tb\r\n", lines=True) == "a\n\tb\\r\n"


@given(
    st.text() | st.text(st.sampled_from("aא\u200c\u200d\u200b\ufe0f👩\u0301می\u034f\u180eᠮ葛\U000e0100🏴\x1b\u1160ᄀ"))
)
def test_escaping_twice_is_escaping_once(text: str) -> None:
    once = visible(text)
    assert visible(once) == once
    assert visible(visible(text, lines=True), lines=True) == visible(text, lines=True)
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Co", "Zl", "Zp"} for char in once)


@given(st.text(), st.integers(0, 30))
def test_no_more_than_the_limit_is_shown(text: str, limit: int) -> None:
    shown = visible(text, limit=limit)
    assert len(shown) <= limit
    assert shown == visible(text) or shown.endswith("…") or limit == 0


def test_a_cut_is_said_with_an_ellipsis() -> None:
    assert visible("abcdef", limit=6) == "abcdef"
    assert visible("abcdefg", limit=6) == "abcde…"
    assert visible("\x1b" * 10, limit=8) == "\\u001b\\…"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3)
    ),
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), JSON, max_size=4))
def test_the_canonical_call_decodes_to_what_runs_and_hides_nothing(arguments: dict[str, Any]) -> None:
    shown = canonical_call("notes.add", arguments)
    assert json.loads(shown.removeprefix("notes.add ")) == arguments
    assert "\n" not in shown
    assert visible(shown) == shown


def test_the_canonical_call_is_one_for_one_call() -> None:
    assert canonical_call("a.b", {"z": 1, "ä": "é\u202e\U000e0041"}) == 'a.b {"z":1,"ä":"é\\u202e\\udb40\\udc41"}'
    assert canonical_call("a.b", {"x": 1, "y": 2}) == canonical_call("a.b", {"y": 2, "x": 1})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_json_cannot_say_has_no_canonical_form(value: Any) -> None:
    with pytest.raises(ValueError, match=r"JSON|surrogates"):
        canonical_json({"a": value})


def test_numbers_of_any_size_have_a_canonical_form() -> None:
    assert (
        canonical_json({"b": 10**30, "a": [1.0, 1, True, None]})
        == b'{"a":[1.0,1,true,null],"b":' + str(10**30).encode() + b"}"
    )
