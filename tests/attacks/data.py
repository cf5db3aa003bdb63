"""Data: what the kernel, the person or another skill knows does not come to a skill, nor out of it."""

import ctypes
import os
import resource
import sys
from pathlib import Path

from attacks.attack import MARK, Outside, Rows
from attacks.attempt import AT_START

DATA = Rows("data")
_EXPECTED = {"HOME", "LANG", "LC_CTYPE", "PWD", "TMPDIR", "TZ"}


@DATA.attack("variables of the kernel's process, by os.environ", bare=True)
def environment(outside: Outside) -> str | None:
    found = set(os.environ) - _EXPECTED
    return f"{len(found)} variables" if found else None


@DATA.attack("variables at the top of its own stack, by C and by /proc/self/environ", bare=True)
def environment_by_c(outside: Outside) -> str | None:
    value = ctypes.CDLL(None).getenv
    value.restype = ctypes.c_char_p
    if value(b"SKILL_ATTACKED") or value(b"PATH"):
        return "it is there"
    return "it is there" if MARK.encode() in Path("/proc/self/environ", bare=True).read_bytes() else None


@DATA.attack("the kernel's command line, and its own")
def arguments(outside: Outside) -> str | None:
    own = [sys.orig_argv, sys.argv]
    if MARK in repr(own):
        return "a secret is in it"
    return "the kernel's is there" if Path(f"/proc/{outside.kernel}/cmdline").read_bytes() else None


@DATA.attack("descriptors beyond its own five", bare=True)
def descriptors(outside: Outside) -> str | None:
    found = AT_START
    return f"descriptors {found}" if found else None


@DATA.attack("secrets of the kernel in its own memory", bare=True)
def own_memory(outside: Outside) -> str | None:
    """What is started by exec has nothing of the kernel's memory; modules of the kernel are not there to be asked."""
    heavy = {"msgspec", "anyio", "openai", "sqlite_utils", "skillkernel.kernel", "skillkernel.secrets"}
    loaded = heavy & set(sys.modules)
    if loaded:
        return f"{', '.join(sorted(loaded))} are loaded"
    for name in ("msgspec", "anyio"):
        try:
            __import__(name)
        except ImportError:
            continue
        return f"{name} can be imported"
    return None


@DATA.attack("a core dump of itself, with what it was given", off="it would leave one on this machine")
def core_dump(outside: Outside) -> str | None:
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if hard == 0:
        return None
    return f"up to {soft} bytes may be dumped"


@DATA.attack("who the person is: name, home, host, groups")
def person(outside: Outside) -> str | None:
    found: list[str] = []
    for path in ("/etc/passwd", "/etc/hostname", "/etc/machine-id", "/etc/hosts"):
        try:
            if Path(path).read_text():
                found.append(path)
        except OSError:
            continue
    return ", ".join(found) or None


@DATA.attack("other mounts and devices of the machine (/proc/mounts, /proc/partitions, /proc/net)")
def machine(outside: Outside) -> str | None:
    found: list[str] = []
    for path in ("/proc/net/tcp", "/proc/net/unix", "/proc/self/net/tcp"):
        try:
            lines = Path(path).read_text().splitlines()[1:]
        except OSError:
            continue
        if lines:
            found.append(path)
    return f"{len(found)} lists of connections" if found else None


_ATTACKS = "tests/core/secrets/test_attacks.py"
DATA.proof("a secret in a result", f"{_ATTACKS}::test_a_result_does_not_carry_it")
DATA.proof("a secret in a result, encoded", f"{_ATTACKS}::test_an_encoded_result_does_not_carry_it")
DATA.proof("a secret in an error or a traceback", f"{_ATTACKS}::test_an_error_does_not_carry_it")
DATA.proof(
    "a part of a secret in an error that was cut",
    f"{_ATTACKS}::test_an_error_that_is_cut_off_within_it_does_not_carry_a_part",
)
DATA.proof("a secret in progress", f"{_ATTACKS}::test_progress_does_not_carry_it")
DATA.proof("a secret in what was printed", f"{_ATTACKS}::test_what_it_printed_before_it_died_does_not_carry_it")
DATA.proof(
    "a secret kept from an earlier call",
    f"{_ATTACKS}::test_what_a_skill_kept_from_an_earlier_call_is_masked_in_a_later_one",
)
DATA.proof(
    "a secret in an environment or a command line",
    f"{_ATTACKS}::test_it_is_in_no_environment_and_no_command_line_and_the_worker_has_dropped_it",
)
DATA.proof(
    "a secret in what a context shows of itself",
    "tests/core/sdk/test_context.py::test_no_secret_is_in_what_a_context_shows_of_itself",
)
DATA.proof("secrets of another owner", "tests/core/secrets/test_file_store.py::test_another_owner_starts_empty")
DATA.residual(
    "timing, sizes and shared caches as a channel between skills, or to an allowed host",
    "whoever shares a processor can signal by using it; the length and moment of an allowed request carry data too.",
)
DATA.residual(
    "a secret that a skill was given, sent to a host that it was granted, or told in another form than is recognised",
    "a grant of both is a grant to bring them together; masking recognises values and their usual encodings.",
)
