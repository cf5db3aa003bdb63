"""Several indexes as one: which there are, which of them answers for a name, and names that could be taken for others."""
