"""For authors: a new skill from a template, its tests in the sandbox, all its findings at once, its next version."""
