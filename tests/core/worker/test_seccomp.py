"""The filters of both architectures, run on a machine like the kernel's: what passes, what does not, and every path."""

import errno
import itertools
import re
import shutil
import subprocess
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.filter_machine import ALLOW, ERRNO, KILL, FilterMachine
from skillkernel.worker.seccomp import Instruction, encode, filter_for, filter_here
from skillkernel.worker.syscall_rules import PROFILES, Profile, Rule
from skillkernel.worker.syscalls import AUDIT, Architecture, numbers

BOTH: tuple[Architecture, ...] = get_args(Architecture)
REFUSED, ABSENT = ERRNO | errno.EPERM, ERRNO | errno.ENOSYS
UNIX, INET, STREAM, DATAGRAM, CLOSE_ON_EXEC = 1, 2, 1, 2, 0o2000000
THREAD_FLAGS = 0x3D0F00
FORK_FLAGS = 0x1200011


def decide(profile: Profile, architecture: Architecture, name: str, *arguments: int) -> int:
    number = numbers(architecture)[name]
    return FilterMachine(filter_for(profile, architecture)).run(number, AUDIT[architecture], arguments)


@pytest.mark.parametrize("architecture", BOTH)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_filter_is_something_the_kernel_takes(profile: Profile, architecture: Architecture) -> None:
    program = filter_for(profile, architecture)
    assert len(encode(program)) == 8 * len(program) < 8 * 4096
    for at, (code, if_true, if_false, _) in enumerate(program):
        if code in (0x15, 0x35):
            assert at + 1 + max(if_true, if_false) < len(program)
    assert program[-1].code == 0x06


@pytest.mark.parametrize("architecture", BOTH)
@pytest.mark.parametrize("profile", PROFILES)
def test_every_instruction_is_reached_and_every_call_meets_its_own_rule(
    profile: Profile, architecture: Architecture
) -> None:
    machine = FilterMachine(filter_for(profile, architecture))
    number = numbers(architecture)
    for name, rule in PROFILES[profile].items():
        if name in number:
            for arguments in combinations(rule):
                assert machine.run(number[name], AUDIT[architecture], arguments) == expected(rule, arguments), name
    known = set(number.values())
    for each in range(max(known) + 2):
        if each not in known:
            assert machine.run(each, AUDIT[architecture]) == ABSENT
    assert machine.run(0, 0x40000003) == KILL
    if architecture == "x86_64":
        assert machine.run(0x4000_0000, AUDIT[architecture]) == KILL
    assert machine.visited == set(range(len(filter_for(profile, architecture))))


def combinations(rule: Rule) -> list[list[int]]:
    """Arguments that each check of a rule accepts and ones that it does not, in every combination."""
    choices: list[set[int]] = [{0} for _ in range(6)]
    for check in itertools.chain(*rule.allowed):
        shift = 32 if check.upper else 0
        wanted = {value << shift for value in check.values}
        flipped = {(value ^ (check.mask & -check.mask if check.mask else 0x55)) << shift for value in check.values}
        choices[check.argument] |= wanted | flipped
    return [list(arguments) for arguments in itertools.product(*choices)]


def expected(rule: Rule, arguments: list[int]) -> int:
    for checks in rule.allowed:
        if all(
            (arguments[check.argument] >> (32 if check.upper else 0) & 0xFFFF_FFFF)
            & (0xFFFF_FFFF if check.mask is None else check.mask)
            in check.values
            for check in checks
        ):
            return ALLOW
    return ERRNO | rule.otherwise


@given(st.integers(0, 2**32 - 1), st.sampled_from(BOTH), st.sampled_from(list(PROFILES)))
def test_a_number_that_nobody_knows_does_not_exist(number: int, architecture: Architecture, profile: Profile) -> None:
    action = FilterMachine(filter_for(profile, architecture)).run(number, AUDIT[architecture])
    if architecture == "x86_64" and number >= 0x4000_0000:
        assert action == KILL
    elif number not in numbers(architecture).values():
        assert action == ABSENT


@pytest.mark.parametrize("architecture", BOTH)
@pytest.mark.parametrize("profile", ["skill", "skill-b"])
@pytest.mark.parametrize(
    "name",
    [
        *("connect", "bind", "listen", "accept", "execve", "execveat", "ptrace", "unshare", "setns", "mount", "bpf"),
        *("io_uring_setup", "keyctl", "userfaultfd", "perf_event_open", "pidfd_getfd", "process_vm_readv", "setuid"),
        *("open_by_handle_at", "memfd_secret", "personality", "kcmp", "shmget", "mq_open", "seccomp", "chroot"),
    ],
)
def test_a_skill_never_gets(profile: Profile, architecture: Architecture, name: str) -> None:
    assert decide(profile, architecture, name, 1, 1, 0) == REFUSED


@pytest.mark.parametrize("architecture", BOTH)
@pytest.mark.parametrize("profile", ["skill", "skill-b", "program"])
def test_memory_that_belongs_to_no_process_cannot_be_had(profile: Profile, architecture: Architecture) -> None:
    assert decide(profile, architecture, "memfd_create", 0, 0) == ABSENT


@pytest.mark.parametrize("architecture", BOTH)
@pytest.mark.parametrize("profile", ["skill", "skill-b"])
def test_no_socket_can_be_had_but_a_connected_pair(profile: Profile, architecture: Architecture) -> None:
    for family in range(46):
        assert decide(profile, architecture, "socket", family, STREAM, 0) == REFUSED
    assert decide(profile, architecture, "socketpair", UNIX, STREAM | CLOSE_ON_EXEC, 0) == ALLOW
    assert decide(profile, architecture, "socketpair", UNIX, DATAGRAM | CLOSE_ON_EXEC, 0) == REFUSED
    assert decide(profile, architecture, "socketpair", INET, STREAM, 0) == REFUSED


@pytest.mark.parametrize("architecture", BOTH)
def test_what_is_sent_goes_where_the_socket_is_connected_to(architecture: Architecture) -> None:
    fast_open = 0x2000_0000
    assert decide("skill", architecture, "sendto", 5, 0x1000, 3, 0x4000, 0, 0) == ALLOW
    assert decide("skill", architecture, "sendto", 5, 0x1000, 3, 0, 0x7FFF_0000_0000, 16) == REFUSED
    assert decide("skill", architecture, "sendto", 5, 0x1000, 3, 0, 0x1000, 16) == REFUSED
    assert decide("skill", architecture, "sendto", 5, 0x1000, 3, fast_open, 0, 0) == REFUSED
    assert decide("skill", architecture, "sendmsg", 5, 0x1000, fast_open) == REFUSED
    assert decide("skill", architecture, "sendmmsg", 5, 0x1000, 1, fast_open) == REFUSED
    assert decide("skill", architecture, "sendmsg", 5, 0x1000, 0x4000) == ALLOW


@pytest.mark.parametrize("architecture", BOTH)
def test_clients_set_the_options_they_need_and_no_others(architecture: Architecture) -> None:
    for level, option in ((1, 9), (6, 1), (1, 20), (41, 26)):
        assert decide("skill", architecture, "setsockopt", 5, level, option) == ALLOW
    for level, option in ((1, 25), (1, 26), (6, 19), (6, 30), (6, 31), (0, 35), (255, 1)):
        assert decide("skill", architecture, "setsockopt", 5, level, option) == REFUSED


@pytest.mark.parametrize("architecture", BOTH)
def test_terminals_and_interfaces_take_no_commands(architecture: Architecture) -> None:
    for command in (0x5401, 0x5413, 0x541B, 0x5421, 0x5451):
        assert decide("skill", architecture, "ioctl", 1, command) == ALLOW
    for command in (0x5412, 0x8912, 0x8927, 0x5402, 0x541C):
        assert decide("skill", architecture, "ioctl", 1, command) == REFUSED


@pytest.mark.parametrize("architecture", BOTH)
def test_threads_are_had_in_both_tiers_processes_in_one_and_namespaces_in_none(architecture: Architecture) -> None:
    assert decide("skill", architecture, "clone", THREAD_FLAGS) == ALLOW
    assert decide("skill-b", architecture, "clone", THREAD_FLAGS) == ALLOW
    assert decide("skill", architecture, "clone", FORK_FLAGS) == ALLOW
    assert decide("skill-b", architecture, "clone", FORK_FLAGS) == REFUSED
    for flag in (0x10000000, 0x20000000, 0x40000000, 0x00020000, 0x04000000, 0x08000000, 0x02000000):
        assert decide("skill", architecture, "clone", FORK_FLAGS | flag) == REFUSED
        assert decide("skill-b", architecture, "clone", THREAD_FLAGS | flag) == REFUSED
    assert decide("skill", architecture, "clone3") == ABSENT


@pytest.mark.parametrize("architecture", BOTH)
def test_in_tier_b_what_landlock_does_not_guard_has_no_effect(architecture: Architecture) -> None:
    for name in ("fchmod", "fchmodat", "utimensat"):
        assert decide("skill-b", architecture, name) == ERRNO
        assert decide("skill", architecture, name) == ALLOW
    for name in ("fchown", "fchownat", "inotify_add_watch"):
        assert decide("skill-b", architecture, name) == REFUSED
    assert decide("skill-b", architecture, "setxattr") == ERRNO | errno.ENOTSUP
    assert decide("skill-b", architecture, "openat", 0, 0, 0x200000) == REFUSED
    assert decide("skill-b", architecture, "openat", 0, 0, 0x80000) == ALLOW


@pytest.mark.parametrize("architecture", BOTH)
def test_a_program_may_be_executed_and_speak_tcp_in_its_own_network(architecture: Architecture) -> None:
    assert decide("program", architecture, "execve") == ALLOW
    assert decide("program", architecture, "connect") == ALLOW
    assert decide("program", architecture, "socket", INET, STREAM, 0) == ALLOW
    assert decide("program", architecture, "socket", INET, STREAM, 262) == REFUSED
    assert decide("program", architecture, "socket", INET, DATAGRAM, 0) == REFUSED
    assert decide("program", architecture, "socket", 16, 3, 0) == REFUSED
    assert decide("program", architecture, "bind") == REFUSED


@pytest.mark.parametrize("architecture", BOTH)
def test_only_its_own_priority_and_limits_can_be_set(architecture: Architecture) -> None:
    for name in ("setpriority", "prlimit64", "sched_setaffinity"):
        assert decide("skill-b", architecture, name, 0, 0) == ALLOW
    assert decide("skill-b", architecture, "setpriority", 0, 4711) == REFUSED
    assert decide("skill-b", architecture, "prlimit64", 4711, 0) == REFUSED
    assert decide("skill-b", architecture, "prctl", 1, 0) == REFUSED  # its death with the kernel stays as it is


def test_every_profile_speaks_of_every_call_in_the_table() -> None:
    known = set(numbers("x86_64")) | set(numbers("aarch64"))
    for profile, rules in PROFILES.items():
        assert set(rules) == known, profile


def test_a_program_that_jumps_too_far_or_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="too far"):
        encode((Instruction(0x15, 256, 0, 0),))
    with pytest.raises(ValueError, match="too long"):
        encode((Instruction(6, 0, 0, 0),) * 4097)


def test_the_filter_of_this_machine_is_made_once() -> None:
    assert filter_here("skill") is filter_here("skill")


def headers(source: str) -> dict[str, int]:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler is here to read the headers with")
    done = subprocess.run([compiler, "-E", "-dM", "-"], input=source, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("the headers of Linux are not installed")
    defined = dict(re.findall(r"#define (__NR\w*) (\S+)", done.stdout))
    found: dict[str, int] = {}
    for name, value in defined.items():
        while value in defined:
            value = defined[value]
        if name.startswith("__NR_") and value.isdigit():
            found[name.removeprefix("__NR_")] = int(value)
    return found


@pytest.mark.parametrize(
    ("architecture", "source"),
    [
        ("x86_64", "#define __x86_64__ 1\n#include <asm/unistd_64.h>\n"),
        (
            "aarch64",
            (
                "#define __BITS_PER_LONG 64\n#define __ARCH_WANT_RENAMEAT\n#define __ARCH_WANT_NEW_STAT\n"
                "#define __ARCH_WANT_SET_GET_RLIMIT\n#define __ARCH_WANT_TIME32_SYSCALLS\n#define __ARCH_WANT_SYS_CLONE3\n"
                "#define __ARCH_WANT_MEMFD_SECRET\n#include <asm-generic/unistd.h>\n"
            ),
        ),
    ],
)
def test_the_numbers_are_those_of_the_c_headers(architecture: Architecture, source: str) -> None:
    if architecture == "x86_64" and not Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h").exists():
        pytest.skip("this machine has the headers of another architecture")
    installed = headers(source)
    table = numbers(architecture)
    assert {name: installed[name] for name in table if name in installed} == {
        name: number for name, number in table.items() if name in installed
    }
    assert len([name for name in table if name in installed]) > 250
