"""Text from an endpoint, made fit to be shown or sent on."""

from skillkernel.text import visible

SHOWN_CHARACTERS = 160


def well_formed(text: str) -> str:
    """Return `text` as valid Unicode: surrogate pairs joined, lone halves replaced."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def shown(text: str, secret: str = "") -> str:
    """The head of `text` on one line, made visible, with `secret` taken out."""
    flat = " ".join(text[: SHOWN_CHARACTERS * 20].split())
    return visible(flat.replace(secret, "***") if secret else flat, limit=SHOWN_CHARACTERS)
