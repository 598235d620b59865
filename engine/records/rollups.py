"""Bringing stored values of other records up to date in the transaction that changes them: parents' rollups, what follows from
those, and kept formulas over links. Parents are locked in one statement, in the order of their ids, and recomputed in the next, which
then sees what everybody before has committed. Neither version, time stamps nor history of those records change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.expressions.sql import SqlMoment, compile_sql
from engine.fields.base import Target
from engine.records.sqlscope import Joins, RecordScope
from engine.records.statement import Statement, among, given_ids, prepare
from engine.records.stored import StoredField, stored_fields, stored_values
from engine.storage.kept_tables import FINEST, kept_mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.records.batch import Command
    from engine.records.compile import CompiledObject, Records
    from engine.records.dependents import Above

MOST_ROUNDS = 200  # of following changes upwards: definitions without circles never come near


class Wave:
    """Changes spreading from records to those that depend on them, a level at a time until nothing changes any more."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self.records: Records = command.records
        self.fields: dict[str, dict[int, set[str]]] = {}  # object → id → computed fields to bring up to date

    def note(
        self,
        compiled: CompiledObject,
        rows: Iterable[tuple[int, Mapping[str, Any], Mapping[str, Any], set[str] | None]],
    ) -> None:
        """Note what depends on records that were written: (id, old, new, changed names; None: the record came or went)."""
        above = self.records.dependents.above.get(compiled.name, ())
        below = self.records.dependents.below.get(compiled.name, ())
        if not above and not below:
            return
        changed_ids: dict[str, list[int]] = {}
        for number, old, new, changed in rows:
            for one in above:
                if changed is None or one.link in changed or changed & one.reads:
                    for parent in {parent_of(one.object, values.get(one.link)) for values in (old, new)} - {None}:
                        self._want(one, parent)
            for follower in below:
                if changed is not None and changed & follower.reads:
                    changed_ids.setdefault(f"{follower.object} {follower.link} {follower.name}", []).append(number)
        for key, ids in changed_ids.items():
            object_name, link, name = key.split(" ")
            for number in self._linking(object_name, link, compiled.name, ids):
                self.fields.setdefault(object_name, {}).setdefault(number, set()).add(name)

    def _want(self, one: Above, parent: int | None) -> None:
        assert parent is not None  # noqa: S101 - blank links were taken out
        if one.check:
            self.command.ask_late(one.object, parent, [one.check])
        else:
            self.fields.setdefault(one.object, {}).setdefault(parent, set()).add(one.name)

    def _linking(self, object_name: str, link: str, target: str, ids: Sequence[int]) -> list[int]:
        compiled = self.records.objects[object_name]

        def make() -> Statement:
            alias = compiled.table.alias("t")
            key = RecordScope(compiled, alias, SqlMoment()).targets(link)[target]
            return prepare(
                sa.select(alias.c.id)
                .where(key == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.BigInteger))))
                .order_by(alias.c.id)
            )

        statement = self.records.memory.get(("linking", object_name, link, target), make)
        return [row[0] for row in statement.rows(self.command.connection, ids=list(ids))]

    def settle(self) -> None:
        """Recompute until nothing follows any more, what stands lower first."""
        for _ in range(MOST_ROUNDS):
            if not self.fields:
                return
            lowest = self.records.dependents.in_order(self.fields)[0]
            self._recompute(self.records.objects[lowest], self.fields.pop(lowest))
        raise RecursionError("computed fields depend on each other in a circle")

    def _recompute(self, compiled: CompiledObject, wanted: Mapping[int, set[str]]) -> None:
        names = set().union(*wanted.values())
        ids = sorted(wanted)
        lock_rows(self.command, compiled, ids)
        changing = following(compiled, names)
        statement, moment = self.records.memory.get(
            ("recompute", compiled.name, frozenset(names), len(ids) == 1),
            lambda: recompute_statement(compiled, changing, single=len(ids) == 1),
        )
        rows = statement.rows(self.command.connection, ids=given_ids(ids), **moment.values(self.command.moment))
        written: list[tuple[int, dict[str, Any], dict[str, Any], set[str] | None]] = []
        links, count = upward_links(compiled), len(changing)
        for row in rows:
            old = dict(zip(changing, row[1 : 1 + count], strict=True))
            new = dict(zip(changing, row[1 + count : 1 + 2 * count], strict=True))
            changed = {name for name in changing if old[name] != new[name]}
            for name in changed:
                self.command.recomputed.setdefault((compiled.name, row[0]), {}).setdefault(name, old[name])
            at = stored_values(links, row[1 + 2 * count :])
            written.append((row[0], {**at, **old}, {**at, **new}, changed))
        self.note(compiled, written)
        for number, _, _, names_changed in written:
            anew = names_changed or set()
            checks = [
                name
                for name, check in compiled.rules.checks.items()
                if check.rule.reads & anew and not check.looks_back
            ]
            self.command.ask_late(compiled.name, number, checks)


def upward_links(compiled: CompiledObject) -> tuple[StoredField, ...]:
    """Return the links by which a record hangs on what sums it up."""
    names = {one.link for one in compiled.records.dependents.above.get(compiled.name, ())}
    return stored_fields(compiled, sorted(names))


def parent_of(object_name: str, value: Any) -> int | None:
    """Return the id that a link's value holds of an object; None where it is blank, leads elsewhere, or names a record by something else."""
    if isinstance(value, Target):
        return value.id if value.object == object_name else None
    return value if isinstance(value, int) else None


def following(compiled: CompiledObject, names: Iterable[str]) -> tuple[str, ...]:
    """Return stored computed fields together with those of the same record that follow from them, in order."""
    found = set(names)
    for name, rule in compiled.rules.computed.items():
        if rule.reads & found:
            found.add(name)
    ordered = [name for name in compiled.rules.rollups if name in found]
    return (*ordered, *(name for name in compiled.rules.computed if name in found))


def lock_rows(command: Command, compiled: CompiledObject, ids: Sequence[int]) -> None:
    """Hold records until the transaction ends, in the order of their ids; those held already cost nothing."""
    missing = [number for number in ids if (compiled.name, number) not in command.locked]
    if not missing:
        return

    single = len(missing) == 1

    def make() -> Statement:
        alias = compiled.table.alias("t")
        where = among(alias.c.id, "ids", single=single)
        return prepare(sa.select(alias.c.id).where(where).order_by(alias.c.id).with_for_update(key_share=True))

    statement = command.records.memory.get(("lock", compiled.name, single), make)
    statement.rows(command.connection, ids=given_ids(missing))
    command.locked.update((compiled.name, number) for number in missing)


def recompute_statement(
    compiled: CompiledObject, names: Sequence[str], *, single: bool = False
) -> tuple[Statement, SqlMoment]:
    """Return the statement that works computed fields out anew and writes those that have another value; it answers with id, the old
    values, the new ones, and the record's links to what depends on it in turn."""
    alias, moment = compiled.table.alias("r"), SqlMoment()
    joins = Joins(alias)
    instead: dict[str, Any] = {}
    for name in names:
        scope = RecordScope(compiled, alias, moment, joins=joins, instead=dict(instead))
        type_ = compiled.table.c[compiled.columns[name]].type
        instead[name] = sa.cast(compile_sql(compiled.computed[name].expression, scope, moment), type_)
    where = among(alias.c.id, "ids", single=single)
    columns = {name: compiled.columns[name] for name in names}
    old = [alias.c[column].label(f"old_{place}") for place, column in enumerate(columns.values())]
    new = [instead[name].label(f"new_{place}") for place, name in enumerate(names)]
    # OFFSET 0 keeps PostgreSQL from pulling the query up and working every aggregate out twice: to compare and to write.
    fresh = sa.select(alias.c.id, *old, *new).select_from(joins.clause).where(where).offset(0).subquery("n")
    table = compiled.table
    differs = sa.or_(
        *(fresh.c[f"old_{place}"].is_distinct_from(fresh.c[f"new_{place}"]) for place in range(len(names)))
    )
    links = [column for one in upward_links(compiled) for column in one.columns]
    written = (
        sa.update(table)
        .values({table.c[column]: fresh.c[f"new_{place}"] for place, column in enumerate(columns.values())})
        .where(table.c.id == fresh.c.id, differs)
        .returning(
            table.c.id,
            *(fresh.c[f"old_{place}"] for place in range(len(names))),
            *(table.c[column].label(f"written_{place}") for place, column in enumerate(columns.values())),
            *(table.c[column].label(f"link_{column}") for column in links),
        )
        .cte("written")
    )
    place = written.c.id.op(">>")(sa.literal_column(str(FINEST)))
    marks = sa.select(sa.literal(compiled.name, sa.Text), place).distinct()
    marking = sa.insert(kept_mark).from_select(["object", "place"], marks).cte("marking")
    return prepare(sa.select(*written.c).add_cte(marking)), moment


def recompute_all(command: Command, compiled: CompiledObject, ids: Sequence[int], names: Sequence[str]) -> int:
    """Work computed fields out anew for records, whatever is stored (after a definition changed, and to prove that it was right);
    return how many had another value. What depends on them follows."""
    lock_rows(command, compiled, sorted(ids))
    wave = Wave(command)
    changing = following(compiled, names)
    statement, moment = command.records.memory.get(
        ("recompute", compiled.name, frozenset(names), len(ids) == 1),
        lambda: recompute_statement(compiled, changing, single=len(ids) == 1),
    )
    rows = statement.rows(command.connection, ids=given_ids(sorted(ids)), **moment.values(command.moment))
    wave.fields = {compiled.name: {row[0]: set(names) for row in rows}} if rows else {}
    wave.settle()
    return len(rows)
