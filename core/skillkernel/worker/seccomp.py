"""Which system calls a process may make: a profile, as a program for the kernel's filter. Pure; applied by confine.py.

Threat: the surface of the operating system's kernel. A skill that may not open a socket, become somebody, trace,
mount, load or start a program cannot reach what namespaces and Landlock forgot. It is an allow-list: what a later Linux
adds does not exist here (ENOSYS, so that a C library falls back to what does); what is known and refused is EPERM.

A connection that the kernel hands to a skill belongs to the host's network. So nobody connects, binds or listens here
(connect(AF_UNSPEC) and a second connect would turn it elsewhere), a datagram pair cannot be had (it may be aimed at any
socket of the host), and options and commands of a socket are those that clients of TCP set.
"""

import errno
import platform
import struct
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from skillkernel.worker.syscall_rules import PROFILES, Check, Profile, Rule, refuse
from skillkernel.worker.syscalls import AUDIT, Architecture, numbers

__all__ = ["Instruction", "Profile", "encode", "filter_for", "filter_here", "this_architecture"]

_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
_X32 = 0x4000_0000
_UNKNOWN = refuse(errno.ENOSYS)


class Instruction(NamedTuple):
    """struct sock_filter: an operation, how far to jump where a comparison holds and where not, and its operand."""

    code: int
    if_true: int
    if_false: int
    operand: int


@cache
def filter_here(profile: Profile) -> bytes:
    """The program of this profile for the machine that this runs on; raise `ValueError` for another architecture."""
    return encode(filter_for(profile, this_architecture()))


def this_architecture() -> Architecture:
    """What this process was compiled for."""
    machine = platform.machine()
    if machine == "x86_64":
        return "x86_64"
    if machine == "aarch64":
        return "aarch64"
    raise ValueError(f"there is no table of system calls for {machine}")


def filter_for(profile: Profile, architecture: Architecture) -> tuple[Instruction, ...]:
    """The program: another architecture's entry kills, every number ends in the rule that it has."""
    program = [
        Instruction(_LOAD, 0, 0, _ARCHITECTURE),
        Instruction(_EQUAL, 1, 0, AUDIT[architecture]),
        _return(_KILL_PROCESS),
        Instruction(_LOAD, 0, 0, _NUMBER),
    ]
    if architecture == "x86_64":
        program += [Instruction(_AT_LEAST, 0, 1, _X32), _return(_KILL_PROCESS)]
    for beyond, rule in _intervals(PROFILES[profile], numbers(architecture)):
        block = _block(rule)
        program += [Instruction(_AT_LEAST, len(block), 0, beyond), *block]
    return (*program, *_block(_UNKNOWN))


def encode(program: tuple[Instruction, ...]) -> bytes:
    """The bytes that seccomp(2) takes; raise `ValueError` when a jump is too far or the program too long for it."""
    if len(program) > 4096:
        raise ValueError(f"a filter of {len(program)} instructions is too long")
    try:
        return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
    except struct.error as error:
        raise ValueError(f"a filter jumps too far: {error}") from None


def _intervals(rules: Mapping[str, Rule], number: Mapping[str, int]) -> list[tuple[int, Rule]]:
    """All numbers in ascending order as (first number beyond, rule), neighbours with the same rule as one."""
    by_number = {number[name]: rule for name, rule in rules.items() if name in number}
    found: list[tuple[int, Rule]] = []
    for each in range(max(by_number) + 1):
        rule = by_number.get(each, _UNKNOWN)
        if found and found[-1][1] == rule:
            found[-1] = (each + 1, rule)
        else:
            found.append((each + 1, rule))
    return found


def _block(rule: Rule) -> list[Instruction]:
    """What decides a call by its arguments; it never runs past its own end."""
    block: list[Instruction] = []
    for checks in rule.allowed:
        block += [*_all_hold(checks), _return(_ALLOW)]
        if not checks:
            return block
    return [*block, _return(_ERRNO | rule.otherwise)]


def _all_hold(checks: tuple[Check, ...]) -> list[Instruction]:
    """Runs past its own end where all of them hold; else jumps behind the return that follows it."""
    code: list[Instruction] = []
    for check in reversed(checks):
        code = [*_holds(check, len(code) + 1), *code]
    return code


def _holds(check: Check, to_failure: int) -> list[Instruction]:
    load = [Instruction(_LOAD, 0, 0, _ARGUMENTS + 8 * check.argument + (4 if check.upper else 0))]
    if check.mask is not None:
        load.append(Instruction(_AND, 0, 0, check.mask))
    *first, last = check.values
    jumps = [Instruction(_EQUAL, len(first) - at, 0, value) for at, value in enumerate(first)]
    return [*load, *jumps, Instruction(_EQUAL, 0, to_failure, last)]


def _return(action: int) -> Instruction:
    return Instruction(_RETURN, 0, 0, action)
