"""Every error that the package manager adds to the core's tree (skillkernel.errors).

SkillKernelError
├── BuildFailed (exit 1)
│   └── UnknownDependency
├── IndexBusy (exit 1)
├── SigningFailed (exit 1)
├── UsageError (exit 2)
│   ├── LockDrift
│   ├── LockInvalid
│   ├── SkillNotFound
│   └── TemplateInvalid
├── ManifestError (exit 2)
│   └── ManifestDrift
├── Refused (exit 3)
│   ├── RootRefused
│   └── VersionTooSmall
├── IntegrityError (exit 4)
│   ├── AttestationMissing
│   ├── AttestationRefused
│   ├── IndexExpired
│   ├── IndexRolledBack
│   ├── IndexTampered
│   ├── IndexUnsigned
│   ├── NameMoved
│   └── UnsafeWheel
└── Missing (exit 5)
    ├── IndexUnreachable
    └── KeyMissing
"""

from collections.abc import Sequence
from pathlib import Path

from skillkernel.errors import IntegrityError, ManifestError, Missing, Refused, SkillKernelError, UsageError


class BuildFailed(SkillKernelError):
    """A skill's source cannot be made into a wheel, or its tools cannot be read; `log` holds what was printed."""

    code = "build-failed"

    def __init__(self, message: str, *, hint: str = "", log: str = "") -> None:
        super().__init__(message, hint=hint)
        self.log = log
        self.detail = log


class UnknownDependency(BuildFailed):
    """No package index in use has a Python package of this name."""

    code = "unknown-dependency"


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


class LockInvalid(UsageError):
    """A skill.lock that is not one; `findings` holds every (place, problem) pair."""

    code = "lock-invalid"

    def __init__(self, source: str, findings: tuple[tuple[str, str], ...]) -> None:
        lines = [f"{place}: {problem}" if place else problem for place, problem in findings]
        first = lines[0] if len(lines) == 1 else f"{len(lines)} things are wrong in it"
        super().__init__(f"{source}: {first}", hint="`skill lock` writes it; docs/lock.md describes every field")
        self.findings = findings
        self.detail = "\n".join(lines[1:] if len(lines) == 1 else lines)


class LockDrift(UsageError):
    """skill.lock is not what `skill lock` would write now; `diff` is a unified diff from the file to that."""

    code = "lock-drift"

    def __init__(self, source: str, diff: str) -> None:
        super().__init__(f"{source} is not up to date", hint="run `skill lock`, look at the difference, and commit it")
        self.diff = diff
        self.detail = diff


class TemplateInvalid(UsageError):
    """A template that no skill can be made from; `place` names the file in it."""

    code = "template-invalid"

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"the template's {place} {problem}", hint="mend the template, or take a built-in one")
        self.place = place


class VersionTooSmall(Refused):
    """A release that breaks what its users rely on needs a larger version; `changes` say what breaks, one line each."""

    code = "version-too-small"

    def __init__(self, version: str, baseline: str, changes: Sequence[str], least: str) -> None:
        breaks = f"breaks {len(changes)} things that users of {baseline} rely on"
        super().__init__(
            f"{version} would say that nothing breaks, and it {breaks}",
            hint=f"make it {least}, or undo the changes; --force if you know better",
        )
        self.changes = tuple(changes)
        self.detail = "\n".join(changes)


class RequiredSkillUnknown(SkillNotFound):
    """A skill requires another that no index has; `chain` says who asks for it, `name` is what is missing."""

    code = "required-skill-unknown"

    def __init__(self, chain: str, name: str) -> None:
        UsageError.__init__(
            self,
            f"{chain}, which no index has",
            hint=f"do not take {name} from anywhere else: whoever publishes under that name would be trusted by it",
        )
        self.name = name
        self.near = ()


class SkillsConflict(UsageError):
    """No releases fit together; the message is one conflict, `lines` are what else was found on the way."""

    code = "skills-conflict"

    def __init__(self, message: str, lines: tuple[str, ...] = (), *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.lines = lines
        self.detail = "\n".join(lines)


class ResolutionTooLong(UsageError):
    """The index holds so many skills, releases or combinations of them that the search for a set that fits was ended."""

    code = "resolution-too-long"

    def __init__(self, problem: str) -> None:
        super().__init__(problem, hint="ask for fewer skills at once, or for exact versions: NAME==VERSION")


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


class NameMoved(IntegrityError):
    """A skill that came from one index is offered by another now: a person says whether that is the same."""

    code = "name-moved"

    def __init__(self, name: str, home: str, reason: str, other: str) -> None:
        super().__init__(
            f"{name} was installed from {home}, which {reason}; {other} has a skill of that name",
            hint=f"if that is the one you mean, say --index {other}: it starts without the data and grants of the first",
        )
        self.name = name
        self.home = home
        self.other = other


class RootRefused(Refused):
    """A signed index that nobody said may be trusted."""

    code = "root-refused"

    def __init__(self, index: str) -> None:
        super().__init__(
            f"the index {index} is used for the first time, and nobody said that it is to be trusted",
            hint="answer yes on a terminal, install from it with --yes, or `skill index use NAME WHERE --root FILE`",
        )
        self.index = index


class IndexExpired(IntegrityError):
    """What an index signed is out of date: it may be frozen by somebody in between, or its keeper forgot it."""

    code = "index-expired"


class IndexRolledBack(IntegrityError):
    """A signed index that shows an older state than this machine has seen."""

    code = "index-rolled-back"


class IndexTampered(IntegrityError):
    """Bytes of a signed index that its keys do not vouch for."""

    code = "index-tampered"


class AttestationMissing(IntegrityError):
    """A release that nobody attested, of an index that demands it."""

    code = "attestation-missing"


class AttestationRefused(IntegrityError):
    """An attestation that does not prove who signed the file; `problem` says why."""

    code = "attestation-refused"

    def __init__(self, file: str, problem: str, *, hint: str = "") -> None:
        super().__init__(
            f"{file}: the attestation is refused: {problem}",
            hint=hint or "do not use the file; tell whoever published it",
        )
        self.file = file
        self.problem = problem


class SigningFailed(SkillKernelError):
    """A wheel could not be signed: nobody vouches for who signs, or a Sigstore service said no."""

    code = "signing-failed"


class UnsafeWheel(IntegrityError):
    """A wheel that is not unpacked; `place` names the file inside it, empty when it is about the whole."""

    code = "unsafe-wheel"

    def __init__(self, wheel: str, place: str, problem: str) -> None:
        where = f"{wheel}: {place}" if place else wheel
        super().__init__(f"{where}: {problem}", hint="do not install it; tell whoever published it")
        self.wheel = wheel
        self.place = place


class IndexUnreachable(Missing):
    """The index does not answer; the message names the address and the reason.

    `status` is what a web server answered, 0 where none did.
    """

    code = "index-unreachable"

    def __init__(self, message: str, *, hint: str = "", status: int = 0) -> None:
        super().__init__(message, hint=hint)
        self.status = status


class IndexBusy(SkillKernelError):
    """An index that somebody else changes at this moment, or changed since this command looked at it."""

    code = "index-busy"

    def __init__(self, index: str, problem: str) -> None:
        super().__init__(f"the index {index} was not changed: {problem}", hint="run the command again")
        self.index = index


class KeyMissing(Missing):
    """Too few private keys of a role are here to sign; `names` are the files that were looked for in `folders`."""

    code = "key-missing"

    def __init__(self, role: str, names: Sequence[str], threshold: int, folders: Sequence[Path]) -> None:
        needed = "the key" if len(names) == 1 else f"{threshold} of the {len(names)} keys"
        places = ", ".join(map(str, folders))
        super().__init__(
            f"the role {role} needs {needed} to sign: looked for {', '.join(names)} in {places}",
            hint="name the folder that holds it with --keys; it may be given several times",
        )
        self.role = role
        self.names = tuple(names)
        self.folders = tuple(folders)
