"""Cutting an index up anew when it has outgrown its bins or its search files."""

from collections.abc import Iterable

from msgspec.structs import replace

from skillkernel.names import skill_name
from skillkernel_registry.index_format import SearchLine
from skillkernel_registry.keeper.changes import search_line
from skillkernel_registry.keeper.ledger import Ledger
from skillkernel_registry.keeper.search_lists import all_lists
from skillkernel_registry.keeper.shape import wanted_bits, wanted_prefix
from skillkernel_registry.keeper.shelf import INDEX
from skillkernel_registry.keeper.state import State, encoded


def reshape(state: State, ledger: Ledger) -> None:
    """Put bins and search files in the form that `state.skills` ask for; it takes effect with the next save."""
    prefix = wanted_prefix(state.skills)
    if prefix > state.form.search_prefix:
        _recut_search(state, ledger, prefix)
    if wanted_bits(state.skills) > ledger.bins.bit_length:
        ledger.rebin(wanted_bits(state.skills))


def rebuild_search(state: State) -> None:
    """Put every search file as the records say, and count the skills; it takes effect with the next save.

    The old files are not read: they may be damaged.
    """
    lines = list(_all_lines(state))
    for path in [path for path in _targets(state) if _is_list(path)]:
        state.shelf.drop(path)
    for path, data in all_lists(state.form, lines).items():
        state.shelf.put(path, data)
    state.skills = len(lines)


def _recut_search(state: State, ledger: Ledger, prefix: int) -> None:
    lines = list(_all_lines(state))
    for path in [path for path in _targets(state) if _is_list(path)]:
        ledger.drop(path)
    state.form = replace(state.form, search="search/{prefix}.json", search_prefix=prefix)
    state.file = replace(state.file, releases=state.form)
    for path, data in all_lists(state.form, [replace(line, version="") for line in lines]).items():
        ledger.put(path, data)
    ledger.put(INDEX, encoded(state.file))


def _all_lines(state: State) -> Iterable[SearchLine]:
    """Every skill, from its record: the search files leave out who has no word to be found by."""
    before, _, after = state.form.records.partition("{name}")
    for path in _targets(state):
        if not (path.startswith(before) and path.endswith(after)):
            continue
        name = skill_name(path.removeprefix(before).removesuffix(after))
        line = search_line(state.record(name), with_version=not state.form.search_prefix)
        if line is not None:
            yield line


def _targets(state: State) -> list[str]:
    ledger = state.ledger
    if ledger is None:
        return [*state.files.paths(state.form.records.partition("{name}")[0]), state.form.search]
    return [path for name in ledger.all_bins() for path in ledger.bin(name).signed.targets]


def _is_list(path: str) -> bool:
    return path.startswith("search")
