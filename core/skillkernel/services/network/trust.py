"""The certificate authorities of this machine, as one file: those that a skill's TLS shall trust, and no others."""

import os
import ssl
import stat
from collections.abc import Mapping
from pathlib import Path

_PLACES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Debian, Fedora (twice), openSUSE, Alpine."""


def trust_file(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The file with every link followed, or None when this machine has none that everybody may read.

    First what SSL_CERT_FILE names, then what this Python's OpenSSL uses, then where distributions keep it, then certifi.
    """
    for place in (environ.get("SSL_CERT_FILE"), ssl.get_default_verify_paths().cafile, *_PLACES, _certifi()):
        if place and os.path.isabs(place):  # noqa: PTH117 # a text, perhaps empty
            path = Path(os.path.realpath(place))
            if _is_readable_by_all(path):
                return path
    return None


def _is_readable_by_all(path: Path) -> bool:
    """As root, the worker is another user."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return stat.S_ISREG(mode) and bool(mode & stat.S_IROTH)


def _certifi() -> str | None:
    try:
        import certifi
    except ImportError:
        return None
    return certifi.where()
