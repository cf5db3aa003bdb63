"""One attack, made in this process; part of the hostile skill."""

import os
import traceback
from importlib import import_module

from attacks.attack import Attack, Family, Outside, Rows


def _inheritable() -> list[int]:
    """Open descriptors that a program started from here would have as well; its own pipes of Python are not."""
    found: list[int] = []
    for number in range(256):
        try:
            os.fstat(number)
        except OSError:
            continue
        if number > 4 and os.get_inheritable(number):
            found.append(number)
    return found


AT_START = _inheritable()
"""What came with the process."""


def attempt(family: Family, name: str, outside: Outside) -> dict[str, str]:
    """`could`: what it could do; `held`: what refused it; `broken`: that the attack itself is no good."""
    rows: Rows = getattr(import_module(f"attacks.{family}"), family.upper())
    attack = next(row for row in rows.rows if isinstance(row, Attack) and row.name == name)
    try:
        return {"could": attack.how(outside) or "", "held": "it came to nothing"}
    except OSError as error:
        return {"could": "", "held": f"{type(error).__name__}: {error.strerror or error}"[:200]}
    except MemoryError:
        return {"could": "", "held": "MemoryError"}
    except Exception:  # noqa: BLE001 # told as what it is
        return {"could": "", "held": "", "broken": traceback.format_exc()}
