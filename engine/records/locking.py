"""Taking records into a command: what sums them up is locked first, then they themselves, with their stored values and what the
actor may do with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.expressions.sql import SqlMoment
from engine.fields.base import Target
from engine.records.access import Access, actor_parameters, forbidden, not_found
from engine.records.rollups import lock_rows, parent_of
from engine.records.sqlscope import RecordScope
from engine.records.statement import Statement, among, given_ids, prepare
from engine.records.stored import stored_columns, stored_values
from engine.refusals import FieldError, Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.records.batch import Command, Row
    from engine.records.compile import CompiledObject

STALE = Text(zh="记录已被他人修改，请刷新后再试。", en="Somebody else has changed this record: load it again.")


def lock_parents(
    command: Command, compiled: CompiledObject, rows: Sequence[Row], names: Iterable[str] | None = None
) -> None:
    """Lock the records that sum up ``rows``, and those that will by what was given, before these are touched: all of an object in one
    statement, in the order of their ids. ``names``: the fields about to change; None for all."""
    asked = set(names) if names is not None else None
    if asked is not None:
        for name, rule in compiled.rules.computed.items():
            if rule.reads & asked:
                asked.add(name)
    links = {
        (one.object, one.link)
        for one in command.records.dependents.above.get(compiled.name, ())
        if asked is None or one.link in asked or one.reads & asked
    }
    targets: dict[str, list[str]] = {}
    for target, link in sorted(links):
        targets.setdefault(target, []).append(link)
    for target in command.records.dependents.in_order(targets):
        _lock_targets(command, compiled, rows, target, tuple(targets[target]))


def _lock_targets(
    command: Command, compiled: CompiledObject, rows: Sequence[Row], target: str, links: tuple[str, ...]
) -> None:
    ids = sorted(row.id for row in rows)
    named = (parent_of(target, row.given.get(link)) for row in rows for link in links)
    given = sorted({number for number in named if number is not None})
    single = len(ids) == 1

    def make() -> Statement:
        above = command.records.objects[target].table.alias("p")
        alias = compiled.table.alias("t")
        scope = RecordScope(compiled, alias, SqlMoment())
        wanted = among(alias.c.id, "ids", single=single)
        keys = [sa.select(scope.targets(link)[target]).where(wanted) for link in links]
        among_them = [above.c.id == key.scalar_subquery() if single else above.c.id.in_(key) for key in keys]
        if given:
            among_them.append(among(above.c.id, "given", single=False))
        chosen = sa.select(above.c.id).where(sa.or_(*among_them))
        return prepare(chosen.order_by(above.c.id).with_for_update(key_share=True))

    statement = command.records.memory.get(("lock parents", compiled.name, target, links, single, bool(given)), make)
    bound = {"ids": given_ids(ids)} | ({"given": given} if given else {})
    command.locked.update((target, row[0]) for row in statement.rows(command.connection, **bound))


def take_rows(
    command: Command,
    compiled: CompiledObject,
    rows: Sequence[Row],
    act: str,
    *,
    binned: bool = False,
    deleting: bool = False,
) -> None:
    """Lock records and read their stored values. Raises Refusal: 404 for what is not there or not for this actor, 403 for what
    they may see and not touch. ``deleting`` locks so that nobody can link to them meanwhile."""
    if read_locked(command, compiled, rows, act, binned=binned, deleting=deleting):
        raise not_found()
    if not command.rights.full:
        if not all(row.flags["read"] for row in rows):
            raise not_found()
        if not all(row.flags[act] for row in rows):
            raise forbidden(act)


def read_locked(
    command: Command,
    compiled: CompiledObject,
    rows: Sequence[Row],
    act: str = "",
    *,
    binned: bool = False,
    deleting: bool = False,
    locking: bool = True,
) -> list[Row]:
    """Lock records and read their stored values; return those that are not there. Without an ``act`` nothing is asked of the
    actor's rights, which then were settled elsewhere; without ``locking`` they are only read."""
    by_id = {row.id: row for row in rows}
    taking = _Taking(
        acts=_acts(command, compiled, rows, act),
        roles=_roles(command, compiled, rows),
        binned=binned,
        lock=("update" if deleting else "no key update") if locking else "",
        single=len(by_id) == 1,
    )
    key = ("take", compiled.name, command.rights.roles, command.rights.full, taking)
    statement, moment = command.records.memory.get(key, lambda: _take_statement(command, compiled, taking))
    parameters = {**actor_parameters(command.context.actor), **moment.values(command.moment)}
    fields = compiled.stored
    known, flagged = tuple(compiled.system), (*taking.acts, *taking.roles)
    for values in statement.rows(command.connection, ids=given_ids(sorted(by_id)), **parameters):
        row = by_id.pop(values[0])
        row.is_new = False
        row.system = dict(zip(known, values[1:], strict=False))
        row.version = row.system["version"]
        rest = values[1 + len(known) :]
        row.flags = dict(zip(flagged, rest, strict=False))
        row.old = stored_values(fields, rest[len(flagged) :])
        row.new = dict(row.old)
    if locking:
        command.locked.update((compiled.name, row.id) for row in rows)
    return list(by_id.values())


@dataclass(frozen=True, slots=True)
class _Taking:
    """How records are read into a command: acts and roles to be told of each, living ones or those in the bin, and the lock."""

    acts: tuple[str, ...]
    roles: tuple[str, ...]
    binned: bool
    lock: str
    single: bool


def _acts(command: Command, compiled: CompiledObject, rows: Sequence[Row], act: str) -> tuple[str, ...]:
    if command.rights.full or not act:
        return ()
    moved = bool(compiled.owner) and any(compiled.owner in row.given for row in rows)
    return tuple(dict.fromkeys(("read", act, *(("transfer",) if moved else ()))))


def _roles(command: Command, compiled: CompiledObject, rows: Sequence[Row]) -> tuple[str, ...]:
    """Return the roles that give different rights to the fields about to change."""
    if command.rights.full:
        return ()
    names = {name for row in rows for name in row.given}
    return tuple(sorted({role for name in names for role, _ in command.rights.field(compiled.name, name).roles}))


def _take_statement(command: Command, compiled: CompiledObject, taking: _Taking) -> tuple[Statement, SqlMoment]:
    moment = SqlMoment()
    alias = compiled.table.alias("t")
    access = Access(command.rights, moment)
    flags: list[sa.ColumnElement[Any]] = []
    for act in taking.acts:
        granted = command.rights.grants(compiled.name, act)
        condition = access.condition(compiled, alias, act) if granted else sa.false()
        flags.append(sa.true() if condition is None else sa.func.coalesce(condition, sa.false()))
    flags += access.flags(compiled, alias, taking.roles).values()
    columns = stored_columns(compiled.stored, alias)
    selected = [alias.c.id, *(alias.c[name] for name in compiled.system), *flags, *columns]
    living = alias.c.deleted_at.is_not(None) if taking.binned else alias.c.deleted_at.is_(None)
    statement = (
        sa.select(*(column.label(f"c{place}") for place, column in enumerate(selected)))
        .where(among(alias.c.id, "ids", single=taking.single), living)
        .order_by(alias.c.id)
    )
    if taking.lock:
        statement = statement.with_for_update(key_share=taking.lock != "update", of=alias)
    return prepare(statement), moment


def check_version(rows: Sequence[Row], expected: Sequence[int | None]) -> None:
    """Refuse with 412 where a record is at another version than the writer saw."""
    stale = [row for row, version in zip(rows, expected, strict=True) if version is not None and version != row.version]
    if stale:
        single = len(rows) == 1
        errors = tuple(FieldError("", "STALE", STALE, None if single else row.index) for row in stale)
        raise Refusal(412, "STALE", STALE, errors)


def check_transfer(command: Command, compiled: CompiledObject, rows: Sequence[Row]) -> None:
    """Refuse with 403 to give a record to another owner without the grant to do so."""
    if command.rights.full or not compiled.owner:
        return
    for row in rows:
        if (
            compiled.owner in row.given
            and row.given[compiled.owner] != row.old.get(compiled.owner)
            and not row.flags.get("transfer")
        ):
            raise forbidden("transfer")


def same(one: Any, other: Any) -> bool:
    """Whether two values of a field are the same."""
    return bool(one == other) and isinstance(one, Target) == isinstance(other, Target)


__all__ = ["check_transfer", "check_version", "lock_parents", "lock_rows", "same", "take_rows"]
