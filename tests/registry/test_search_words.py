"""By which words a skill is found, and by which of its words a search looks."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import skillkernel_registry.site
from skillkernel_registry.index_format import Releases
from skillkernel_registry.search_words import COMMON, asked_words, shard_of, shards_of, words

CUT_UP = Releases(search="search/{prefix}.json", search_prefix=3)


def paths(*beginnings: str) -> set[str]:
    return {f"search/{one}.json" for one in beginnings}


def test_common_words_of_a_summary_find_no_skill_and_those_of_its_name_do() -> None:
    assert shards_of("mail", "A tool that sends the mail to you", CUT_UP) == paths("mai", "sen")
    assert shards_of("the-tool", "A skill for all", CUT_UP) == paths("the", "too")


def test_a_search_looks_by_its_longest_word_that_is_not_common_and_by_what_it_has_else() -> None:
    assert asked_words("a skill without mail or calendars") == ["calendars", "mail"]
    assert asked_words("the tool") == ["tool", "the"]
    assert asked_words("a . b") == []


@given(st.sampled_from(sorted(COMMON)), st.text(max_size=30))
def test_every_skill_is_in_the_file_that_a_search_for_its_name_looks_into(common: str, summary: str) -> None:
    for name in (common, f"{common}-mail", f"the-{common}"):
        for word in asked_words(name.replace("-", " ")):
            assert shard_of(word, CUT_UP) in shards_of(name, summary, CUT_UP)


@given(st.text(max_size=60))
def test_a_search_for_a_summary_finds_its_skill_unless_it_is_of_common_words_alone(summary: str) -> None:
    if set(words(summary)) - COMMON:
        for word in asked_words(summary):
            assert shard_of(word, CUT_UP) in shards_of("x", summary, CUT_UP)


def test_the_script_of_a_site_knows_the_same_common_words() -> None:
    (folder,) = skillkernel_registry.site.__path__
    script = (Path(folder) / "assets/site.js").read_text(encoding="utf-8")
    found = re.search(r"const common = new Set\(\((.*?)\)\.split", script, re.DOTALL)
    assert found is not None
    assert set(" ".join(re.findall(r'"([^"]*)"', found[1])).split()) == COMMON
