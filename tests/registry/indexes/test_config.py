"""[[index]] of config.toml: read with care, and changed without losing what its person wrote."""

from pathlib import Path

import pytest

from skillkernel.catalogue.types import Layout
from skillkernel.errors import UsageError
from skillkernel.home import read_config
from skillkernel_registry.indexes.config import IndexEntry, add_index, list_indexes, remove_index

OWN = """# my settings
[rules]
allow = []  # nothing yet

# the company's
[[index]]
name = "corp"  # ask Ada
url = "https://skills.corp.example/"
names = ["corp-*"]

[model]
name = "small"
"""


def names(layout: Layout) -> list[str]:
    return [entry.name for entry in list_indexes(layout)]


def test_without_a_setting_there_is_the_index_that_comes_with_skillkernel(layout: Layout) -> None:
    assert list_indexes(layout) == (IndexEntry(name="first-party"),)


def test_entries_keep_their_order_and_the_one_that_comes_along_is_last(layout: Layout) -> None:
    layout.config.write_text('index = [{name = "b", url = "/b"}, {name = "a", url = "/a"}]')
    assert names(layout) == ["b", "a", "first-party"]


def test_the_index_that_comes_along_can_stand_elsewhere_and_be_left_out(layout: Layout) -> None:
    layout.config.write_text('index = [{name = "first-party", enabled = false}, {name = "a", url = "/a"}]')
    assert names(layout) == ["first-party", "a"]
    assert [entry.enabled for entry in list_indexes(layout)] == [False, True]


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        ('index = "corp"', "not a list", "[[index]]"),
        ("index = [1]", "[[index]] 1 is not a table", "[[index]]"),
        ('[[index]]\nname = "a"\nurll = "/a"', "[[index]] 1: urll", "did you mean url?"),
        ('[[index]]\nname = "a"\nurl = 3', "[[index]] 1", ""),
        ('[[index]]\nname = "a"\nurl = "/a"\nnames = "corp-*"', "[[index]] 1", ""),
        ('[[index]]\nname = "a"', "has no url", ""),
        ('[[index]]\nname = "A b"\nurl = "/a"', "the name", "letter"),
        ('[[index]]\nname = "a"\nurl = "./here"', "depends on where you stand", "whole path"),
        ('[[index]]\nname = "a"\nurl = "http://a.example/"', "not protected", "https"),
        ('[[index]]\nname = "a"\nurl = "/a"\nnames = ["Corp[x]"]', "names", "corp-*"),
        ('[[index]]\nname = "a"\nurl = "/a"\nroot = "abc"', "root is not a SHA-256", ""),
        ('[[index]]\nname = "first-party"\nurl = "/a"', "comes with skillkernel", "another name"),
        ('[[index]]\nname = "a"\nurl = "/a"\n[[index]]\nname = "a"\nurl = "/b"', "two [[index]] have the name a", ""),
        ('[[index]]\nname = "a"\nurl = "/a"\n[[index]]\nname = "b"\nurl = "/a"', "two [[index]] are /a", ""),
        ('[[indexes]]\nname = "a"', "indexes is not a setting", "index"),
    ],
)
def test_a_mistake_is_named_with_its_place(layout: Layout, text: str, says: str, hint: str) -> None:
    layout.config.write_text(text)
    with pytest.raises(UsageError) as caught:
        list_indexes(layout)
    assert says in caught.value.message
    assert hint in caught.value.hint


def test_adding_one_keeps_every_line_that_was_there(layout: Layout) -> None:
    layout.config.write_text(OWN)
    added = add_index(layout, "acme", "https://acme.example/skills", names=["acme-*"], root="0" * 64)
    assert added.url == "https://acme.example/skills/"
    text = layout.config.read_text()
    assert [line for line in OWN.splitlines() if line not in text.splitlines()] == []
    assert names(layout) == ["corp", "acme", "first-party"]
    assert read_config(layout.config)["model"] == {"name": "small"}


def test_a_known_one_is_changed_in_its_place(layout: Layout) -> None:
    layout.config.write_text(OWN)
    add_index(layout, "acme", "/srv/acme")
    add_index(layout, "corp", "/srv/corp", unsigned=True)
    corp, acme, _ = list_indexes(layout)
    assert corp == IndexEntry(name="corp", url="/srv/corp", unsigned=True)
    assert acme.name == "acme"
    assert "# ask Ada" in layout.config.read_text()


def test_a_folder_is_written_with_its_whole_path(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert add_index(layout, "here", "shelf", mirror="copy").url == str(tmp_path / "shelf")
    assert list_indexes(layout)[0].mirror == str(tmp_path / "copy")


def test_what_cannot_be_written_changes_nothing(layout: Layout) -> None:
    layout.config.write_text(OWN)
    for name, where in (("Bad Name", "/a"), ("a", "http://a.example/"), ("b", "https://skills.corp.example/")):
        with pytest.raises(UsageError):
            add_index(layout, name, where)
    assert layout.config.read_text() == OWN


def test_removing_one_leaves_the_others_as_they_are(layout: Layout) -> None:
    layout.config.write_text(OWN)
    add_index(layout, "acme", "/srv/acme")
    assert remove_index(layout, "acme").url == "/srv/acme"
    assert layout.config.read_text().split() == OWN.split()
    remove_index(layout, "corp")
    assert names(layout) == ["first-party"]
    assert "corp" not in read_config(layout.config)


def test_the_one_that_comes_along_is_switched_off_and_on(layout: Layout) -> None:
    remove_index(layout, "first-party")
    assert [entry.enabled for entry in list_indexes(layout)] == [False]
    add_index(layout, "first-party", "")
    assert list_indexes(layout) == (IndexEntry(name="first-party"),)


def test_an_unknown_name_gets_the_nearest_one(layout: Layout) -> None:
    layout.config.write_text(OWN)
    with pytest.raises(UsageError) as caught:
        remove_index(layout, "crop")
    assert caught.value.hint == "did you mean corp?"


def test_a_config_that_cannot_be_read_is_left_as_it_is(layout: Layout) -> None:
    layout.config.write_text("[[index\n")
    with pytest.raises(UsageError) as caught:
        add_index(layout, "a", "/a")
    assert "config.toml" in caught.value.message
    assert layout.config.read_text() == "[[index\n"
