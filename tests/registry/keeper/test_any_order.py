"""Whatever a keeper does, in whatever order: a client that follows sees what was meant, and everything checks out."""

import shutil
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fakes.signed_indexes import TufClient, write_signed_index
from fakes.wheels import SkillWheelFake
from skillkernel_registry.keeper.check import check

NAMES = st.sampled_from(["aa", "bb", "cc-dd"])
VERSIONS = st.sampled_from(["1.0", "1.1", "2.0rc1"])


class Keeping(RuleBasedStateMachine):
    """`meant` is what the index should offer: versions by name, and whether each is yanked."""

    @initialize()
    def found(self) -> None:
        self.folder = Path(mkdtemp())
        self.index = write_signed_index(self.folder / "index", self.folder / "keys")
        self.client = TufClient(self.folder / "client", self.index.folder, self.index.first_root)
        self.meant: dict[str, dict[str, bool]] = {}

    @rule(name=NAMES, version=VERSIONS)
    def add(self, name: str, version: str) -> None:
        self.index.add(SkillWheelFake(name, version=version))
        self.meant.setdefault(name, {}).setdefault(version, False)

    @precondition(lambda self: self.meant)
    @rule(data=st.data(), undo=st.booleans())
    def yank(self, data: st.DataObject, undo: bool) -> None:
        name, version = self._pick(data)
        self.index.keeper.yank(name, version, undo=undo)
        self.meant[name][version] = not undo

    @precondition(lambda self: self.meant)
    @rule(data=st.data(), whole=st.booleans())
    def remove(self, data: st.DataObject, whole: bool) -> None:
        name, version = self._pick(data)
        self.index.keeper.remove(name, "" if whole else version)
        del self.meant[name][version]
        if whole or not self.meant[name]:
            del self.meant[name]

    @rule(days=st.integers(0, 20), orphans=st.booleans())
    def refresh(self, days: int, orphans: bool) -> None:
        """The keeper's clock runs on, so that old files go; what it signs is good for the client's clock too."""
        self.index.now += timedelta(days=days)
        self.index.keeper.refresh(orphans=orphans)

    @rule(role=st.sampled_from(["root", "targets", "snapshot", "timestamp", "bins"]))
    def rotate(self, role: str) -> None:
        self.index.keeper.rotate_key(role)

    @invariant()
    def a_client_sees_what_was_meant(self) -> None:
        for name in ("aa", "bb", "cc-dd"):
            record = self.client.record(name)
            seen = {release.version: bool(release.yanked) for release in record.releases} if record else {}
            assert seen == self.meant.get(name, {})

    @invariant()
    def all_is_well(self) -> None:
        assert [found for found in check(self.index.files, self.index.now) if not found.harmless] == []

    def _pick(self, data: st.DataObject) -> tuple[str, str]:
        name = data.draw(st.sampled_from(sorted(self.meant)))
        return name, data.draw(st.sampled_from(sorted(self.meant[name])))

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)


TestKeeping = Keeping.TestCase
TestKeeping.settings = settings(max_examples=12, stateful_step_count=10, deadline=None)
