"""Fetching weights from a real server on this machine, and finding them again."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import anyio
import msgspec
import pytest

from fakes.file_server import FileServer
from fakes.tiny_model import CONTENT, FILE, Watcher, catalogue, empty, ensure, hub, leave, leftovers
from skillkernel.errors import ApprovalRefused, IntegrityError, ModelMissing
from skillkernel.model.embedded import url_source
from skillkernel.model.embedded.model_catalogue import (
    ModelCatalogue,
    UrlSource,
)
from skillkernel.model.embedded.weights import WeightsProgress, ensure_weights


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


async def test_weights_are_fetched_once_after_a_yes(folder: Path) -> None:
    watcher = Watcher()
    with FileServer(CONTENT) as server:
        path = await ensure(folder, hub(server), watcher=watcher)
        again = await ensure(folder, hub(server), watcher=watcher)
    assert path == again == folder / FILE
    assert path.read_bytes() == CONTENT
    assert leftovers(folder) == []
    assert len(server.ranges) == 1
    assert [str(entry) for entry in watcher.asked] == ["Tiny Q4 (2 MB, licence Apache-2.0)"]
    assert watcher.heard[-1] == WeightsProgress(len(CONTENT), len(CONTENT), "the hub")


async def test_a_no_and_nobody_to_ask_fetch_nothing(folder: Path) -> None:
    with FileServer(CONTENT) as server:
        with pytest.raises(ApprovalRefused, match="Tiny"):
            await ensure(folder, hub(server), watcher=Watcher(answer=False))
        with pytest.raises(ModelMissing, match="nobody can be asked") as missing:
            await ensure_weights("", folder, on_progress=None, consent=None, catalogue=catalogue(hub(server)))
    assert "--yes" in missing.value.hint
    assert server.ranges == []
    assert empty(folder)


async def test_a_download_that_breaks_off_goes_on_where_it_stopped(folder: Path) -> None:
    with FileServer(CONTENT, cuts=[700_000, 600_000]) as server:
        path = await ensure(folder, hub(server))
    assert path.read_bytes() == CONTENT
    assert server.ranges[0] == ""
    assert all(asked.startswith("bytes=") for asked in server.ranges[1:])
    assert len(server.ranges) == 3


async def test_the_next_run_goes_on_where_the_last_one_stopped(folder: Path) -> None:
    with FileServer(CONTENT, cuts=[1_000_000, 0, 0, 0]) as server:
        with pytest.raises(ModelMissing, match="the hub: ") as missing:
            await ensure(folder, hub(server))
        assert "SKILL_MODEL=/path/to/model.gguf" in missing.value.hint
        assert not (folder / FILE).exists()
        server.ranges.clear()
        await ensure(folder, hub(server))
    assert server.ranges[0].startswith("bytes=")


async def test_a_login_page_in_between_costs_nothing_that_was_fetched(folder: Path) -> None:
    with FileServer(CONTENT, cuts=[1_000_000, 0, 0, 0]) as server:
        with pytest.raises(ModelMissing):
            await ensure(folder, hub(server))
        server.ignore_range = True
        server.content, server.content_type = b"<html>", "text/html"
        with pytest.raises(ModelMissing):
            await ensure(folder, hub(server))
        server.content, server.content_type = b"please log in", "text/plain"
        with pytest.raises(IntegrityError, match="13 bytes"):
            await ensure(folder, hub(server))
        server.content, server.ignore_range = CONTENT, False
        server.ranges.clear()
        await ensure(folder, hub(server))
    assert server.ranges[0].startswith("bytes=")


@pytest.mark.parametrize("change", ["etag", "ignore_range"])
async def test_a_server_that_begins_anew_is_followed(folder: Path, change: str) -> None:
    with FileServer(b"OLD!" + CONTENT[4:], cuts=[1_000_000, 0, 0, 0]) as server:
        with pytest.raises(ModelMissing):
            await ensure(folder, hub(server))
        server.content = CONTENT
        setattr(server, change, '"v2"' if change == "etag" else True)
        await ensure(folder, hub(server))
    assert (folder / FILE).read_bytes() == CONTENT


async def test_a_partial_file_longer_than_the_whole_is_begun_anew(folder: Path) -> None:
    leave(folder, f".{FILE}.partial-url", CONTENT + b"more")
    with FileServer(CONTENT) as server:
        await ensure(folder, hub(server))
    assert (folder / FILE).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("served", "length", "problem"),
    [
        (b"GGUE" + CONTENT[4:], None, "hash to"),
        (CONTENT[:-1], None, "2,097,155 bytes, not 2,097,156"),
        (CONTENT + b"!", None, "2,097,157 bytes, not 2,097,156"),
        (CONTENT + b"!", -1, "more than 2,097,156 bytes"),
    ],
)
async def test_wrong_bytes_are_deleted_and_said(folder: Path, served: bytes, length: int | None, problem: str) -> None:
    with FileServer(served, length=length) as server, pytest.raises(IntegrityError, match=problem):
        await ensure(folder, hub(server))
    assert not (folder / FILE).exists()
    assert leftovers(folder) == []


async def test_a_wrong_source_does_not_hide_a_right_one(folder: Path) -> None:
    with FileServer(b"GGUE" + CONTENT[4:]) as wrong, FileServer(CONTENT) as right:
        path = await ensure(folder, UrlSource("a mirror", wrong.url), UrlSource("the hub", right.url))
    assert path.read_bytes() == CONTENT


async def test_a_source_that_refuses_is_passed_over_and_said(folder: Path) -> None:
    watcher = Watcher()
    with FileServer(CONTENT, status=403) as wrong, FileServer(CONTENT) as right:
        await ensure(folder, UrlSource("a mirror", wrong.url), UrlSource("the hub", right.url), watcher=watcher)
    assert "passing over a mirror: answered 403 Forbidden" in watcher.notes


async def test_a_source_that_does_not_answer_in_time_is_passed_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(url_source, "ANSWER_TIMEOUT", 0.2)
    with (
        FileServer(CONTENT, hang=True) as server,
        pytest.raises(ModelMissing, match="the hub: did not answer within"),
    ):
        await ensure(folder, hub(server))


async def test_a_file_that_somebody_put_there_is_hashed_before_it_counts(folder: Path) -> None:
    leave(folder, FILE, CONTENT)
    watcher = Watcher()
    with FileServer(CONTENT) as server:
        await ensure(folder, hub(server), watcher=watcher)
        assert watcher.asked == []
        (folder / FILE).write_bytes(CONTENT[::-1])
        assert (await ensure(folder, hub(server), watcher=watcher)).read_bytes() == CONTENT
    assert len(watcher.asked) == 1


async def test_of_two_at_once_one_fetches_and_the_other_waits_for_it(folder: Path) -> None:
    gate = threading.Event()
    first, second = Watcher(), Watcher()

    def heard(progress: WeightsProgress) -> None:
        second.heard.append(progress)
        gate.set()

    with FileServer(CONTENT, gate=gate, length=-1) as server:
        shelf = catalogue(hub(server))
        async with anyio.create_task_group() as tasks:

            async def fetch(watcher: Watcher, report: Callable[[WeightsProgress], None]) -> None:
                await ensure_weights("", folder, on_progress=report, consent=watcher.consent, catalogue=shelf)

            tasks.start_soon(fetch, first, first.heard.append)
            await anyio.to_thread.run_sync(server.sending.wait)
            tasks.start_soon(fetch, second, heard)
    assert "another process is fetching Tiny" in second.notes
    assert len(server.ranges) == 1
    assert (folder / FILE).read_bytes() == CONTENT


FETCH = """
import sys, anyio, msgspec
from pathlib import Path
from skillkernel.model.embedded.model_catalogue import ModelCatalogue
from skillkernel.model.embedded.weights import ensure_weights

async def yes(entry):
    return True

async def main():
    shelf = msgspec.json.decode(sys.stdin.buffer.read(), type=ModelCatalogue)
    await ensure_weights("", Path(sys.argv[1]), on_progress=lambda p: print(p.done, flush=True), consent=yes,
                         catalogue=shelf)

anyio.run(main)
"""


async def test_a_fetch_that_is_killed_leaves_nothing_half_done_and_is_gone_on_with(folder: Path) -> None:
    gate = threading.Event()
    with FileServer(CONTENT, gate=gate, cuts=[1_500_000]) as server:
        command = [sys.executable, "-c", FETCH, str(folder)]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: ASYNC220 # its output is read in a thread
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(msgspec.json.encode(catalogue(hub(server))))
        child.stdin.close()
        while int(await anyio.to_thread.run_sync(child.stdout.readline)) < 1_000_000:
            pass
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert not (folder / FILE).exists()
        gate.set()
        server.ranges.clear()
        path = await ensure(folder, hub(server))
    assert path.read_bytes() == CONTENT
    assert server.ranges[0].startswith("bytes=")
    assert int(server.ranges[0][6:-1]) >= 1_000_000


async def test_a_file_of_ones_own_is_taken_as_it_is(tmp_path: Path, folder: Path) -> None:
    own = tmp_path / "mine.gguf"
    own.write_bytes(b"GGUF and more")
    assert await ensure_weights(str(own), folder, on_progress=None, consent=None) == own
    assert empty(folder)


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"PK\x03\x04", "is not a GGUF file"), (b"", "is not a GGUF file"), (None, "cannot be read")],
)
async def test_a_file_that_is_no_model_is_named(tmp_path: Path, content: bytes | None, problem: str) -> None:
    own = tmp_path / "mine.gguf"
    if content is not None:
        own.write_bytes(content)
    with pytest.raises(ModelMissing, match=problem) as missing:
        await ensure_weights(str(own), tmp_path, on_progress=None, consent=None)
    assert str(own) in missing.value.message


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with FileServer(CONTENT) as server, pytest.raises(ModelMissing, match="cannot be written") as missing:
        await ensure(tmp_path / "file" / "models", hub(server))
    assert "SKILL_HOME" in missing.value.hint


async def test_too_little_room_is_said_before_the_fetch(folder: Path) -> None:
    with FileServer(CONTENT) as server:
        shelf = catalogue(hub(server))
        huge = msgspec.structs.replace(shelf.models[0], size=1 << 60)
        with pytest.raises(ModelMissing, match="MB are free"):
            await ensure_weights(
                "", folder, on_progress=None, consent=Watcher().consent, catalogue=ModelCatalogue("Tiny", (huge,))
            )
    assert server.ranges == []
