"""What a person is told that a skill asks for, and what they agreed to before."""

from fakes.skills import installed
from skillkernel.manifest.types import Permissions
from skillkernel_registry.consent import carried_over, owner_key, plain_words


def test_every_kind_of_permission_has_plain_words() -> None:
    asked = Permissions(
        network=("example.org:443", "{server}"),
        files_read=("~/Music",),
        files_write=("~/Notes",),
        environment=("LANG",),
        secrets=("password",),
        programs=("ffmpeg",),
        kernel=("memory", "model", "mail"),
    )
    assert plain_words(asked) == [
        "connect to example.org:443",
        "connect to what your setting 'server' says",
        "read ~/Music and everything in it",
        "change ~/Notes and everything in it",
        "see your environment variable LANG",
        "use the secret password that you store for it",
        "run the program ffmpeg",
        "read and write the kernel's memory",
        "ask the language model, on your account",
        "call the skill mail",
    ]
    assert plain_words(Permissions()) == []


def test_only_what_was_granted_and_is_still_asked_for_carries_over() -> None:
    before = installed("notes", granted=Permissions(secrets=("key", "old"), files_read=("~/Music",)))
    asked = Permissions(secrets=("key", "new"), files_read=("~/Music", "~"))
    assert carried_over(asked, before) == Permissions(secrets=("key",), files_read=("~/Music",))
    assert carried_over(asked, None) == Permissions()


def test_data_belongs_to_index_name_and_publisher_together() -> None:
    keys = {
        owner_key(index, name, publisher)
        for index in ("a", "b", "a/b")
        for name in ("x", "y")
        for publisher in ("p", "", "b/p")
    }
    assert len(keys) == 18
    assert owner_key("a", "calendar", "p").startswith("calendar-")
