"""What is wrong with a value, told to a model and to a person."""

from typing import NamedTuple


class Finding(NamedTuple):
    """One fault: `path` is a JSON pointer ("" is the whole value), `problem` what is wrong, `allowed` what fits."""

    path: str
    problem: str
    allowed: str

    def __str__(self) -> str:
        place = self.path or "the value"
        return f"{place}: {self.problem}; allowed: {self.allowed}" if self.allowed else f"{place}: {self.problem}"


def pointer(parent: str, key: str | int) -> str:
    """Add one step to a JSON pointer, escaped as RFC 6901 says."""
    return f"{parent}/{key}" if isinstance(key, int) else f"{parent}/{key.replace('~', '~0').replace('/', '~1')}"
