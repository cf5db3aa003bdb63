"""One host user per skill, from a range that exists here and belongs to nobody."""

from hypothesis import given
from hypothesis import strategies as st

from skillkernel.worker.identity import parse_id_map, worker_uid

HOST = parse_id_map("         0          0 4294967295\n")


@given(st.text())
def test_a_key_always_gets_the_same_user_above_every_known_range_and_never_root(key: str) -> None:
    uid = worker_uid(key, HOST)
    assert uid == worker_uid(key, HOST)
    assert uid is not None
    assert 1_900_000_000 <= uid < 2_000_000_000


def test_two_skills_get_two_users() -> None:
    assert worker_uid("calendar", HOST) != worker_uid("mail", HOST)


def test_in_a_container_that_maps_65536_ids_a_smaller_range_is_used() -> None:
    uid = worker_uid("calendar", parse_id_map("0 100000 65536"))
    assert uid is not None
    assert 40_000 <= uid < 60_000


def test_where_too_few_ids_exist_there_is_no_user() -> None:
    assert worker_uid("calendar", parse_id_map("0 1000 1")) is None
