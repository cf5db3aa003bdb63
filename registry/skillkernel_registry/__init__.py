"""The package manager: index, resolver, store, generations, install, build."""
