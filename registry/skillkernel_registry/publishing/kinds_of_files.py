"""What a server should say of an index's files: their media type, and how long they may be kept."""

import re

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".provenance": "application/json",
    ".svg": "image/svg+xml",
}
_PROJECT_LIST = re.compile(r"simple/([^/]+/)?index\.json")
_FOR_EVER = re.compile(r"(.*/)?([0-9a-f]{64}\.[^/]+|\d{1,9}\.[^/]+\.json)")


def media_type(path: str) -> str:
    """The Content-Type of a file of the index."""
    if _PROJECT_LIST.fullmatch(path):
        return "application/vnd.pypi.simple.v1+json"
    return _TYPES.get(path[path.rfind(".") :], "application/octet-stream")


def cache_control(path: str) -> str:
    """The Cache-Control of a file of the index: what is named by its content or number never changes."""
    return "public, max-age=31536000, immutable" if _FOR_EVER.fullmatch(path) else "no-cache"
