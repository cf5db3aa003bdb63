"""Several commands may be the first to open a journal: each waits for the one that makes it."""

import subprocess
import sys
from pathlib import Path

OPEN = """
import sys
from pathlib import Path
from skillkernel.journal.journal import Journal
sys.stdin.readline()
for number in range(40):
    journal = Journal(Path(sys.argv[1]) / f"{number}.sqlite")
    journal.begin_session("call", "x", "")
    journal.close()
print("opened")
"""


def test_processes_that_open_a_fresh_journal_at_once_all_can(tmp_path: Path) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60) for process in running]
    assert said == [("opened\n", "")] * 4
