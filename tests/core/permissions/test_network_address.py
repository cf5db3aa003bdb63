"""How far an address reaches, whatever it is wrapped in."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.permissions.network_address import reach_of


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("93.184.216.34", "public"),
        ("2606:2800:220:1::1", "public"),
        ("8.8.8.8", "public"),
        ("127.0.0.1", "loopback"),
        ("127.255.255.255", "loopback"),
        ("::1", "loopback"),
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("172.32.0.1", "public"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "private"),
        ("fd12:3456::1", "private"),
        ("fec0::1", "private"),
        ("169.254.169.254", "link-local"),
        ("fd00:ec2::254", "link-local"),
        ("100.100.100.200", "link-local"),
        ("192.0.0.192", "link-local"),
        ("fe80::1", "link-local"),
        ("0.0.0.0", "never"),  # noqa: S104 # a value
        ("::", "never"),
        ("224.0.0.1", "never"),
        ("240.0.0.1", "never"),
        ("255.255.255.255", "never"),
        ("ff02::1", "never"),
        ("::127.0.0.1", "never"),
        ("2001:0:1::1", "never"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:169.254.169.254", "link-local"),
        ("64:ff9b::a9fe:a9fe", "link-local"),
        ("64:ff9b::7f00:1", "loopback"),
        ("64:ff9b::808:808", "public"),
        ("64:ff9b:1::808:808", "private"),
        ("2002:a00:1::1", "private"),
        ("2002:808:808::1", "public"),
    ],
)
def test_reach(address: str, reach: str) -> None:
    assert reach_of(address) == reach


@pytest.mark.parametrize("text", ["", "example.org", "fe80::1%eth0", "127.1", "127.0.0.1:80"])
def test_what_is_no_address_has_no_reach(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        reach_of(text)


@given(st.ip_addresses())
def test_nothing_that_python_calls_local_is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    local = (
        address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or (isinstance(address, ipaddress.IPv6Address) and address.is_site_local)
    )
    assert not local or reach_of(str(address)) != "public"


@given(st.ip_addresses(v=4))
def test_wrapping_changes_nothing(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    wrapped = (
        f"::ffff:{address}",
        str(ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + number)),
        str(ipaddress.IPv6Address((0x2002 << 112) + (number << 80) + 1)),
    )
    assert {reach_of(text) for text in wrapped} == {reach_of(str(address))}
