"""A lock is pins with hashes and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement

from skillkernel.errors import IntegrityError
from skillkernel_registry.lock import parse_lock

HASH = f"--hash=sha256:{'a' * 64}"
GOOD = f"six==1.17.0 \\\n    {HASH} \\\n    --hash=sha256:{'b' * 64}\ntzdata==2026.1 ; python_version < '4' \\\n    {HASH}\n"


def test_pins_come_with_their_markers_and_hashes() -> None:
    lock = parse_lock(GOOD, "lock")
    assert [(pin.name, pin.version, len(pin.hashes)) for pin in lock.pins] == [
        ("six", "1.17.0", 2),
        ("tzdata", "2026.1", 1),
    ]
    assert len(lock.here()) == 2


def test_what_is_written_reads_back_as_the_same() -> None:
    lock = parse_lock(GOOD, "lock")
    assert parse_lock(lock.text(), "lock") == lock
    assert parse_lock(GOOD.replace("\n", "\r\n"), "lock").sha256() == lock.sha256()


@pytest.mark.parametrize(
    "line",
    [
        "six==1.17.0",
        f"six>=1 {HASH}",
        f"six==1.* {HASH}",
        f"six==1,<2 {HASH}",
        f"six[extra]==1 {HASH}",
        f"six @ https://elsewhere.example/six.whl {HASH}",
        f"six==1 --hash=md5:{'a' * 32}",
        f"six==1 {HASH} --index-url https://elsewhere.example",
        f"six==1 {HASH}, --pre",
        "-r /etc/passwd",
        "-e .",
        "--index-url https://elsewhere.example/simple",
        "--find-links /tmp",
        "./six.whl",
        "https://elsewhere.example/six.whl",
        f"skillkernel==1 {HASH}",
        f"Skill_Kernel==1 --pre {HASH}",
        "$HOME",
    ],
)
def test_every_other_line_is_refused(line: str) -> None:
    with pytest.raises(IntegrityError, match="not a pinned dependency"):
        parse_lock(GOOD + line + "\n", "lock")


def test_too_many_pins_are_refused() -> None:
    with pytest.raises(IntegrityError, match="501 packages"):
        parse_lock("".join(f"a{number}==1 {HASH}\n" for number in range(501)), "lock")


def test_what_the_lock_leaves_open_is_said() -> None:
    lock = parse_lock(GOOD, "lock")
    assert lock.uncovered([Requirement("six>=1"), Requirement("TZdata")]) == ""
    assert lock.uncovered([Requirement("other")]) == "does not pin other"
    assert lock.uncovered([Requirement("six<1")]) == "pins six 1.17.0, which is not <1"
    assert lock.uncovered([Requirement("other; python_version < '3'"), Requirement("more; extra == 'x'")]) == ""


@settings(deadline=None)
@given(st.text(alphabet="abz019=<>~!-_.,;:@#[]\\ \n\"'/$%{}", max_size=200))
def test_any_text_is_a_lock_of_pins_or_an_integrity_error(text: str) -> None:
    try:
        lock = parse_lock(text, "lock")
    except IntegrityError:
        return
    assert all(pin.hashes for pin in lock.pins)
