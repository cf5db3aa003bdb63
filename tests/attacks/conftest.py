"""Every attack in every place, once for all tests, and the option that writes the table.

pytest tests/attacks --attack-table docs/security.md
"""

from pathlib import Path

import pytest

from attacks.attack import FAMILIES
from attacks.places import Found, Place, run_everywhere
from attacks.table import table, write


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where to put the table."""
    parser.addoption("--attack-table", metavar="PAGE", type=Path, help="write the table of attacks into this page")


@pytest.fixture(scope="session")
def found(request: pytest.FixtureRequest) -> dict[Place, Found]:
    """What became of every attack, by place."""
    found = run_everywhere(FAMILIES)
    page: Path | None = request.config.getoption("--attack-table", None)
    if page is not None:
        write(page, table(found))
    return found
