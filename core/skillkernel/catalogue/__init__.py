"""What is installed: generations on disk, read without importing anything of a skill."""
