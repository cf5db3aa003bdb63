"""A call's way from the model's reply to the journal: read it from top to bottom.

 1 resolve      which tool is meant                     calls/resolve.py
 2 parse        JSON text into arguments                calls/arguments.py
 3 validate     arguments against the tool's schema     calls/validate.py
 4 permissions  manifest ∩ grants ∩ session, or a person  permissions/decide.py, calls/permit.py
 5 guard        budget and loops                        calls/guard.py
 6 approve      policy, or a person                     calls/approve.py
 7 secrets      those that the call may have, if any    secrets/handover.py
 8 record       the intent, before anything happens     calls/record.py (a read's while it runs)
 9 run          in the skill's worker, as promised      calls/run.py, calls/result.py
10 bound        what the model gets to read             calls/bound.py
11 journal      how it ended                            journal/journal.py
"""

import asyncio
import hashlib
import json
import time
from dataclasses import dataclass
from typing import Any

from skillkernel.calls.approve import Approver, approve
from skillkernel.calls.arguments import parse_arguments
from skillkernel.calls.bound import bound
from skillkernel.calls.desk import Admitted, Desk
from skillkernel.calls.permit import permit, still_permitted
from skillkernel.calls.record import Intent, idempotency_key
from skillkernel.calls.result import check_result
from skillkernel.calls.run import run
from skillkernel.calls.types import ApprovedCall, CallRequest, Outcome, error_for_model, error_json
from skillkernel.calls.validate import validate
from skillkernel.calls.verdict import Ruling, Trail, Verdict
from skillkernel.canonical import canonical_json
from skillkernel.errors import (
    ArgumentsInvalid,
    Cancelled,
    JournalError,
    LoopDetected,
    ResultInvalid,
    SkillKernelError,
    WorkerError,
    WorkerStartFailed,
)
from skillkernel.manifest.types import Effect
from skillkernel.secrets.handover import entitled
from skillkernel.text import canonical_call, visible
from skillkernel.worker.sandbox_config import UNPROTECTED_REASON


@dataclass(slots=True)
class _Progress:
    """What is known of a call while it goes through its stages."""

    number: int
    started: float
    trail: Trail
    tool: str
    arguments: dict[str, Any] | None = None
    rows: tuple[str, ...] = ()


async def run_call(request: CallRequest, desk: Desk) -> Outcome:
    """Take one call through every stage and return how it ended.

    A refusal or a failure is the outcome's `error`, never an exception; `asyncio.CancelledError` passes through once the
    journal says what became of the call. Raises `JournalError` when the journal cannot be written.
    """
    state = _Progress(desk.number(), time.perf_counter(), Trail(), visible(request.name, limit=80))
    try:
        intent = await _admit(request, state, desk)
    except SkillKernelError as error:
        return _refused(request, state, error, desk)
    return await _execute(request, intent, state, desk)


async def _admit(request: CallRequest, state: _Progress, desk: Desk) -> Intent:
    trail = state.trail
    with trail.stage("resolve"):
        if desk.keep_up is not None:
            desk.keep_up()
        target = desk.tools.resolve(request.name)
    state.tool = str(target.id)
    with trail.stage("parse") as stage:
        parsed = parse_arguments(request.arguments, repair=target.tool.effect is Effect.READ)
        state.arguments = parsed.value
        if parsed.repaired:
            stage.say(Ruling.REPAIR, "; ".join(parsed.repaired))
    with trail.stage("validate") as stage:
        arguments, bent = validate(target, parsed.value, desk.schemas)
        state.arguments = arguments
        if bent:
            stage.say(Ruling.REPAIR, "; ".join(bent))
    canonical = canonical_json(arguments)
    shown = canonical_call(state.tool, arguments)
    with trail.stage("permissions") as stage:
        permitted = await permit(target, shown, desk)
        target, state.rows = permitted.target, permitted.rows
        if permitted.asked_for:
            stage.say(Ruling.ASK, permitted.reason)
    with trail.stage("guard"):
        desk.guard.check_call(_loop_key(state.tool, canonical))
    with trail.stage("approve") as stage:
        by = Approver(desk.policy, desk.rulebook, desk.answers, desk.ask)
        approval = await approve(target, arguments, shown, by)
        stage.say(Ruling.ASK if approval.asked else Ruling.PASS, approval.reason)
        if approval.reason or permitted.reason:  # somebody may have thought about it for a while
            still_permitted(permitted, desk)
    if entitled(state.rows, target.tool.permissions):
        with trail.stage("secrets"):
            await desk.secrets.fetch(target.skill.name, target.skill.owner, state.rows, target.tool.permissions)
    key = idempotency_key(desk.session, state.number, canonical)
    call = ApprovedCall(target, arguments, canonical, key, state.number, state.rows, permitted.once)
    intent = Intent(request, call, desk, trail)
    if intent.comes_first:
        intent.write()
    if desk.on_admitted is not None:
        desk.on_admitted(Admitted(request.id, state.tool, arguments, shown, tuple(trail.verdicts)))
    return intent


async def _execute(request: CallRequest, intent: Intent, state: _Progress, desk: Desk) -> Outcome:
    trail, call = state.trail, intent.call
    effect = call.target.tool.effect
    result: Any = None
    window = ""
    error: SkillKernelError | None = None
    try:
        with trail.stage("run") as stage:
            if desk.tier_of(call.target.skill.name) == "none":
                stage.say(Ruling.PASS, UNPROTECTED_REASON)
            returned = await run(intent)
            check_result(call.target, returned, desk.schemas)
            result = returned
        with trail.stage("bound") as stage:
            window, cut = bound(
                result, call.target.skill.manifest.memory.result_tokens, f"{desk.session}/{state.number}"
            )
            if cut:
                stage.say(Ruling.REPAIR, cut)
    except JournalError as problem:
        return _refused(request, state, problem, desk)
    except SkillKernelError as problem:
        error = problem
        window = error_for_model(problem)
    except asyncio.CancelledError:
        unknown = effect is not Effect.READ
        interrupted = Cancelled(f"{state.tool} was interrupted", hint="its effect is not known" if unknown else "")
        _journal(call, state, desk, "unknown" if unknown else "cancelled", None, interrupted)
        raise
    ended = _ended(error, effect)
    _journal(call, state, desk, ended, result, error)
    changed = effect is not Effect.READ and ended != "failed"
    desk.guard.loops.record(_loop_key(state.tool, call.canonical), _digest(window), changed=changed)
    return _outcome(request, state, result, error, window)


def _ended(error: SkillKernelError | None, effect: Effect) -> str:
    if error is None:
        return "done"
    ran = isinstance(error, WorkerError | ResultInvalid) and not isinstance(error, WorkerStartFailed)
    return "unknown" if ran and effect is not Effect.READ else "failed"


def _refused(request: CallRequest, state: _Progress, error: SkillKernelError, desk: Desk) -> Outcome:
    error = _repeated_refusal(request, state, error, desk)
    outcome = _outcome(request, state, None, error, error_for_model(error))
    desk.journal.refusal(
        desk.session,
        state.number,
        visible(request.id, limit=80),
        state.tool,
        request.arguments[:_KEPT_CHARACTERS],
        outcome.verdicts,
        error_json(error),
        outcome.duration_ms,
    )
    return outcome


_KEPT_CHARACTERS = 20_000
"""Of a refused call's arguments: enough to see what was wrong, bounded against a model that writes for ever."""


def _journal(
    call: ApprovedCall, state: _Progress, desk: Desk, ended: str, result: Any, error: SkillKernelError | None
) -> None:
    desk.journal.outcome(
        desk.session,
        state.number,
        ended,
        state.trail.verdicts,
        result,
        error_json(error),
        (time.perf_counter() - state.started) * 1e3,
    )


def _outcome(
    request: CallRequest, state: _Progress, result: Any, error: SkillKernelError | None, window: str
) -> Outcome:
    duration = (time.perf_counter() - state.started) * 1e3
    return Outcome(request, state.tool, state.arguments, result, error, tuple(state.trail.verdicts), duration, window)


def _repeated_refusal(request: CallRequest, state: _Progress, error: SkillKernelError, desk: Desk) -> SkillKernelError:
    """The error to tell: a call that is refused over and over is a loop too, though it never reaches the guard."""
    if isinstance(error, LoopDetected):
        return error
    key = f"refused {request.name} {request.arguments[:_KEPT_CHARACTERS]}"
    loop = desk.guard.loops.check(key)
    if loop:
        state.trail.verdicts.append(Verdict("guard", Ruling.REFUSE, loop))
        return LoopDetected(f"{loop}; each time: {error.message}", hint=error.hint)
    desk.guard.loops.record(key, _digest(error.message), changed=False)
    return error


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _loop_key(tool: str, canonical: bytes) -> str:
    return f"{tool} {canonical.decode()}"


def json_arguments(arguments: dict[str, Any]) -> str:
    """Arguments that a program holds as a value, as the JSON text that stage 2 reads; raise `ArgumentsInvalid`."""
    try:
        return json.dumps(arguments, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ArgumentsInvalid(
            f"the arguments are not JSON: {error}", hint="pass texts, numbers, lists and dicts"
        ) from error
