"""The HTML of a site: templates with everything escaped, and the files that all pages share."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from skillkernel_registry.site.listing import Card, Shape
from skillkernel_registry.site.skill_page import EFFECTS, Frame, SkillPage

_HERE = Path(__file__).parent
_TEMPLATES = _HERE / "templates"
_ASSETS = _HERE / "assets"


def skill_html(page: SkillPage, frame: Frame, source: str) -> bytes:
    """skill/NAME.html; `source` stands in it for what it was made from."""
    return _render("skill.html", frame, source, "../", page=page)


def front_html(cards: tuple[Card, ...], shape: Shape, frame: Frame) -> bytes:
    """index.html; `cards` are all skills where one list holds them."""
    return _render("front.html", frame, "", "", cards=cards, shape=shape, count=shape.skills)


def browse_html(leaf: str, cards: tuple[Card, ...], frame: Frame) -> bytes:
    """browse/LEAF.html."""
    return _render("browse.html", frame, "", "../", leaf=leaf, cards=cards)


@cache
def shared_files() -> dict[str, bytes]:
    """The style, the script and the icon, by their path in the index."""
    return {f"site/{file.name}": file.read_bytes() for file in sorted(_ASSETS.iterdir())}


@cache
def stamp() -> str:
    """Changes with every template and shared file: a page with another one is made anew."""
    files = [*sorted(_TEMPLATES.iterdir()), *sorted(_ASSETS.iterdir())]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _render(template: str, frame: Frame, source: str, root: str, **values: Any) -> bytes:
    names = {effect.value: word for effect, (word, _) in EFFECTS.items()}
    text = _environment().get_template(template).render(frame=frame, source=source, root=root, names=names, **values)
    return text.encode()


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
