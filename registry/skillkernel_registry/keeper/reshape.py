"""Cutting an index up anew when it has outgrown its bins or its search files."""

from collections.abc import Iterable

from msgspec.structs import replace

from skillkernel.names import skill_name
from skillkernel_registry.index_format import SearchLine, parse_record
from skillkernel_registry.keeper.changes import search_line
from skillkernel_registry.keeper.ledger import Ledger
from skillkernel_registry.keeper.search_lists import all_lists
from skillkernel_registry.keeper.shape import wanted_bits, wanted_prefix
from skillkernel_registry.keeper.state import INDEX, State, encoded


def reshape(state: State, ledger: Ledger) -> None:
    """Put bins and search files in the form that `state.skills` ask for; it takes effect with the next save."""
    prefix = wanted_prefix(state.skills)
    if prefix > state.form.search_prefix:
        _recut_search(state, ledger, prefix)
    if wanted_bits(state.skills) > ledger.bins.bit_length:
        ledger.rebin(wanted_bits(state.skills))


def _recut_search(state: State, ledger: Ledger, prefix: int) -> None:
    lines = list(_all_lines(state, ledger))
    for path in [path for path in _targets(ledger) if _is_list(path)]:
        ledger.drop(path)
    state.form = replace(state.form, search="search/{prefix}.json", search_prefix=prefix)
    state.file = replace(state.file, releases=state.form)
    for path, data in all_lists(state.form, lines).items():
        ledger.put(path, data)
    ledger.put(INDEX, encoded(state.file))


def _all_lines(state: State, ledger: Ledger) -> Iterable[SearchLine]:
    """Every skill, from its record: the search files leave out who has no word to be found by."""
    before, _, after = state.form.records.partition("{name}")
    for path in _targets(ledger):
        if _is_list(path):
            continue
        name = skill_name(path.removeprefix(before).removesuffix(after))
        data = ledger.read_target(path)
        line = None if data is None else search_line(parse_record(data, name, path), with_version=False)
        if line is not None:
            yield line


def _targets(ledger: Ledger) -> list[str]:
    return [path for name in ledger.all_bins() for path in ledger.bin(name).signed.targets]


def _is_list(path: str) -> bool:
    return path.startswith("search")
