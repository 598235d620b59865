"""What an event sets off: the rules that listen to it, their conditions asked all at once, their runs. For rules that an event does not
concern it costs a look into a table in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.automation.due import DUE
from engine.automation.episodes import BEGINS, ENDS, begin_one, end_one
from engine.automation.keeping import Start
from engine.automation.pilot import applies
from engine.automation.rules import PER_RECORD, Automations
from engine.automation.runner import begin
from engine.context import DEMO
from engine.expressions.roots import Known
from engine.people.actors import load_profile
from engine.records.before import Before, stored_value
from engine.records.effects import Bound
from engine.records.judging import evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.automation.rules import Rule
    from engine.context import Context
    from engine.expressions.values import Reader
    from engine.storage.outbox import Event


_OWN = frozenset({BEGINS, ENDS, DUE})
_MOST_CHANGES = 100  # fields of a change that a run's cause keeps


def consume(context: Context, event: Event, /) -> None:
    """Run the rules that an event sets off. Being called twice for one event is harmless."""
    automations = context.runtime.part(Automations)
    if event.event in _OWN:
        _own(context, automations, event)
        return
    if event.payload.get("source") == DEMO:
        return  # as if it had always been there
    rules = [
        rule
        for rule in automations.hearing(event.object, event.event)
        if rule.trigger.concerns is None or rule.trigger.concerns(rule, event)
    ]
    if not rules or event.record_id is None:
        return
    held = judge(context, event, rules)
    for rule in rules:
        if rule.episodic:
            _episode(context, rule, event, holds=held[rule.name])
        elif held[rule.name] and applies(context, rule, event.record_id):
            number = event.record_id
            key = f"record:{number}" if rule.definition.once == PER_RECORD else f"event:{event.id}"
            start = Start(rule.name, Bound(event.object, number), key, cause_of(rule, event), chain_of(event))
            begin(context, start, rule.definition.do)


def cause_of(rule: Rule, event: Event) -> dict[str, Any]:
    """Return what a run keeps of the event that set it off."""
    payload = event.payload
    cause: dict[str, Any] = {"kind": rule.trigger.name, "event": event.id, "actor": payload.get("actor")}
    changes = payload.get("changes")
    if event.event == "created":
        cause["born"] = True
    elif changes is not None and len(changes) <= _MOST_CHANGES:
        cause["changes"] = changes
    for key in ("approval", "state", "instance", "message"):
        if key in payload:
            cause[key] = payload[key]
    return cause


def chain_of(event: Event) -> tuple[str, ...]:
    """Return the rules that led to an event."""
    return tuple(event.payload.get("chain") or ())


def judge(context: Context, event: Event, rules: Sequence[Rule]) -> Mapping[str, bool]:
    """Return rule → whether its condition holds: of rules on events for the record as that event left it, of others as it is now."""
    assert event.record_id is not None  # noqa: S101 - asked for records alone
    held = {rule.name: True for rule in rules if rule.condition is None}
    present = [rule for rule in rules if rule.condition is not None and rule.trigger.episodes]
    past = [rule for rule in rules if rule.condition is not None and not rule.trigger.episodes]
    for group, pending in ((present, {}), (past, _as_left(event, past))):
        conditions = [rule.condition for rule in group if rule.condition is not None]
        if not conditions:
            continue
        about = {event.record_id: pending} if pending else None
        number = event.record_id
        found = evaluate(
            _seen_by(context, event, group),
            event.object,
            [number],
            conditions,
            pending=about,
            roots=_roots(context, event, group),
        )
        values = found.get(number) or (False,) * len(group)
        held |= {rule.name: value is True for rule, value in zip(group, values, strict=True)}
    return held


def _as_left(event: Event, rules: Sequence[Rule]) -> dict[str, Any]:
    """Return those fields that conditions read as the event left them: the record may have moved on since."""
    changes: Mapping[str, Any] = event.payload.get("changes") or {}
    if event.event not in {"created", "updated"} or not rules:
        return {}
    compiled = rules[0].records.objects[event.object]
    read = {
        path[1] if path[0] == "record" and len(path) > 1 else path[0]
        for rule in rules
        if rule.condition is not None
        for path in rule.condition.depends.paths
    }
    fields = (name for name in read if name in changes and name in compiled.fields)
    plain = [
        name for name in fields if len(compiled.fields[name].columns) == 1 and not compiled.fields[name].kind.computed
    ]
    return {name: stored_value(compiled, name, changes[name][1]) for name in sorted(plain)}


def _seen_by(context: Context, event: Event, rules: Sequence[Rule]) -> Context:
    """Return the context whose ``me`` is who caused the event, where a condition asks for that."""
    actor = event.payload.get("actor")
    if actor is None or not any(rule.condition and "me" in rule.condition.depends.needs for rule in rules):
        return context
    profile = load_profile(context.connection, user_id=int(actor))
    return context if profile is None else replace(context, actor=profile.actor)


def _roots(context: Context, event: Event, rules: Sequence[Rule]) -> dict[str, Reader] | None:
    reads_old = any(rule.condition and "old" in rule.condition.depends.roots for rule in rules)
    if not reads_old or event.record_id is None:
        return None
    if event.event == "created":
        return {"old": Known({})}
    return {"old": Before(context, event.object, event.record_id, event.payload.get("changes") or {})}


def _episode(context: Context, rule: Rule, event: Event, *, holds: bool) -> None:
    """Begin or end a record's episode as its condition says now."""
    number = event.record_id
    assert number is not None  # noqa: S101 - asked for records alone
    if event.event == "deleted":
        end_one(context, rule, number)
        return
    ends = not holds or not applies(context, rule, number)
    episode = end_one(context, rule, number) if ends else begin_one(context, rule, number)
    if episode is not None:
        told = {**cause_of(rule, event), "episode": episode}
        _run_episode(context, rule, told, Bound(event.object, number), chain=chain_of(event), ends=ends)


def _run_episode(
    context: Context, rule: Rule, cause: Mapping[str, Any], subject: Bound, *, chain: tuple[str, ...] = (), ends: bool
) -> None:
    branch = "ends" if ends else "do"
    actions = rule.definition.ends if ends else rule.definition.do
    if actions:
        key = f"episode:{cause['episode']}:{branch}"
        begin(context, Start(rule.name, subject, key, {**cause, "branch": branch}, chain), actions, branch)


def _own(context: Context, automations: Automations, event: Event) -> None:
    """Run a rule that the clock found due, for one record or by itself."""
    rule = automations.rules.get(str(event.payload["rule"]))
    if rule is None:
        return
    cause = {"kind": rule.trigger.name, "event": event.id, **event.payload.get("cause", {})}
    if event.event == DUE:
        subject = Bound(event.object, event.record_id) if event.record_id is not None else None
        key = (
            f"record:{event.record_id}" if rule.definition.once == PER_RECORD and subject else str(event.payload["key"])
        )
        begin(context, Start(rule.name, subject, key, cause), rule.definition.do)
    elif event.record_id is not None:
        told = {**cause, "episode": int(event.payload["episode"])}
        _run_episode(context, rule, told, Bound(event.object, event.record_id), ends=event.event == ENDS)
