"""How much of a model's window a text takes, without a tokenizer."""

CHARACTERS_A_TOKEN = 3
"""A cautious rate: JSON text costs 3 to 4 characters a token with common tokenizers, so this never under-counts."""


def tokens_of(characters: int) -> int:
    """At most so many tokens for so many characters."""
    return -(-characters // CHARACTERS_A_TOKEN)
