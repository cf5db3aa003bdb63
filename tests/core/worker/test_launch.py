"""What a killed kernel leaves behind is swept by the next one."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from skillkernel.worker.launch import own_temporary_folder, sweep_temporary_folders


def test_folders_of_kernels_that_are_gone_are_swept_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    left = tmp_path / f"skillkernel-{int(ended.stdout)}-left"
    alive = tmp_path / f"skillkernel-{os.getppid()}-alive"
    other = tmp_path / "skillkernel-notes"
    for folder in (left, alive, other):
        folder.mkdir()
    sweep_temporary_folders.cache_clear()
    with own_temporary_folder(None) as own:
        assert own.is_dir()
        assert sorted(tmp_path.iterdir()) == sorted((alive, other, own))
    assert not own.exists()
