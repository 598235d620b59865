"""Holding one record for the rest of a transaction, as floors above records do before they decide about it: record first, then what is
theirs, so that nobody waits in a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.records.access import not_found, rights_of
from engine.records.batch import Command, Errors, Row
from engine.records.compile import Records
from engine.records.linked import Linked
from engine.records.locking import read_locked, take_rows
from engine.records.moments import moment_of
from engine.records.stages import UPDATE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.context import Context


def hold(context: Context, object_name: str, record_id: int, act: str = "") -> Mapping[str, Any] | None:
    """Lock a living record and return its stored values. With an ``act`` it must be granted to the actor: raises Refusal 404 for what is
    not there or not for them, 403 for what they may not do. Without one, None where there is no such record."""
    records = context.runtime.part(Records)
    if object_name not in records.objects or not -(2**63) <= record_id < 2**63:
        raise not_found()
    compiled, rights = records.objects[object_name], rights_of(records, context.actor)
    if act and not rights.grants(object_name, "read"):
        raise not_found()
    moment = moment_of(context, records)
    linked = Linked(context, records, rights, moment)
    command = Command(context, records, rights, moment, Errors(single=True), linked, UPDATE, object_name)
    row = Row(0, id=record_id)
    if act:
        take_rows(command, compiled, [row], act)
        return row.old
    return None if read_locked(command, compiled, [row]) else row.old
