"""What rules of duplicates with ``block: true`` add to every command over their object: no record is written that is taken for one which
is there. Two that come at once wait for each other by locks on their marks, so that the second sees the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.context import DEMO
from engine.records.stages import MERGE, Act, Stage
from engine.refusals import FieldError, Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.context import Context
    from engine.records.compile import CompiledObject
    from engine.records.duplicate_terms import MatchRule
    from engine.records.duplicates import Match
    from engine.records.stages import Staged
    from metamodel.definitions.model import Model

LOCKS = 256  # locks an object: so many marks as a batch may have would not fit into the database's table of locks
_LOCK = sa.text(
    "SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) WITH ORDINALITY AS k (key, place) ORDER BY place"
)


def duplicate_stages(model: Model) -> tuple[Stage, ...]:
    """Return the share of blocking rules in the commands of a model; none where there are none."""
    objects = frozenset(
        name for name, one in model.objects.items() if any(rule.block for rule in one.duplicates.values())
    )
    return (Stage("duplicates", objects, _before),) if objects else ()


def _before(context: Context, object_name: str, act: Act, rows: Sequence[Staged]) -> None:
    from engine.records.compile import Records
    from engine.records.duplicate_terms import match_rules

    if act.kind == "delete" or act.name == MERGE or context.source == DEMO:
        return
    compiled = context.runtime.part(Records).objects[object_name]
    rules = [rule for rule in match_rules(compiled) if rule.definition.block]
    restored = act.kind == "restore"
    asked = [row for row in rows if restored or row.is_new or any(rule.reads & row.changed for rule in rules)]
    if asked:
        _refuse(context, compiled, rules, asked, restored=restored)


def _refuse(
    context: Context, compiled: CompiledObject, rules: Sequence[MatchRule], rows: Sequence[Staged], *, restored: bool
) -> None:
    """Refuse rows that have become like another record: marks that they had before are no news."""
    from engine.records.duplicate_terms import marks_of
    from engine.records.duplicate_words import blocked
    from engine.records.duplicates import ask, question_of, twins
    from engine.records.moments import moment_of

    moment = moment_of(context, compiled.records)
    asked = []
    for row in rows:
        marks = marks_of(compiled, row.new, moment, rules)
        before = {} if restored or row.is_new else marks_of(compiled, row.old, moment, rules)
        fresh = {name: made for name, made in marks.items() if made != before.get(name)}
        if fresh:
            asked.append(question_of(compiled, row.index, fresh, row.new, row.id))
    if not asked:
        return
    _lock(context, compiled.name, {mark for one in asked for mark in one.all_marks()})
    found = [*twins(rules, asked), *ask(context, compiled, rules, asked)]
    if not found:
        return
    single = len(rows) == 1
    told = {one.row: one for one in reversed(found)}
    errors = tuple(
        FieldError(_field(context, compiled, one), "DUPLICATE", blocked(compiled, one), None if single else one.row)
        for _, one in sorted(told.items())
    )
    raise Refusal(409 if restored else 422, "DUPLICATE", errors[0].message, errors)


def _lock(context: Context, object_name: str, marks: set[str]) -> None:
    """Hold marks until the transaction ends, all commands in one order. Its statement of its own: the next one sees what others, whom
    this one waited for, have written."""
    keys = context.connection.scalars(
        sa.text(
            "SELECT DISTINCT hashtextextended(:object, 7) + (hashtextextended(mark, 7) & :most) AS key"
            " FROM unnest(CAST(:marks AS text[])) AS m (mark) ORDER BY key"
        ),
        {"object": f"duplicates {object_name}", "most": LOCKS - 1, "marks": sorted(marks)},
    )
    context.connection.execute(_LOCK, {"keys": list(keys)})


def _field(context: Context, compiled: CompiledObject, match: Match) -> str:
    """Return the field that an error stands at: "" where the writer may not know of it."""
    from engine.records.access import Right, rights_of

    name = match.rule.definition.fields[0]
    rights = rights_of(compiled.records, context.actor)
    known = max(rights.field(compiled.name, name).most, rights.write_right(compiled.name, name)) > Right.HIDDEN
    return name if known else ""
