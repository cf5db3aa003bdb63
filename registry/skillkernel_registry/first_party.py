"""The folder of the index that comes with skillkernel.

In a clone or an editable install it is the repository's own index.json, whose skills are built on demand; in an
installed wheel it is what hatch_build.py put beside this module. Both have one identity, so that a person's data and
grants stay when the way of installing changes.
"""

from pathlib import Path

from skillkernel.errors import Missing

FIRST_PARTY = "first-party"


def first_party_folder() -> Path:
    """The folder of the embedded index; raise `Missing` when this installation has none."""
    package = Path(__file__).resolve().parent
    built = package / "embedded_index"
    if (built / "index.json").is_file():
        return built
    repository = package.parents[1]
    if package.parent.name == "registry" and (repository / "index.json").is_file():
        return repository
    raise Missing("this installation of skillkernel came without its index", hint="install it again, or use --index")
