"""Programs of the machine that the kernel runs for skills."""
