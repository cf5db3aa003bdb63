"""manifest ∩ grants ∩ session."""

from fakes.skills import installed, tool
from skillkernel.manifest.types import Permissions
from skillkernel.permissions.decide import effective, lacking, refusal

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


def test_a_folder_within_one_that_is_asked_for_can_be_granted_alone() -> None:
    skill = installed("mail", asks=Permissions(files_read=("~",)), granted=Permissions(files_read=("~/Music",)))
    assert effective(skill) == ("files.read:~/Music",)
    assert lacking(("files.read:~",), effective(skill)) == ()
    assert lacking(("files.read:~/Docs",), effective(skill)) == ("files.read:~/Docs",)


def test_a_grant_wider_than_what_is_asked_for_gives_what_is_asked_for() -> None:
    skill = installed("mail", asks=Permissions(files_read=("~/Music",)), granted=Permissions(files_read=("~",)))
    assert effective(skill) == ("files.read:~/Music",)


def test_what_is_given_for_a_while_is_still_no_more_than_is_asked_for() -> None:
    skill = installed("mail", asks=ASKS, granted=Permissions())
    assert effective(skill, None, ("secrets:token", "network:evil.example:443")) == ("secrets:token",)
    assert effective(skill, frozenset(), ("secrets:token",)) == ()


def test_a_missing_row_is_named_with_the_command_that_grants_it() -> None:
    needs = tool("x", permissions=("network:{server}",))
    skill = installed("mail", needs, asks=Permissions(network=("{server}",)), granted=Permissions())
    error = refusal(skill, needs, ("network:{server}",))
    assert error.message == "mail.x needs network:{server}, which is not granted"
    assert error.hint == "`skill grant mail 'network:{server}'`"


def test_what_the_calling_skill_may_not_have_is_not_said_to_be_ungranted() -> None:
    needs = tool("x", permissions=("secrets:token",))
    error = refusal(installed("mail", needs, asks=ASKS), needs, ("secrets:token",), frozenset())
    assert "the skill that called it may not have itself" in error.message
    assert "skill grant" not in error.hint
