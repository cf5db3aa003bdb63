"""Stage 9: the call in the skill's worker."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from skillkernel.calls.desk import Desk
from skillkernel.calls.on_behalf import call_for_skill, think_for_skill
from skillkernel.calls.record import Intent
from skillkernel.calls.types import ApprovedCall
from skillkernel.catalogue.types import Installed
from skillkernel.errors import SecretMissing, SkillKernelError
from skillkernel.services.caller import Caller
from skillkernel.worker.seam import Invocation, Progress, WorkerSpec


def worker_spec(skill: Installed, rows: tuple[str, ...], desk: Desk) -> WorkerSpec:
    """The worker that this skill runs in, with these permission rows."""
    memory = skill.manifest.memory
    return WorkerSpec(
        skill=skill.name,
        module=skill.module,
        environment=desk.layout.environment(skill.store),
        data=desk.layout.data(skill.owner),
        store=skill.store,
        uid_key=skill.owner,
        grants=rows,
        settings_json=msgspec.json.encode(skill.settings).decode(),
        time_zone=desk.time_zone,
        rss_mb=memory.rss_mb,
        storage_mb=memory.storage_mb,
        paths=desk.files.paths(desk.session, rows, skill.settings),
        trust=_trust(rows),
        narrowed=desk.depth > 0,
        tier=desk.tier_of(skill.name),
        watched=desk.learning,
    )


def _trust(rows: tuple[str, ...]) -> Path | None:
    if not any(row.startswith("network:") for row in rows):
        return None
    from skillkernel.services.network.trust import trust_file

    return trust_file()


def _spec(skill: Installed, rows: tuple[str, ...], desk: Desk) -> WorkerSpec:
    """`worker_spec`, made once a session: what the same object stands for need not be compared."""
    found = desk.specs.get(skill.name)
    if found is None or found[0] is not skill or found[1].grants != rows:
        found = desk.specs[skill.name] = (skill, worker_spec(skill, rows, desk))
    return found[1]


async def run(intent: Intent) -> Any:
    """Return the tool's result, its intent recorded; raise `ToolError`, a `WorkerError`, `IntegrityError`,
    `SandboxMissing`, or `JournalError` when the intent cannot be. Neither result nor error holds a secret.
    """
    call, desk = intent.call, intent.desk
    masking = desk.journal.masking
    caller = _caller(call, desk)
    try:
        return masking.json(await _run(call, caller, desk, intent.write))
    except SecretMissing as error:
        masking.error(error)
        asked = call.target.skill.manifest.permissions.secrets
        raise desk.secrets.asked_in_vain(caller, asked, desk.services.log) or error from None
    except SkillKernelError as error:
        masking.error(error)
        raise
    finally:
        intent.write()  # a worker that could not be started was never given the call


async def _run(call: ApprovedCall, caller: Caller, desk: Desk, meanwhile: Callable[[], None]) -> Any:
    skill, tool = call.target.skill, call.target.tool
    listener = desk.on_progress
    masking = desk.journal.masking
    name = str(call.target.id)

    def on_progress(progress: Progress) -> None:
        if listener is not None:
            listener(name, Progress(progress.fraction, masking.cut(progress.text)))

    spec = _spec(skill, call.rows, desk)
    if call.once:
        spec = replace(spec, once=True)
    if spec.paths:
        await desk.files.keep_before(desk.session, spec.paths)
    services = desk.services.for_call(caller)
    with services.naming_refusals():
        return await desk.workers.call(
            spec,
            Invocation(
                tool=tool.name,
                # What runs is what was shown and hashed, not a value that something may still hold on to.
                arguments=msgspec.json.decode(call.canonical),
                timeout=tool.timeout,
                idempotency_key=call.key,
                session=desk.session,
                on_progress=on_progress if listener is not None else None,
                services=services,
                secrets=desk.secrets.take(caller, tool.permissions, desk.services.log),
                meanwhile=meanwhile,
                mask=masking.cut,
            ),
        )


def _caller(call: ApprovedCall, desk: Desk) -> Caller:
    skill = call.target.skill
    return Caller(
        skill=skill.name,
        owner=skill.owner,
        tool=call.target.tool.name,
        session=desk.session,
        number=call.number,
        rows=call.rows,
        settings=skill.settings,
        depth=desk.depth,
        asked=skill.manifest.permissions.rows(),
        call=partial(call_for_skill, desk, call),
        think=partial(think_for_skill, desk),
        worker=lambda: _spec(skill, call.rows, desk),
    )
