"""What the kernel does for skills: connections, files, programs, other skills; each request checked, each in the journal."""
