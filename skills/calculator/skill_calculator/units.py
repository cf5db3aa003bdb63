"""Converting units with pint, by exact fractions: 1 inch is 2.54 cm and nothing else."""

import difflib
import re
from fractions import Fraction
from functools import cache
from typing import Any

from skillkernel import ToolError

LONGEST_UNIT = 60
_ALLOWED = re.compile(r"[^\W\d_][\w\s/*^·.%°²³µΩÅ'()-]*|[°%Å][\w\s]*")
_LARGE_NUMBER = re.compile(r"\d\d|\*\*\s*\d\s*\*\*")
_CURRENCIES = re.compile(
    "usd|eur|gbp|jpy|chf|cny|inr|dollars?|euros?|sterling|yen|franken|rupees?|yuan|pesos?|.*[$€£¥₹].*"
)
_TEMPERATURES = {
    **dict.fromkeys(
        ("c", "°c", "celsius", "centigrade", "grad", "grad celsius", "degrees celsius", "degree celsius"), "degC"
    ),
    **dict.fromkeys(("f", "°f", "fahrenheit", "grad fahrenheit", "degrees fahrenheit", "degree fahrenheit"), "degF"),
    **dict.fromkeys(("k", "°k", "kelvin"), "kelvin"),
}
_OTHER_NAMES = {
    name: unit
    for unit, names in {
        "meter": "metros metro mètre mètres metre metres",
        "kilometer": "kilómetro kilómetros kilomètre kilomètres kms",
        "mile": "meile meilen milla millas",
        "inch": "zoll pouce pouces pulgada pulgadas",
        "foot": "fuß fuss pied pieds pie pies",
        "gram": "gramm gramme grammes gramo gramos",
        "kilogram": "kilogramm kilo kilos kilogramme kilogrammes kilogramo kilogramos kgs",
        "pound": "lbs",
        "ounce": "unze unzen once onces onza onzas",
        "liter": "litro litros",
        "gallon": "gallone gallonen galón galones",
        "hour": "stunde stunden heure heures hora horas",
        "minute": "minuten minuto minutos",
        "second": "sekunde sekunden seconde secondes segundo segundos",
        "day": "tag tage tagen jour jours día días",
        "week": "woche wochen semaine semaines semana semanas",
        "year": "jahr jahre jahren an ans année années año años",
        "kilometer/hour": "kmh kph km/h",
    }.items()
    for name in names.split()
}


def converted(value: Fraction, from_unit: str, to_unit: str) -> Fraction:
    """Return the value in the other unit; raise `ToolError` for an unknown unit or two of different kinds."""
    import pint

    registry = _registry()
    names = [_TEMPERATURES.get(_folded(unit)) for unit in (from_unit, to_unit)]
    old, new = (
        registry.parse_units(name) if all(names) and name else _unit(registry, said)
        for name, said in zip(names, (from_unit, to_unit), strict=True)
    )
    try:
        return Fraction(registry.Quantity(value, old).to(new).magnitude)
    except (pint.DimensionalityError, pint.OffsetUnitCalculusError):
        kinds = (_kind(registry, old), _kind(registry, new))
        raise ToolError(
            f"{from_unit!r} measures {kinds[0]} and {to_unit!r} {kinds[1]}: they cannot be converted"
        ) from None


@cache
def _registry() -> Any:
    """pint's registry; it is generic over a number type in a way that type checkers cannot follow."""
    import pint

    make: Any = pint.UnitRegistry
    return make(non_int_type=Fraction)


def _folded(unit: str) -> str:
    return " ".join(unit.split()).casefold().replace("º", "°").replace("° ", "°")


def _unit(registry: Any, said: str) -> Any:
    text = " ".join(said.split()).replace("º", "°")
    folded = _folded(text)
    if not folded or len(text) > LONGEST_UNIT:
        raise ToolError("a unit is missing or too long: write one such as km, mile or degC")
    if _CURRENCIES.fullmatch(folded):
        raise ToolError(f"{text!r} is a currency: exchange rates need a network, which this skill does not ask for")
    if _ALLOWED.fullmatch(text) and not _LARGE_NUMBER.search(text):
        for name in dict.fromkeys(
            (text, _OTHER_NAMES.get(folded, ""), _TEMPERATURES.get(folded, ""), folded, folded.replace(" ", "_"))
        ):
            unit = _parsed(registry, name)
            if unit is not None:
                return unit
    near = difflib.get_close_matches(folded, list(registry), n=3, cutoff=0.7)
    hint = f"did you mean {' or '.join(near)}?" if near else "write its English name or symbol, such as mile or km"
    raise ToolError(f"there is no unit {text!r}; {hint}")


def _parsed(registry: Any, name: str) -> Any:
    """The unit of that name, None when pint knows none; its parser raises many kinds of error for text that is none."""
    import tokenize

    import pint

    if not name:
        return None
    try:
        return registry.parse_units(name)
    except (pint.PintError, ValueError, TypeError, AttributeError, ArithmeticError, KeyError, tokenize.TokenError):
        return None


def _kind(registry: Any, unit: Any) -> str:
    """What a unit measures, such as `length / time^2`."""
    parts = dict(registry.get_dimensionality(unit))
    shown = [f"{name.strip('[]')}{'' if power == 1 else f'^{power}'}" for name, power in sorted(parts.items())]
    return " * ".join(shown) or "a bare number"
