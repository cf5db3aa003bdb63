"""pip and uv install from the pages that an index has for them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.index_server import serve
from fakes.indexes import write_index
from fakes.wheels import SkillWheelFake
from skillkernel.names import skill_name
from skillkernel_registry.index_format import FileRef, Record, Release, Releases, parse_record
from skillkernel_registry.site.simple import simple_list, simple_pages

Install = Callable[..., "subprocess.CompletedProcess[str]"]
HASH = "0" * 64
RELEASE = Release(version="1.0", wheel="skill_tiny-1.0-py3-none-any.whl", length=3, sha256=HASH)
PROVENANCE = FileRef(path="skill_tiny-1.0-py3-none-any.whl.provenance", length=2, sha256=HASH)


def record(**more: Any) -> Record:
    return Record(record_version=1, name="tiny", releases=(msgspec.structs.replace(RELEASE, **more),))


def page(one: Record, base: str = "") -> str:
    return simple_pages(one, Releases(), base=base)["simple/skill-tiny/index.html"].decode()


def answer(one: Record, base: str = "") -> Any:
    return json.loads(simple_pages(one, Releases(), base=base)["simple/skill-tiny/index.json"])


def only_file(one: Record, base: str = "") -> Any:
    (file,) = answer(one, base)["files"]
    return file


class Links(HTMLParser):
    """The attributes of each link of a page, and the names of all its elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[dict[str, str | None]] = []
        self.elements: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        if tag == "a":
            self.links.append(dict(attrs))


def test_a_project_page_names_the_wheel_with_its_hash_relative_to_itself() -> None:
    (link,) = Links(page(record())).links
    assert link == {"href": f"../../wheels/skill_tiny-1.0-py3-none-any.whl#sha256={HASH}"}
    assert urljoin("https://example.org/i/simple/skill-tiny/", link["href"]).startswith("https://example.org/i/wheels/")


def test_what_python_a_release_needs_and_that_it_is_yanked_are_attributes() -> None:
    (link,) = Links(page(record(requires_python=">=3.11,<4", yanked='broken "badly"'))).links
    assert (link["data-requires-python"], link["data-yanked"]) == (">=3.11,<4", 'broken "badly"')
    assert Links(page(record(yanked=True))).links[0]["data-yanked"] == ""


def test_the_json_page_has_sizes_hashes_and_times() -> None:
    uploaded = "2026-11-24T21:00:00+01:00"
    one = record(requires_python=">=3.11", yanked="broken", uploaded=uploaded)
    assert answer(one)["meta"] == {"api-version": "1.3"}
    assert answer(one)["name"] == "skill-tiny"
    assert answer(one)["versions"] == ["1.0"]
    assert only_file(one) == {
        "filename": "skill_tiny-1.0-py3-none-any.whl",
        "url": "../../wheels/skill_tiny-1.0-py3-none-any.whl",
        "hashes": {"sha256": HASH},
        "size": 3,
        "yanked": "broken",
        "requires-python": ">=3.11",
        "upload-time": "2026-11-24T20:00:00.000000Z",
    }


@pytest.mark.parametrize("uploaded", ["", "yesterday", "2026-11-24T21:00:00"])
def test_a_time_that_is_none_is_left_out(uploaded: str) -> None:
    assert "upload-time" not in only_file(record(uploaded=uploaded))


def test_provenance_has_a_whole_address_or_none() -> None:
    one = record(provenance=PROVENANCE)
    address = "https://skills.example/provenance/skill_tiny-1.0-py3-none-any.whl.provenance"
    assert only_file(one, "https://skills.example/")["provenance"] == address
    assert Links(page(one, "https://skills.example/")).links[0]["data-provenance"] == address
    assert "provenance" not in only_file(one)
    assert "provenance" not in only_file(one, "http://127.0.0.1:8000/")
    assert "provenance" not in only_file(record(), "https://skills.example/")


def test_names_are_normalized() -> None:
    one = Record(record_version=1, name="to--do", releases=())
    assert set(simple_pages(one, Releases())) == {"simple/skill-to-do/index.html", "simple/skill-to-do/index.json"}
    assert [link["href"] for link in Links(simple_list(["b", "a-c"])["simple/index.html"].decode()).links] == [
        "skill-a-c/",
        "skill-b/",
    ]


@given(text=st.text(max_size=40))
def test_nothing_that_a_record_says_becomes_markup(text: str) -> None:
    hostile = record(requires_python=f'">{text}', yanked=f"</a><script>{text}")
    assert Links(page(hostile)).elements == {"html", "head", "meta", "title", "body", "h1", "a", "br"}
    assert only_file(hostile)["yanked"] == f"</a><script>{text}"


def test_signs_in_a_path_are_escaped() -> None:
    (link,) = Links(page(record(wheel='skill_tiny-1.0-py3-none-any.whl" onclick="x'))).links
    assert set(link) == {"href"}
    assert "%22%20onclick" in str(link["href"])


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """An index with two skills, and the pages of both."""
    fakes = [SkillWheelFake(name="to-do"), SkillWheelFake(name="tiny", requires_python=">=3.11")]
    folder = write_index(tmp_path / "index", *fakes)
    for name in ("to-do", "tiny"):
        place = folder / f"skills/{name}.json"
        for path, data in simple_pages(
            parse_record(place.read_bytes(), skill_name(name), str(place)), Releases()
        ).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
    return folder


@pytest.fixture(params=["http", "file"])
def where(request: pytest.FixtureRequest, index: Path) -> Iterator[str]:
    """The address of `simple/` on a plain file server, and as a folder."""
    if request.param == "file":
        yield (index / "simple").as_uri() + "/"
        return
    with serve(index) as server:
        yield f"{server.url}simple/"


def installer(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run an installer that no setting of this machine reaches."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    alone = {**kept, "PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return subprocess.run(arguments, capture_output=True, text=True, env=alone, timeout=120, check=False)


def pip_install(where: str, target: Path, *names: str) -> subprocess.CompletedProcess[str]:
    return installer(
        sys.executable, "-m", "pip", "install", "--no-cache-dir", "--index-url", where, "--target", str(target), *names
    )


def uv_install(where: str, target: Path, *names: str) -> subprocess.CompletedProcess[str]:
    uv = shutil.which("uv")
    assert uv is not None
    cache = str(target.with_name("uv-cache"))
    return installer(
        uv, "pip", "install", "--cache-dir", cache, "--default-index", where, "--target", str(target),
        "--python", sys.executable, *names,
    )  # fmt: skip


@pytest.mark.parametrize("install", [pip_install, uv_install])
def test_an_installer_finds_the_skill(install: Install, where: str, tmp_path: Path) -> None:
    ran = install(where, tmp_path / "target", "skill-tiny", "skill_to.do==1.0")
    assert ran.returncode == 0, ran.stderr
    assert "warning" not in ran.stderr.casefold()
    assert (tmp_path / "target/skill_tiny/skill.json").is_file()
    assert (tmp_path / "target/skill_to_do/skill.json").is_file()


def test_pip_downloads_the_wheel(where: str, index: Path, tmp_path: Path) -> None:
    ran = installer(
        sys.executable, "-m", "pip", "download", "--no-cache-dir", "--index-url", where, "--dest", str(tmp_path / "got"),
        "skill-tiny",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    name = "skill_tiny-1.0-py3-none-any.whl"
    assert (tmp_path / "got" / name).read_bytes() == (index / "wheels" / name).read_bytes()


@pytest.mark.parametrize("install", [pip_install, uv_install])
def test_an_installer_refuses_a_wheel_that_was_changed(
    install: Install, where: str, index: Path, tmp_path: Path
) -> None:
    SkillWheelFake(name="tiny", requires_python=">=3.11", extra={"skill_tiny/evil.py": b""}).write(index / "wheels")
    ran = install(where, tmp_path / "target", "skill-tiny")
    assert ran.returncode != 0
    assert "hash" in ran.stderr.casefold()
    assert not (tmp_path / "target/skill_tiny").exists()
