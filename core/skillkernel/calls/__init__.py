"""A tool call's way from the model's reply to the journal, one stage a module."""
