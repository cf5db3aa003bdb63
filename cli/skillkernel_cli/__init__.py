"""The `skill` command: one file a command."""
