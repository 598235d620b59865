"""Actions run for those who hold them: the effects of transitions, what approvals do when they are decided. In the caller's transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.automation.doing import Doing, Pause, Stop, deeper, perform
from engine.automation.keeping import WAITING, Outcome, Start, insert_run, memory_of
from engine.context import SYSTEM
from engine.records.effects import Effects

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.automation.frame import Action
    from engine.context import Context
    from engine.records.effects import Bound, Cause
    from metamodel.definitions.actions import ActionDef


def make_effects(kinds: Mapping[str, Action]) -> Effects:
    """Return the runtime's part that runs actions."""

    def run(
        context: Context, actions: Sequence[ActionDef], subject: Bound, cause: Cause, names: Mapping[str, Bound], /
    ) -> frozenset[int]:
        if not actions:
            return frozenset()
        chain = deeper(cause.chain or context.chain, cause.name)
        behalf = context.author if cause.kind == "approval" else None  # to submit and to decide is somebody's own act
        inner = replace(context, actor=SYSTEM, chain=chain, behalf=behalf)
        key = f"{cause.path}:{subject.object}:{subject.id}:{context.now.isoformat()}"
        name = f"{cause.kind}/{cause.name}"
        doing = Doing(
            inner, kinds, subject, context.actor.id, {**names}, key=f"{name}:{key}", rule=name, path=cause.path
        )
        try:
            perform(doing, actions)
        except Stop:
            pass
        except Pause as pause:
            told = {"kind": cause.kind, "name": cause.name, "path": cause.path, "actor": doing.actor}
            waits = Outcome(WAITING, next_at=pause.until, memory=memory_of(doing, pause))
            insert_run(inner, Start(name, subject, key, told, chain), waits, doing.trace)
        return frozenset(person for entry in doing.trace if entry["do"] == "notify" for person in entry.get("to", ()))

    return Effects(run)
