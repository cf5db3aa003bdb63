"""Records and wheels from an index, for a choice that needs both."""

import threading
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import pytest

from fakes.index_server import serve
from fakes.indexes import UNSIGNED
from fakes.release_indexes import change_release, write_releases
from fakes.wheels import SkillWheelFake, pin, write_library
from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Catalogue, Layout
from skillkernel.errors import IntegrityError, SkillKernelError
from skillkernel_registry.index_on_demand import index_on_demand
from skillkernel_registry.install import install
from skillkernel_registry.plan import Plan
from skillkernel_registry.progress import Progress, Stage, silent
from skillkernel_registry.request import parse_request
from skillkernel_registry.resolution.candidate import Candidate
from skillkernel_registry.resolution.resolver import Resolver


async def resolve(layout: Layout, where: str, *requests: str) -> tuple[Candidate, ...]:
    async with index_on_demand(layout, where, UNSIGNED, Catalogue(), silent) as opening:
        return await Resolver(layout, Catalogue(), opening, silent).resolve([parse_request(text) for text in requests])


def chosen(candidates: tuple[Candidate, ...]) -> list[tuple[str, str, bool]]:
    return [(one.wheel.manifest.name, one.wheel.manifest.version, one.requested) for one in candidates]


@pytest.fixture
def weather(tmp_path: Path) -> Path:
    """An index in which the newest weather needs the newest geo."""
    return write_releases(
        tmp_path / "weather-index",
        SkillWheelFake("weather", "1.0", requires_skills=["geo<2"]),
        SkillWheelFake("weather", "2.0", requires_skills=["geo>=2"]),
        SkillWheelFake("geo", "1.0"),
        SkillWheelFake("geo", "2.0"),
    )


async def test_wheels_come_for_what_was_chosen_and_for_nothing_else(layout: Layout, weather: Path) -> None:
    assert chosen(await resolve(layout, str(weather), "weather")) == [("weather", "2.0", True), ("geo", "2.0", False)]
    kept = sorted(path.name for path in (layout.cache / "wheels").rglob("*.whl"))
    assert kept == ["skill_geo-2.0-py3-none-any.whl", "skill_weather-2.0-py3-none-any.whl"]


async def test_a_wheel_in_hand_is_the_only_choice_for_its_name(layout: Layout, weather: Path, tmp_path: Path) -> None:
    mine = SkillWheelFake("geo", "1.5").write(tmp_path)
    found = await resolve(layout, str(weather), str(mine), "weather")
    assert chosen(found) == [("geo", "1.5", True), ("weather", "1.0", True)]
    assert [one.index for one in found] == ["local", str(weather)]


async def test_what_a_wheel_in_hand_requires_comes_along(layout: Layout, weather: Path, tmp_path: Path) -> None:
    mine = SkillWheelFake("mine", "1.0", requires_skills=["geo<2"]).write(tmp_path)
    assert chosen(await resolve(layout, str(weather), str(mine))) == [("mine", "1.0", True), ("geo", "1.0", False)]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"requires_skills": []}, r"its wheel requires the skills geo>=2, not \(none\)"),
        ({"requires_skills": ["geo>=1"]}, "its wheel requires the skills geo>=2, not geo>=1"),
        ({"requires_kernel": ">=0.0.1"}, r"its wheel requires skillkernel \(none\), not >=0.0.1"),
        ({"requires_python": ">=3"}, r"its wheel requires Python \(none\), not >=3"),
    ],
)
async def test_a_wheel_that_says_something_else_than_its_record_is_refused(
    layout: Layout, weather: Path, fields: dict[str, object], said: str
) -> None:
    change_release(weather, "weather", "2.0", **fields)
    with pytest.raises(IntegrityError, match=f"promised weather 2.0, and {said}"):
        await resolve(layout, str(weather), "weather")


async def test_the_same_in_other_words_is_the_same(layout: Layout, tmp_path: Path) -> None:
    fake = SkillWheelFake("tiny", "1.0", requires_skills=["geo >=1, <9"], requires_python="<4,>=3")
    where = write_releases(tmp_path / "index", fake, SkillWheelFake("geo", "1.0"))
    change_release(where, "tiny", "1.0", requires_skills=["geo<9,>=1"], requires_python=">=3, <4")
    assert len(await resolve(layout, str(where), "tiny")) == 2


async def test_a_withdrawn_release_is_told_with_the_reason(layout: Layout, tmp_path: Path) -> None:
    where = write_releases(tmp_path / "index", SkillWheelFake(), yanked={("tiny", "1.0"): "loses data"})
    (candidate,) = await resolve(layout, str(where), "tiny==1.0")
    assert candidate.withdrawn == "loses data"
    shown: list[str] = []

    def agree(plan: Plan) -> bool:
        shown.extend(plan.warnings)
        return True

    await install(layout, ["tiny==1.0"], index=str(where), terms=UNSIGNED, consent=agree)
    assert shown == ["tiny 1.0 was withdrawn by its publisher: loses data"]


async def test_records_that_are_needed_together_are_fetched_together(layout: Layout, tmp_path: Path) -> None:
    """A server that answers none of eight records before all of them were asked for."""
    names = [f"leaf{number}" for number in range(8)]
    where = write_releases(
        tmp_path / "index", SkillWheelFake("top", requires_skills=names), *(SkillWheelFake(name) for name in names)
    )
    everybody = threading.Barrier(len(names))

    def together(request: SimpleHTTPRequestHandler) -> None:
        everybody.wait(timeout=60)
        data = (where / request.path.lstrip("/")).read_bytes()
        request.send_response(200)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    with serve(where) as server:
        server.answers = {f"/skills/{name}.json": together for name in names}
        found = await resolve(layout, server.url, "top")
    assert len(found) == 9
    records = [path for path in server.asked if path.startswith("/skills/")]
    assert len(records) == len(set(records)) == 9


async def test_a_record_that_turns_out_not_to_be_needed_may_be_missing(layout: Layout, tmp_path: Path) -> None:
    where = write_releases(
        tmp_path / "index",
        SkillWheelFake("app", "1.0"),
        SkillWheelFake("app", "2.0", requires_skills=["nowhere", "broken"]),
        SkillWheelFake("broken", "1.0"),
    )
    (where / "skills" / "broken.json").write_text("{")
    assert chosen(await resolve(layout, str(where), "app")) == [("app", "1.0", True)]


async def test_a_damaged_record_that_is_needed_is_refused(layout: Layout, weather: Path) -> None:
    (weather / "skills" / "geo.json").write_text("{")
    with pytest.raises(IntegrityError, match=r"geo\.json"):
        await resolve(layout, str(weather), "weather")


async def test_no_index_is_opened_for_what_needs_none(layout: Layout, tmp_path: Path) -> None:
    mine = SkillWheelFake("mine", "1.0").write(tmp_path)
    assert chosen(await resolve(layout, "/nowhere", str(mine))) == [("mine", "1.0", True)]


async def test_a_damaged_wheel_ends_the_others_with_its_own_error(layout: Layout, weather: Path) -> None:
    (weather / "wheels" / "skill_geo-2.0-py3-none-any.whl").write_bytes(b"x")
    with pytest.raises(IntegrityError, match=r"skill_geo-2\.0"):
        await resolve(layout, str(weather), "weather")


async def test_what_progress_raises_comes_out_as_it_is(layout: Layout, weather: Path) -> None:
    class Enough(Exception):
        pass

    for stage in (Stage.INDEX, Stage.RESOLVE, Stage.DOWNLOAD, Stage.INSPECT):

        def enough(progress: Progress, stage: Stage = stage) -> None:
            if progress.stage == stage:
                raise Enough

        with pytest.raises(Enough):
            await install(
                layout, ["weather"], index=str(weather), terms=UNSIGNED, consent=lambda plan: True, on_progress=enough
            )


async def test_two_skills_may_need_dependencies_that_exclude_each_other(
    layout: Layout, tmp_path: Path, no_package_registry: Path
) -> None:
    fakes: list[SkillWheelFake] = []
    for name, version in (("one", "1.0"), ("two", "2.0")):
        library = write_library(
            no_package_registry, "greeting", version, {"greeting.py": f"version = {version!r}\n".encode()}
        )
        lock = pin(library, "greeting", version)
        fakes.append(SkillWheelFake(name, requires=[f"greeting=={version}"], lock=lock))
    where = write_releases(tmp_path / "index", *fakes)
    await install(layout, ["one", "two"], index=str(where), terms=UNSIGNED, consent=lambda plan: True)
    code = [(layout.environment(skill.store) / "greeting.py").read_text() for skill in read_catalogue(layout).skills]
    assert code == ["version = '1.0'\n", "version = '2.0'\n"]


async def test_files_of_an_installed_skill_are_put_back_at_its_version(layout: Layout, tmp_path: Path) -> None:
    where = write_releases(tmp_path / "index", SkillWheelFake("tiny", "1.0"))
    await install(layout, ["tiny"], index=str(where), terms=UNSIGNED, consent=lambda plan: True)
    write_releases(where, SkillWheelFake("tiny", "2.0"))
    (skill,) = read_catalogue(layout).skills
    (layout.environment(skill.store) / "skill_tiny" / "__init__.py").write_text("evil = 1\n")
    result = await install(layout, ["tiny"], index=str(where), terms=UNSIGNED, consent=lambda plan: False)
    assert [one.version for one in result.unchanged] == ["1.0"]
    assert "evil" not in (layout.environment(skill.store) / "skill_tiny" / "__init__.py").read_text()


async def test_the_same_name_twice_in_hand_is_refused(layout: Layout, tmp_path: Path) -> None:
    wheels = [str(SkillWheelFake("geo", version).write(tmp_path)) for version in ("1.0", "2.0")]
    with pytest.raises(SkillKernelError, match="geo was asked for twice"):
        await resolve(layout, "/nowhere", *wheels)


async def test_a_skill_that_was_only_required_counts_as_asked_for_once_it_is(layout: Layout, weather: Path) -> None:
    for request, asked in (("weather", False), ("geo", True)):
        await install(layout, [request], index=str(weather), terms=UNSIGNED, consent=lambda plan: True)
        geo = read_catalogue(layout).skill("geo")
        assert geo is not None
        assert geo.requested is asked
