"""Runs as rows: what set each off, how far it has come, its trace, and why it failed. The key makes a repeat harmless: what set a rule off
once never runs twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.postgresql import insert

from engine.storage.work_tables import run

if TYPE_CHECKING:
    from engine.automation.doing import Doing, Pause
    from engine.records.effects import Cause

WAITING, DONE, FAILED, STOPPED = "waiting", "done", "failed", "stopped"


def memory_of(doing: Doing, pause: Pause) -> dict[str, Any]:
    """Return what a run must remember while it waits: where it stands, and the records bound so far."""
    return {
        "frames": pause.frames,
        "names": {name: [bound.object, bound.id] for name, bound in doing.names.items()},
    }


def keep_pause(doing: Doing, cause: Cause, pause: Pause) -> None:
    """Keep a run of effects that waits, so that the clock goes on with it."""
    subject = doing.about
    told = {"kind": cause.kind, "name": cause.name, "path": cause.path, "actor": doing.actor}
    doing.context.connection.execute(
        insert(run)
        .values(
            automation=f"{cause.kind}/{cause.name}",
            version=doing.context.runtime.version,
            object=subject.object,
            record_id=subject.id,
            key=doing.key,
            cause=told,
            chain=list(doing.context.chain),
            state=WAITING,
            next_at=pause.until,
            trace=doing.trace,
            memory=memory_of(doing, pause),
            created_at=doing.context.now,
        )
        .on_conflict_do_nothing()
    )
