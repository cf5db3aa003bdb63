"""The processor: drivers that turn a conversation into text and calls."""
