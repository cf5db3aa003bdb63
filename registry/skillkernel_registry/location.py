"""Where an index stands: a folder, or an address on the web."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from skillkernel.errors import UsageError

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class FolderLocation:
    """A folder of this machine, absolute."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class WebLocation:
    """An https address (http for this machine alone) that ends in `/`."""

    url: str

    def __str__(self) -> str:
        return self.url


Location = FolderLocation | WebLocation


def parse_location(text: str) -> Location:
    """Read a folder, file:// or https:// address, of an index or of its index.json; raise `UsageError` for others."""
    if not text.isprintable():
        raise UsageError(f"{text!r} has characters that no address has", hint="use a folder, file:// or https://")
    if "://" not in text:
        return FolderLocation(_folder(_expanded(text)))
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise UsageError(f"{text!r} is not an address: {error}", hint="use a folder, file:// or https://") from error
    if parts.scheme == "file":
        if parts.netloc not in {"", "localhost"}:
            raise UsageError(f"{text!r} names another machine", hint="use file:///path, or an https:// address")
        return FolderLocation(_folder(Path(unquote(parts.path))))
    return WebLocation(_web(text))


def _expanded(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise UsageError(f"{text!r} is the home of nobody here", hint="write its whole path") from error


def _folder(path: Path) -> Path:
    absolute = path.absolute()
    return absolute.parent if absolute.name == "index.json" else absolute


def _web(text: str) -> str:
    parts = urlsplit(text)
    shown = f"the index address {parts.scheme}://{parts.hostname or ''}"
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{shown} cannot be read", hint="use a folder, file:// or https://")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise UsageError(f"{shown} is not protected on its way", hint="use https://")
    if parts.username or parts.password:
        raise UsageError(f"{shown} holds a user name or password", hint="take them out of the address")
    if parts.query or parts.fragment:
        raise UsageError(f"{shown} has a query or a fragment", hint="give the folder that holds index.json")
    path = parts.path.removesuffix("index.json")
    return urlunsplit((parts.scheme, parts.netloc, path if path.endswith("/") else path + "/", "", ""))
