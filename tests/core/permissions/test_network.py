"""Which connections a skill was granted, and which addresses they may lead to."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.permissions.network import (
    BadEndpoint,
    Endpoint,
    address_problem,
    endpoint,
    granted_endpoints,
    read_endpoint,
    row_for,
)

_HOSTS = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?(\.[a-z]{2,5}){1,2}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("example.org:443", "example.org:443"),
        ("EXAMPLE.org.:443", "example.org:443"),
        ("https://example.org", "example.org:443"),
        ("https://example.org/", "example.org:443"),
        ("HTTPS://Example.org:8443/dav/?a=b:1#c", "example.org:8443"),
        ("http://example.org?x=/", "example.org:80"),
        ("imaps://mail.example.org", "mail.example.org:993"),
        ("https://bücher.example/", "xn--bcher-kva.example:443"),
        ("https://[2001:db8::1]/", "[2001:db8::1]:443"),
        ("https://[2001:db8::1]:8443/", "[2001:db8::1]:8443"),
        ("[::1]:80", "[::1]:80"),
        ("127.0.0.1:8080", "127.0.0.1:8080"),
    ],
)
def test_host_and_port_are_read(text: str, expected: str) -> None:
    assert str(read_endpoint(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.org",
        ":443",
        "*:443",
        "*.example.org:443",
        "example.org:0",
        "example.org:",
        "example.org:65536",
        "example.org:-1",
        "example.org:+443",
        "example.org:0443",
        "example.org:４４３",  # noqa: RUF001 # digits of full width
        "example.org:443 ",
        "example.org:443/x",
        "example.org:1:2",
        "https://",
        "https:///path",
        "https://user@example.org/",
        "https://user:secret@example.org/",
        "https://example.org\\@evil.test/",
        "https://exa\tmple.org/",
        "https://example.org:0/",
        "unheard-of://example.org/",
        "https://2130706433/",
    ],
)
def test_what_is_no_host_and_port_is_refused(text: str) -> None:
    with pytest.raises(BadEndpoint):
        read_endpoint(text)


@pytest.mark.parametrize("port", [0, -1, 65_536, 10**30])
def test_a_port_is_from_1_to_65535(port: int) -> None:
    with pytest.raises(BadEndpoint):
        endpoint("example.org", port)


@pytest.mark.parametrize(
    ("row", "settings", "expected"),
    [
        ("{server}", {"server": "https://dav.example.org/me/"}, "dav.example.org:443"),
        ("{server}", {"server": " dav.example.org:8443 "}, "dav.example.org:8443"),
        ("{host}:443", {"host": "dav.example.org"}, "dav.example.org:443"),
        ("{host}:{port}", {"host": "2001:db8::1", "port": 993}, "[2001:db8::1]:993"),
        ("example.org:{port}", {"port": "25"}, "example.org:25"),
    ],
)
def test_a_setting_is_filled_in(row: str, settings: dict[str, Any], expected: str) -> None:
    assert {str(found) for found in granted_endpoints((row,), settings)} == {expected}


@pytest.mark.parametrize(
    ("row", "settings"),
    [
        ("{server}", {}),
        ("{server}", {"server": ""}),
        ("{server}", {"server": "  "}),
        ("{server}", {"server": None}),
        ("{server}", {"server": True}),
        ("{server}", {"server": "{server}"}),
        ("{server}", {"server": "*:443"}),
        ("{host}:443", {"host": ""}),
        ("{host}:443", {"host": "evil.test:80"}),
        ("{host}:443", {"host": "https://example.org"}),
        ("{host}:443", {"host": "a@b"}),
        ("example.org:{port}", {"port": 0}),
        ("example.org:{port}", {"port": "443:80"}),
    ],
)
def test_a_setting_that_is_no_host_grants_nothing(row: str, settings: dict[str, Any]) -> None:
    assert granted_endpoints((row,), settings) == frozenset()


def test_the_row_that_asks_for_a_host_is_found_as_it_is_written() -> None:
    rows = ("example.org:443", "{server}")
    settings = {"server": "https://dav.example.org/"}
    assert row_for(Endpoint("dav.example.org", 443), rows, settings) == "{server}"
    assert row_for(Endpoint("dav.example.org", 80), rows, settings) is None


@given(st.lists(st.tuples(_HOSTS, st.integers(1, 65_535)), max_size=4), _HOSTS, st.integers(1, 65_535))
def test_only_the_very_host_and_port_are_granted(rows: list[tuple[str, int]], host: str, port: int) -> None:
    granted = granted_endpoints([f"{name}:{number}" for name, number in rows], {})
    assert (endpoint(host, port) in granted) == ((host, port) in rows)


WANTED = Endpoint("nas.example", 443)


@pytest.mark.parametrize("address", ["127.0.0.1", "192.168.1.7", "fd12::1", "169.254.169.254", "0.0.0.0", "::1"])  # noqa: S104 # an attack
def test_a_granted_name_leads_to_the_public_internet_alone(address: str) -> None:
    assert address_problem("93.184.216.34", WANTED, {WANTED}) == ""
    assert address in address_problem(address, WANTED, {WANTED})


def test_the_problem_says_what_would_allow_it() -> None:
    problem = address_problem("192.168.1.7", WANTED, {WANTED})
    assert problem == (
        "nas.example leads to 192.168.1.7, which is private: "
        '`[network] private = ["nas.example"]` in config.toml allows it'
    )


def test_a_name_that_the_person_called_private_may_be_so_but_never_leads_to_metadata() -> None:
    assert address_problem("192.168.1.7", WANTED, {WANTED}, {"nas.example"}) == ""
    assert address_problem("127.0.0.1", WANTED, {WANTED}, {"nas.example"}) == ""
    assert "link-local" in address_problem("169.254.169.254", WANTED, {WANTED}, {"nas.example"})
    assert address_problem("0.0.0.0", WANTED, {WANTED}, {"nas.example"})  # noqa: S104 # an attack


def test_an_address_that_was_granted_itself_may_be_reached_at_that_port() -> None:
    literal = Endpoint("169.254.169.254", 80)
    assert address_problem("169.254.169.254", literal, {literal}) == ""
    assert address_problem("192.168.1.7", WANTED, {WANTED, Endpoint("192.168.1.7", 443)}) == ""
    assert address_problem("192.168.1.7", WANTED, {WANTED, Endpoint("192.168.1.7", 80)})
    assert address_problem("0.0.0.0", Endpoint("0.0.0.0", 80), {Endpoint("0.0.0.0", 80)})  # noqa: S104 # an attack


def test_localhost_is_this_machine_and_nothing_else() -> None:
    here = Endpoint("localhost", 80)
    assert address_problem("127.0.0.1", here, {here}) == ""
    assert address_problem("::1", here, {here}) == ""
    assert address_problem("192.168.1.7", here, {here})
    assert address_problem("127.0.0.1", Endpoint("evil.localhost", 80), {Endpoint("evil.localhost", 80)})
