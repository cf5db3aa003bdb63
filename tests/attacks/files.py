"""Files: what was not granted is neither read nor written nor changed, by whatever way to it."""

import ctypes
import fcntl
import os
import stat
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from attacks.attack import MARK, Outside, Rows
from attacks.raw import AT_FDCWD, by_any_child, call, text
from skillkernel.worker.inside.system import Memory

FILES = Rows("files")
_MOUNT_MOVED = 1
_OPEN_TREE_CLONE = 1


def _read(path: str) -> str | None:
    with open(path, errors="replace") as file:
        return f"it read {path}" if MARK in file.read() else None


def _first(paths: Iterable[str]) -> str | None:
    """What the first of these paths that can be read holds."""
    for path in paths:
        try:
            found = _read(path)
        except (OSError, ValueError):
            continue
        if found:
            return found
    return None


@FILES.attack("a private file by its absolute path")
def absolute(outside: Outside) -> str | None:
    return _read(outside.secret)


@FILES.attack("`..`, `//`, `/./` and a trailing slash")
def dots(outside: Outside) -> str | None:
    up = "../" * 40
    name = outside.secret
    return _first(
        [up + name[1:], "//" + name[1:], name.replace("/", "/./"), f"{outside.data}/{up}{name[1:]}", f"{name}/"]
    )


@FILES.attack("`..` out of the granted folder")
def dots_from_the_grant(outside: Outside) -> str | None:
    return _read(f"{outside.granted}/../secret")


@FILES.attack(
    "letters of another case, and NFD for NFC", off="this file system tells them apart: there is nothing to reach"
)
def other_letters(outside: Outside) -> str | None:
    name = outside.secret
    return _first([name.upper(), name.title(), name.replace("e", "e\u0301"), name.replace("secret", "\uff53ecret")])


@FILES.attack("a NUL in a path", off="C ends the text there, Python refuses it: there is nothing to reach")
def nul(outside: Outside) -> str | None:
    return _first([f"{outside.data}/a\0{outside.secret}", f"{outside.secret}\0.txt"])


@FILES.attack("a symbolic link in its own folder")
def symbolic_link(outside: Outside) -> str | None:
    link = f"{outside.data}/link"
    Path(link).unlink(missing_ok=True)
    os.symlink(outside.secret, link)
    return _read(link)


@FILES.attack("a symbolic link to a folder, then a path through it")
def symbolic_folder(outside: Outside) -> str | None:
    link = f"{outside.data}/folder"
    Path(link).unlink(missing_ok=True)
    os.symlink(outside.folder, link)
    return _read(f"{link}/secret")


@FILES.attack("a hard link into its own folder")
def hard_link(outside: Outside) -> str | None:
    link = f"{outside.data}/hard"
    Path(link).unlink(missing_ok=True)
    os.link(outside.secret, link)
    return _read(link)


@FILES.attack("a file moved into its own folder")
def moved_in(outside: Outside) -> str | None:
    source, target = f"{outside.folder}/movable", f"{outside.data}/moved"
    os.rename(source, target)
    os.rename(target, source)
    return "it could be moved"


@FILES.attack("a folder moved out of its place while it is open")
def moved_out(outside: Outside) -> str | None:
    inner = f"{outside.data}/inner"
    os.makedirs(inner, exist_ok=True)
    descriptor = os.open(inner, os.O_RDONLY)
    try:
        os.rename(inner, f"{outside.folder}/outer")
        os.rename(f"{outside.folder}/outer", inner)
        return "it could be moved"
    finally:
        os.close(descriptor)


@FILES.attack("a link swapped in a loop against the file it opens")
def swapped(outside: Outside) -> str | None:
    name = f"{outside.data}/swap"
    for other in ("a", "b"):
        Path(f"{name}-{other}").unlink(missing_ok=True)
    Path(f"{name}-a").write_text("harmless")
    os.symlink(outside.secret, f"{name}-b")
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for other in ("a", "b"):
                copy = f"{name}-copy"
                Path(copy).unlink(missing_ok=True)
                if other == "a":
                    Path(copy).write_text("harmless")
                else:
                    os.symlink(outside.secret, copy)
                os.rename(copy, name)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        return _first([name] * 2000)
    finally:
        stop.set()
        thread.join()


@FILES.attack("magic links: /proc/self/{root,cwd} and /proc/self/task/*/root")
def magic_links(outside: Outside) -> str | None:
    mine = os.getpid()
    roots = ("/proc/self/root", f"/proc/{mine}/root", f"/proc/self/task/{mine}/root", "/proc/thread-self/root")
    return _first([*(root + outside.secret for root in roots), f"/proc/self/cwd/{'../' * 40}{outside.secret[1:]}"])


@FILES.attack("magic links of processes outside: /proc/PID/{root,cwd}")
def magic_links_of_others(outside: Outside) -> str | None:
    pids = (outside.victim, outside.kernel, outside.neighbour, 1)
    return _first(f"/proc/{pid}/root{outside.secret}" for pid in pids)


@FILES.attack("descriptors of processes outside: /proc/PID/fd")
def descriptors_of_others(outside: Outside) -> str | None:
    for pid in (outside.victim, outside.kernel, outside.neighbour, 1):
        try:
            numbers = os.listdir(f"/proc/{pid}/fd")
        except OSError:
            continue
        found = _first(f"/proc/{pid}/fd/{number}" for number in numbers if _is_file(f"/proc/{pid}/fd/{number}"))
        if found:
            return found
    return None


def _is_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False


@FILES.attack("/proc/PID/environ of processes outside")
def environments_of_others(outside: Outside) -> str | None:
    return _first(f"/proc/{pid}/environ" for pid in (outside.victim, outside.kernel, outside.neighbour))


@FILES.attack("/proc/1/environ and /proc/1/cmdline")
def the_first_process(outside: Outside) -> str | None:
    for name in ("environ", "cmdline"):
        try:
            seen = Path(f"/proc/1/{name}").read_bytes()
        except OSError:
            continue
        if seen and outside.tier != "A":
            return f"its {name} can be read"
        if MARK.encode() in seen:
            return f"a secret is in its {name}"
    return None


@FILES.attack("/proc/PID/mem of processes outside")
def memory_of_others(outside: Outside) -> str | None:
    with open(f"/proc/{outside.victim}/mem", "rb", buffering=0) as memory:
        return "its memory was read" if os.pread(memory.fileno(), len(MARK), outside.victim_address) else None


@FILES.attack("/proc/PID/{maps,stack,syscall,auxv} of processes outside")
def maps_of_others(outside: Outside) -> str | None:
    seen: list[str] = []
    for pid in (outside.victim, outside.kernel, outside.neighbour):
        for name in ("maps", "auxv", "syscall"):
            try:
                content = Path(f"/proc/{pid}/{name}").read_bytes()
            except OSError:
                continue
            if content:
                seen.append(f"{name} of a process")
    return ", ".join(sorted(set(seen))) or None


@FILES.attack("the kernel's switches: /proc/sys opened for writing")
def system_switches(outside: Outside) -> str | None:
    """Opened and closed, never written."""
    opened: list[str] = []
    for name in ("kernel/core_pattern", "kernel/hostname", "vm/drop_caches", "net/ipv4/ip_forward", "kernel/modprobe"):
        try:
            os.close(os.open(f"/proc/sys/{name}", os.O_WRONLY))
        except OSError:
            continue
        opened.append(name)
    return f"{', '.join(opened)} can be written" if opened else None


@FILES.attack("/proc/self/{oom_score_adj,uid_map,setgroups,attr} and /proc/sysrq-trigger opened for writing")
def own_switches(outside: Outside) -> str | None:
    opened: list[str] = []
    for name in ("self/oom_score_adj", "self/uid_map", "self/setgroups", "self/coredump_filter", "sysrq-trigger"):
        try:
            os.close(os.open(f"/proc/{name}", os.O_WRONLY))
        except OSError:
            continue
        opened.append(name)
    return f"{', '.join(opened)} can be written" if opened else None


@FILES.attack("/sys")
def devices_tree(outside: Outside) -> str | None:
    return f"{len(os.listdir('/sys'))} entries" if os.listdir("/sys") else None


@FILES.attack("/dev: memory, disks, the kernel's log, shared memory of others")
def devices(outside: Outside) -> str | None:
    opened: list[str] = []
    for name in ("mem", "port", "kmsg", "vda", "sda", "nvme0n1", "kvm", "fuse", "nvram", "net/tun", "mapper/control"):
        try:
            os.close(os.open(f"/dev/{name}", os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY))
        except OSError:
            continue
        opened.append(name)
    return f"{', '.join(opened)} can be opened" if opened else None


@FILES.attack("a file of others in /dev/shm")
def shared_memory(outside: Outside) -> str | None:
    return _read(f"/dev/shm/{Path(outside.folder).name}")  # noqa: S108 # somebody else's


@FILES.attack("a private file's folder, listed")
def listed(outside: Outside) -> str | None:
    return "its name is there" if "secret" in os.listdir(outside.folder) else None


@FILES.attack("a file outside, written to")
def written(outside: Outside) -> str | None:
    with open(outside.secret, "r+"):
        return "it can be written"


@FILES.attack("a file outside, created")
def created(outside: Outside) -> str | None:
    for path in (f"{outside.folder}/created", f"{Path.home()}/../created", "/created"):
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        except OSError:
            continue
        os.unlink(path)
        if not path.startswith(str(Path.home())):
            return "it can be created"
    return None


@FILES.attack("a file outside, emptied, removed, renamed, linked")
def changed_in_its_folder(outside: Outside) -> str | None:
    victim, done = f"{outside.folder}/movable", list[str]()
    changes: tuple[tuple[str, Callable[[], object]], ...] = (
        ("emptied", lambda: os.truncate(victim, 0)),
        ("renamed", lambda: os.rename(victim, victim)),
        ("linked", lambda: os.link(victim, f"{victim}-2")),
        ("removed", lambda: os.unlink(f"{victim}-2")),
        ("a folder made", lambda: os.mkdir(f"{outside.folder}/made")),
        ("a folder removed", lambda: os.rmdir(f"{outside.folder}/made")),
        ("a link made", lambda: os.symlink("x", f"{outside.folder}/made-link")),
        ("a FIFO made", lambda: os.mkfifo(f"{outside.folder}/made-fifo")),
    )
    for name, change in changes:
        try:
            change()
        except OSError:
            continue
        done.append(name)
    return ", ".join(done) or None


@FILES.attack("mode, owner, times and attributes of a file outside")
def attributes(outside: Outside) -> str | None:
    """Landlock sees none of this."""
    before, done = os.stat(outside.secret), list[str]()
    for change in (
        lambda: os.chmod(outside.secret, 0o640),
        lambda: call("fchmodat", AT_FDCWD, text(outside.secret).address, 0o640, 0),
        lambda: os.utime(outside.secret, (1, 1)),
        lambda: os.chown(outside.secret, os.getuid(), 0),
        lambda: os.setxattr(outside.secret, "user.x", b"1"),
    ):
        try:
            change()
        except OSError:
            continue
    after = os.stat(outside.secret)
    for name, one, other in (
        ("mode", before.st_mode, after.st_mode),
        ("times", before.st_mtime, after.st_mtime),
        ("owner", (before.st_uid, before.st_gid), (after.st_uid, after.st_gid)),
    ):
        if one != other:
            done.append(name)
    return ", ".join(done) or None


@FILES.attack("mode by a descriptor without rights (O_PATH, fchmodat2)")
def attributes_by_descriptor(outside: Outside) -> str | None:
    descriptor = os.open(outside.secret, os.O_PATH)
    before = os.fstat(descriptor).st_mode
    try:
        os.chmod(f"/proc/self/fd/{descriptor}", 0o600 if before & 0o040 else 0o640)
        return "its mode was changed" if os.fstat(descriptor).st_mode != before else None
    finally:
        os.close(descriptor)


@FILES.attack("a setuid program made in its own folder")
def setuid_program(outside: Outside) -> str | None:
    """It is of no use where nothing can be executed, or no privilege gained."""
    path = f"{outside.data}/setuid"
    Path(path).unlink(missing_ok=True)
    Path(path).write_bytes(b"#!/bin/sh\n")
    os.chmod(path, 0o4755)  # noqa: S103 # the attack
    if not os.stat(path).st_mode & stat.S_ISUID:
        return None
    status = Path("/proc/self/status").read_text()
    return "there is one, and privileges can be gained" if "NoNewPrivs:\t0" in status else None


@FILES.attack("a device node made in its own folder")
def device_node(outside: Outside) -> str | None:
    path = f"{outside.data}/node"
    Path(path).unlink(missing_ok=True)
    os.mknod(path, 0o600 | stat.S_IFBLK, os.makedev(254, 0))
    return "it could be made"


@FILES.attack("mounts: mount, umount, pivot_root, chroot")
def mounts(outside: Outside) -> str | None:
    def mount() -> str | None:
        done: list[str] = []
        here, nothing = text(outside.data), text("none")
        for name, arguments in (
            ("mount", (nothing.address, here.address, text("tmpfs").address, 0, 0)),
            ("umount2", (here.address, 0)),
            ("chroot", (here.address,)),
        ):
            try:
                call(name, *arguments)
            except OSError:
                continue
            done.append(name)
        return ", ".join(done) or None

    return by_any_child(mount)


@FILES.attack("the new mount calls: open_tree, fsopen, move_mount, mount_setattr")
def new_mounts(outside: Outside) -> str | None:
    done: list[str] = []
    name, kind = text("/"), text("tmpfs")
    for call_name, arguments in (
        ("open_tree", (AT_FDCWD, name.address, _OPEN_TREE_CLONE)),
        ("fsopen", (kind.address, 0)),
        ("fspick", (AT_FDCWD, name.address, 0)),
    ):
        try:
            os.close(call(call_name, *arguments))
        except OSError:
            continue
        done.append(call_name)
    return ", ".join(done) or None


@FILES.attack("a file by its handle (open_by_handle_at)")
def by_handle(outside: Outside) -> str | None:
    """The handle is that of the secret: it could as well be guessed."""
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer((128).to_bytes(4, sys.byteorder) + bytes(132), 136)
    mount = ctypes.c_int()
    if libc.name_to_handle_at(AT_FDCWD, outside.secret.encode(), buffer, ctypes.byref(mount), 0) < 0:
        raise OSError(ctypes.get_errno(), "name_to_handle_at")
    folder = os.open(outside.data, os.O_RDONLY)
    try:
        descriptor = libc.open_by_handle_at(folder, buffer, os.O_RDONLY)
        if descriptor < 0:
            raise OSError(ctypes.get_errno(), "open_by_handle_at")
        with os.fdopen(descriptor) as file:
            return "it was read" if MARK in file.read() else None
    finally:
        os.close(folder)


@FILES.attack("descriptors that were open in the kernel's process", bare=True)
def inherited(outside: Outside) -> str | None:
    for number in range(5, 256):
        try:
            content = os.pread(number, 100, 0)
        except OSError:
            continue
        if MARK.encode() in content:
            return f"descriptor {number} leads to a private file"
    return None


@FILES.attack("`..` from a folder that was opened to build the walls", bare=True)
def from_open_folders(outside: Outside) -> str | None:
    for number in range(3, 256):
        for up in (".", "..", "../.."):
            try:
                descriptor = os.open(f"{up}/secret", os.O_RDONLY, dir_fd=number)
            except OSError:
                continue
            os.close(descriptor)
            return f"descriptor {number} leads out"
    return None


@FILES.attack("its own code, changed for the next start")
def own_code(outside: Outside) -> str | None:
    done: list[str] = []
    folder = Path(outside.environment)
    for path in (folder / "skill_hostile.py", folder / "planted.py"):
        try:
            with path.open("a"):
                done.append(path.name)
        except OSError:
            continue
    return f"{', '.join(done)} can be written" if done else None


@FILES.attack("`__pycache__` of its own code, written for the next start")
def own_bytecode(outside: Outside) -> str | None:
    folder = Path(outside.environment, "__pycache__")
    folder.mkdir(exist_ok=True)
    Path(folder, "skill_hostile.cpython-311.pyc").write_bytes(b"")
    return "it can be written"


@FILES.attack("code of the kernel, of Python and of another skill, changed")
def code_of_others(outside: Outside) -> str | None:
    import skillkernel

    done: list[str] = []
    for path in (
        Path(skillkernel.__file__),
        Path(os.__file__),
        Path(outside.environment).with_name("neighbour") / "skill_neighbour.py",
    ):
        try:
            with path.open("a"):
                done.append(path.name)
        except OSError:
            continue
    return f"{', '.join(done)} can be written" if done else None


@FILES.attack("the data of another skill of the same person, read")
def another_skill(outside: Outside) -> str | None:
    return _read(outside.diary)


@FILES.attack("the data of another skill of the same person, written")
def another_skill_written(outside: Outside) -> str | None:
    with open(outside.diary, "a"):
        return "it can be written"


@FILES.attack("a lease or a signal on a file that others open (F_SETLEASE, F_NOTIFY)")
def leases(outside: Outside) -> str | None:
    """Its own, since it is the command that is asked for."""
    path = Path(outside.data, "leased")
    path.write_bytes(b"")
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        return "others wait for it"
    finally:
        os.close(descriptor)


@FILES.attack("watching what others open (fanotify)")
def watching(outside: Outside) -> str | None:
    os.close(call("fanotify_init", 0, 0))
    return "it sees what is opened"


@FILES.attack("what is denied within a granted folder")
def denied_within(outside: Outside) -> str | None:
    return _read(f"{outside.granted}/denied/secret")


@FILES.attack("what is denied within a granted folder, by renaming the folder around it")
def denied_renamed(outside: Outside) -> str | None:
    inner, other = f"{outside.granted}/denied", f"{outside.granted}/opened"
    os.rename(inner, other)
    try:
        return _read(f"{other}/secret")
    finally:
        os.rename(other, inner)


@FILES.attack("a file by openat2 with every resolve flag off")
def by_openat2(outside: Outside) -> str | None:
    how, name = Memory(bytes(24)), text(outside.secret)
    descriptor = call("openat2", AT_FDCWD, name.address, how.address, how.size)
    with os.fdopen(descriptor) as file:
        return "it was read" if MARK in file.read() else None


_GRANTED = "tests/core/worker/test_granted_files.py"
FILES.proof(
    "a link put in the way of a file that the kernel opens (service `open`)",
    f"{_GRANTED}::test_a_link_in_the_way_of_a_single_file_is_refused",
)
FILES.proof(
    "descriptors of what was mounted, left open", f"{_GRANTED}::test_no_descriptor_of_what_was_mounted_is_left_open"
)
FILES.proof("`/data` for `/data2`", "tests/core/permissions/test_paths.py::test_data_is_not_data2")
FILES.proof(
    "SKILL_HOME and keys within a granted folder",
    "tests/core/permissions/test_paths.py::test_keys_and_the_kernel_s_own_home_are_covered_within_a_grant",
)
FILES.proof(
    "a granted path that is a link into SKILL_HOME or the machine's own places",
    "tests/core/permissions/test_paths.py::test_a_link_to_the_machine_s_own_places_is_refused",
)
FILES.residual(
    "names, sizes and times of files outside (stat, access, readlink) in Tier B",
    "Landlock does not cover them and Tier B has no mounts of its own; contents stay shut. Tier A has nothing to look at.",
)
FILES.residual(
    "reading what everybody may read of Python's own folders",
    "the interpreter and the C library have to be there; nothing of the person is in them.",
)
