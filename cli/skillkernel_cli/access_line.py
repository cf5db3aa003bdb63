"""One thing that a skill reached for, on one line."""

from typing import Any

from skillkernel.text import visible


def access_line(access: dict[str, Any]) -> str:
    """`granted  network example.org:443  1,200 bytes out, 5,300 in, 0.8 s`; safe to print on one line."""
    parts = [f"{access['ruling']:<7}", f"{access['kind']} {visible(access['target'])}"]
    if access["reason"]:
        parts.append(visible(access["reason"]))
    if access["seconds"] is not None:
        parts.append(f"{access['sent'] or 0:,} bytes out, {access['received'] or 0:,} in, {access['seconds']:.1f} s")
    return "  ".join(parts)
