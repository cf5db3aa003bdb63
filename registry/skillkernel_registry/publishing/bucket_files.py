"""An index in an S3-compatible bucket, by obstore; endpoint, region and credentials are the AWS_* variables."""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from skillkernel.errors import Missing, UsageError
from skillkernel_registry.errors import IndexUnreachable
from skillkernel_registry.index_format import WHEEL_LIMIT
from skillkernel_registry.location import LOOPBACK
from skillkernel_registry.publishing.kinds_of_files import cache_control, media_type
from skillkernel_registry.publishing.remote_files import Condition, NotAsExpected, RemoteFiles, Stored

if TYPE_CHECKING:
    from obstore import PutMode
    from obstore.store import S3Store

_MESSAGE = re.compile(r"<Message>([^<]+)</Message>")
_FIRST_LINE = re.compile(r"^(.+)$", re.MULTILINE)
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")


class BucketFiles(RemoteFiles):
    """The objects of `bucket` whose keys begin with `prefix` (a folder, or empty); raise `Missing` without obstore."""

    def __init__(self, bucket: str, prefix: str = "", *, retries: int = 3) -> None:
        prefix = prefix.strip("/")
        super().__init__(f"s3://{bucket}/{prefix}/" if prefix else f"s3://{bucket}/")
        self._store = _open_store(bucket, prefix, retries)

    def paths(self, under: str) -> Iterator[str]:
        import obstore
        from obstore.exceptions import BaseError

        try:
            listed = obstore.list(self._store, under.rstrip("/") or None)  # pyright: ignore[reportUnknownMemberType] # one overload needs pyarrow
            for objects in listed:
                yield from (str(found["path"]) for found in objects)
        except BaseError as error:
            raise self._unreachable(under, error) from error

    def _get(self, path: str) -> Stored | None:
        import obstore
        from obstore.exceptions import BaseError

        try:
            answer = obstore.get(self._store, path)
            meta = answer.meta
            if meta["size"] > WHEEL_LIMIT:
                raise IndexUnreachable(f"{self.place(path)} is longer than {WHEEL_LIMIT} bytes")
            age = (datetime.now(UTC) - meta["last_modified"]).total_seconds()
            return Stored(bytes(answer.bytes()), meta["e_tag"] or "", age)
        except FileNotFoundError:
            return None
        except BaseError as error:
            raise self._unreachable(path, error) from error

    def _put(self, path: str, data: bytes, condition: Condition) -> str:
        import obstore
        from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

        mode: PutMode = "overwrite"
        if condition.absent:
            mode = "create"
        elif condition.tag:
            mode = {"e_tag": condition.tag}
        kind = {"Content-Type": media_type(path), "Cache-Control": cache_control(path)}
        try:
            result = obstore.put(self._store, path, data, attributes=kind, mode=mode, use_multipart=False)
        except (AlreadyExistsError, PreconditionError):
            raise NotAsExpected(path) from None
        except FileNotFoundError as error:
            if condition.tag:
                raise NotAsExpected(path) from None
            raise self._unreachable(path, error) from error
        except BaseError as error:
            raise self._unreachable(path, error) from error
        return result["e_tag"] or ""

    def _delete(self, path: str) -> None:
        import obstore
        from obstore.exceptions import BaseError

        try:
            obstore.delete(self._store, path)
        except FileNotFoundError:
            return
        except BaseError as error:
            raise self._unreachable(path, error) from error

    def _unreachable(self, path: str, error: Exception) -> IndexUnreachable:
        said = _MESSAGE.search(str(error)) or _FIRST_LINE.search(str(error))
        return IndexUnreachable(
            f"{self._where}{path}: the bucket does not answer as it should: {said[1][:300] if said else error}",
            hint="look at AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )


def _open_store(bucket: str, prefix: str, retries: int) -> "S3Store":
    try:
        from obstore.exceptions import BaseError
        from obstore.store import S3Store
    except ImportError as error:
        raise Missing(
            "publishing to a bucket needs obstore, which is not installed", hint="pip install 'skillkernel[s3]'"
        ) from error
    try:
        return S3Store(
            bucket,
            prefix=prefix or None,
            client_options={"allow_http": _plain_http(), "timeout": timedelta(seconds=120)},
            retry_config={"max_retries": retries, "retry_timeout": timedelta(seconds=60)},
        )
    except BaseError as error:
        raise UsageError(f"s3://{bucket} cannot be used: {error}", hint="look at the AWS_* variables") from error


def _plain_http() -> bool:
    """Whether the endpoint is an http:// address of this machine; raise `UsageError` for one elsewhere."""
    endpoint = next((value for name in _ENDPOINTS if (value := os.environ.get(name))), "")
    parts = urlsplit(endpoint)
    if parts.scheme != "http":
        return False
    if parts.hostname not in LOOPBACK:
        raise UsageError(f"the endpoint http://{parts.hostname} is not protected on its way", hint="use https://")
    return True
