"""Splits an enumeration into its items: `milk, eggs and two lemons`, `du beurre et des pommes`."""

import re

_BETWEEN = re.compile(
    r"\s*[,;]\s*(?:(?:and|und|et|y|e|ed|en|as well as|sowie|also|plus)\s+)?|\s+(?:and|und|et|y|e|ed|en|as well as|sowie|plus|&)\s+",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"^(?:(?:a|an|the|some|any|more|ein|eine|einen|der|die|das|den|du|des|de la|de l'|un|une|le|la|les|el|los|las|una|unos|unas|"
    r"il|lo|i|gli|del|dello|della|dei|degli|delle|o|os|as|um|uma|het|een|noch|auch|etwas|mehr|also)\s+|l['’]|d['’]|dell['’])",
    re.IGNORECASE,
)


def items_of(text: str) -> list[str]:
    """The items that `text` enumerates, each without its article, in order and once."""
    parts = [_bare(part.strip(" .!?")) for part in _BETWEEN.split(text)]
    return list(dict.fromkeys(part for part in parts if part))


def _bare(part: str) -> str:
    shorter = _ARTICLE.sub("", part)
    return _bare(shorter) if shorter != part and shorter else part
