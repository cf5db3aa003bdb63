"""How much, how slowly and how packed a server may send before reading stops."""

import gzip

import pytest

from fakes.index_server import IndexServer, Silent, body, dripping, endless
from fakes.signed_use import fetched
from fakes.tuf_repository import TufRepository
from skillkernel.catalogue.types import Layout
from skillkernel.errors import IntegrityError
from skillkernel_registry.download import Pace
from skillkernel_registry.errors import IndexUnreachable
from skillkernel_registry.trust.metadata import Limits

IMPATIENT = Limits(pace=Pace(seconds=30, grace=0.1, least=1_000))


def paths(repository: TufRepository) -> dict[str, str]:
    """Where each kind of file is, for a client that knows nothing yet."""
    record = repository.role_of("skills/tiny.json").targets["skills/tiny.json"].hashes["sha256"]
    bin_ = repository.bin_of("skills/tiny.json")
    return {
        "first root": "metadata/1.root.json",
        "next root": "metadata/2.root.json",
        "timestamp": "metadata/timestamp.json",
        "snapshot": f"metadata/{repository.snapshot.version}.snapshot.json",
        "targets": f"metadata/{repository.targets.version}.targets.json",
        "bin": f"metadata/{repository.bins[bin_].version}.{bin_}.json",
        "record": f"skills/{record}.tiny.json",
        "wheel": "wheels/skill_tiny-1.0-py3-none-any.whl",
    }


@pytest.mark.parametrize(
    "kind", ["first root", "next root", "timestamp", "snapshot", "targets", "bin", "record", "wheel"]
)
async def test_data_without_an_end_is_cut_off(
    layout: Layout, repository: TufRepository, server: IndexServer, kind: str
) -> None:
    path = paths(repository)[kind]
    server.answers[f"/{path}"] = endless
    with pytest.raises(IntegrityError, match=rf"{path}.*(longer than \d+ bytes; reading stopped|got more)"):
        await fetched(layout, server.url)
    del server.answers[f"/{path}"]
    await fetched(layout, server.url)


@pytest.mark.parametrize("kind", ["timestamp", "snapshot", "bin"])
async def test_a_server_that_drips_is_left(
    layout: Layout, repository: TufRepository, server: IndexServer, kind: str
) -> None:
    path = paths(repository)[kind]
    server.answers[f"/{path}"] = dripping
    with pytest.raises(IndexUnreachable, match=rf"{path} sent \d+ bytes in \d+ s; reading stopped"):
        await fetched(layout, server.url, limits=IMPATIENT)
    del server.answers[f"/{path}"]
    await fetched(layout, server.url, limits=IMPATIENT)


async def test_a_server_that_drips_just_fast_enough_is_left_in_the_end(
    layout: Layout, repository: TufRepository, server: IndexServer
) -> None:
    server.answers["/metadata/timestamp.json"] = dripping
    with pytest.raises(IndexUnreachable, match=r"timestamp\.json took too long; reading stopped"):
        await fetched(layout, server.url, limits=Limits(pace=Pace(seconds=0.3, grace=60)))


async def test_a_server_that_does_not_answer_is_left(
    layout: Layout, repository: TufRepository, server: IndexServer
) -> None:
    with Silent() as silence:
        server.answers["/metadata/timestamp.json"] = silence
        with pytest.raises(IndexUnreachable, match=r"timestamp\.json took too long"):
            await fetched(layout, server.url, limits=Limits(pace=Pace(seconds=60, opening=0.3)))


async def test_packed_metadata_is_understood_and_counted_unpacked(
    layout: Layout, repository: TufRepository, server: IndexServer
) -> None:
    path = "metadata/timestamp.json"
    packed = gzip.compress((repository.folder / path).read_bytes())
    server.answers[f"/{path}"] = body(packed, headers={"Content-Encoding": "gzip"})
    await fetched(layout, server.url)
    server.answers[f"/{path}"] = body(gzip.compress(bytes(10_000_000)), headers={"Content-Encoding": "gzip"})
    with pytest.raises(IntegrityError, match="longer than 16000 bytes"):
        await fetched(layout, server.url)


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "deflate", "x"])
async def test_a_packing_that_was_not_asked_for_is_refused(
    layout: Layout, repository: TufRepository, server: IndexServer, encoding: str
) -> None:
    packed = gzip.compress(gzip.compress(bytes(10_000_000)))
    server.answers["/metadata/timestamp.json"] = body(packed, headers={"Content-Encoding": encoding})
    with pytest.raises(IntegrityError, match=f"is packed as '{encoding}', not as gzip"):
        await fetched(layout, server.url)


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_the_chain_of_roots_ends_where_the_server_has_no_more(
    layout: Layout, repository: TufRepository, server: IndexServer, status: int
) -> None:
    server.answers["/metadata/2.root.json"] = body(b"", status=status)
    await fetched(layout, server.url)
    await fetched(layout, server.url)


@pytest.mark.parametrize("status", [401, 429, 500, 503])
async def test_the_chain_of_roots_does_not_end_by_a_fault_of_the_server(
    layout: Layout, repository: TufRepository, server: IndexServer, status: int
) -> None:
    server.answers["/metadata/2.root.json"] = body(b"", status=status)
    with pytest.raises(IndexUnreachable, match=rf"2\.root\.json answered {status}"):
        await fetched(layout, server.url)


@pytest.mark.parametrize("status", [403, 503])
async def test_a_server_that_refuses_the_timestamp_is_not_an_index_that_lost_it(
    layout: Layout, repository: TufRepository, server: IndexServer, status: int
) -> None:
    await fetched(layout, server.url)
    server.answers["/metadata/timestamp.json"] = body(b"", status=status)
    with pytest.raises(IndexUnreachable, match=f"answered {status}"):
        await fetched(layout, server.url)
