"""What an approval looks at in a record: the start, the conditions and approvers of its steps, the fields they show. Its fingerprint tells
whether what was approved is still what is there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.records.judging import evaluate
from engine.records.reading import RecordReader
from engine.storage.database import dump_json
from metamodel.expressions.types import Base
from metamodel.states import process_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.approvals.compile import ApprovalMachine
    from engine.context import Context
    from engine.expressions.values import Reader, Value
    from engine.records.compile import CompiledObject
    from metamodel.expressions.typed import TypedExpression

APART = frozenset({"me", "user", "old", "group"})  # roots that are not the record


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked at: ``paths`` in the record, and ``rows`` beyond it as (path, paths read in each)."""

    paths: frozenset[str] = frozenset()
    rows: frozenset[tuple[tuple[str, ...], tuple[str, ...]]] = frozenset()

    def __or__(self, other: Looked) -> Looked:
        return Looked(self.paths | other.paths, self.rows | other.rows)


def looked_at(machine: ApprovalMachine) -> Mapping[str, Looked]:
    """Return step → what the start, the step and those around it look at; under "" what the start does."""
    start = _read(machine, [machine.when] if machine.when is not None else [])
    found = {"": start}
    for name, step in machine.steps.items():
        expressions = [one for one in (machine.step_conditions.get(name),) if one is not None]
        for approvers in (step.approvers, step.copy_to):
            if approvers is not None and not machine.rows_of_users(_text(machine, approvers)):
                kind = machine.assignee(approvers)
                expressions += [
                    machine.candidate(text) if approvers.where else machine.typed(text)
                    for text in kind.reads(approvers)
                ]
        above = found[name.rpartition(".")[0]]
        found[name] = above | _read(machine, expressions) | _shown(machine, step.show)
    return found


def _text(machine: ApprovalMachine, approvers: Any) -> str:
    return next(iter(machine.assignee(approvers).reads(approvers)), "")


def _read(machine: ApprovalMachine, expressions: Iterable[TypedExpression]) -> Looked:
    paths: set[str] = set()
    rows: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
    compiled = machine.records.objects[machine.object]
    for one in expressions:
        for path in one.depends.paths:
            own = path[1:] if path[0] == "record" else path
            if own and own[0] not in APART and not _moves(compiled, own):
                paths.add(".".join(own))
        for read in one.depends.rows:
            own = read.path[1:] if read.path[0] == "record" else read.path
            if own and own[0] not in APART:
                rows.add((own, tuple(sorted(".".join(path) for path in read.paths))))
    return Looked(frozenset(paths), frozenset(rows))


def _shown(machine: ApprovalMachine, names: Iterable[str]) -> Looked:
    """Return what somebody sees who is shown these fields: of lines what is entered in them."""
    compiled = machine.records.objects[machine.object]
    children = dict(compiled.lines())
    paths, rows = set(), set()
    for name in names:
        if name in children:
            child = children[name]
            plain = sorted(
                field
                for field, one in child.fields.items()
                if one.type.base is not Base.ROWS and not one.kind.computed and field != child.parent
            )
            rows.add(((name,), tuple(plain)))
        elif compiled.fields[name].type.base is not Base.ROWS and not _moves(compiled, (name,)):
            paths.add(name)
    return Looked(frozenset(paths), frozenset(rows))


def _moves(compiled: CompiledObject, path: tuple[str, ...]) -> bool:
    """Whether it is a state of the record itself, which its approval moves on, or one of the fields that every write touches."""
    if len(path) > 1:
        return False
    definition = compiled.definition.fields.get(path[0])
    return path[0] in {"version", "updated_at", "updated_by"} or (
        definition is not None and bool(process_name(definition))
    )


def read_values(
    context: Context,
    machine: ApprovalMachine,
    record_id: int,
    looked: Iterable[Looked],
    *,
    further: Sequence[TypedExpression] = (),
    roots: Mapping[str, Reader] | None = None,
) -> tuple[Mapping[Any, Any], tuple[Value, ...]]:
    """Return the values of all that is looked at, and those of ``further`` expressions (none of a record that is gone): one statement for
    the paths and the expressions, one for each list of rows."""
    everything = Looked()
    for one in looked:
        everything |= one
    paths = sorted(everything.paths)
    asked = [*(machine.typed(path) for path in paths), *further]
    values = evaluate(context, machine.object, [record_id], asked, roots=roots).get(record_id, ()) if asked else ()
    found: dict[Any, Any] = dict(zip(paths, (_plain(value) for value in values), strict=False))
    for rows in sorted(everything.rows):
        path, names = rows
        reader = RecordReader(context, machine.object, record_id)
        found[rows] = [[_plain(row.get(tuple(name.split(".")))) for name in names] for row in reader.rows(path)]
    return found, tuple(values[len(paths) :])


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, date | datetime) else value if value is None else str(value)


def fingerprint(looked: Looked, values: Mapping[Any, Any]) -> str:
    """Return the fingerprint of what was looked at."""
    said = [[path, values.get(path)] for path in sorted(looked.paths)]
    said += [[".".join(rows[0]), list(rows[1]), values.get(rows)] for rows in sorted(looked.rows)]
    return hashlib.sha256(dump_json(said).encode()).hexdigest()[:32]
