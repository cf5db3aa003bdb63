"""Addresses that stand for names inside a worker."""

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.worker.inside import network_names as names


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=10, unique=True))
def test_every_name_has_an_address_of_its_own_that_leads_back(hosts: list[str]) -> None:
    hosts = [f"{host}.name" for host in hosts]
    for family, network in ((socket.AF_INET, "240.0.0.0/4"), (socket.AF_INET6, "100::/64")):
        addresses = [names.getaddrinfo(host, 443, family)[0][4][0] for host in hosts]
        assert len(set(addresses)) == len(hosts)
        assert [names.host_of(address) for address in addresses] == hosts
        assert all(ipaddress.ip_address(address) in ipaddress.ip_network(network) for address in addresses)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "255.255.255.254", "::1", "100::ffff:ffff:ffff", "example.org", "", "x\0"]
)
def test_what_was_not_made_up_stands_for_itself(address: str) -> None:
    assert names.host_of(address) == address


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        ("127.0.0.1", 80, ("127.0.0.1", 80)),
        ("::1", "80", ("::1", 80, 0, 0)),
        (b"192.0.2.1", None, ("192.0.2.1", 0)),
        (None, 80, ("127.0.0.1", 80)),
        ("", b"80", ("127.0.0.1", 80)),
    ],
)
def test_an_address_is_left_as_it_is(
    host: bytes | str | None, port: bytes | str | int | None, expected: object
) -> None:
    ((_, kind, protocol, _, place),) = names.getaddrinfo(host, port)
    assert (kind, protocol, place) == (socket.SOCK_STREAM, socket.IPPROTO_TCP, expected)


def test_what_an_old_c_library_would_read_as_an_address_is_a_name_for_the_kernel_to_refuse() -> None:
    for text in ("2130706433", "0177.0.0.1", "127.1"):
        assert names.host_of(names.gethostbyname(text)) == text


def test_there_is_tcp_alone() -> None:
    with pytest.raises(socket.gaierror, match="TCP alone"):
        names.getaddrinfo("example.org", 53, type=socket.SOCK_DGRAM)
    with pytest.raises(socket.gaierror, match="TCP alone"):
        names.getaddrinfo("example.org", 53, proto=socket.IPPROTO_UDP)


def test_a_number_was_asked_for_and_a_name_given() -> None:
    with pytest.raises(socket.gaierror, match="no address of that family"):
        names.getaddrinfo("example.org", 80, flags=socket.AI_NUMERICHOST)
    with pytest.raises(socket.gaierror, match="no address of that family"):
        names.getaddrinfo("127.0.0.1", 80, family=socket.AF_INET6)


def test_the_other_ways_to_ask_agree() -> None:
    address = names.gethostbyname("example.org")
    assert names.gethostbyname_ex("example.org") == ("example.org", [], [address])
    assert names.gethostbyaddr(address) == ("example.org", [], [address])
    assert names.getnameinfo((address, 443), 0) == ("example.org", "443")
    assert names.getnameinfo((address, 443), socket.NI_NUMERICHOST) == (address, "443")
    with pytest.raises(socket.herror):
        names.gethostbyaddr("192.0.2.1")
    with pytest.raises(socket.gaierror, match="is no port"):
        names.getaddrinfo("example.org", "no-such-service")
