"""Brings Chinese, Japanese and Korean requests into the order that the rest reads: the command, then words apart by spaces.

`金曜日の会議をキャンセルして` becomes `cancel 2026-11-27 会議`. The words that values are made of stay as they are written.
"""

import re
from datetime import date

from skillkernel.model.embedded.east_asian_times import SCRIPT, with_plain_times

_ENDING = r"(?:して|해)?\s?(?:ください|下さい|くれる|ほしい|주세요|줘요|줘|주실래요)?"
_COMMANDS: tuple[tuple[str, str], ...] = (
    ("cancel", r"取消|キャンセル|取り消|취소"),
    ("delete", r"删除|刪除|删掉|刪掉|移除|削除|삭제|지워"),
    ("move", r"改到|改成|改为|推迟到|提前到|移到|挪到|変更|移動|ずらして|옮겨|변경|바꿔"),
    ("remind", r"提醒我|提醒|リマインド|思い出させて|잊지 않게"),
    ("send", r"发送|发给|發送|送って|送信|보내"),
    ("turn on", r"打开|打開|つけて|켜"),
    ("turn off", r"关闭|关掉|關掉|끄기|꺼"),
    ("play", r"播放|再生|かけて|틀어|재생"),
    ("translate", r"翻译|翻譯|翻訳|번역"),
    ("convert", r"换算|変換|변환"),
    ("show", r"显示|顯示|查看|看看|告诉我|告訴我|見せて|教えて|表示|보여|알려"),
    ("search", r"搜索|查找|寻找|查一下|找一下|検索|探して|찾아|검색"),
    (
        "add",
        r"添加|加上|加入|新增|创建|新建|建立|设置|设定|预约|预订|登记|记下|(?<![什么有麼])安排|追加|登録|入れて|作成|作って|予約して|セット|設定|추가|등록|만들어|잡아|넣어|예약해|설정|맞춰",
    ),
)
_PATTERNS = tuple(
    (verb, re.compile(rf"(?P<not>不要|别|別|勿)?(?:{words}){_ENDING}(?P<nai>しないで|ないで|하지\s?마)?"))
    for verb, words in _COMMANDS
)
_DARK = re.compile(r"(?:電気|電灯|ライト|照明|テレビ|エアコン)\S*?消して")
_VANISH = re.compile(rf"消して{_ENDING}")
_ASKS = re.compile(r"什么|什麼|几点|多少|哪|吗|嗎|何|いつ|どこ|か[?？。]?$|뭐|언제|어디|있어|[?？]")
_FRONT = re.compile(r"^(?:请帮我|請幫我|请|請|帮我|幫我|给我|給我|我要|我想|麻烦|在|把|的|の|に|を|は|が|で|、|，)+")
_BACK = re.compile(r"(?:をお願いします|お願い|を|に|は|が|の|です|吧|吗|嗎|的|一下|到|을|를|에)+$")
_ENDS = re.compile(r"[。！？!?]+")


def spaced(text: str, today: date) -> str:
    """`text` as it is, unless it is written in Chinese characters, kana or Hangul."""
    if not SCRIPT.search(text):
        return text
    asks = _ASKS.search(text) is not None
    verb, rest = _without_command(with_plain_times(text, today))
    words = [_BACK.sub("", _FRONT.sub("", word)) for word in _ENDS.sub(" ", rest).split()]
    said = " ".join(word for word in words if word)
    if not verb and asks:
        return f"{said}?"
    return f"{verb} {said}".strip()


def _without_command(text: str) -> tuple[str, str]:
    if vanish := _VANISH.search(text):
        return ("turn off" if _DARK.search(text) else "delete"), _cut(text, vanish)
    for verb, pattern in _PATTERNS:
        if found := pattern.search(text):
            return f"don't {verb}" if found["not"] or found["nai"] else verb, _cut(text, found)
    return "", text


def _cut(text: str, place: re.Match[str]) -> str:
    before = _BACK.sub("", text[: place.start()])
    return f"{before} {text[place.end() :]}"
