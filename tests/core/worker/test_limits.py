"""Limits from a manifest's promises, and when a limit on processes is fair."""

import pytest

from skillkernel.worker.limits import limits_for, processes_count


def test_the_address_space_is_a_backstop_far_above_the_memory_that_was_promised() -> None:
    assert limits_for(512, 100, processes_count=True).address_space >= 4 * 512_000_000


def test_no_file_can_be_larger_than_the_skills_storage() -> None:
    assert limits_for(512, 7, processes_count=True).file_size == 7_000_000


def test_processes_are_left_unlimited_where_the_count_would_take_in_the_persons_own() -> None:
    assert limits_for(512, 100, processes_count=False).processes is None


@pytest.mark.parametrize(
    ("own_uid", "release", "expected"),
    [
        (True, "4.4.0", True),
        (False, "6.18.44-fc", True),
        (False, "5.14", True),
        (False, "5.13.0-1", False),
        (False, "?", False),
    ],
)
def test_a_user_namespace_counts_its_own_processes_since_linux_5_14(
    own_uid: bool, release: str, expected: bool
) -> None:
    assert processes_count(own_uid=own_uid, release=release) is expected
