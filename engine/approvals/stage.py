"""The approvals' share in every command: what is locked or needs an approval first is refused before it is written; what is due is started,
and what rests on something else by now is asked again, after."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.approvals import store
from engine.approvals.applying import apply, open_instance
from engine.approvals.compile import Approvals, concerned
from engine.approvals.decide import review
from engine.approvals.handing import leaving, let_go
from engine.approvals.instance import APPROVED, RUNNING
from engine.approvals.operation import Given
from engine.approvals.protecting import demand_approved, demand_one, locked, locks_on
from engine.approvals.start import Edited, Start, Undone, start_of, submitter_of
from engine.approvals.starting import holding, latest_decided, still_valid
from engine.expressions.roots import Known
from engine.fields.base import Target
from engine.records.commands import Change, update
from engine.records.compile import Records
from engine.records.reading import RecordReader
from engine.records.stages import BACKFILL, RECOMPUTED, Act, Stage
from engine.refusals import Refusal
from engine.storage.database import dump_json
from metamodel.names import USER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.approvals.compile import ApprovalMachine
    from engine.approvals.store import Held
    from engine.context import Context
    from engine.records.compile import CompiledObject
    from engine.records.stages import Staged
    from metamodel.definitions.model import Model

PROBE = "approval probe"  # in an act's details: find out what is due, write nothing


@dataclass(eq=False)
class _Probed(Exception):
    """How far a command got that was only to find out whether an approval is due: nothing was written."""

    row: Staged

    def __post_init__(self) -> None:
        Exception.__init__(self)


def stages_of(model: Model) -> tuple[Stage, ...]:
    """Return the stage of the objects that approvals are concerned with; none where there is no approval."""
    objects = concerned(model)
    if not objects:
        return ()
    own = Stage("approval", objects, _before, _after, _divert, _bars, _withholds)
    return own, Stage("approvers", frozenset({USER}), after=_people_after)


# --- before --------------------------------------------------------------------------------------------------------------
def _before(context: Context, object_name: str, act: Act, rows: Sequence[Staged]) -> None:
    approvals = context.runtime.part(Approvals)
    _refuse_locked(context, object_name, act, rows)
    for machine in approvals.creations.get(object_name, ()):
        if act.kind != "delete" and not act.details.get(BACKFILL):
            about = _linked(context, object_name, machine.object, rows, created=act.kind in {"create", "restore"})
            demand_one(context, machine, {number: {} for number in sorted(about)})
    if act.details.get(PROBE):
        raise _Probed(rows[0])
    if act.kind == "transition":
        pending = {row.id: _coming(row) for row in rows}
        demand_approved(context, object_name, "transition", act.name, pending)
    if act.kind == "delete" and not context.actor.is_system:
        _refuse_undecided(context, object_name, rows)


def _coming(row: Staged) -> dict[str, Any]:
    return {name: row.new[name] for name in row.changed if name in row.new}


def _refuse_locked(context: Context, object_name: str, act: Act, rows: Sequence[Staged]) -> None:
    """Refuse to change what is being decided on, but for the system, and fields that an approver's own step lets them edit."""
    compiled = context.runtime.part(Records).objects[object_name]
    if context.actor.is_system or (act.kind == "restore" and not compiled.parent):
        return
    owner, field, by_record = _owning(context, compiled, act, rows)
    if not owner or not by_record:
        return
    for lock in locks_on(context, owner, sorted(by_record)):
        for row in by_record[lock.held.record_id]:
            if act.kind == "update" or field:
                touched = {field} if field else {name for name in row.changed if _is_entered(compiled, name)}
                if touched <= lock.editable:
                    continue
            raise locked(lock.label)


def _bars(context: Context, object_name: str, ids: Sequence[int]) -> Mapping[int, Refusal]:
    """Return the refusals that changing records would meet while they are being decided on: one statement, none where there is no approval."""
    if context.actor.is_system or not context.runtime.part(Approvals).of(object_name):
        return {}
    return {lock.held.record_id: locked(lock.label) for lock in locks_on(context, object_name, ids)}


def _withholds(context: Context, object_name: str, number: int, transitions: Sequence[str]) -> Mapping[str, Refusal]:
    """Return the transitions of a record that an approval has to come before; taking one that starts its approval itself is no refusal."""
    approvals = context.runtime.part(Approvals)
    found: dict[str, Refusal] = {}
    asked: dict[str, Refusal | None] = {}
    for name in transitions:
        for machine in approvals.protecting(object_name, "transition", name):
            if machine.definition.at == "transition" and machine.definition.at_name == name:
                continue
            if machine.name not in asked:
                asked[machine.name] = _missing(context, machine, number)
            refusal = asked[machine.name]
            if refusal is not None:
                found.setdefault(name, refusal)
    return found


def _missing(context: Context, machine: ApprovalMachine, number: int) -> Refusal | None:
    try:
        demand_one(context, machine, {number: {}})
    except Refusal as refusal:
        return refusal
    return None


def _owning(
    context: Context, compiled: CompiledObject, act: Act, rows: Sequence[Staged]
) -> tuple[str, str, dict[int, list[Staged]]]:
    """Return whose approvals decide on rows: of their own object, or of the one that they are lines of, with its field of lines. A line that
    is saved as it was is no change of its record; one that goes or comes back is."""
    found: dict[int, list[Staged]] = {}
    if not compiled.parent:
        for row in rows:
            if not row.is_new:
                found.setdefault(row.id, []).append(row)
        return compiled.name, "", found
    above = context.runtime.part(Records).objects[compiled.fields[compiled.parent].targets[0]]
    field = next((name for name, child in above.lines() if child.name == compiled.name), "")
    for row in rows:
        for parent in {row.old.get(compiled.parent), row.new.get(compiled.parent)}:
            if isinstance(parent, int) and (row.changed or row.is_new or act.kind in {"delete", "restore"}):
                found.setdefault(parent, []).append(row)
    return above.name, field, found


def _is_entered(compiled: CompiledObject, name: str) -> bool:
    return name in compiled.fields and not compiled.fields[name].kind.computed


def _linked(context: Context, object_name: str, target: str, rows: Sequence[Staged], *, created: bool) -> set[int]:
    """Return the records of ``target`` that rows link to, of updated ones as far as the link is another one now."""
    fields = context.runtime.part(Records).objects[object_name].fields
    links = [name for name, one in fields.items() if target in one.targets]
    found: set[int] = set()
    for row in rows:
        for name in links:
            value = row.new.get(name)
            if value is None or not (created or name in row.changed):
                continue
            if not isinstance(value, Target):
                found.add(int(value))
            elif value.object == target:
                found.add(value.id)
    return found


def _refuse_undecided(context: Context, object_name: str, rows: Sequence[Staged]) -> None:
    """Refuse to delete what has to be approved first: a deletion that is submitted happens by the system."""
    for machine in context.runtime.part(Approvals).starting(object_name, "delete"):
        demand_one(context, machine, {row.id: {} for row in rows})


# --- after ---------------------------------------------------------------------------------------------------------------
def _after(context: Context, object_name: str, act: Act, rows: Sequence[Staged]) -> None:
    compiled = context.runtime.part(Records).objects[object_name]
    owner, _, by_record = _owning(context, compiled, act, rows)
    approvals = context.runtime.part(Approvals)
    if by_record and approvals.of(owner) and (compiled.parent or act.kind != "create"):
        for held in store.of_records(context, owner, sorted(by_record), running=True):
            _keep_up(context, held, gone=act.kind == "delete" and not compiled.parent)
    edited = _edited(compiled, act, rows)
    for machine in approvals.starting(object_name, "create" if act.kind == "create" else "update") if edited else ():
        start_of(context, machine, "create" if act.kind == "create" else "update", edited)
    if RECOMPUTED in act.details and by_record and (machines := approvals.starting(owner, "update")):
        above = [_above(context, owner, number, act.details[RECOMPUTED]) for number in sorted(by_record)]
        for machine in machines:
            start_of(context, machine, "update", above)


def _people_after(context: Context, _object: str, act: Act, rows: Sequence[Staged]) -> None:
    let_go(context, leaving(act, rows))


def _keep_up(context: Context, held: Held, *, gone: bool) -> None:
    again = store.load(context, held.id, lock=True)
    if again is None or again.finished_at is not None:
        return
    if gone:
        apply(context, again, Given("stop", comment="deleted"))
    elif again.state == RUNNING:
        review(context, again)


def _edited(compiled: CompiledObject, act: Act, rows: Sequence[Staged]) -> list[Edited]:
    """Return the records that approvals may start at: new ones, and those in which something was entered, on a transition's way too. Lines
    are a matter of the record that they belong to."""
    if compiled.parent or act.kind not in {"create", "update", "transition"}:
        return []
    if act.kind == "transition":
        rows = [row for row in rows if any(_is_entered(compiled, name) for name in row.changed - act.moves)]
    return [
        Edited(row.id, row.new, None if act.kind == "create" else Known({k: _known(v) for k, v in row.old.items()}))
        for row in rows
    ]


def _above(context: Context, owner: str, number: int, recomputed: Mapping[Any, Mapping[str, Any]]) -> Edited:
    """Return the record that lines belong to which were written by themselves: edited by that."""
    now, field = RecordReader(context, owner, number), context.runtime.part(Records).objects[owner].owner
    who = {field: now.get((field,))} if field and context.actor.id is None else {}
    return Edited(number, who, Undone(now, recomputed.get((owner, number), {})))


def _known(value: Any) -> Any:
    return value.id if isinstance(value, Target) else value


# --- instead of a transition ---------------------------------------------------------------------------------------------
def _divert(context: Context, object_name: str, act: Act, record_id: int, values: Mapping[str, object]) -> int | None:
    """Start what is due before a transition, in its place; None where it may be taken at once."""
    machines = context.runtime.part(Approvals).starting(object_name, "transition", act.name)
    if not machines:
        return None
    row = _probe(context, object_name, act, record_id, values)
    pending = {record_id: _coming(row)}
    due = [one for one in machines if record_id in holding(context, one, pending)]
    if not due or all(_granted(context, one, act, record_id) for one in due):
        return None
    entered = {name: _json(row.new[name]) for name in values if name in row.new}
    target = str(act.details.get("target") or "") if _is_chosen(context, object_name, act.name) else ""
    start = Start("transition", act.name, entered, target, str(act.details.get("reason") or ""))
    submitter = submitter_of(context, object_name, row.new)
    held = open_instance(context, due[0], record_id, submitter=submitter, cause=start.cause(due[1:]))
    return held.id


def _is_chosen(context: Context, object_name: str, transition: str) -> bool:
    """Whether whoever takes a transition chooses where it leads."""
    processes = context.runtime.part(Records).model.processes.values()
    return any(
        one.transitions[transition].choose != ""
        for one in processes
        if one.object == object_name and transition in one.transitions
    )


def _probe(context: Context, object_name: str, act: Act, record_id: int, values: Mapping[str, object]) -> Staged:
    """Return the record as the transition would leave it. Raises Refusal for whatever is in its way."""
    target = act.details.get("target")
    change = Change(record_id, {**values, **dict.fromkeys(act.moves, target)})
    probe = replace(act, details={**act.details, PROBE: True})
    try:
        update(context, object_name, [change], text=bool(act.details.get("text")), act=probe)
    except _Probed as found:
        return found.row
    raise AssertionError("a probe writes nothing")


def _granted(context: Context, machine: ApprovalMachine, act: Act, record_id: int) -> bool:
    """Whether the transition is the one that an approval has just let happen."""
    held = latest_decided(context, machine, [record_id]).get(record_id)
    return (
        held is not None
        and context.actor.is_system
        and held.state == APPROVED
        and held.cause.get("name") == act.name
        and not held.cause.get("taken")
        and still_valid(context, held)
    )


def _json(value: Any) -> Any:
    if isinstance(value, Target):
        return {"object": value.object, "id": value.id}
    return value if isinstance(value, str | int | bool) or value is None else dump_json(value).strip('"')
