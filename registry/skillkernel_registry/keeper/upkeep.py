"""What an index needs from time to time: fresh signatures, bins that fit its size, and old files taken away."""

from datetime import datetime, timedelta

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from skillkernel.names import skill_name
from skillkernel_registry.index_files import IndexFiles
from skillkernel_registry.keeper import reshape, superseded
from skillkernel_registry.keeper.check import check
from skillkernel_registry.keeper.keys import Keys
from skillkernel_registry.keeper.ledger import Ledger, near_expiry
from skillkernel_registry.keeper.outcome import Outcome
from skillkernel_registry.keeper.publication import Publication, release_files
from skillkernel_registry.keeper.shape import outgrown
from skillkernel_registry.keeper.shelf import INDEX
from skillkernel_registry.keeper.state import State
from skillkernel_registry.keeper.superseded import Left
from skillkernel_registry.wheel import DISTRIBUTION_PREFIX

_ROOT_WARNING = timedelta(days=60)


def refresh(state: State, keys: Keys, now: datetime, grace: timedelta, *, rebuild_search: bool = False) -> Outcome:
    """Bring everything up to date; see `Keeper.refresh`."""
    done: list[str] = []
    warnings: list[str] = []
    if rebuild_search:
        reshape.rebuild_search(state)
        done.append(f"the search is written anew, with {state.skills} skills")
    if state.ledger is not None:
        _renew(state, state.ledger, keys, now, done, warnings)
    else:
        state.shelf.save(keys, skills=state.skills)
    gone = superseded.sweep(state.files, now, grace, lambda left: _in_use(state, left))
    if gone:
        done.append(f"{len(gone)} files that nothing names any more are deleted")
    state.files.commit("Refresh the index")
    return Outcome(tuple(done), tuple(warnings))


def note_orphans(files: IndexFiles, now: datetime) -> int:
    """Note the files that nothing names, so that a later refresh deletes them; return how many there are."""
    found = [finding.path for finding in check(files, now) if finding.harmless]
    since = now.isoformat(timespec="seconds")
    superseded.leave(files, [Left(path, since, _skill_of_wheel(path)) for path in found])
    return len(found)


def _skill_of_wheel(path: str) -> str:
    """Whose wheel or provenance that is by its name, empty for what no skill's wheel is called."""
    wheel, whl, _ = path.rpartition("/")[2].partition(".whl")
    try:
        return parse_wheel_filename(wheel + whl)[0].removeprefix(DISTRIBUTION_PREFIX)
    except InvalidWheelFilename:
        return ""


def _renew(state: State, ledger: Ledger, keys: Keys, now: datetime, done: list[str], warnings: list[str]) -> None:
    if ledger.timestamp.signed.expires <= now:
        warnings.append(
            f"the timestamp had run out on {ledger.timestamp.signed.expires:%Y-%m-%d}: clients refused the index"
        )
    _renew_root(ledger, keys, now, done, warnings)
    if outgrown(state.skills, ledger.bins.bit_length, state.form.search_prefix):
        reshape.reshape(state, ledger)
        done.append(f"the index is cut up anew, in {ledger.bins.number_of_bins} bins")
    if near_expiry(ledger.targets.signed, ledger.days("targets"), now):
        ledger.touch("targets")
        done.append("targets.json is signed anew")
    if _oldest(ledger) - now < timedelta(days=ledger.days("bins")) / 3:
        for name in ledger.all_bins():
            ledger.touch(name)
        done.append(f"{ledger.bins.number_of_bins} bins are signed anew")
    Publication(state, now).publish(keys, "Refresh the index")
    done.append(f"the timestamp is good until {ledger.timestamp.signed.expires:%Y-%m-%d}")


def _renew_root(ledger: Ledger, keys: Keys, now: datetime, done: list[str], warnings: list[str]) -> None:
    root = ledger.root.signed
    if not near_expiry(root, ledger.days("root"), now):
        return
    if ledger.has_keys(keys, "root"):
        ledger.save_root(keys, lambda _: None)
        done.append(f"the root is good until {ledger.root.signed.expires:%Y-%m-%d}")
    elif root.expires - now < _ROOT_WARNING:
        warnings.append(
            f"the root runs out on {root.expires:%Y-%m-%d}: run `skill index refresh` once with the root keys at hand"
        )


def _oldest(ledger: Ledger) -> datetime:
    return datetime.fromisoformat(ledger.notes["oldest"])


def _in_use(state: State, left: Left) -> bool:
    """Whether something current names the file again."""
    if left.path.startswith((state.form.wheels, state.form.provenance)):
        record = state.record(skill_name(left.skill)) if left.skill else None
        return record is not None and left.path in release_files(state, record.releases)
    if state.ledger is None or left.path == INDEX:
        return True
    if left.path.startswith(state.ledger.folder):
        return state.ledger.is_current(left.path)
    folder, _, name = left.path.rpartition("/")
    target = state.ledger.target(f"{folder}/{name.partition('.')[2]}".lstrip("/"))
    return target is not None and left.path in target.get_prefixed_paths()
