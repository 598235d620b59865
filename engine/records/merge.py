"""Merging records of an object into one of them: whatever leads to the others leads to it afterwards, what it lacks it takes from them,
and they lie in the bin with a note of where they went. All of it goes through the door for writing, in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.records.access import demand, forbidden, not_found, rights_of
from engine.records.batch import Command, Errors, Row
from engine.records.commands import Change, Written, delete, update
from engine.records.compile import Records
from engine.records.elevated import elevated
from engine.records.linked import Linked
from engine.records.locking import check_version, read_locked
from engine.records.merge_links import move_links, move_shares
from engine.records.moments import moment_of
from engine.records.shape import USER
from engine.records.stages import MERGE, UNASKED, UPDATE, Act, refuse_barred
from engine.refusals import FieldError, Refusal
from engine.storage.history import write_trail
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.context import Context
    from engine.records.compile import CompiledObject
    from engine.records.rights import Rights

__all__ = ["MOST", "Merging", "demand_mergeable", "merge_records", "mergeable"]

MOST = 10  # records that go into one at a time
APART = Text(zh="这类记录不能合并", en="records of this sort can't be merged")
ITSELF = Text(zh="不能与自身合并", en="a record can't be merged into itself")
TOO_MANY = Text(zh=f"一次最多合并 {MOST} 条", en=f"at most {MOST} records can be merged at a time")


@dataclass(frozen=True, slots=True)
class Merging:
    """What is to be merged. ``into`` stays; ``losers`` go into it. ``fields``: JSON values chosen for it; what it lacks and nobody chose
    comes from the losers, in their order. ``versions``: id → the version that the writer saw, refused with 412 where it is another."""

    object: str
    into: int
    losers: tuple[int, ...]
    fields: Mapping[str, Any]
    versions: Mapping[int, int]


def mergeable(compiled: CompiledObject) -> bool:
    """Whether an object's records can be merged at all: not people (their work is handed over), lines, nor what is about a record."""
    return not (compiled.name == USER or compiled.parent or compiled.about or compiled.made_elsewhere)


def demand_mergeable(compiled: CompiledObject, rights: Rights) -> None:
    """Refuse an object whose records the actor may never merge: 404, 403, or 409 NOT_MERGEABLE."""
    if not rights.grants(compiled.name, "read"):
        raise not_found()
    demand(rights, compiled.name, "update")
    demand(rights, compiled.name, "delete")
    if not mergeable(compiled):
        raise Refusal(409, "NOT_MERGEABLE", APART)


def merge_records(context: Context, asked: Merging) -> Written:
    """Merge records; return the one that stays.

    Needs update on that one and delete on the others. Raises Refusal: 403, 404, 409 (what a lock or an approval forbids, MERGE_CONFLICT
    where records under both can't stand side by side), 412, 422.
    """
    records = context.runtime.part(Records)
    if asked.object not in records.objects:
        raise not_found()
    compiled, rights = records.objects[asked.object], rights_of(records, context.actor)
    demand_mergeable(compiled, rights)
    if not asked.losers or asked.into in asked.losers or len(set(asked.losers)) != len(asked.losers):
        raise Refusal(422, "INTO_ITSELF", ITSELF, (FieldError("into", "INTO_ITSELF", ITSELF),))
    if len(asked.losers) > MOST:
        raise Refusal(422, "TOO_MANY", TOO_MANY, (FieldError("into", "TOO_MANY", TOO_MANY),))
    winner, losers = _take(context, compiled, rights, asked)
    refuse_barred(context, records, asked.object, [asked.into, *asked.losers])
    try:
        move_links(context, compiled, asked.into, asked.losers)
    except Refusal as refusal:
        raise _conflict(refusal) from refusal
    move_shares(context, asked.object, asked.into, asked.losers)
    delete(context, asked.object, [(row.id, None) for row in losers])
    filled = {name: value for name, value in _lacking(compiled, winner, losers).items() if name not in asked.fields}
    act = Act("update", MERGE, moves=frozenset(filled), details={UNASKED: True})
    if filled:
        update(elevated(context), asked.object, [Change(asked.into, filled)], act=act)
    (written,) = update(context, asked.object, [Change(asked.into, asked.fields)])
    _note(context, asked)
    return written


def _take(context: Context, compiled: CompiledObject, rights: Rights, asked: Merging) -> tuple[Row, list[Row]]:
    """Hold all records, in the order of their ids, so that nothing new is linked to them; the one that stays and the others, in the order
    they were named. Raises Refusal: 404, 403, 412."""
    records, moment = compiled.records, moment_of(context, compiled.records)
    linked = Linked(context, records, rights, moment)
    command = Command(context, records, rights, moment, Errors(single=True), linked, UPDATE, compiled.name)
    rows = {number: Row(0, id=number) for number in (asked.into, *asked.losers)}
    if any(not -(2**63) <= number < 2**63 for number in rows):
        raise not_found()
    gone = read_locked(command, compiled, list(rows.values()), "delete", deleting=True)
    winner = rows.pop(asked.into)
    losers = list(rows.values())
    if gone or not (rights.full or all(row.flags["read"] for row in (winner, *losers))):
        raise not_found()
    if not (rights.full or all(row.flags["delete"] for row in losers)):
        raise forbidden("delete")
    read_locked(command, compiled, [winner], "update")
    if not (rights.full or winner.flags["update"]):
        raise forbidden("update")
    check_version([winner, *losers], [asked.versions.get(row.id) for row in (winner, *losers)])
    return winner, losers


def _lacking(compiled: CompiledObject, winner: Row, losers: Sequence[Row]) -> dict[str, Any]:
    """Return the JSON values that the one which stays takes from the others: of fields that are blank in it the first value there is, of
    fields of several all of them together."""
    found: dict[str, Any] = {}
    gone = {winner.id, *(row.id for row in losers)}
    for name, field in compiled.fields.items():
        if field.kind.computed or field.kind.moved or name in compiled.rules.serials or name == compiled.owner:
            continue
        own, others = winner.old.get(name), [value for row in losers if (value := row.old.get(name)) is not None]
        if field.kind.many:
            fresh = [one for value in others for one in value if one not in (own or ())]
            fresh = [one for one in dict.fromkeys(fresh) if not (field.targets == (compiled.name,) and one in gone)]
            if fresh and field.associated:
                found[name] = {"add": fresh}
            elif fresh:
                found[name] = field.kind.dump(field, (*(own or ()), *fresh))
        elif own is None and others and not (field.targets == (compiled.name,) and others[0] in gone):
            found[name] = field.kind.dump(field, others[0])
    return found


def _conflict(refusal: Refusal) -> Refusal:
    """Return what to say where moved records can't stand beside those that are there."""
    return Refusal(409, "MERGE_CONFLICT", refusal.message, refusal.errors) if refusal.status == 422 else refusal


def _note(context: Context, asked: Merging) -> None:
    """Leave a note in the history of every record: which one became which."""
    entries: list[tuple[int, dict[str, Any]]] = [(number, {"id": [number, asked.into]}) for number in asked.losers]
    entries += [(asked.into, {"id": [number, asked.into]}) for number in asked.losers]
    write_trail(
        context.connection,
        at=context.now,
        object_name=asked.object,
        actor=context.actor.id,
        source=context.source,
        action="merged",
        entries=entries,
    )
