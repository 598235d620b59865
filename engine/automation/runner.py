"""Runs from beginning to end: tried in a savepoint of the caller's transaction, kept as a row, gone on with after a pause, tried again after a
failure. What a rule does is all or nothing."""

from __future__ import annotations

import logging
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc

from engine.automation.doing import Doing, Given, Pause, Stop, deeper, perform, told
from engine.automation.figures import group_types
from engine.automation.keeping import (
    DONE,
    FAILED,
    STOPPED,
    WAITING,
    Outcome,
    Start,
    failed,
    insert_run,
    memory_of,
    update_run,
)
from engine.automation.rules import Automations
from engine.automation.values import link_to
from engine.connections.calls import answer_to
from engine.connections.inbound import said_in
from engine.context import SYSTEM
from engine.expressions.roots import Known, Single
from engine.records.before import Before
from engine.records.effects import Bound
from engine.refusals import Refusal
from metamodel.expressions.types import ANY, NUMBER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.automation.keeping import Run
    from engine.context import Context
    from metamodel.definitions.actions import ActionDef

log = logging.getLogger(__name__)
MAKING = frozenset({"create", "copy"})
ENDS = "ends"  # in a cause's `branch`: what is done when a condition stops being true


def begin(context: Context, start: Start, actions: Sequence[ActionDef], path: str = "do") -> bool:
    """Run a rule's actions for what set it off, unless that was done before; return whether it was done now. A failure is kept and tried
    again: it undoes the rule's own effects alone."""
    try:
        chain = deeper(start.chain, start.automation)
    except Refusal as circle:
        return insert_run(context, start, Outcome(FAILED, told(circle), 1), ())
    doing = _doing(context, start, chain, path)
    try:
        with context.connection.begin_nested() as savepoint:
            outcome = _try(doing, actions)
            first = insert_run(context, start, outcome, doing.trace)
            if not first:
                savepoint.rollback()
    except Exception as error:
        outcome = _failure(error, 0, context, None)
        if outcome.state == FAILED:
            log.exception("the rule %s is kept as failed", start.automation)
        return insert_run(context, start, outcome, doing.trace)
    return first


def press(context: Context, start: Start, actions: Sequence[ActionDef]) -> Bound | None:
    """Run a rule that somebody sets off and waits for; return the record that it made where making one is all that it does. Raises what
    its actions raise: then nothing of it is kept."""
    chain = deeper(start.chain, start.automation)
    doing = _doing(context, start, chain, "do")
    insert_run(context, start, _try(doing, actions), doing.trace)
    alone = len(actions) == 1 and actions[0].verb in MAKING
    return Bound(doing.trace[0]["object"], doing.trace[0]["id"]) if alone else None


def go_on(context: Context, run: Run) -> None:
    """Go on with a run that is due: after a pause from where it stood, after a failure from its beginning or the last pause."""
    found = actions_of(context, run)
    if found is None:
        update_run(context, run.id, Outcome(STOPPED, "RULE_GONE: the rule is no longer there", run.attempts), run.trace)
        return
    path, actions = found
    memory = run.memory or {}
    subject = Bound(run.object, run.record_id) if run.record_id is not None else None
    start = Start(run.automation, subject, run.key, run.cause, tuple(run.chain))
    chain = start.chain if _is_effect(run.cause) else (*start.chain, run.automation)
    doing = _doing(context, start, chain, path)
    doing.names |= {name: Bound(*bound) for name, bound in memory.get("names", {}).items()}
    doing.calls |= memory.get("calls", {})
    for name, number in doing.calls.items():
        doing.given[name] = Given(ANY, Known(answer_to(context, number).said))
    doing.resume = [dict(frame) for frame in memory.get("frames", ())]
    doing.trace = [dict(entry) for entry in run.trace[: memory.get("traced", 0)]]
    try:
        with context.connection.begin_nested():
            outcome = _try(doing, actions)
            update_run(context, run.id, outcome, doing.trace)
    except Exception as error:
        outcome = _failure(error, run.attempts, context, run.memory)
        if outcome.state == FAILED:
            log.exception("the rule %s is kept as failed", run.automation)
        update_run(context, run.id, outcome, doing.trace)


def actions_of(context: Context, run: Run) -> tuple[str, Sequence[ActionDef]] | None:
    """Return where the actions of a run stand, and what they are today; None where they are gone."""
    model = context.runtime.part(Automations).records.model
    cause = run.cause
    if not _is_effect(cause):
        rule = model.automations.get(run.automation)
        branch = str(cause.get("branch", "do"))
        return None if rule is None else (branch, rule.ends if branch == ENDS else rule.do)
    path = str(cause["path"])
    if cause["kind"] == "transition":
        process = model.processes.get(str(cause["name"]))
        way = process.transitions.get(path.split("/")[1]) if process is not None else None
        return None if way is None else (path, way.effects)
    approval = model.approvals.get(str(cause["name"]))
    actions = approval.on.get(path.removeprefix("on_"), ()) if approval is not None else ()
    return (path, actions) if actions else None


def _is_effect(cause: Mapping[str, Any]) -> bool:
    """Whether a run holds actions of a transition or an approval, which waited."""
    return "path" in cause


def _try(doing: Doing, actions: Sequence[ActionDef]) -> Outcome:
    try:
        perform(doing, actions)
    except Stop:
        return Outcome(STOPPED)
    except Pause as pause:
        return Outcome(WAITING, next_at=pause.until, memory=memory_of(doing, pause))
    return Outcome(DONE)


def _failure(error: Exception, attempts: int, context: Context, memory: Mapping[str, Any] | None) -> Outcome:
    """Return what comes of a failed try. A connection that is gone, or a circle, is not tried again here."""
    if isinstance(error, exc.DBAPIError) and error.connection_invalidated:
        raise error
    if isinstance(error, Refusal) and error.code in {"LOOP", "RULE_CHANGED"}:
        return Outcome(FAILED, told(error), attempts + 1, None, memory)
    return failed(told(error), attempts, context.now, memory)


def _doing(context: Context, start: Start, chain: tuple[str, ...], path: str) -> Doing:
    cause = start.cause
    given: dict[str, Given] = {}
    if start.subject is not None and "changes" in cause:
        before = Before(context, start.subject.object, start.subject.id, cause["changes"])
        given["old"] = Given(link_to(start.subject.object), before)
    elif start.subject is not None and cause.get("born"):
        given["old"] = Given(link_to(start.subject.object), Known({}))
    if "message" in cause:
        given["body"] = Given(ANY, Known(said_in(context, int(cause["message"]))))
    if "group" in cause:
        group = dict(cause["group"])
        rule = context.runtime.part(Automations).rules.get(start.automation)
        given["group"] = Given(group_types(rule) if rule is not None else {}, Known(group))
        figures = {name: Decimal(str(cause[name])) for name in ("value", "average") if name in cause}
        given |= {name: Given(NUMBER, Single(figure)) for name, figure in figures.items()}
    return Doing(
        replace(context, actor=SYSTEM, chain=chain),
        context.runtime.part(Automations).actions,
        start.subject,
        cause.get("actor"),
        given=given,
        key=f"{start.automation}:{start.key}",
        rule=start.automation,
        path=path,
    )
