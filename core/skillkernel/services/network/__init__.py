"""Connections that the kernel makes for skills."""
