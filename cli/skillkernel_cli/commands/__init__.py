"""One module a command; each defines one function of the command's name."""
