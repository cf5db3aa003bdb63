"""The form of each kind of permission."""

import pytest

from skillkernel.manifest.permission_form import PERMISSION_KINDS, permission_problem, settings_in
from skillkernel.manifest.types import Permissions
from skillkernel.sdk import tool

GOOD: list[tuple[str, str]] = [
    ("network", "example.org:443"),
    ("network", "localhost:1"),
    ("network", "xn--bcher-kva.example:65535"),
    ("network", "10.0.0.1:80"),
    ("network", "[2001:db8::1]:443"),
    ("network", "{server}"),
    ("network", "{host}:443"),
    ("network", "example.org:{port}"),
    ("files.read", "/"),
    ("files.read", "~"),
    ("files.read", "~/Music"),
    ("files.read", "/srv/music/"),
    ("files.write", "{folder}/new"),
    ("environment", "LC_ALL"),
    ("secrets", "api-key"),
    ("programs", "ffmpeg"),
    ("programs", "g++"),
    ("programs", "/usr/bin/git"),
    ("kernel", "memory"),
    ("kernel", "calendar"),
]

BAD: list[tuple[str, str]] = [
    ("network", ""),
    ("network", "*:443"),
    ("network", "*.example.org:443"),
    ("network", "example.org"),
    ("network", "example.org:"),
    ("network", "example.org:0"),
    ("network", "example.org:0443"),
    ("network", "example.org:65536"),
    ("network", "example.org:https"),
    ("network", "example.org:٤٤٣"),
    ("network", "https://example.org:443"),
    ("network", "example.org:443/path"),
    ("network", "user@example.org:443"),
    ("network", "bücher.example:443"),
    ("network", "Example.org:443"),
    ("network", "-x.org:443"),
    ("network", "x..org:443"),
    ("network", f"{'a' * 64}.org:443"),
    ("network", "999.1.1.1:80"),
    ("network", "127.1:80"),
    ("network", "::1:80"),
    ("network", "[::1%eth0]:80"),
    ("network", "example.org:443\n"),
    ("network", "{server"),
    ("network", "{}"),
    ("network", "{Server}"),
    ("files.read", "Music"),
    ("files.read", "./Music"),
    ("files.read", "~other/Music"),
    ("files.read", "/home/../etc"),
    ("files.read", "~/../etc"),
    ("files.read", "/srv//music"),
    ("files.read", "/srv/./music"),
    ("files.read", "/srv/{folder"),
    ("files.read", "{folder}/../etc"),
    ("files.read", "$HOME/x"),
    ("environment", "1A"),
    ("environment", "A B"),
    ("environment", "A=1"),
    ("environment", "*"),
    ("secrets", "-x"),
    ("secrets", "a b"),
    ("programs", "bin/ffmpeg"),
    ("programs", "ffmpeg -i"),
    ("programs", "~/bin/x"),
    ("programs", "/usr/../bin/x"),
    ("kernel", "Calendar"),
    ("kernel", "calendar.list"),
]


@pytest.mark.parametrize(("kind", "value"), GOOD)
def test_a_permission_of_its_kind(kind: str, value: str) -> None:
    assert permission_problem(kind, value) == ""


@pytest.mark.parametrize(("kind", "value"), BAD)
def test_what_is_no_permission_of_its_kind_says_what_to_write(kind: str, value: str) -> None:
    assert permission_problem(kind, value)


def test_the_settings_that_a_permission_names() -> None:
    assert settings_in("{host}:{port}") == ("host", "port")
    assert settings_in("example.org:443") == ()


def test_sdk_manifest_and_values_know_the_same_kinds() -> None:
    kinds = Permissions.__struct_encode_fields__
    assert kinds == PERMISSION_KINDS
    assert kinds == tool.PERMISSION_KINDS
