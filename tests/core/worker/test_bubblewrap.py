"""The command line of the walls, as a value."""

from pathlib import Path, PurePosixPath

from skillkernel.worker.bubblewrap import Mount, Tools, bwrap_argv, python_command
from skillkernel.worker.interpreter import Interpreter

TOOLS = Tools(bwrap=Path("/usr/bin/bwrap"), setpriv=Path("/usr/bin/setpriv"))
PYTHON = Interpreter(
    executable=Path("/home/ada/py/bin/python3"),
    read_only=(Path("/home/ada/py"), Path("/usr/lib/x86_64-linux-gnu")),
    links=((Path("/lib"), "usr/lib"),),
    hidden=(Path("/home/ada/py/lib/site-packages"),),
)
MOUNTS = (
    Mount(Path("/home/ada/store/x"), PurePosixPath("/environment")),
    Mount(Path("/home/ada/data"), PurePosixPath("/data"), writable=True),
)


def argv(uid: int | None) -> list[str]:
    return bwrap_argv(TOOLS, PYTHON, MOUNTS, ["python3"], uid=uid)


def has(words: list[str], *sequence: str) -> bool:
    return any(tuple(words[start : start + len(sequence)]) == sequence for start in range(len(words)))


def test_everybody_gets_every_namespace_no_environment_no_terminal_and_dies_with_the_kernel() -> None:
    for uid in (None, 1_900_000_001):
        words = argv(uid)
        for word in ("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"):
            assert word in words
        for word in ("--die-with-parent", "--new-session", "--clearenv"):
            assert word in words
        assert has(words, "--cap-drop", "ALL")


def test_an_ordinary_user_gets_a_user_namespace_that_cannot_make_another() -> None:
    words = argv(None)
    assert {"--unshare-user", "--disable-userns"} <= set(words)
    assert "/usr/bin/setpriv" not in words
    assert words[words.index("--") :] == ["--", "python3"]


def test_root_gets_no_user_namespace_and_drops_to_the_skills_user_after_the_mounts() -> None:
    words = argv(1_900_000_001)
    assert "--unshare-user" not in words
    inside = words[words.index("--") + 1 :]
    assert inside[:3] == ["/usr/bin/setpriv", "--reuid=1900000001", "--regid=1900000001"]
    assert {"--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"} <= set(inside)


def test_parents_of_a_mount_are_open_to_all_and_made_before_it() -> None:
    words = argv(1_900_000_001)
    parent = words.index("/home/ada")
    assert words[parent - 3 : parent + 1] == ["--perms", "0755", "--dir", "/home/ada"]
    assert parent < words.index("/home/ada/py")


def test_only_the_data_folder_is_writable() -> None:
    words = argv(None)
    assert [words[at + 2] for at, word in enumerate(words) if word == "--bind"] == ["/data"]
    for path in ("/", "/proc", "/dev"):
        assert has(words, "--remount-ro", path)


def test_the_kernels_own_site_packages_are_covered_after_the_interpreter_is_mounted() -> None:
    words = argv(None)
    cover = words.index("/home/ada/py/lib/site-packages")
    assert words[cover - 1] == "--tmpfs"
    assert cover > words.index("/home/ada/py")


def test_a_mount_inside_a_covered_folder_is_made_after_the_cover() -> None:
    folder = "/home/ada/py/lib/site-packages"
    words = bwrap_argv(TOOLS, PYTHON, [Mount(Path(folder), PurePosixPath(folder))], ["python3"], uid=None)
    cover = words.index(folder)
    bind = words.index(folder, cover + 1)
    assert words[cover - 1] == "--tmpfs"
    assert words[bind - 1] == "--ro-bind"


def test_python_starts_without_environment_site_or_bytecode_files() -> None:
    assert python_command(PYTHON, "pass", "a")[:8] == [
        "/home/ada/py/bin/python3", "-I", "-S", "-B", "-X", "utf8", "-c", "pass",
    ]  # fmt: skip
