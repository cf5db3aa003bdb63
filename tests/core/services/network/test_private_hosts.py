"""[network] of config.toml."""

from typing import Any

import pytest

from skillkernel.errors import UsageError
from skillkernel.services.network.private_hosts import private_hosts


def test_hosts_are_read_in_their_canonical_form() -> None:
    config = {"network": {"private": ["NAS.local.", "bücher.example", "192.168.1.7"]}}
    assert private_hosts(config) == {"nas.local", "xn--bcher-kva.example", "192.168.1.7"}


def test_there_need_be_none() -> None:
    assert private_hosts({}) == private_hosts({"network": {}}) == frozenset()


@pytest.mark.parametrize(
    "network",
    [
        [],
        {"privat": []},
        {"private": "nas.local"},
        {"private": ["*"]},
        {"private": [""]},
        {"private": ["nas.local:443"]},
    ],
)
def test_a_mistake_is_an_error_with_its_place(network: Any) -> None:
    with pytest.raises(UsageError, match=r"config.toml: \[network\]: ") as error:
        private_hosts({"network": network})
    assert error.value.hint == 'for example: private = ["nas.local"]'
