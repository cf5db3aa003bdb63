"""What each profile says of each system call, as values.

Threat: one call too many. Every name is here on purpose: allowed whole, allowed with some arguments, or refused.

`skill` is a worker behind bubblewrap. `skill-b` is a worker that shares the user, the file system and the kernel's
tables with everything else of that person, so what Landlock does not cover is refused here: it can start no process,
and what would change an inode's owner, mode, times or attributes by path does nothing. `program` is a granted program
in a sandbox of its own: it may be executed and may speak TCP inside its own, empty network. `tests` is a skill's own
tests, in a network of their own too: they may also serve there, and start nothing.
"""

import errno
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

Profile = Literal["skill", "skill-b", "program", "tests"]


class Check(NamedTuple):
    """An argument (0 to 5), its lower 32 bits or its upper ones, is one of `values` after `mask` was applied."""

    argument: int
    values: tuple[int, ...]
    mask: int | None = None
    upper: bool = False


class Rule(NamedTuple):
    """A call passes where all checks of one of `allowed` hold, else it returns the error `otherwise` (0: success)."""

    allowed: tuple[tuple[Check, ...], ...]
    otherwise: int = errno.EPERM


ALLOW = Rule(((),))


def refuse(error: int = errno.EPERM) -> Rule:
    """Never passes; with 0 the caller believes that it did."""
    return Rule((), error)


def _only(*checks: Check, error: int = errno.EPERM) -> Rule:
    return Rule((checks,), error)


def _without(argument: int, bits: int) -> Check:
    return Check(argument, (0,), mask=bits)


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_DOES_NOTHING = refuse(0)

_HARMLESS = _names("""
read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek close close_range dup dup2 dup3 flock
fsync fdatasync sync_file_range ftruncate fallocate fadvise64 readahead fstat fstatfs fchdir getdents getdents64
sendfile copy_file_range splice sync syncfs open openat creat stat lstat newfstatat statx access faccessat faccessat2
readlink readlinkat getcwd chdir rename renameat renameat2 mkdir mkdirat rmdir unlink unlinkat link linkat symlink
symlinkat umask truncate statfs mmap mprotect munmap mremap msync madvise mincore brk mlock mlock2 munlock mlockall
munlockall membarrier get_mempolicy exit exit_group wait4 waitid kill tkill tgkill pidfd_open
pidfd_send_signal rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait rt_sigqueueinfo
rt_tgsigqueueinfo sigaltstack restart_syscall pause getpid getppid gettid getuid geteuid getgid getegid getgroups
getresuid getresgid getpgid getpgrp setpgid getsid setsid capget set_tid_address set_robust_list get_robust_list rseq
futex futex_waitv sched_yield sched_getaffinity sched_getscheduler sched_getparam sched_get_priority_max
sched_get_priority_min sched_rr_get_interval sched_getattr getpriority getrlimit setrlimit getcpu gettimeofday time
clock_gettime clock_getres clock_nanosleep nanosleep times getrusage alarm getitimer setitimer timer_create
timer_settime timer_gettime timer_getoverrun timer_delete timerfd_create timerfd_settime timerfd_gettime eventfd
eventfd2 signalfd signalfd4 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 poll ppoll select
pselect6 pipe pipe2 uname sysinfo getrandom recvfrom recvmsg recvmmsg shutdown getsockname getpeername getsockopt
""")

_INODES = _names("""
chmod fchmod fchmodat utime utimes futimesat utimensat chown lchown fchown fchownat setxattr lsetxattr fsetxattr
getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr inotify_init
inotify_init1 inotify_add_watch inotify_rm_watch openat2 fork vfork
""")
"""Harmless where the files and processes that can be named are the sandbox's own."""

_NEVER = _names("""
execveat ptrace process_vm_readv process_vm_writev process_madvise process_mrelease pidfd_getfd kcmp unshare setns
mount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig fsmount fspick mount_setattr swapon swapoff
quotactl quotactl_fd open_by_handle_at name_to_handle_at fanotify_init fanotify_mark bpf perf_event_open userfaultfd
io_uring_setup io_uring_enter io_uring_register io_setup io_submit io_destroy io_cancel io_getevents keyctl add_key
request_key memfd_secret personality setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups
capset seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self init_module finit_module delete_module
kexec_load kexec_file_load reboot syslog acct sethostname setdomainname settimeofday clock_settime clock_adjtime
adjtimex ioprio_set ioprio_get sched_setscheduler sched_setparam sched_setattr migrate_pages move_pages mbind
set_mempolicy shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl mq_open mq_unlink
mq_timedsend mq_timedreceive mq_notify mq_getsetattr vhangup iopl ioperm modify_ldt lookup_dcookie remap_file_pages
nfsservctl uselib tee vmsplice socket connect bind listen accept accept4 execve
""")

_MSG_FASTOPEN = 0x2000_0000
_AF_UNIX, _AF_INET, _AF_INET6 = 1, 2, 10
_STREAM, _SEQPACKET, _KIND = 1, 5, 0xF
_SOL_SOCKET, _TCP, _IP, _IPV6 = 1, 6, 0, 41
_SOCKET_OPTIONS = (2, 3, 4, 6, 7, 8, 9, 10, 13, 15, 20, 21, 66, 67)
"""REUSEADDR TYPE ERROR BROADCAST SNDBUF RCVBUF KEEPALIVE OOBINLINE LINGER REUSEPORT and the timeouts, old and new."""
_TCP_OPTIONS = (1, 2, 3, 4, 5, 6, 7, 8, 12, 18, 25)
"""NODELAY MAXSEG CORK KEEPIDLE KEEPINTVL KEEPCNT SYNCNT LINGER2 QUICKACK USER_TIMEOUT NOTSENT_LOWAT."""
_IP_OPTIONS = (1, 2)
"""TOS TTL."""
_IPV6_OPTIONS = (26, 67)
"""V6ONLY TCLASS."""

_IOCTLS = (0x5401, 0x5411, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS TIOCOUTQ TIOCGWINSZ FIONREAD FIONBIO FIONCLEX FIOCLEX; asm-generic/ioctls.h, the same for both."""
_FCNTLS = (0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 36, 37, 38, 1030, 1031, 1032, 1033, 1034)
"""All but those that send signals (SETOWN, SETSIG, NOTIFY) or hold up other openers (SETLEASE)."""
_PRCTLS = (2, 3, 4, 7, 15, 16, 21, 23, 29, 30, 38, 39, 41, 42, 0x5356_4D41)
"""GET_PDEATHSIG GET/SET_DUMPABLE GET_KEEPCAPS SET/GET_NAME GET_SECCOMP CAPBSET_READ timer slack NO_NEW_PRIVS THP VMA."""
_ARCH_PRCTLS = (0x1001, 0x1002, 0x1003, 0x1004)
"""The bases of the segment registers."""

_CLONE_THREAD = 0x0001_0000
_CLONE_DENIED = 0x7E02_0000 | 0x0000_2000 | 0x0000_8000
"""CLONE_NEW*, CLONE_PTRACE, CLONE_PARENT."""
_O_PATH = 0x20_0000
_S_IFMT, _S_IFREG, _S_IFIFO = 0xF000, 0x8000, 0x1000
_NULL = (Check(4, (0,)), Check(4, (0,), upper=True))
_MYSELF = Check(0, (0,))


def _all(names: Iterable[str], rule: Rule) -> dict[str, Rule]:
    return dict.fromkeys(names, rule)


def _option(level: int, options: tuple[int, ...]) -> tuple[Check, ...]:
    return Check(1, (level,)), Check(2, options)


_BASE: Mapping[str, Rule] = {
    **_all(_HARMLESS, ALLOW),
    **_all(_INODES, ALLOW),
    **_all(_NEVER, refuse()),
    "clone": _only(_without(0, _CLONE_DENIED)),
    "clone3": refuse(errno.ENOSYS),
    "memfd_create": refuse(errno.ENOSYS),  # memory that is no process's is seen by no sample
    "setpriority": _only(_MYSELF, Check(1, (0,))),
    "sched_setaffinity": _only(_MYSELF),
    "prlimit64": _only(_MYSELF),
    "prctl": _only(Check(0, _PRCTLS)),
    "arch_prctl": _only(Check(0, _ARCH_PRCTLS)),
    "ioctl": _only(Check(1, _IOCTLS)),
    "fcntl": _only(Check(1, _FCNTLS)),
    "mknod": _only(Check(1, (0, _S_IFREG, _S_IFIFO), mask=_S_IFMT)),
    "mknodat": _only(Check(2, (0, _S_IFREG, _S_IFIFO), mask=_S_IFMT)),
    "socketpair": _only(Check(0, (_AF_UNIX,)), Check(1, (_STREAM, _SEQPACKET), mask=_KIND)),
    "sendto": _only(_without(3, _MSG_FASTOPEN), *_NULL),
    "sendmsg": _only(_without(2, _MSG_FASTOPEN)),
    "sendmmsg": _only(_without(3, _MSG_FASTOPEN)),
    "setsockopt": Rule(
        (
            _option(_SOL_SOCKET, _SOCKET_OPTIONS),
            _option(_TCP, _TCP_OPTIONS),
            _option(_IP, _IP_OPTIONS),
            _option(_IPV6, _IPV6_OPTIONS),
        )
    ),
}

_SHARED: Mapping[str, Rule] = {
    "clone": _only(_without(0, _CLONE_DENIED), Check(0, (_CLONE_THREAD,), mask=_CLONE_THREAD)),
    **_all(("fork", "vfork"), refuse()),
    **_all(("chmod", "fchmod", "fchmodat", "utime", "utimes", "futimesat", "utimensat"), _DOES_NOTHING),
    **_all(("chown", "lchown", "fchown", "fchownat"), refuse()),
    **_all((name for name in _INODES if "xattr" in name), refuse(errno.ENOTSUP)),
    **_all((name for name in _INODES if "inotify" in name), refuse()),
    "openat2": refuse(errno.ENOSYS),
    "open": _only(_without(1, _O_PATH)),
    "openat": _only(_without(2, _O_PATH)),
}

_STREAM_SOCKET = (Check(1, (_STREAM,), mask=_KIND), Check(2, (0, _TCP)))
_OWN_NETWORK: Mapping[str, Rule] = {
    "connect": ALLOW,
    "socket": Rule(
        (
            (Check(0, (_AF_INET, _AF_INET6)), *_STREAM_SOCKET),
            (Check(0, (_AF_UNIX,)), Check(1, (_STREAM, _SEQPACKET), mask=_KIND)),
        )
    ),
}

PROFILES: Mapping[Profile, Mapping[str, Rule]] = {
    "skill": _BASE,
    "skill-b": {**_BASE, **_SHARED},
    "program": {**_BASE, **_OWN_NETWORK, "execve": ALLOW},
    "tests": {**_BASE, **_OWN_NETWORK, **_all(("bind", "listen", "accept", "accept4"), ALLOW)},
}
"""By profile and name; what has no rule does not exist."""
