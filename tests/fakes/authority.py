"""A certificate authority that nobody but a test's worker trusts."""

import ssl
from pathlib import Path

import trustme


class Authority:
    """A certificate authority; `file` holds its certificate, for those who shall trust it."""

    def __init__(self, file: Path) -> None:
        self._authority = trustme.CA()
        self.file = file
        self._authority.cert_pem.write_to_path(str(file))
        file.chmod(0o644)

    def context(self, host: str) -> ssl.SSLContext:
        """What a server of that name wraps its sockets with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with self._authority.issue_cert(host).private_key_and_cert_chain_pem.tempfile() as file:
            context.load_cert_chain(file)
        return context
