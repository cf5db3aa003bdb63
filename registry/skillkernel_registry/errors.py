"""Every error that the package manager adds to the core's tree (skillkernel.errors).

SkillKernelError
├── BuildFailed (exit 1)
├── UsageError (exit 2)
│   └── SkillNotFound
├── ManifestError (exit 2)
│   └── ManifestDrift
├── IntegrityError (exit 4)
│   ├── IndexUnsigned
│   └── UnsafeWheel
└── Missing (exit 5)
    └── IndexUnreachable
"""

from skillkernel.errors import IntegrityError, ManifestError, Missing, SkillKernelError, UsageError


class BuildFailed(SkillKernelError):
    """A skill's source cannot be made into a wheel, or its tools cannot be read; `log` holds what was printed."""

    code = "build-failed"

    def __init__(self, message: str, *, hint: str = "", log: str = "") -> None:
        super().__init__(message, hint=hint)
        self.log = log
        self.detail = log


class SkillNotFound(UsageError):
    """The index has no skill of that name; `near` holds the names that look alike, best first."""

    code = "skill-not-found"

    def __init__(self, name: str, index: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(
            f"the index {index} has no skill {name!r}",
            hint=f"did you mean {' or '.join(near)}?" if near else "`skill search` shows what it has",
        )
        self.name = name
        self.near = near


class ManifestDrift(ManifestError):
    """skill.json is not what the functions and pyproject.toml say now; `diff` is a unified diff from file to source."""

    code = "manifest-drift"

    def __init__(self, source: str, diff: str) -> None:
        super().__init__(source, (("", "differs from the functions and pyproject.toml"),), hint="run `skill build`")
        self.diff = diff
        self.detail = diff


class IndexUnsigned(IntegrityError):
    """Nothing vouches for what an index holds, and nobody said that it may be used all the same."""

    code = "index-unsigned"

    def __init__(self, index: str) -> None:
        super().__init__(f"the index {index} is not signed", hint="for an index of your own, say so with --unsigned")
        self.index = index


class UnsafeWheel(IntegrityError):
    """A wheel that is not unpacked; `place` names the file inside it, empty when it is about the whole."""

    code = "unsafe-wheel"

    def __init__(self, wheel: str, place: str, problem: str) -> None:
        where = f"{wheel}: {place}" if place else wheel
        super().__init__(f"{where}: {problem}", hint="do not install it; tell whoever published it")
        self.wheel = wheel
        self.place = place


class IndexUnreachable(Missing):
    """The index does not answer; the message names the address and the reason."""

    code = "index-unreachable"
