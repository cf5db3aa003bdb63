"""The package manager: index, resolver, store, generations, install, build.

Each verb is a module of its own: `install.install`, `uninstall.uninstall`, `rollback.rollback`, `build.build`, and
`inventory` for list, info and search.
"""
