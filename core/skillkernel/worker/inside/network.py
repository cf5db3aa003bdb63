"""The network of a skill: its `socket` module, which asks the kernel for connections.

Not a wall. Whoever goes around it finds no way out, since a worker can neither make a socket nor connect one; this makes
unchanged programs find the one way that there is.
"""

import os
from types import ModuleType

from skillkernel.worker.inside.import_hooks import after_import


def install(trust: str | None) -> None:
    """Have the `socket` module speak to the kernel, from its import on; `trust` is the file of certificate authorities."""
    if trust is not None:
        os.environ.update(SSL_CERT_FILE=trust, REQUESTS_CA_BUNDLE=trust)
    after_import("socket", _adapt)


def _adapt(module: ModuleType) -> None:
    from skillkernel.worker.inside import network_names
    from skillkernel.worker.inside.network_socket import KernelSocket

    KernelSocket.__name__ = KernelSocket.__qualname__ = "socket"
    KernelSocket.__module__ = "socket"
    changed: dict[str, object] = {"socket": KernelSocket}
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo"):
        changed[name] = getattr(network_names, name)
    vars(module).update(changed)
