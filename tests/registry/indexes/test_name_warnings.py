"""What an install says of names before anybody agrees to it."""

from collections.abc import Callable
from pathlib import Path

from fakes.indexes import UNSIGNED
from skillkernel.catalogue.types import Layout
from skillkernel_registry.index import STRICT
from skillkernel_registry.indexes.config import add_index
from skillkernel_registry.install import install
from skillkernel_registry.plan import Plan

Shelf = Callable[..., Path]


class Person:
    """Says yes; `told` are the warnings that they saw."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def __call__(self, plan: Plan) -> bool:
        self.told += plan.warnings
        return True


async def told(layout: Layout, *names: str, index: Path | None = None) -> list[str]:
    person = Person()
    terms = STRICT if index is None else UNSIGNED
    await install(layout, names, index=None if index is None else str(index), terms=terms, consent=person)
    return person.told


async def test_a_name_like_one_that_comes_with_skillkernel_is_told(layout: Layout, shelf: Shelf) -> None:
    (said,) = await told(layout, "calender", index=shelf("stranger", "calender"))
    assert said == "calender is not calendar, which comes with skillkernel: it is one slip of the finger away"


async def test_a_name_like_an_installed_one_is_told_and_an_ordinary_one_is_not(layout: Layout, shelf: Shelf) -> None:
    index = shelf("stranger", "weather", "wether", "maps")
    assert await told(layout, "weather", index=index) == []
    (said,) = await told(layout, "wether", index=index)
    assert "wether is not weather, which is installed" in said
    assert await told(layout, "maps", index=index) == []


async def test_a_name_like_one_of_another_index_is_told(layout: Layout, shelf: Shelf) -> None:
    add_index(layout, "stranger", str(shelf("stranger", "corp-payroll-skill")), unsigned=True)
    add_index(layout, "corp", str(shelf("corp", "corp-payroll")), unsigned=True)
    said = await told(layout, "corp-payroll-skill")
    assert [text for text in said if "corp-payroll-skill is not corp-payroll, which corp has" in text]
