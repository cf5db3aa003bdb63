"""An index in an S3-compatible bucket."""

import sys
from collections.abc import Iterator

import pytest
from obstore.store import S3Store

from fakes.buckets import BUCKET, bucket_server
from skillkernel.errors import Missing, UsageError
from skillkernel_registry.errors import IndexBusy, IndexUnreachable
from skillkernel_registry.publishing.bucket_files import BucketFiles


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty bucket."""
    with bucket_server(monkeypatch):
        yield


@pytest.mark.usefixtures("server")
def test_the_second_of_two_publishers_overwrites_nothing() -> None:
    first, second = BucketFiles(BUCKET, "index"), BucketFiles(BUCKET, "index")
    first.write("metadata/timestamp.json", b"1")
    for files in (first, second):
        assert files.read("metadata/timestamp.json") == b"1"
    first.write("metadata/timestamp.json", b"2")
    with pytest.raises(IndexBusy, match=r"somebody else wrote metadata/timestamp\.json"):
        second.write("metadata/timestamp.json", b"2 too")
    assert first.read("metadata/timestamp.json") == b"2"


@pytest.mark.usefixtures("server")
def test_numbered_metadata_is_not_overwritten_though_it_was_never_read() -> None:
    BucketFiles(BUCKET).write("metadata/7.snapshot.json", b"first")
    with pytest.raises(IndexBusy):
        BucketFiles(BUCKET).write("metadata/7.snapshot.json", b"second")
    BucketFiles(BUCKET).write("metadata/7.snapshot.json", b"first")


@pytest.mark.usefixtures("server")
def test_what_was_taken_away_meanwhile_is_not_written_again() -> None:
    first, second = BucketFiles(BUCKET), BucketFiles(BUCKET)
    first.write("index.json", b"1")
    second.remove("index.json")
    with pytest.raises(IndexBusy):
        first.write("index.json", b"2")


@pytest.mark.usefixtures("server")
def test_objects_lie_under_the_prefix_with_their_type() -> None:
    BucketFiles(BUCKET, "/some/index/").write("simple/skill-tiny/index.html", b"<!DOCTYPE html>")
    store = S3Store(BUCKET, client_options={"allow_http": True})
    said = store.get("some/index/simple/skill-tiny/index.html").attributes
    assert (said["Content-Type"], said["Cache-Control"]) == ("text/html; charset=utf-8", "no-cache")


@pytest.mark.usefixtures("server")
def test_a_bucket_that_is_not_there_is_named_with_what_the_server_says() -> None:
    with pytest.raises(IndexUnreachable, match=r"s3://no-such-bucket/index\.json.* bucket does not exist") as caught:
        BucketFiles("no-such-bucket").write("index.json", b"")
    assert "a-secret-key" not in caught.value.message


def test_a_server_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with bucket_server(monkeypatch):
        files = BucketFiles(BUCKET, retries=0)
    with pytest.raises(IndexUnreachable, match=f"s3://{BUCKET}/index.json"):
        files.read("index.json")


def test_plain_http_to_another_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://storage.example:9000")
    with pytest.raises(UsageError, match="not protected"):
        BucketFiles(BUCKET)


def test_without_obstore_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("obstore", "obstore.store", "obstore.exceptions"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(Missing, match="obstore") as caught:
        BucketFiles(BUCKET)
    assert "skillkernel[s3]" in caught.value.hint
