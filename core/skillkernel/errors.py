"""Every error that skillkernel's core raises.

SkillKernelError
├── UsageError (exit 2)
│   ├── InvalidName
│   ├── RulesInvalid
│   ├── ToolDeclarationInvalid
│   ├── UnknownSkill
│   └── UnknownTool
├── ManifestError (exit 2)
├── SchemaError (exit 2)
├── CallFailed (exit 1)
│   ├── ToolError                the tool itself said no; the one error that a skill raises
│   │   └── SecretMissing
│   ├── ArgumentsInvalid (exit 2)
│   ├── LoopDetected
│   ├── BudgetSpent
│   ├── ResultInvalid
│   └── ToolCrashed
├── WorkerError (exit 1)
│   ├── WorkerDied
│   ├── WorkerTimeout
│   ├── WorkerProtocolError
│   ├── WorkerFloods
│   ├── WorkerOverLimit
│   └── WorkerStartFailed
├── Refused (exit 3)
│   ├── PermissionRefused
│   ├── RuleRefused
│   └── ApprovalRefused
├── IntegrityError (exit 4)
├── Missing (exit 5)
│   ├── SandboxMissing
│   ├── ModelMissing
│   ├── SecretStoreUnusable
│   └── SkillBroken
├── ModelError (exit 1)
│   ├── ModelAuthRefused
│   ├── ModelUnknown
│   ├── ModelUnreachable
│   ├── ModelBusy
│   └── ModelReplyInvalid
├── JournalError (exit 1)
└── Cancelled (exit 130)

An error carries `code` (kebab-case, stable, listed in docs/errors.md), a one-line message, and a hint that says what
to do. Standard library only: skills import this module inside the sandbox.
"""

from typing import ClassVar


class SkillKernelError(Exception):
    """Base of every error; `message` says what happened, `hint` what to do about it (empty: nothing to do).

    `detail` is more text that helps to see why, such as what a process printed; it is shown to a person, not to a model.
    """

    code: ClassVar[str] = "internal"
    exit_code: ClassVar[int] = 1
    detail: str = ""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(SkillKernelError):
    """The request itself is malformed."""

    code = "usage"
    exit_code = 2


class InvalidName(UsageError):
    """A name does not have the form that its kind asks for."""

    code = "invalid-name"

    def __init__(self, kind: str, text: str, form: str) -> None:
        shown = text if len(text) <= 60 else text[:57] + "..."
        super().__init__(f"{shown!r} is not a {kind} name", hint=f"use {form}")
        self.kind = kind
        self.text = text


class RulesInvalid(UsageError):
    """The [rules] of config.toml have a mistake, so nothing runs until it is mended."""

    code = "rules-invalid"


class ToolDeclarationInvalid(UsageError):
    """A function under `@tool` that cannot be offered as a tool; `parameter` is empty when the whole of it is meant."""

    code = "tool-declaration"

    def __init__(self, place: str, function: str, parameter: str, problem: str, *, hint: str) -> None:
        shown = f"{function}({parameter})" if parameter else f"{function}()"
        super().__init__(f"{place}: {shown}: {problem}", hint=hint)
        self.place = place
        self.function = function
        self.parameter = parameter


def _nearest_hint(near: tuple[str, ...], otherwise: str) -> str:
    return f"did you mean {' or '.join(near)}?" if near else otherwise


class UnknownSkill(UsageError):
    """No skill of that name is installed; `near` holds the names that look alike, best first."""

    code = "unknown-skill"

    def __init__(self, name: str, near: tuple[str, ...] = (), *, hint: str = "") -> None:
        super().__init__(
            f"no skill {name!r} is installed",
            hint=hint or _nearest_hint(near, "`skill list` shows what is installed, `skill search` what can be"),
        )
        self.name = name
        self.near = near


class UnknownTool(UsageError):
    """No installed skill has that tool; `near` holds the tools that look alike, best first."""

    code = "unknown-tool"

    def __init__(self, name: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(
            f"there is no tool {name!r}",
            hint=_nearest_hint(near, "`skill tools` lists what can be called, `skill search` what can be installed"),
        )
        self.name = name
        self.near = near


class ManifestError(SkillKernelError):
    """A skill.json that cannot be used; `findings` holds every (place, problem) pair, place as a JSON pointer."""

    code = "manifest"
    exit_code = 2

    def __init__(self, source: str, findings: tuple[tuple[str, str], ...], *, hint: str = "") -> None:
        shown = "; ".join(f"{place}: {problem}" if place else problem for place, problem in findings[:5])
        more = f"; and {len(findings) - 5} more" if len(findings) > 5 else ""
        super().__init__(f"{source}: {shown}{more}", hint=hint or "docs/manifest.md describes every field")
        self.source = source
        self.findings = findings


class SchemaError(SkillKernelError):
    """A JSON Schema that the kernel will not compile (not a schema, points elsewhere, too deep or too large)."""

    code = "schema"
    exit_code = 2


class CallFailed(SkillKernelError):
    """A call that ended without a result."""

    code = "call-failed"


class ToolError(CallFailed):
    """A tool's own, expected failure: its message reaches the model and the person as it stands."""

    code = "tool-error"


class SecretMissing(ToolError):
    """The tool asked for a secret that was not granted or never set."""

    code = "secret-missing"


class ArgumentsInvalid(CallFailed):
    """Arguments that are not JSON or do not fit the tool's schema."""

    code = "arguments-invalid"
    exit_code = 2


class LoopDetected(CallFailed):
    """The model repeats itself without getting anywhere."""

    code = "loop-detected"


class BudgetSpent(CallFailed):
    """The session's budget of calls, tokens or time is used up."""

    code = "budget-spent"


class ResultInvalid(CallFailed):
    """A tool's result is larger than it may be, is no JSON, or is not what its output_schema promises."""

    code = "result-invalid"


class ToolCrashed(CallFailed):
    """The tool raised what it did not mean to: a mistake in the skill."""

    code = "tool-crashed"


class WorkerError(SkillKernelError):
    """A skill's worker process misbehaved; the next call gets a fresh one. `output` is what it printed last, escaped."""

    code = "worker"

    def __init__(self, message: str, *, hint: str = "", output: str = "") -> None:
        super().__init__(message, hint=hint)
        self.output = output
        self.detail = output


class WorkerDied(WorkerError):
    """The worker ended during a call."""

    code = "worker-died"


class WorkerTimeout(WorkerError):
    """The call ran longer than its tool's timeout and was ended."""

    code = "worker-timeout"


class WorkerProtocolError(WorkerError):
    """The worker sent something that is not the answer to what was asked."""

    code = "worker-protocol"


class WorkerFloods(WorkerError):
    """The worker sent or printed more than it may."""

    code = "worker-floods"


class WorkerOverLimit(WorkerError):
    """The worker took more memory or disk than its manifest says."""

    code = "worker-over-limit"


class WorkerStartFailed(WorkerError):
    """The worker never became ready."""

    code = "worker-start"


class Refused(SkillKernelError):
    """Somebody or some rule said no."""

    code = "refused"
    exit_code = 3


class PermissionRefused(Refused):
    """The skill lacks a permission that the call needs."""

    code = "permission-refused"


class RuleRefused(Refused):
    """A rule in the person's config.toml denies the call."""

    code = "rule-refused"


class ApprovalRefused(Refused):
    """A person refused the call, or there was nobody to ask."""

    code = "approval-refused"


class IntegrityError(SkillKernelError):
    """Bytes are not those that were promised."""

    code = "integrity"
    exit_code = 4


class Missing(SkillKernelError):
    """Something that is needed is not on this machine."""

    code = "missing"
    exit_code = 5


class SandboxMissing(Missing):
    """No sandbox works here, so no skill runs."""

    code = "sandbox-missing"


class ModelMissing(Missing):
    """No model is configured, or its engine or weights are not here."""

    code = "model-missing"


class SecretStoreUnusable(Missing):
    """Where secrets are kept cannot be reached, or must not be trusted as it is."""

    code = "secret-store"


class SkillBroken(Missing):
    """An installed skill that cannot run; the message says what is wrong with it."""

    code = "skill-broken"


class ModelError(SkillKernelError):
    """The model or its endpoint failed."""

    code = "model"


class ModelAuthRefused(ModelError):
    """The endpoint refused the key."""

    code = "model-auth"


class ModelUnknown(ModelError):
    """The endpoint does not know the model."""

    code = "model-unknown"


class ModelUnreachable(ModelError):
    """No route to the endpoint, or it did not answer in time."""

    code = "model-unreachable"


class ModelBusy(ModelError):
    """The endpoint kept answering that it is busy or failing, through every retry."""

    code = "model-busy"


class ModelReplyInvalid(ModelError):
    """The endpoint's reply is not a chat completion."""

    code = "model-reply"


class JournalError(SkillKernelError):
    """The journal cannot be read or written."""

    code = "journal"


class Cancelled(SkillKernelError):
    """The person stopped it."""

    code = "cancelled"
    exit_code = 130
