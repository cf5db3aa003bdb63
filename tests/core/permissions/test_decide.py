"""manifest ∩ grants ∩ session."""

import pytest

from fakes.skills import installed, tool
from skillkernel.errors import PermissionRefused
from skillkernel.manifest.types import Permissions
from skillkernel.permissions.decide import effective, require

ASKS = Permissions(network=("a.example:443", "b.example:443"), secrets=("token",))


def test_a_grant_that_the_manifest_does_not_ask_for_gives_nothing() -> None:
    skill = installed("mail", tool("x"), asks=Permissions(), granted=Permissions(network=("a.example:443",)))
    assert effective(skill) == ()


def test_what_was_not_granted_is_not_there() -> None:
    skill = installed("mail", tool("x"), asks=ASKS, granted=Permissions(secrets=("token",)))
    assert effective(skill) == ("secrets:token",)


def test_a_session_narrows_and_never_widens() -> None:
    skill = installed("mail", tool("x"), asks=ASKS, granted=Permissions(secrets=("token",)))
    assert effective(skill, frozenset({"secrets:token", "network:a.example:443"})) == ("secrets:token",)
    assert effective(skill, frozenset()) == ()


def test_rows_name_their_kind_as_the_manifest_does() -> None:
    rows = Permissions(files_read=("~/Music",), files_write=("/tmp/out",)).rows()  # noqa: S108 # only a name
    assert rows == ("files.read:~/Music", "files.write:/tmp/out")


def test_a_missing_row_is_named() -> None:
    skill = installed("mail", tool("x", permissions=("secrets:token",)), asks=ASKS, granted=Permissions())
    with pytest.raises(PermissionRefused, match=r"mail\.x needs secrets:token"):
        require(skill, skill.manifest.tools[0])
