"""Taking skills to where there is no network: a set of them with all they need, or a whole index."""
