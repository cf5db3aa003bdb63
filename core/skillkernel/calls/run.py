"""Stage 9: the call in the skill's worker."""

from typing import Any

import msgspec

from skillkernel.calls.desk import Desk
from skillkernel.calls.types import ApprovedCall
from skillkernel.catalogue.types import Installed
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
    )


def _spec(skill: Installed, rows: tuple[str, ...], desk: Desk) -> WorkerSpec:
    """`worker_spec`, made once a session: what the same object stands for need not be compared."""
    found = desk.specs.get(skill.name)
    if found is None or found.grants != rows:
        found = desk.specs[skill.name] = worker_spec(skill, rows, desk)
    return found


async def run(call: ApprovedCall, desk: Desk) -> Any:
    """Return the tool's result; raise `ToolError`, a `WorkerError`, `IntegrityError` or `SandboxMissing`."""
    skill, tool = call.target.skill, call.target.tool
    listener = desk.on_progress
    name = str(call.target.id)

    def on_progress(progress: Progress) -> None:
        if listener is not None:
            listener(name, progress)

    return await desk.workers.call(
        _spec(skill, call.rows, desk),
        Invocation(
            tool=tool.name,
            # What runs is what was shown and hashed, not a value that something may still hold on to.
            arguments=msgspec.json.decode(call.canonical),
            timeout=tool.timeout,
            idempotency_key=call.key,
            session=desk.session,
            on_progress=on_progress if listener is not None else None,
            services=desk.services.for_call(_caller(call, desk)),
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
    )
