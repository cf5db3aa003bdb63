"""skill.lock: what a machine has, to the byte, and how another one becomes the same."""
