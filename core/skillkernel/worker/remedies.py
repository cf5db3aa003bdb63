"""What to do when the walls cannot be built, by what bubblewrap said and how this Linux is set."""

from pathlib import Path

WALL_BUILDERS = ("bwrap: ", "setpriv: ")
"""How a line begins that says why the walls could not be built."""
INSTALL_BUBBLEWRAP = (
    "install bubblewrap 0.8 or later, as root: `apt install bubblewrap` (Debian, Ubuntu) or `dnf install bubblewrap`"
    " (Fedora); then `skill doctor`"
)
NOT_LINUX = "skills need Linux; on Windows, WSL2 works the same way; on macOS, use a Linux machine or virtual machine"
_APPARMOR = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
_APPARMOR_FIX = (
    "Ubuntu lets programs make user namespaces by AppArmor profile only; as root, write /etc/apparmor.d/bwrap with"
    " `abi <abi/4.0>, include <tunables/global> profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }` and run"
    " `apparmor_parser -r /etc/apparmor.d/bwrap` (or allow all programs: `sysctl -w"
    " kernel.apparmor_restrict_unprivileged_userns=0`)"
)
_CLONE = Path("/proc/sys/kernel/unprivileged_userns_clone")
_CLONE_FIX = "user namespaces are switched off; as root: `sysctl -w kernel.unprivileged_userns_clone=1`"
_MOST = Path("/proc/sys/user/max_user_namespaces")
_MOST_FIX = "user namespaces are switched off; as root: `sysctl -w user.max_user_namespaces=10000`"
SWITCHES = (_APPARMOR, _CLONE, _MOST)
"""Where Linux says whether an ordinary user may make a user namespace."""
_CONTAINER_FIX = (
    "this looks like a container that allows no namespaces; start it with `--security-opt seccomp=unconfined"
    " --security-opt systempaths=unconfined` and, to run skill as its root, `--cap-add SYS_ADMIN`"
)

_LANDLOCK_FIX = (
    "Tier B needs Landlock of version 6: Linux 6.12 or later, with `landlock` among the modules that the boot parameter"
    " `lsm=` lists (`cat /sys/kernel/security/lsm` shows which run); where bubblewrap works, Tier A needs none of it"
)


def remedy(line: str) -> str:
    """The exact fix for what bubblewrap or setpriv said in `line`."""
    if "nknown option" in line:
        return "this bubblewrap is too old: " + INSTALL_BUBBLEWRAP
    if _first_number(_APPARMOR) == 1:
        return _APPARMOR_FIX
    if _first_number(_CLONE) == 0:
        return _CLONE_FIX
    if _first_number(_MOST) == 0:
        return _MOST_FIX
    if any(sign in line for sign in ("ermission", "not permitted", "namespace", "mount")):
        return _CONTAINER_FIX
    return "`skill doctor` checks the sandbox step by step"


def remedy_alone(line: str) -> str:
    """The exact fix for what keeps Tier B, Landlock and seccomp alone, from working."""
    if "Landlock" in line:
        return _LANDLOCK_FIX
    if "ermission denied" in line and "python" in line:
        return "as root, Tier B needs a Python that every user may start, such as /usr/bin/python3; or run as a user"
    return "Tier B needs Linux 6.12 or later with Landlock and seccomp; `uname -r` says which Linux this is"


def _first_number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return None
