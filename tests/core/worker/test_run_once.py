"""One command inside the walls: what it may see, what it leaves, how it is ended."""

import os
from pathlib import Path

import pytest

from skillkernel.errors import WorkerFloods, WorkerTimeout
from skillkernel.worker.run_once import run_sandboxed


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with a module in it."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "maker.py").write_text(
        "import sys, pathlib\nprint(__name__, sys.argv[1:])\npathlib.Path(sys.argv[1], 'made').mkdir()\n"
    )
    return folder


def test_a_module_runs_and_what_it_writes_belongs_to_the_caller(tmp_path: Path, source: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    done = run_sandboxed(
        ["-m", "maker", str(out)], python_path=[source], writable=[out], timeout=20, max_output=1000, uid_key="k"
    )
    assert (done.returncode, done.stdout) == (0, f"__main__ [{str(out)!r}]\n".encode()), done.stderr
    assert (out / "made").stat().st_uid == out.stat().st_uid == os.geteuid()


def test_code_and_scripts_run_too_with_their_arguments_and_folder(tmp_path: Path, source: Path) -> None:
    done = run_sandboxed(
        ["-c", "import os, sys; print(os.getcwd(), sys.argv); sys.exit(3)", "a"],
        read_only=[source], cwd=source, timeout=20, uid_key="k",
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (3, f"{source} ['-c', 'a']\n".encode())
    done = run_sandboxed([str(source / "maker.py"), "/tmp"], read_only=[source], timeout=20, uid_key="k")  # noqa: S108 # inside
    assert done.returncode == 0, done.stderr


def test_what_is_read_only_stays_as_it_was(source: Path) -> None:
    code = f"open({str(source / 'maker.py')!r}, 'w')"
    done = run_sandboxed(["-c", code], read_only=[source], timeout=20, uid_key="k")
    assert done.returncode == 1
    assert b"OSError" in done.stderr or b"PermissionError" in done.stderr


def test_it_has_no_network_no_environment_and_no_folder_that_was_not_named(tmp_path: Path, source: Path) -> None:
    code = (
        "import os, socket\n"
        f"print(sorted(os.environ), os.path.exists({str(tmp_path)!r}))\n"
        "socket.create_connection(('127.0.0.1', 9), timeout=2)"
    )
    done = run_sandboxed(["-c", code], timeout=20, uid_key="k")
    assert b"PATH" not in done.stdout
    assert b"False" in done.stdout
    assert b"PermissionError" in done.stderr


def test_it_is_ended_when_its_time_is_up() -> None:
    with pytest.raises(WorkerTimeout, match=r"longer than 0\.3 s"):
        run_sandboxed(["-c", "while True: pass"], timeout=0.3, uid_key="k")


def test_it_is_ended_when_it_prints_too_much() -> None:
    with pytest.raises(WorkerFloods, match="more than 1000 bytes"):
        run_sandboxed(["-c", "while True: print('x' * 100)"], timeout=20, max_output=1000, uid_key="k")


def test_links_in_a_writable_folder_are_not_followed_when_it_is_given_back(tmp_path: Path) -> None:
    out, outside = tmp_path / "out", tmp_path / "outside"
    out.mkdir()
    outside.mkdir()
    (outside / "file").write_text("")
    before = (outside.stat().st_uid, (outside / "file").stat().st_uid)
    code = f"import os; os.symlink({str(outside)!r}, {str(out / 'link')!r}); os.symlink({str(outside / 'file')!r}, {str(out / 'f')!r})"
    assert run_sandboxed(["-c", code], writable=[out], timeout=20, uid_key="k").returncode == 0
    assert (outside.stat().st_uid, (outside / "file").stat().st_uid) == before
