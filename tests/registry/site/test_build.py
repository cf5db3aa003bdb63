"""The web site of an index, from its files."""

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from fakes.indexes import write_index
from fakes.signed_indexes import write_signed_index
from fakes.wheels import HELLO_TOOL, SkillWheelFake
from skillkernel.errors import UsageError
from skillkernel.names import skill_name
from skillkernel_registry.errors import IndexTampered
from skillkernel_registry.index_format import PublisherPin
from skillkernel_registry.keeper.folder_files import FolderFiles
from skillkernel_registry.site.build import build_site, update_site

TINY = SkillWheelFake(name="tiny", permissions={"network": ["example.org:443"]})
OTHER = SkillWheelFake(name="other", manifest={"summary": "Something else."})
Make = Callable[..., Path]


@pytest.fixture(params=["signed", "unsigned"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Makes an index of skills in a folder."""
    if request.param == "signed":
        return lambda *fakes: write_signed_index(tmp_path / "index", tmp_path / "keys", *fakes).folder
    return lambda *fakes: write_index(tmp_path / "index", *fakes)


def pages(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] in {"index.html", "skill", "site", "browse", "simple"}
    }


class Elements(HTMLParser):
    """All elements of a page with their attributes, and its text."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def links(self) -> list[str]:
        named = [attributes.get(name) for _, attributes in self.elements for name in ("href", "src")]
        return [link for link in named if link]


def test_every_skill_has_a_page_that_the_front_page_leads_to(make: Make) -> None:
    folder = make(TINY, OTHER)
    built = build_site(FolderFiles(folder))
    assert (built.skills, built.warnings) == (2, [])
    assert {"skill/tiny.html", "skill/other.html"} <= set(Elements((folder / "index.html").read_bytes()).links())
    text = Elements((folder / "skill/tiny.html").read_bytes()).text
    for part in ("The skill tiny.", "hello", "Greet somebody.", "connect to example.org:443", "text", "Whom."):
        assert part in text


def test_every_link_of_the_site_leads_to_a_file_of_the_index(make: Make) -> None:
    folder = make(TINY, OTHER)
    build_site(FolderFiles(folder))
    for page in folder.rglob("*.html"):
        for link in Elements(page.read_bytes()).links():
            if "#main" not in link and "simple/" not in page.as_posix():
                assert (page.parent / link.partition("#")[0]).is_file(), f"{page}: {link}"


def test_a_second_build_writes_nothing(make: Make) -> None:
    folder = make(TINY)
    build_site(FolderFiles(folder))
    assert build_site(FolderFiles(folder)).written == 0


def test_every_page_says_what_it_may_load_and_has_a_language(make: Make) -> None:
    folder = make(TINY)
    build_site(FolderFiles(folder))
    for page in (folder / "index.html", folder / "skill/tiny.html"):
        elements = Elements(page.read_bytes()).elements
        (policy,) = [one["content"] for _, one in elements if one.get("http-equiv") == "Content-Security-Policy"]
        assert policy is not None
        assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self';")
        assert ("html", {"lang": "en"}) in elements
        assert not [tag for tag, one in elements if tag == "style" or (tag == "script" and "src" not in one)]
        assert not [name for _, one in elements for name in one if name.startswith("on") or name == "style"]


HOSTILE = "</p><script>alert(1)</script><img src=x onerror=alert(1)> javascript:alert(1)"


def test_markup_in_metadata_stays_text(make: Make) -> None:
    tool: dict[str, Any] = {**HELLO_TOOL, "description": HOSTILE, "examples": [HOSTILE]}
    fake = SkillWheelFake(
        name="tiny",
        tools=[tool],
        manifest={"summary": HOSTILE, "instructions": "SKILL.md"},
        extra={"skill_tiny/SKILL.md": HOSTILE.encode()},
    )
    folder = make(fake)
    build_site(FolderFiles(folder))
    for page in (folder / "index.html", folder / "skill/tiny.html"):
        read = Elements(page.read_bytes())
        assert HOSTILE in read.text
        assert [tag for tag, _ in read.elements if tag in {"img", "iframe"}] == []
        assert len([tag for tag, _ in read.elements if tag == "script"]) == 1
        assert not [link for link in read.links() if link.startswith("javascript:")]


def test_hidden_characters_of_instructions_are_visible(make: Make) -> None:
    fake = SkillWheelFake(
        name="tiny",
        manifest={"instructions": "SKILL.md"},
        extra={"skill_tiny/SKILL.md": "---\nname: tiny\n---\nsafe \u202eevil\u200b\n".encode()},
    )
    folder = make(fake)
    build_site(FolderFiles(folder))
    page = (folder / "skill/tiny.html").read_text()
    assert "safe \\u202eevil\\u200b" in page
    assert "\u202e" not in page
    assert "name: tiny" not in page


def test_who_may_sign_is_shown_as_what_the_index_says(tmp_path: Path) -> None:
    index = write_signed_index(tmp_path / "index", tmp_path / "keys")
    index.add(TINY, pins=[PublisherPin(kind="GitHub", repository="ada/skills", workflow="release.yml")])
    build_site(index.files)
    text = Elements((index.folder / "skill/tiny.html").read_bytes()).text
    assert "GitHub ada/skills, workflow release.yml" in text
    assert "A page cannot check a signature." in text


def test_a_wheel_that_is_not_the_recorded_one_is_not_read(make: Make) -> None:
    folder = make(TINY)
    SkillWheelFake(name="tiny", manifest={"summary": "Something evil."}).write(folder / "wheels")
    built = build_site(FolderFiles(folder))
    assert ["is not the wheel that its record names" in warning for warning in built.warnings] == [True]
    page = (folder / "skill/tiny.html").read_text()
    assert "Greet somebody." in page
    assert "evil" not in page


def test_records_that_were_changed_in_a_signed_index_make_no_page(tmp_path: Path) -> None:
    index = write_signed_index(tmp_path / "index", tmp_path / "keys", TINY)
    (record,) = (index.folder / "skills").iterdir()
    record.write_bytes(record.read_bytes().replace(b"The skill tiny.", b"The skill evil."))
    with pytest.raises(IndexTampered):
        build_site(index.files)


def test_updating_one_skill_gives_what_building_all_gives(tmp_path: Path) -> None:
    index = write_signed_index(tmp_path / "index", tmp_path / "keys", TINY, OTHER)
    build_site(index.files)
    index.add(SkillWheelFake(name="tiny", version="2.0"), SkillWheelFake(name="third"))
    index.keeper.remove("other")
    built = update_site(index.files, [skill_name(name) for name in ("tiny", "third", "other")])
    assert built is not None
    assert built.skills == 2
    assert not (index.folder / "skill/other.html").exists()
    updated = pages(index.folder)
    build_site(index.files)
    apart = {path: data for path, data in pages(index.folder).items() if path not in updated}
    assert apart == {}
    assert {path: data for path, data in updated.items() if pages(index.folder)[path] != data}.keys() <= {
        "simple/index.html",
        "simple/index.json",
    }


def test_an_index_without_a_site_gets_none_by_an_update(make: Make) -> None:
    folder = make(TINY)
    assert update_site(FolderFiles(folder), [skill_name("tiny")]) is None
    assert not (folder / "index.html").exists()


def test_a_site_may_stand_apart_from_its_index(make: Make, tmp_path: Path) -> None:
    folder = make(TINY)
    build_site(FolderFiles(folder), FolderFiles(tmp_path / "out"), base="https://skills.example/")
    page = (tmp_path / "out/skill/tiny.html").read_text()
    assert "skill install tiny --index <span>https://skills.example/</span>" in page
    assert 'href="https://skills.example/wheels/skill_tiny-1.0-py3-none-any.whl"' in page
    assert not (folder / "index.html").exists()


@pytest.mark.parametrize(
    "base",
    [
        "http://example.org/",
        "https://example.org",
        "javascript:alert(1)//",
        "https://a:b@c/",
        'https://x/"/',
        "https://x/?a/",
    ],
)
def test_a_base_that_is_no_address_is_refused(make: Make, base: str) -> None:
    with pytest.raises(UsageError):
        build_site(FolderFiles(make(TINY)), base=base)


def test_a_withdrawn_release_is_shown_with_its_reason(tmp_path: Path) -> None:
    index = write_signed_index(tmp_path / "index", tmp_path / "keys", TINY)
    index.keeper.yank("tiny", "1.0", reason="it <b>loses</b> data")
    build_site(index.files)
    assert "it <b>loses</b> data" in Elements((index.folder / "skill/tiny.html").read_bytes()).text
