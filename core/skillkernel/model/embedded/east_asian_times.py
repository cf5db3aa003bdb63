"""Writes the dates and times of Chinese, Japanese and Korean requests as the rest of this package reads them.

`明天下午三点` becomes `2026-11-25 at 15:00`: dateparser was measured on these and put a Japanese meeting on the wrong day.
"""

import re
from datetime import date, timedelta

_DIGITS = {
    sign: value
    for value, signs in enumerate(("〇零", "一", "二两兩", "三", "四", "五", "六", "七", "八", "九"))
    for sign in signs
}
_KOREAN = ("열두", "열한", "열", "아홉", "여덟", "일곱", "여섯", "다섯", "네", "세", "두", "한")
_KOREAN_HOURS = dict(zip(_KOREAN, (12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1), strict=True))
_NUMBER = rf"(?:\d{{1,4}}|[〇零一二两兩三四五六七八九十]{{1,3}}|{'|'.join(_KOREAN)})"
_DAYS: dict[int, str] = {
    0: "今天|今日|きょう|오늘",
    3: "大后天|大後天|しあさって|글피",
    1: "明天|明日|あした|あす|내일",
    2: "后天|後天|明後日|あさって|모레",
    -2: "前天|一昨日|おととい|그저께",
    -1: "昨天|昨日|きのう|어제",
}
_DAY_OF = {word: ahead for ahead, words in _DAYS.items() for word in words.split("|")}
_DAY = re.compile("|".join(sorted(_DAY_OF, key=len, reverse=True)))
_NEXT_WEEK = r"下个?周|下個?週|下个?星期|下个?礼拜|来週|翌週|다음\s?주"
_THIS_WEEK = r"这个?周|這個?週|本周|本週|这个?星期|今週|이번\s?주"
_WEEKDAY = re.compile(
    rf"(?P<next>{_NEXT_WEEK})?(?P<this>{_THIS_WEEK})?\s?の?"
    r"(?:(?:(?<=[周週期拜])|周|週|星期|礼拜)(?P<zh>[一二三四五六日天](?![〇一二三四五六七八九十\d]?[月点點时時]))"
    r"|(?P<ja>[月火水木金土日])曜日?|(?P<ko>[월화수목금토일])요일)"
)
_WEEKDAYS = {
    sign: number
    for number, signs in enumerate(("一月월", "二火화", "三水수", "四木목", "五金금", "六土토", "日天일"))
    for sign in signs
}
_WEEK = re.compile(rf"(?P<next>{_NEXT_WEEK})|(?P<this>{_THIS_WEEK})")
_MONTH_DAY = re.compile(rf"(?:(?P<year>\d{{4}})[年년]\s?)?(?P<month>{_NUMBER})[月월]\s?(?P<day>{_NUMBER})[日号號일]")
_MORNING = "上午|早上|早晨|凌晨|清晨|午前|朝|오전|아침|새벽"
_AFTERNOON = "下午|午後|夕方|오후"
_EVENING = "晚上|傍晚|夜里|夜間|夜|晩|저녁|밤"
_NOON = "中午|正午|昼|점심|정오"
_PART = rf"(?P<part>{_MORNING}|{_AFTERNOON}|{_EVENING}|{_NOON})"
_CLOCK = re.compile(
    rf"(?:{_PART}\s?の?)?(?P<hour>{_NUMBER})(?:(?:点|點|時(?!間)|时(?!间)|시(?!간))(?:钟|鐘)?"
    rf"(?:\s?(?P<half>半|반)|(?P<quarter>一刻|三刻)|\s?(?P<minute>{_NUMBER})分?분?)?|[:：](?P<minutes>[0-5]\d))(?:に|에)?"
)
_PART_ALONE = re.compile(_PART)
_LENGTH = re.compile(
    rf"(?P<number>{_NUMBER}|半)\s?个?個?(?:(?P<hour>小时|小時|钟头|時間|시간)|(?P<minute>分钟|分鐘|分間|分|분)|(?P<day>天|日間|일간)|(?P<week>周|週間|星期|주)(?!일))"
    r"(?P<half>半|반)?(?P<ahead>之?后|之?後|후|뒤)?"
)
_TOGETHER = (
    ("今晚", "今天晚上"),
    ("明晚", "明天晚上"),
    ("今夜", "今日夜"),
    ("今晩", "今日夜"),
    ("明早", "明天早上"),
    ("今朝", "今日朝"),
    ("오늘밤", "오늘 밤"),
)
_UNTIL = re.compile(r"(?<=\d)\s+(?:到|至|から|부터|~|〜|-)\s*(?=(?:at )?\d|\d)")
_LINKS = re.compile(r"(?<=[\d]) (?:の|に|は|的|에|까지|まで|から)(?=\s|\S)")
SCRIPT = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")


def number_in(text: str) -> int:
    """The value of digits, of Chinese numerals up to ninety-nine or of a Korean hour."""
    if text.isdigit():
        return int(text)
    if text in _KOREAN_HOURS:
        return _KOREAN_HOURS[text]
    tens, ten, ones = text.rpartition("十")
    return (10 * _DIGITS.get(tens, 1) if ten else 0) + (_DIGITS.get(ones[-1:], 0) if ones else 0)


def with_plain_times(text: str, today: date) -> str:
    """`text` with each day, time and length that it names in digits and English words, apart from its neighbours."""
    for word, words in _TOGETHER:
        text = text.replace(word, words)
    text = _MONTH_DAY.sub(lambda match: _month_day(match, today), text)
    text = _WEEKDAY.sub(lambda match: f" {_weekday(match, today).isoformat()} ", text)
    text = _DAY.sub(lambda match: f" {(today + timedelta(days=_DAY_OF[match.group()])).isoformat()} ", text)
    text = _WEEK.sub(lambda match: " next week " if match["next"] else " this week ", text)
    text = _clocks(text)
    text = _LENGTH.sub(_length, text)
    text = _PART_ALONE.sub(lambda match: f" {_part(match['part'])} ", text)
    return _LINKS.sub(" ", _UNTIL.sub(" to ", text)) if SCRIPT.search(text) else text


def _month_day(match: re.Match[str], today: date) -> str:
    month, day = number_in(match["month"]), number_in(match["day"])
    try:
        found = date(int(match["year"] or today.year), month, day)
        if not match["year"] and found < today:
            found = date(today.year + 1, month, day)
    except ValueError:
        return match.group()
    return f" {found.isoformat()} "


def _weekday(match: re.Match[str], today: date) -> date:
    number = _WEEKDAYS[match["zh"] or match["ja"] or match["ko"]]
    monday = today - timedelta(days=today.weekday())
    if match["next"] or match["this"]:
        return monday + timedelta(days=number + (7 if match["next"] else 0))
    return today + timedelta(days=(number - today.weekday()) % 7 or 7)


def _clocks(text: str) -> str:
    part = ""

    def written(match: re.Match[str]) -> str:
        nonlocal part
        part = match["part"] or part
        hour = number_in(match["hour"])
        later = re.fullmatch(rf"{_AFTERNOON}|{_EVENING}", part) is not None and 1 <= hour < 12
        noon = re.fullmatch(_NOON, part) is not None and 1 <= hour < 6
        bare = not part and 1 <= hour < 6 and not match["minutes"]
        hour = hour + 12 if later or noon or bare else hour
        minute = 30 if match["half"] else {"一刻": 15, "三刻": 45}.get(match["quarter"] or "", 0)
        minute = minute or number_in(match["minute"] or match["minutes"] or "0")
        return f" at {hour % 24:02}:{minute:02} " if hour <= 24 and minute < 60 else match.group()

    return _CLOCK.sub(written, text)


def _length(match: re.Match[str]) -> str:
    number = 0.5 if match["number"] == "半" else number_in(match["number"]) + (0.5 if match["half"] else 0)
    unit = next(name for name in ("hour", "minute", "day", "week") if match[name])
    if unit == "hour":
        number, unit = number * 60, "minute"
    return f" {'in ' if match['ahead'] else ''}{number:g} {unit}s "


def _part(word: str) -> str:
    names = (
        (_MORNING, "in the morning"),
        (_AFTERNOON, "in the afternoon"),
        (_EVENING, "in the evening"),
        (_NOON, "at noon"),
    )
    return next(name for words, name in names if re.fullmatch(words, word))
