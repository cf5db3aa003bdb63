"""Which variables no skill is ever given.

Threat: a variable that makes a program or a library load code, trust another authority or look elsewhere; one that says
where the sandbox is.
"""

import re

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
