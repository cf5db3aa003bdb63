"""Which permission row holds which."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.manifest.types import Permissions
from skillkernel.permissions.rows import holds, meet, permissions_of, row_problem


@pytest.mark.parametrize(
    ("wider", "row"),
    [
        ("files.read:~/Music", "files.read:~/Music"),
        ("files.read:~/Music", "files.read:~/Music/Jazz"),
        ("files.read:~", "files.read:~/Music"),
        ("files.write:/data", "files.write:/data/in/x"),
        ("files.read:{folder}", "files.read:{folder}/in"),
        ("network:{server}", "network:{server}"),
    ],
)
def test_a_row_holds_itself_and_what_lies_in_its_folder(wider: str, row: str) -> None:
    assert holds(wider, row)


@pytest.mark.parametrize(
    ("wider", "row"),
    [
        ("files.read:/data", "files.read:/data2"),
        ("files.read:/data", "files.read:/data/../etc"),
        ("files.read:/data", "files.write:/data/in"),
        ("files.write:/data", "files.read:/data/in"),
        ("files.read:/data/in", "files.read:/data"),
        ("files.read:~/Music", "files.read:~/Music2"),
        ("files.read:{folder}", "files.read:{folder}x/in"),
        ("files.read:~", "files.read:~root/x"),
        ("network:*:443", "network:example.org:443"),
        ("network::443", "network:example.org:443"),
        ("network:example.org:0", "network:example.org:443"),
        ("network:example.org", "network:example.org:443"),
        ("network:example.org:443", "network:EXAMPLE.org:443"),
        ("network:{server}", "network:example.org:443"),
        ("programs:/usr/bin", "programs:/usr/bin/env"),
        ("kernel:mail", "kernel:mail2"),
        ("", "files.read:/data"),
    ],
)
def test_no_row_holds_more_than_it_says(wider: str, row: str) -> None:
    assert not holds(wider, row)


@pytest.mark.parametrize(
    "row",
    [
        "network:*:443",
        "network::443",
        "network:example.org:0",
        "network:example.org\n:443",
        "files.read:/data\x1b[2J/x",
        "files.read:~/a/../b",
        "files:/data",
        "everything",
        "",
    ],
)
def test_what_is_no_row_is_said(row: str) -> None:
    assert row_problem(row)


_PATHS = st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))
_ROWS = st.lists(_PATHS.map("files.read:{}".format), max_size=4)


@given(_ROWS, _ROWS)
def test_what_two_lists_have_in_common_is_within_both(asked: list[str], given_rows: list[str]) -> None:
    both = meet(asked, given_rows)
    assert all(any(holds(wider, row) for wider in asked) for row in both)
    assert all(any(holds(wider, row) for wider in given_rows) for row in both)
    assert set(meet(asked, both)) == set(both)


@given(_PATHS, _PATHS, _PATHS)
def test_holding_is_transitive(one: str, two: str, three: str) -> None:
    rows = [f"files.write:{path}" for path in (one, two, three)]
    if holds(rows[0], rows[1]) and holds(rows[1], rows[2]):
        assert holds(rows[0], rows[2])


def test_rows_and_permissions_are_the_same() -> None:
    some = Permissions(network=("a:1",), files_read=("~",), files_write=("/x",), kernel=("memory", "mail"))
    assert permissions_of(some.rows()) == some
