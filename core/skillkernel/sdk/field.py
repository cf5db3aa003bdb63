"""`Field`: limits on a parameter, written inside `Annotated`."""

import re
from collections.abc import Sequence
from typing import Any

_KEYWORDS = {
    "minimum": ("minimum", ("integer", "number")),
    "maximum": ("maximum", ("integer", "number")),
    "multiple_of": ("multipleOf", ("integer", "number")),
    "pattern": ("pattern", ("string",)),
    "min_length": ("minLength", ("string",)),
    "max_length": ("maxLength", ("string",)),
    "min_items": ("minItems", ("array",)),
    "max_items": ("maxItems", ("array",)),
}


class Field:
    """Limits that go into the schema: `Annotated[int, Field(minimum=1, maximum=10)]`. The kernel enforces them.

    `min_length` and `max_length` count characters of a text, `min_items` and `max_items` entries of a list;
    `description` stands in for the docstring's; `examples` are values that fit.
    """

    def __init__(
        self,
        *,
        description: str = "",
        minimum: float | None = None,
        maximum: float | None = None,
        multiple_of: float | None = None,
        pattern: str | None = None,
        min_length: int | None = None,
        max_length: int | None = None,
        min_items: int | None = None,
        max_items: int | None = None,
        examples: Sequence[Any] = (),
    ) -> None:
        self.description = description
        self.minimum = minimum
        self.maximum = maximum
        self.multiple_of = multiple_of
        self.pattern = pattern
        self.min_length = min_length
        self.max_length = max_length
        self.min_items = min_items
        self.max_items = max_items
        self.examples = tuple(examples)

    def problem_with(self, types: frozenset[str]) -> str:
        """Why these limits do not suit a value of these JSON types; empty when they do."""
        for name, (_, suited) in _KEYWORDS.items():
            if getattr(self, name) is not None and not types.intersection(suited):
                return f"Field({name}=…) limits {' and '.join(suited)} values only"
        if self.pattern is not None:
            try:
                re.compile(self.pattern)
            except re.error as error:
                return f"Field(pattern={self.pattern!r}) is not a regular expression: {error}"
        return ""

    def keywords(self) -> dict[str, Any]:
        """The limits as JSON Schema keywords, without description and examples."""
        limits = {keyword: getattr(self, name) for name, (keyword, _) in _KEYWORDS.items()}
        return {keyword: limit for keyword, limit in limits.items() if limit is not None}
