"""The one SQLite file that remembers every session and every call."""
