"""What is kept of an index can be gone on from, for as long as it has not expired, when a person says --offline."""

from pathlib import Path

import pytest

from fakes.index_server import IndexServer
from fakes.signed_use import fetched, opened
from fakes.tuf_repository import TufRepository, in_days
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.types import Layout
from skillkernel.names import skill_name
from skillkernel_registry.errors import IndexExpired, IndexUnreachable
from skillkernel_registry.index import IndexTerms
from skillkernel_registry.progress import silent
from skillkernel_registry.trust.roots import TrustFolder

OFFLINE = IndexTerms(offline=True)
TINY = skill_name("tiny")


async def offline(layout: Layout, where: str) -> Path:
    async with opened(layout, where, OFFLINE) as index:
        record = await index.record(TINY)
        return await index.wheel(TINY, record.releases[-1], silent)


async def test_what_was_fetched_is_there_without_asking(
    layout: Layout, repository: TufRepository, server: IndexServer
) -> None:
    wheel = await fetched(layout, server.url)
    asked = list(server.asked)
    assert await offline(layout, server.url) == wheel
    assert server.asked == asked


async def test_it_is_the_newest_that_was_seen(layout: Layout, repository: TufRepository, server: IndexServer) -> None:
    await fetched(layout, server.url)
    repository.rotate("timestamp")
    repository.add(SkillWheelFake(version="2.0"))
    await fetched(layout, server.url)
    assert "2.0" in (await offline(layout, server.url)).name


async def test_what_was_never_fetched_is_named(layout: Layout, repository: TufRepository, server: IndexServer) -> None:
    await fetched(layout, server.url)
    async with opened(layout, server.url, OFFLINE) as index:
        with pytest.raises(IndexUnreachable, match=r"calendar\.json|skills-.* is not kept on this machine") as caught:
            await index.record(skill_name("calendar"))
    assert "without --offline" in caught.value.hint


async def test_what_expired_is_not_used(layout: Layout, repository: TufRepository, server: IndexServer) -> None:
    await fetched(layout, server.url)
    repository.timestamp.expires = in_days(-1)
    repository.write_timestamp()
    expired = (repository.folder / "metadata/timestamp.json").read_bytes()
    (TrustFolder(layout, server.url).metadata / "timestamp.json").write_bytes(expired)
    with pytest.raises(IndexExpired, match=r"the timestamp that .* is checked by expired on"):
        await offline(layout, server.url)


async def test_an_index_that_was_never_used_cannot_be_used_offline(
    layout: Layout, repository: TufRepository, server: IndexServer
) -> None:
    with pytest.raises(IndexUnreachable, match="is not kept on this machine"):
        await offline(layout, server.url)
