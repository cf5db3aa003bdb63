"""Who may do what: pure decisions over what was asked for and what was granted."""
