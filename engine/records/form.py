"""A form as the server sees it while somebody fills it in: defaults, computed fields, and which fields are seen, required and closed.
Nothing is written or refused; what the browser works out meanwhile is made from the same expressions (engine/screens/rules.py)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.fields.base import By, Target
from engine.records.access import not_found, rights_of
from engine.records.batch import Command, Errors, Row, RowReader
from engine.records.candidates import base_at
from engine.records.compile import Records
from engine.records.compute import compute_stored, fill_defaults
from engine.records.linked import Linked
from engine.records.locking import read_locked
from engine.records.moments import moment_of
from engine.records.parse import Parser
from engine.records.resolve import ensure, resolve_links
from engine.records.rights import Right
from engine.records.standing import Standing
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.context import Context
    from engine.records.compile import CompiledObject
    from engine.records.rules import Rule
    from engine.refusals import FieldError

NO_LOCKS: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class FormState:
    """``values``: the fields that the viewer may see, with what was sent, defaults and computed ones (links as ids). ``visible``,
    ``required``, ``readonly``: the names for which it holds now. ``errors``: what of the sent values can't be read."""

    values: Mapping[str, Any]
    visible: frozenset[str]
    required: frozenset[str]
    readonly: frozenset[str]
    errors: tuple[FieldError, ...] = field(default=())


def form_state(
    context: Context, object_name: str, values: Mapping[str, object], *, record_id: int | None = None, text: bool = True
) -> FormState:
    """Return how a form stands with ``values`` (``text``: as typed) put over the record, or over the defaults of a new one.

    Raises Refusal 404 where the object or record is not there for the viewer.
    """
    return _state(*_filled(context, object_name, values, record_id, text=text))


def standing(
    context: Context, place: tuple[str, str, str], values: Mapping[str, object], record_id: int | None
) -> Standing:
    """Return what a link's filter reads of the record in a form that stands so: the very values that are judged when it is saved.
    ``place``: the object, its link and the target. What it is linked to is read where the viewer may read it. Raises Refusal as ``form_state`` does."""
    object_name, link, target = place
    command, compiled, row = _filled(context, object_name, values, record_id, text=True)
    pick = compiled.rules.picks[link][target].rule
    read = [path for path in pick.expression.depends.paths if path[0] == "record"]
    _reach(command, compiled, row, pick)
    for name in {path[1] for path in read if len(path) > 1} & compiled.computed.keys():
        if not compiled.computed[name].stored:
            _reach(command, compiled, row, compiled.rules.rule(compiled.computed[name].expression.text))
    reader = RowReader(command, compiled, row, row.new)
    paths = sorted({path[1:] or ("id",) for path in read})
    own = {("id",): row.id or None}
    return Standing(
        object_name, {path: (base_at(compiled, path), own[path] if path in own else reader.get(path)) for path in paths}
    )


def _filled(
    context: Context, object_name: str, values: Mapping[str, object], record_id: int | None, *, text: bool
) -> tuple[Command, CompiledObject, Row]:
    records = context.runtime.part(Records)
    rights = rights_of(records, context.actor)
    if object_name not in records.objects or not rights.grants(object_name, "read"):
        raise not_found()
    compiled = records.objects[object_name]
    moment = moment_of(context, records)
    linked = Linked(context, records, rights, moment)
    command = Command(context, records, rights, moment, Errors(single=True), linked)
    row = Row(0, id=record_id or 0)
    # Where a right differs from record to record, the highest one counts here: the door for writing decides on each.
    Parser(command, compiled, creating=record_id is None, text=text).read(row, values)
    if record_id is not None:
        if read_locked(command, compiled, [row], "read", locking=False) or not row.flags.get("read", rights.full):
            raise not_found()
        row.new |= {name: value for name, value in row.given.items() if name in row.new}
    resolve_links(command, compiled, [row], dict.fromkeys(compiled.shape.shapes.model.objects, ""))
    if record_id is not None:
        row.new |= {name: row.given[name] for name in compiled.associations if name in row.given}
    for name in row.bad | {name for name, value in row.given.items() if isinstance(value, By)}:
        row.given.pop(name, None)
        row.new[name] = row.old.get(name)
    if record_id is None:
        fill_defaults(command, compiled, [row], NO_LOCKS)
    compute_stored(command, compiled, [row], NO_LOCKS)
    return command, compiled, row


def _state(command: Command, compiled: CompiledObject, row: Row) -> FormState:
    rules = compiled.rules
    seen = {name for name in compiled.fields if _right(command, compiled, row, name) > Right.MASKED}
    closed = {
        name
        for name, one in compiled.fields.items()
        if one.kind.computed
        or name in rules.serials
        or one.definition.readonly
        or _right(command, compiled, row, name) < Right.EDIT
        or (not row.is_new and _holds(command, compiled, row, rules.readonly.get(name), default=False))
    }
    visible = {name for name in seen if _holds(command, compiled, row, rules.visible.get(name), default=True)}
    required = {
        name
        for name in visible
        if name in rules.always_required or _holds(command, compiled, row, rules.required.get(name), default=False)
    }
    reader = RowReader(command, compiled, row, row.new)
    values: dict[str, Any] = {}
    for name, one in compiled.fields.items():
        if name not in seen or one.type.base is Base.ROWS:
            continue
        computed = compiled.computed.get(name)
        if computed is not None and not computed.stored:
            _reach(command, compiled, row, rules.rule(computed.expression.text))
        values[name] = reader.get((name,)) if computed is not None else row.new.get(name)
    return FormState(values, frozenset(visible), frozenset(required), frozenset(closed), tuple(command.errors.items))


def _reach(command: Command, compiled: CompiledObject, row: Row, rule: Rule) -> None:
    """Read what a computed field that is not stored looks at beyond links: a command that writes has no need of it."""
    ensure(command, compiled, [row], (rule,), NO_LOCKS)
    for path in rule.paths:
        target = row.new.get(path[0])
        if isinstance(target, Target):
            command.linked.read(target.object, [target.id], frozenset({path[1:]}))
        elif isinstance(target, int):
            command.linked.read(compiled.shape.members[path[0]].objects[0], [target], frozenset({path[1:]}))


def _right(command: Command, compiled: CompiledObject, row: Row, name: str) -> Right:
    if row.is_new:
        return command.rights.write_right(compiled.name, name)
    return command.rights.field(compiled.name, name).most


def _holds(command: Command, compiled: CompiledObject, row: Row, rule: Rule | None, *, default: bool) -> bool:
    if rule is None:
        return default
    ensure(command, compiled, [row], (rule,), NO_LOCKS)
    return rule.closure(RowReader(command, compiled, row, row.new), command.moment) is True
