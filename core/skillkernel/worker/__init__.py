"""Where skills run: sandboxed processes, and the wire to them. Every platform-specific line of core is in here."""
