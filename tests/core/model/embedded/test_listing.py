"""Enumerations in requests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.model.embedded.listing import items_of


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("toothpaste, coffee and rice", ["toothpaste", "coffee", "rice"]),
        ("milk", ["milk"]),
        ("Milch, Eier und zwei Zitronen", ["Milch", "Eier", "zwei Zitronen"]),
        ("du beurre et des pommes", ["beurre", "pommes"]),
        ("pan, leche y huevos", ["pan", "leche", "huevos"]),
        ("il latte e le uova", ["latte", "uova"]),
        ("pão e queijo", ["pão", "queijo"]),
        ("brood, kaas en een appel", ["brood", "kaas", "appel"]),
        ("salt, and pepper", ["salt", "pepper"]),
    ],
)
def test_an_enumeration_is_split_into_its_items(text: str, items: list[str]) -> None:
    assert items_of(text) == items


@given(st.text())
def test_items_are_never_empty_and_always_said(text: str) -> None:
    assert all(item and item in text for item in items_of(text))
