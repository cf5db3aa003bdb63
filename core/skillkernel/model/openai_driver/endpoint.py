"""Where the endpoint is and what opens it, checked before the first byte leaves."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from skillkernel.errors import UsageError

DEFAULT_URL = "https://api.openai.com/v1"
NO_KEY = "no-key"
"""Stands in for a key: the client insists on one, local servers do not."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that went through its check; `shown` is the address as people may see it, without a password."""

    url: str
    shown: str
    key: str = field(repr=False)

    @property
    def secret(self) -> str:
        """The key, where there is one to keep out of what is shown."""
        return "" if self.key == NO_KEY else self.key


def endpoint(base_url: str, api_key: str) -> Endpoint:
    """Check an address and a key; raise `UsageError` naming what is wrong with either. Empty: the default, no key."""
    url = base_url.strip() or DEFAULT_URL
    key = api_key.strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise UsageError(
            "the model's key holds characters that no key has", hint="copy OPENAI_API_KEY again, without line breaks"
        )
    return Endpoint(url=url, shown=_checked_address(url), key=key or NO_KEY)


def _checked_address(url: str) -> str:
    if not url.isprintable() or " " in url:
        raise UsageError(f"the model's address {url!r} is not a URL", hint="set OPENAI_BASE_URL to http(s)://HOST/v1")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(
            f"the model's address {url!r} is not a URL: {error}", hint="set OPENAI_BASE_URL to http(s)://HOST/v1"
        ) from error
    if parts.scheme not in ("http", "https"):
        raise UsageError(
            f"the model's address {url!r} does not begin with http:// or https://",
            hint=f"OPENAI_BASE_URL=http://{url.rpartition('://')[2]} for a server of your own, else https://",
        )
    if not host:
        raise UsageError(f"the model's address {url!r} names no host", hint="set OPENAI_BASE_URL to http(s)://HOST/v1")
    path = parts.path.rstrip("/")
    if path.endswith("/completions"):
        raise UsageError(
            f"the model's address {url!r} goes too far",
            hint="OPENAI_BASE_URL ends before /chat/completions, mostly at /v1",
        )
    bracketed = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{bracketed}{f':{port}' if port else ''}{path}"
