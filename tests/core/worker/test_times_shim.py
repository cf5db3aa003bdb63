"""Changing times in Tier B, where it does nothing."""

import os
from pathlib import Path
from typing import Any

import pytest

from skillkernel.worker.inside.times_shim import looking_first


def does_nothing(*arguments: Any, **named: Any) -> None:
    """What the filter makes of it."""


def test_what_is_not_there_is_an_error_and_what_is_passes(tmp_path: Path) -> None:
    utime = looking_first(does_nothing)
    (tmp_path / "there").touch()
    (tmp_path / "broken").symlink_to("nowhere")
    utime(tmp_path / "there", None)
    utime(tmp_path / "there", ns=(1, 1))
    utime(tmp_path / "broken", follow_symlinks=False)
    for missing in ("missing", "broken"):
        with pytest.raises(FileNotFoundError):
            utime(tmp_path / missing, (1, 1))


def test_everything_is_handed_on(tmp_path: Path) -> None:
    file = tmp_path / "there"
    file.touch()
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        looking_first(os.utime)("there", (1, 2), dir_fd=folder)
        looking_first(os.utime)(folder, ns=(3, 4))
    finally:
        os.close(folder)
    assert file.stat().st_mtime == 2
    assert tmp_path.stat().st_mtime_ns == 4
