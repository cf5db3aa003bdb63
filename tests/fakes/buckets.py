"""An S3-compatible server on loopback, with one bucket, as the environment of whoever publishes there names it."""

import logging
from collections.abc import Generator
from contextlib import contextmanager

import httpx
import pytest
from moto.server import ThreadedMotoServer

BUCKET = "skill-index"


@contextmanager
def bucket_server(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Serve an empty bucket until the block ends, and set the AWS_* variables to it."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        httpx.post(f"{url}/moto-api/reset").raise_for_status()
        httpx.put(f"{url}/{BUCKET}").raise_for_status()
        for name, value in {
            "AWS_ENDPOINT_URL": url,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "an-access-key",
            "AWS_SECRET_ACCESS_KEY": "a-secret-key",
        }.items():
            monkeypatch.setenv(name, value)
        yield
    finally:
        server.stop()
