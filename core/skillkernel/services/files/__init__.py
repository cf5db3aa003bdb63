"""Files of the person: opened for a skill by the kernel, and kept as they were until the session has ended well."""
