"""What was not granted cannot happen: every attack works without the wall, and none does behind it."""

import re
import tokenize
from pathlib import Path

import pytest

from attacks.attack import Attack, Proof, Row
from attacks.places import OFF, WALLS, Found, Place, places_here
from attacks.table import PAGE, every_row, named_in

ROOT = Path(__file__).resolve().parents[2]
ROWS = every_row()
ATTACKS = [row for row in ROWS if isinstance(row, Attack)]
PROOFS = [row for row in ROWS if isinstance(row, Proof)]


def named(row: Row) -> str:
    return f"{row.family}: {row.name}".replace("[", "(").replace("]", ")")


@pytest.mark.parametrize("attack", [row for row in ATTACKS if not row.off], ids=named)
def test_without_the_wall_it_works(found: dict[Place, Found], attack: Attack) -> None:
    results = [found[place][f"{attack.family}: {attack.name}"] for place in OFF if place in found]
    assert any(result.could for result in results), results
    assert not any(result.could.startswith("BROKEN") for result in results), results


@pytest.mark.parametrize("place", [place for place in places_here() if place in WALLS], ids=lambda place: place.title)
@pytest.mark.parametrize("attack", ATTACKS, ids=named)
def test_the_wall_refuses_it(found: dict[Place, Found], attack: Attack, place: Place) -> None:
    if place not in found:
        pytest.skip(f"{place.title} cannot be had on this machine")
    result = found[place][f"{attack.family}: {attack.name}"]
    assert not result.could, result.could
    assert result.held


@pytest.mark.parametrize("proof", PROOFS, ids=named)
def test_a_row_that_points_at_a_test_points_at_one(proof: Proof) -> None:
    file, _, name = proof.test.partition("::")
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^(async )?def {re.escape(name)}\(", text, re.MULTILINE)


def test_no_two_attacks_have_one_name() -> None:
    names = [named(row) for row in ROWS]
    assert sorted(set(names)) == sorted(names)


def test_the_page_names_exactly_these_attacks() -> None:
    assert named_in(PAGE) == [row.name for row in ROWS]


def test_the_page_says_of_every_attack_that_it_is_refused_or_why_not() -> None:
    assert "gets through" not in PAGE.read_text(encoding="utf-8")
    assert "does not work" not in PAGE.read_text(encoding="utf-8")
    assert all(row.reason for row in ROWS if not isinstance(row, Attack | Proof))


@pytest.mark.parametrize("package", ["core", "registry", "cli"])
def test_nothing_that_runs_when_it_is_read_is_used(package: str) -> None:
    """pickle, marshal and shelve make objects by running code; YAML can, unless it is asked not to."""
    used: list[str] = []
    for path in (ROOT / package).rglob("*.py"):
        with path.open("rb") as file:
            words = {token.string for token in tokenize.tokenize(file.readline) if token.type == tokenize.NAME}
        used += [f"{path.name}: {word}" for word in sorted({"pickle", "marshal", "shelve", "yaml", "dill"} & words)]
    assert used == []
