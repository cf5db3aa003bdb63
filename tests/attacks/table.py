"""The attacks as a table of Markdown, a part of docs/security.md between two marks."""

from pathlib import Path

from attacks.attack import FAMILIES, Attack, Family, Proof, Row
from attacks.places import OFF, WALLS, Found, Place
from attacks.run import rows_of

PAGE = Path(__file__).resolve().parents[2] / "docs/security.md"
BEGIN, END = "<!-- attacks: begin -->", "<!-- attacks: end -->"
_TITLES: dict[Family, str] = {
    "files": "Files",
    "processes": "Processes",
    "network": "Network",
    "data": "Data",
    "resources": "Resources",
    "install_and_start": "Install and start",
    "policy": "Policy",
}


def every_row() -> list[Row]:
    """All rows of all families, in their order."""
    return [row for family in FAMILIES for row in rows_of(family)]


def table(found: dict[Place, Found]) -> str:
    """One table a family: every attack, and what became of it in every place."""
    return "\n\n".join(_family(family, found) for family in FAMILIES)


def write(page: Path, text: str) -> None:
    """Put the tables between the marks of a page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def named_in(page: Path) -> list[str]:
    """The attacks that the tables of a page name."""
    _, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    lines = [line for line in rest.partition(END)[0].splitlines() if line.startswith("| ")]
    return [
        line.split(" | ")[0].removeprefix("| ").replace("\\|", "|") for line in lines if not line.startswith("| attack")
    ]


def through(row: Row, found: dict[Place, Found]) -> list[str]:
    """The places with walls where an attack got through."""
    return [place.title for place in WALLS if _could(row, place, found)]


def _family(family: Family, found: dict[Place, Found]) -> str:
    heads = ["attack", "no wall", *(place.title for place in WALLS)]
    lines = [f"### {_TITLES[family]}", "", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for row in rows_of(family):
        lines.append(f"| {' | '.join([row.name.replace('|', chr(92) + '|'), *_cells(row, found)])} |")
    return "\n".join(lines)


def _cells(row: Row, found: dict[Place, Found]) -> list[str]:
    if isinstance(row, Attack):
        return [_without(row, found), *(_cell(row, place, found) for place in WALLS)]
    if isinstance(row, Proof):
        return [f"`{row.test.rpartition('/')[2].partition('::')[0]}`", *("refused" for _ in WALLS)]
    return [row.reason, *("documented" for _ in WALLS)]


def _without(row: Attack, found: dict[Place, Found]) -> str:
    if row.off:
        return f"not run: {row.off}"
    ran = [place for place in OFF if place in found]
    return "works" if any(_could(row, place, found) for place in ran) else "does not work"


def _cell(row: Attack, place: Place, found: dict[Place, Found]) -> str:
    if place not in found:
        return "not run"
    return "**gets through**" if _could(row, place, found) else "refused"


def _could(row: Row, place: Place, found: dict[Place, Found]) -> str:
    result = found.get(place, {}).get(f"{row.family}: {row.name}")
    return "" if result is None else result.could
