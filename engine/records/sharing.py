"""The team of a record: people beside its owner, the parts they play, and what these let them write. That the scope ``team`` takes
their records in is access.py's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.expressions.sql import SqlMoment
from engine.records.access import Access, actor_parameters, forbidden, not_found, rights_of
from engine.records.compile import Records
from engine.records.granted import granted
from engine.records.moments import moment_of
from engine.records.pool import check_heir
from engine.records.rights import ALL
from engine.records.shape import USER
from engine.records.statement import Statement, among, given_ids, prepare
from engine.refusals import FieldError, Refusal
from engine.storage.sharing_tables import team_member
from metamodel.faults import near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.context import Context
    from engine.records.compile import CompiledObject
    from engine.records.rights import Rights
    from metamodel.definitions.sharing import TeamDef


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in the team of a record."""

    user_id: int
    name: str
    role: str


def share(context: Context, object_name: str, record_id: int, user_id: int, role: str) -> bool:
    """Take somebody into the team of a record; return whether they are new in that part. Raises Refusal 404, 403, 422."""
    team = _demand_share(context, object_name, record_id)
    if role not in team.roles:
        hint = near_miss(role, team.roles)
        message = Text(
            zh=f"团队中没有角色 {role[:60]}" + (f"，{hint.zh}" if hint else ""),
            en=f"the team has no part {role[:60]}" + (f"; {hint.en}" if hint else ""),
        )
        raise Refusal(422, "UNKNOWN_ROLE", message, (FieldError("role", "UNKNOWN_ROLE", message),))
    check_heir(context, user_id, "user")
    row = {
        "object": object_name,
        "record_id": record_id,
        "user_id": user_id,
        "role": role,
        "added_at": context.now,
        "added_by": context.actor.id,
    }
    added = insert(team_member).values(row).on_conflict_do_nothing().returning(team_member.c.user_id)
    return context.connection.scalar(added) is not None


def unshare(context: Context, object_name: str, record_id: int, user_id: int, role: str = "") -> bool:
    """Take somebody out of the team of a record, out of one part or of all; return whether they were in it. Raises Refusal 404, 403."""
    _demand_share(context, object_name, record_id)
    gone = sa.delete(team_member).where(
        team_member.c.object == object_name, team_member.c.record_id == record_id, team_member.c.user_id == user_id
    )
    return context.connection.execute(gone.where(team_member.c.role == role) if role else gone).rowcount > 0


def members(context: Context, object_name: str, record_id: int) -> list[Member]:
    """Return the team of a record that the caller has read, in the order in which they came."""
    people = context.runtime.part(Records).objects[USER].table
    asked = (
        sa.select(team_member.c.user_id, people.c.name, team_member.c.role)
        .join(people, people.c.id == team_member.c.user_id)
        .where(team_member.c.object == object_name, team_member.c.record_id == record_id)
        .order_by(team_member.c.added_at, team_member.c.user_id, team_member.c.role)
    )
    return [Member(row.user_id, row.name or "", row.role) for row in context.connection.execute(asked)]


def may_share(context: Context, object_name: str, record_id: int) -> bool:
    """Whether the actor may change the team of a record: whoever may change the record by more than being in its team."""
    records = context.runtime.part(Records)
    compiled = records.objects[object_name]
    rights = rights_of(records, context.actor)
    return compiled.definition.team is not None and record_id in beyond_team(context, compiled, rights, [record_id])


def beyond_team(context: Context, compiled: CompiledObject, rights: Rights, ids: Sequence[int]) -> frozenset[int]:
    """Return the records that the actor may change by some scope other than ``team``."""
    if rights.full:
        return frozenset(ids)
    scopes = frozenset(one for one in rights.scopes(compiled.name, "update") if one.where or one.name != "team")
    if not scopes or not ids:
        return frozenset()
    if scopes == ALL:
        return frozenset(ids)
    single = len(ids) == 1

    def make() -> tuple[Statement, SqlMoment]:
        alias, moment = compiled.table.alias("t"), SqlMoment()
        where = among(alias.c.id, "ids", single=single)
        return prepare(
            sa.select(alias.c.id).where(where, Access(rights, moment).within(compiled, alias, scopes))
        ), moment

    statement, moment = compiled.records.memory.get(("beyond team", compiled.name, rights.roles, single), make)
    parameters = {**actor_parameters(context.actor), **moment.values(moment_of(context, compiled.records))}
    return frozenset(row[0] for row in statement.rows(context.connection, ids=given_ids(list(ids)), **parameters))


def writable(
    context: Context, compiled: CompiledObject, rights: Rights, ids: Sequence[int]
) -> Mapping[int, frozenset[str]]:
    """Return, of records that nothing but the team opens to the actor for writing, the fields that their parts let them write; records
    that are open to them anyway, or as a whole, are left out."""
    team = compiled.definition.team
    if team is None or rights.full or not _by_team(rights, compiled.name):
        return {}
    rest = [number for number in ids if number not in beyond_team(context, compiled, rights, ids)]
    if not rest:
        return {}
    asked = sa.select(team_member.c.record_id, team_member.c.role).where(
        team_member.c.object == compiled.name,
        team_member.c.user_id == context.actor.id,
        team_member.c.record_id.in_(rest),
    )
    found: dict[int, frozenset[str]] = dict.fromkeys(rest, frozenset())
    for number, role in context.connection.execute(asked):
        part = team.roles.get(role)
        if part is not None and number in found:
            if part.edit:
                del found[number]
            else:
                found[number] |= {name for name, right in part.fields.items() if right == "edit"}
    return found


def _by_team(rights: Rights, object_name: str) -> bool:
    return any(one.name == "team" and one.where is None for one in rights.scopes(object_name, "update"))


def _demand_share(context: Context, object_name: str, record_id: int) -> TeamDef:
    records = context.runtime.part(Records)
    if object_name not in records.objects:
        raise not_found()
    compiled = records.objects[object_name]
    living = sa.select(compiled.table.c.id).where(
        compiled.table.c.id == record_id, compiled.table.c.deleted_at.is_(None)
    )
    if not granted(context, object_name, [record_id], "read") or context.connection.scalar(living) is None:
        raise not_found()
    team = compiled.definition.team
    if team is None or not may_share(context, object_name, record_id):
        raise forbidden("share")
    return team
