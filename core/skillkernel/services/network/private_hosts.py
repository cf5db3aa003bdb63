"""[network] of config.toml: the hosts that a person's skills may reach in a private network."""

from collections.abc import Mapping
from typing import Any

import msgspec

from skillkernel.errors import UsageError
from skillkernel.permissions.network_host import BadHost, canonical_host


class NetworkConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`private` names hosts, each without a port."""

    private: tuple[str, ...] = ()


def private_hosts(config: Mapping[str, Any]) -> frozenset[str]:
    """The canonical hosts of `[network] private`; raise `UsageError` with the place of a mistake."""
    if "network" not in config:
        return frozenset()
    try:
        found = msgspec.convert(config["network"], NetworkConfig)
        return frozenset(canonical_host(host) for host in found.private)
    except (msgspec.ValidationError, BadHost) as error:
        raise UsageError(f"config.toml: [network]: {error}", hint='for example: private = ["nas.local"]') from error
