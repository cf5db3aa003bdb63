"""Which server the settings name, and when a password is not sent there."""

import pytest

from skill_calendar.server import Server, server_from
from skillkernel import ToolError


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (
            {"server": "http://dav.example.org/", "user": "sam"},
            "the password would go to dav.example.org for all to read",
        ),
        ({"server": "http://127.0.0.1.example.org/", "user": "sam"}, "for all to read"),
        ({"server": "http://localhost.example.org/", "user": "sam"}, "for all to read"),
        ({"server": "http://example.localhost/", "user": "sam"}, "for all to read"),
        ({"server": "https://sam:s3cret@dav.example.org/"}, "holds a user or a password"),
        ({"server": "https://sam@dav.example.org/"}, "holds a user or a password"),
        ({"server": "ftp://dav.example.org/"}, "not the address of a calendar"),
        ({"server": "dav.example.org"}, "not the address of a calendar"),
        ({"server": "https://"}, "not the address of a calendar"),
        ({"server": "https://dav.example.org:99999/"}, "is not an address"),
        ({"server": "https://[::1/"}, "is not an address"),
        ({"server": "https://dav.example.org/a b/"}, "not the address of a calendar"),
        ({"server": "https://dav.example.org\\@evil.example/"}, "the setting server"),
        ({"server": "https://dav.example.org/\r\nX: y"}, "not the address of a calendar"),
        ({"server": "https://dav.example.org/", "user": "sam:x"}, "holds a colon or a space"),
    ],
)
def test_settings_that_are_not_safe_are_refused(settings: dict[str, str], problem: str) -> None:
    with pytest.raises(ToolError, match=problem) as refusal:
        server_from(settings)
    assert "s3cret" not in f"{refusal.value} {refusal.value.hint}"


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("https://Dav.Example.org", Server("dav.example.org", 443, "/", True, "sam")),
        ("https://dav.example.org:8443/sam/a%20b/", Server("dav.example.org", 8443, "/sam/a%20b/", True, "sam")),
        ("https://bücher.example/é/", Server("xn--bcher-kva.example", 443, "/%C3%A9/", True, "sam")),
        ("http://127.0.0.1:5232/", Server("127.0.0.1", 5232, "/", False, "sam")),
        ("http://[::1]:5232/", Server("::1", 5232, "/", False, "sam")),
        ("http://localhost/", Server("localhost", 80, "/", False, "sam")),
    ],
)
def test_an_address_is_read(address: str, server: Server) -> None:
    assert server_from({"server": address, "user": "sam"}) == server
