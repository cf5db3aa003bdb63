"""One spelling for each host; whatever could be two hosts is none."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.permissions.network_host import BadHost, canonical_host, is_address


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("example.org", "example.org"),
        ("EXAMPLE.Org", "example.org"),
        ("example.org.", "example.org"),
        ("localhost", "localhost"),
        ("_caldav.example.org", "_caldav.example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example.", "xn--bcher-kva.example"),
        ("faß.de", "xn--fa-hia.de"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("example。org", "example.org"),  # the full stop of Chinese, which UTS 46 maps
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1.", "192.0.2.1"),
        ("１２７.0.0.1", "127.0.0.1"),  # noqa: RUF001 # digits of full width, which become digits and so an address
        ("[2001:DB8::0:1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("[::ffff:a00:1]", "10.0.0.1"),
    ],
)
def test_a_host_has_one_form(text: str, host: str) -> None:
    assert canonical_host(text) == host


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "*",
        "*.example.org",
        "example.org..",
        ".example.org",
        "a..b",
        "user@example.org",
        "example.org@evil.test",
        "example.org\\@evil.test",
        "example.org/evil",
        "example.org?x",
        "example.org#x",
        "example.org%2eevil.test",
        "example.org\0.evil.test",
        "example.org ",
        " example.org",
        "exam\tple.org",
        "example\u00a0.org",
        "example.org:443",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "127.1",
        "0177.0.0.1",
        "127.0.0.01",
        "127.0.0.256",
        "1.2.3.4.5",
        "example.0x",
        "example.123",
        "fe80::1%eth0",
        "[fe80::1%25eth0]",
        "[::1",
        "::1]",
        "[127.0.0.1]",
        "1:2",
        "-a.example",
        "a-.example",
        "a" * 64 + ".example",
        "a." * 127 + "example",
        "exa mple.org",
        "\u200b",
        "ex\u202eample.org",
    ],
)
def test_what_could_be_read_in_two_ways_is_no_host(text: str) -> None:
    with pytest.raises(BadHost):
        canonical_host(text)


def test_a_letter_that_looks_the_same_is_another_host() -> None:
    assert canonical_host("ex\u0430mple.org") == "xn--exmple-4nf.org"


@given(st.text(max_size=60))
def test_the_form_of_any_text_is_stable_and_ascii(text: str) -> None:
    try:
        host = canonical_host(text)
    except BadHost:
        return
    assert canonical_host(host) == host
    assert host.isascii()
    assert host == host.lower()
    assert not set(host) & set("@\\/%?#*[] \t\r\n\0")


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_and_its_form_inside_ipv6_are_one_host(address: ipaddress.IPv4Address) -> None:
    assert canonical_host(str(address)) == canonical_host(f"[::ffff:{address}]") == str(address)
    assert is_address(str(address))


@given(st.ip_addresses(v=4))
def test_other_spellings_of_an_ipv4_address_are_refused(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    for text in (str(number), hex(number), f"0{number:o}", ".".join(f"0{part:o}" for part in address.packed)):
        with pytest.raises(BadHost):
            canonical_host(text)


@given(st.ip_addresses(v=6))
def test_every_spelling_of_an_ipv6_address_is_one_host(address: ipaddress.IPv6Address) -> None:
    assert canonical_host(address.exploded) == canonical_host(f"[{address.compressed.upper()}]")
