"""Numbers and functions that no fraction holds, to fifty digits."""

from decimal import Decimal
from typing import Any

from skillkernel import ToolError

PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494")
NAMED = {
    "pi": PI,
    "e": Decimal("2.71828182845904523536028747135266249775724709369995957496697"),
    "tau": Decimal("6.28318530717958647692528676655900576839433879875021164194989"),
}
LARGEST_ANGLE = Decimal(10) ** 15
"""In radians; beyond it fifty digits say nothing of the place on the circle."""
_DIGITS = 60
_STEEPEST = Decimal(10) ** 40
"""Beyond it, the angle is the one without a tangent as far as fifty digits can tell."""


def irrational(name: str, value: Decimal) -> Decimal:
    """Return sin, cos, tan, asin, acos or atan of an angle in radians; raise `ToolError` where there is no value."""
    import mpmath  # pyright: ignore[reportMissingTypeStubs] # it has none

    if name in ("asin", "acos") and abs(value) > 1:
        raise ToolError(f"{name} is of a number from -1 to 1")
    if abs(value) > LARGEST_ANGLE and name in ("sin", "cos", "tan"):
        raise ToolError(f"the angle is too large for {name}: give one below 10^15 radians")
    library: Any = mpmath
    with library.workdps(_DIGITS):
        result = getattr(library, name)(library.mpf(str(value)))
        digits = Decimal(str(library.nstr(result, _DIGITS)))
    if name == "tan" and abs(digits) > _STEEPEST:
        raise ToolError("tan has no value at a quarter or three quarters of the circle")
    return digits
