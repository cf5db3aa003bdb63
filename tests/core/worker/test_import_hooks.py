"""Something done when a module is imported, once, and not before."""

import subprocess
import sys

CODE = """
import sys
from skillkernel.worker.inside.import_hooks import after_import
done = []
before = list(sys.meta_path)
after_import("{module}", done.append)
{then}
"""


def run(module: str, then: str) -> str:
    """What the code prints in a fresh interpreter."""
    code = CODE.format(module=module, then=then)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_it_waits_for_the_import() -> None:
    assert run("wave", "import json; print(done, 'wave' in sys.modules)") == "[] False"


def test_it_is_done_once_with_the_finished_module() -> None:
    then = "import wave, importlib; importlib.reload(wave); print([m.open.__name__ for m in done])"
    assert run("wave", then) == "['open']"


def test_the_import_leaves_no_trace() -> None:
    then = (
        "import wave, inspect\n"
        "print(before == sys.meta_path, type(wave.__loader__).__name__, wave.__spec__.loader is wave.__loader__,"
        " 'class Wave_read' in inspect.getsource(wave))"
    )
    assert run("wave", then) == "True SourceFileLoader True True"


def test_a_module_that_is_there_already_is_taken_at_once() -> None:
    assert run("sys", "print(done == [sys], before == sys.meta_path)") == "True True"


def test_a_module_that_is_nowhere_is_not_found_as_ever() -> None:
    then = "try:\n    import nowhere_at_all\nexcept ModuleNotFoundError as error:\n    print(error, done)"
    assert run("nowhere_at_all", then) == "No module named 'nowhere_at_all' []"
