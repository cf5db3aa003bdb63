"""The web site of an index in a real browser."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from fakes.browser import Browser, browser
from fakes.index_server import IndexServer, serve
from fakes.signed_indexes import write_signed_index
from fakes.wheels import SkillWheelFake
from skillkernel_registry.keeper.folder_files import FolderFiles
from skillkernel_registry.search_words import shard_of, words
from skillkernel_registry.site.build import build_site
from skillkernel_registry.site.listing import Card, Shape, list_all
from skillkernel_registry.site.pages import front_html, shared_files, stamp
from skillkernel_registry.site.skill_page import Frame

FAKES = (
    SkillWheelFake(name="calendar", manifest={"summary": "Events and free time."}),
    SkillWheelFake(name="units", manifest={"summary": "Convert Straße, miles & <i>more</i>."}),
    SkillWheelFake(name="weather", manifest={"summary": "Rain or sun, and the calendar week."}),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A signed index of three skills with its site."""
    base = tmp_path_factory.mktemp("site")
    index = write_signed_index(base / "index", base / "keys", *FAKES)
    build_site(index.files)
    return index.folder


@pytest.fixture
def server(folder: Path) -> Iterator[IndexServer]:
    """That index on a plain file server."""
    with serve(folder) as served:
        yield served


@pytest.fixture
def opened() -> Iterator[Browser]:
    """A browser, in which nothing may go wrong."""
    with browser(viewport={"width": 1200, "height": 900}) as one:
        yield one
        assert one.complaints == []


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_typing_finds_a_skill_and_its_link_opens_its_page(
    opened: Browser, server: IndexServer, folder: Path, scheme: str
) -> None:
    start = server.url if scheme == "http" else folder.as_uri() + "/"
    page = opened.page
    page.goto(start + "index.html")
    page.get_by_label("Search the skills").fill("STRASSE mil")
    expect(page.get_by_role("status")).to_have_text("1 skill found")
    expect(page.locator(".card:visible h2 a")).to_have_text(["units"])
    page.locator(".card:visible h2 a").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("units")
    expect(page.locator(".lead")).to_have_text("Convert Straße, miles & <i>more</i>.")
    assert [url for url in opened.requests if not url.startswith(start)] == []


def test_a_skill_of_that_name_stands_before_one_that_mentions_it(opened: Browser, server: IndexServer) -> None:
    opened.page.goto(server.url)
    opened.page.get_by_label("Search the skills").fill("calendar")
    expect(opened.page.locator(".card:visible h2 a")).to_have_text(["calendar", "weather"])


def test_everything_works_by_keyboard(opened: Browser, server: IndexServer) -> None:
    page = opened.page
    page.goto(server.url)
    page.keyboard.press("/")
    page.keyboard.type("rain")
    page.keyboard.press("ArrowDown")
    expect(page.locator(":focus")).to_have_text("weather")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Search the skills")).to_have_value("")
    expect(page.locator(".card:visible")).to_have_count(3)
    page.keyboard.type("units")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("units")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")


def test_a_command_is_copied_with_the_address_of_the_index(opened: Browser, server: IndexServer) -> None:
    page = opened.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{server.url}skill/calendar.html")
    page.get_by_role("button", name="Copy the command for skill").click()
    expect(page.get_by_role("button", name="Copied the command for skill")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"skill install calendar --index {server.url}"


def test_without_scripts_every_page_can_be_read(server: IndexServer) -> None:
    with browser(java_script_enabled=False) as opened:
        page = opened.page
        page.goto(server.url)
        expect(page.get_by_role("searchbox")).to_have_count(0)
        page.get_by_role("link", name="calendar").click()
        expect(page.locator(".install")).to_contain_text("skill install calendar --index ADDRESS/")


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_is_wider_than_its_window(server: IndexServer, width: int) -> None:
    with browser(viewport={"width": width, "height": 800}) as opened:
        for path in ("index.html", "skill/calendar.html"):
            opened.page.goto(server.url + path)
            assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


def test_words_and_files_of_a_search_are_those_of_search_words(opened: Browser, server: IndexServer) -> None:
    """For every character that both know, and for words of several scripts."""
    opened.page.goto(server.url)
    known = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000 and chr(code).isalnum()]
    theirs = opened.page.evaluate("chars => chars.map(char => window.skillSearch.fold(char))", known)
    differ = {char for char, folded in zip(known, theirs, strict=True) if folded != char.casefold()}
    assert differ == set()
    form = Shape(search_prefix=3).form
    texts = [
        "Book a lunch_break",
        "Ärger & Straße",
        "日本語 の 本",
        "ΣΊΣΥΦΟΣ",
        "a b c9 x",
        "\u0130stanbul \u0131l\u0131k",
        "🎵 emoji 1²",
        "naïve",
    ]
    for text in texts:
        found = opened.page.evaluate("text => window.skillSearch.words(text)", text)
        assert found == words(text), text
        for word in found:
            shard = opened.page.evaluate("word => window.skillSearch.shardOf(word, 3)", word)
            assert shard == shard_of(word, form)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """The front page of an index of 1,500 skills."""
    cards = [
        Card(name=f"skill{number}", version="1.0", summary=f"Number {number}.", effects=("read",))
        for number in range(1500)
    ]
    cards.append(
        Card(name="evil", version="1", summary="<img src=x onerror=alert(1)> zebra", effects=("read", "nonsense"))
    )
    listing = list_all(cards, Shape(stamp=stamp()))
    frame = Frame(index="large", publisher="", form=listing.shape.form, signed=True, base="", up="../")
    files = FolderFiles(tmp_path / "large")
    for path, data in {**listing.files, **shared_files(), "index.html": front_html((), listing.shape, frame)}.items():
        files.write(path, data or b"")
    return files.folder


def test_the_search_of_a_large_index_fetches_one_file_a_word(opened: Browser, large: Path) -> None:
    with serve(large) as server:
        page = opened.page
        page.goto(server.url)
        page.get_by_label("Search the skills").fill("zebra")
        expect(page.locator(".card h2 a")).to_have_text(["evil"])
        expect(page.locator(".card .summary")).to_have_text("<img src=x onerror=alert(1)> zebra")
        assert page.locator(".card img").count() == 0
        assert [path for path in server.asked if "search" in path] == ["/site/search/ze.json"]
        page.get_by_label("Search the skills").fill("number 1499")
        expect(page.locator(".card h2 a")).to_have_text(["skill1499"])
        page.get_by_label("Search the skills").fill("")
        expect(page.get_by_role("navigation", name="All skills")).to_be_visible()
        shown = json.loads((large / "site/site.json").read_bytes())
        assert (shown["search_prefix"], shown["leaf_prefix"]) == (2, 1)
