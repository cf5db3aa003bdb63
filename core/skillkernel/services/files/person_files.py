"""The person's files as the kernel gives them out: which a call may reach, and what its session has replaced."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import msgspec
from anyio import to_thread

from skillkernel.catalogue.types import Layout
from skillkernel.errors import UsageError
from skillkernel.permissions.granted_path import GrantedPath
from skillkernel.permissions.paths import granted_paths
from skillkernel.services.caller import Caller
from skillkernel.services.files.kept import KeptFiles


class FilesConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """config.toml's [files]: `deny` are paths that no grant means, `keep_replaced` whether overwritten files are kept."""

    deny: tuple[str, ...] = ()
    keep_replaced: bool = True


def files_config(config: Mapping[str, Any]) -> FilesConfig:
    """Read [files]; raise `UsageError` with the place of a mistake."""
    try:
        found = msgspec.convert(config.get("files", {}), FilesConfig)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"config.toml: [files]: {error}", hint='for example: deny = ["~/Documents/private"]'
        ) from error
    for path in found.deny:
        if not path.startswith(("/", "~/")) or ".." in path.split("/"):
            raise UsageError(
                f"config.toml: [files] deny: {path!r} is no absolute path", hint="write it whole, or begin it with ~/"
            )
    return found


class PersonFiles:
    """One kernel's view of the person's files; `layout` says where what was replaced is kept."""

    def __init__(self, config: FilesConfig, layout: Layout, person: Path | None = None) -> None:
        self._config = config
        self._layout = layout
        self._person = person or Path.home()
        self._kept: dict[str, KeptFiles] = {}
        self._keeping = anyio.Lock()
        self._paths: dict[str, dict[tuple[tuple[str, ...], str], tuple[GrantedPath, ...]]] = {}

    def paths(self, session: str, rows: tuple[str, ...], settings: Mapping[str, Any]) -> tuple[GrantedPath, ...]:
        """What these rows grant, as `granted_paths` says; looked up once a session: a link that comes later leads nowhere."""
        if not any(row.startswith("files.") for row in rows):
            return ()
        known = self._paths.setdefault(session, {})
        key = (rows, repr(sorted(settings.items())))
        if key not in known:
            known[key] = granted_paths(
                rows, settings, person=self._person, kernel_home=self._layout.home, denied=self._config.deny
            )
        return known[key]

    def paths_of(self, caller: Caller) -> tuple[GrantedPath, ...]:
        """What a call may reach."""
        return self.paths(caller.session, caller.rows, caller.settings)

    async def keep_before(self, session: str, paths: tuple[GrantedPath, ...]) -> None:
        """Keep what a call with these paths could replace; raise `PermissionRefused` when it is too much to keep.

        Copying is done on a thread, one call's at a time: a call beside it waits until all of it is kept.
        """
        if not self._config.keep_replaced or all(path.access != "write" for path in paths):
            return
        async with self._keeping:
            kept = self._of(session)
            if not kept.has_all(paths):
                await to_thread.run_sync(kept.keep_granted, paths)

    def keep(self, caller: Caller, path: Path) -> None:
        """Keep one file before the kernel opens it for writing."""
        if self._config.keep_replaced:
            self._of(caller.session).keep(path)

    def end_session(self, session: str, *, well: bool) -> tuple[Path, ...]:
        """Drop what was kept for a session that ended well; else return where the replaced files are."""
        self._paths.pop(session, None)
        kept = self._kept.pop(session, None)
        return () if kept is None else kept.end(well=well)

    def _of(self, session: str) -> KeptFiles:
        if session not in self._kept:
            self._kept[session] = KeptFiles(self._layout.replaced / session)
        return self._kept[session]
