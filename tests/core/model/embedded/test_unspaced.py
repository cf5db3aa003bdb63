"""Chinese, Japanese and Korean requests are read like the others."""

from datetime import date

import pytest

from skillkernel.model.embedded.unspaced import spaced

TODAY = date(2026, 11, 24)
"""A Tuesday."""


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("明天下午三点和小李开会", "2026-11-25 at 15:00 和小李开会"),
        ("下周一上午十点半添加团队会议", "add 2026-11-30 at 10:30 团队会议"),
        ("删除后天的会议", "delete 2026-11-26 会议"),
        ("今晚八点和妈妈吃饭", "2026-11-24 at 20:00 和妈妈吃饭"),
        ("把明天的会议改到下午四点", "move 2026-11-25 会议 at 16:00"),
        ("明日の午後3時に歯医者の予約を入れて", "add 2026-11-25 at 15:00 歯医者の予約"),
        ("金曜日の会議をキャンセルして", "cancel 2026-11-27 会議"),
        ("来週の火曜日の午前10時半に会議を追加してください", "add 2026-12-01 at 10:30 会議"),
        ("会議を削除しないで", "don't delete 会議"),
        ("내일 오후 3시에 치과 예약 추가해줘", "add 2026-11-25 at 15:00 치과 예약"),
        ("이번 주 금요일 오전 9시 반에 회의 추가해줘", "add 2026-11-27 at 09:30 회의"),
        ("1月5日去罗马", "2027-01-05 去罗马"),
    ],
)
def test_the_command_comes_first_and_times_are_plain(text: str, read: str) -> None:
    assert spaced(text, TODAY).split() == read.split()


@pytest.mark.parametrize("text", ["Lunch at 12", "99月99日", "25時99分", "半", ""])
def test_other_languages_and_impossible_times_do_no_harm(text: str) -> None:
    assert isinstance(spaced(text, TODAY), str)
    assert spaced("Lunch at 12", TODAY) == "Lunch at 12"
