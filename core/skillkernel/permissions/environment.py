"""The variables of the kernel's own environment that a skill was granted, and those that no skill is ever given. Pure.

Threat: a variable that makes a program or a library load code, trust another authority or look elsewhere; one that says
where the sandbox is. Such a name is refused in a manifest and, whoever granted it, not handed on.
"""

import os
import re
from collections.abc import Iterable, Mapping

_ROW = "environment:"
_DANGEROUS = re.compile(
    r"(LD|DYLD|GLIBC|MALLOC|GCONV|RESOLV|SKILL|SKILLKERNEL|BASH|GIT|NODE|JAVA|JDK|CURL|SSL|OPENSSL|REQUESTS|PIP|UV"
    r"|XDG|DBUS|SSH)_.*|(PYTHON|PERL|RUBY).*|(HTTP|HTTPS|FTP|ALL|NO)_PROXY|_JAVA_OPTIONS|CLASSPATH"
    r"|LOCPATH|NLSPATH|HOSTALIASES|LOCALDOMAIN|RES_OPTIONS|PATH|HOME|PWD|OLDPWD|SHELL|ENV|IFS|TMPDIR|TMP|TEMP|TZ|TZDIR"
    r"|USER|LOGNAME",
    re.IGNORECASE,
)
"""What the loader, the C library, interpreters and TLS read; what the sandbox sets itself; ways to other programs."""


def environment_problem(name: str) -> str:
    """Why this variable is not handed to any skill, empty when it may be."""
    if _DANGEROUS.fullmatch(name):
        return f"{name} steers how programs load, trust or connect, or is set by the sandbox: no skill is given it"
    return ""


def granted_environment(rows: Iterable[str], environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables that these permission rows name and that are set, by name."""
    names = [row.removeprefix(_ROW) for row in rows if row.startswith(_ROW)]
    return {name: environ[name] for name in names if name in environ and not environment_problem(name)}
