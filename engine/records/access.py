"""The viewer's access as SQL: scopes become conditions that indexes serve, with the actor's ids as parameters, so that one
statement fits everybody who holds the same roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.expressions.sql import compile_condition
from engine.records.about import about_condition
from engine.records.rights import ALL, Right, Rights, Scopes, rights_of
from engine.records.shape import USER
from engine.records.sqlscope import RecordScope
from engine.refusals import Refusal
from engine.storage.sharing_tables import team_member
from metamodel.expressions.types import BOOLEAN
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.context import Actor, Context
    from engine.expressions.sql import SqlMoment
    from engine.fields.base import Field, Value
    from engine.records.compile import CompiledObject
    from engine.records.sqlscope import Condition, Guard
    from metamodel.definitions.roles import ScopeDef

__all__ = ["Access", "Masked", "Right", "Rights", "actor_parameters", "masked", "may", "rights_of", "visible_fields"]

ME, PEOPLE, DEPARTMENT, DEPARTMENTS = "actor_me", "actor_people", "actor_department", "actor_departments"
DEPARTMENT_FIELD = "department"


class Masked(str):
    """What stands in place of a value that the viewer may know of and not read. Shown as it is by every screen and door."""

    __slots__ = ()


MASK = Masked("***")


def masked(field: Field, value: Value) -> Masked:
    """Return what is shown in place of a field's value: what its type leaves open of it, else nothing."""
    mask = field.kind.mask
    return MASK if mask is None else Masked(mask(field, value))


def actor_parameters(actor: Actor) -> dict[str, Any]:
    """Return the values of the parameters that access conditions name."""
    people = [] if actor.id is None else [actor.id, *actor.reports]
    return {ME: actor.id, PEOPLE: people, DEPARTMENT: actor.department, DEPARTMENTS: list(actor.departments)}


def _ids(name: str) -> sa.ColumnElement[Any]:
    return sa.any_(sa.bindparam(name, type_=ARRAY(sa.BigInteger)))


def team_records(object_name: str) -> sa.ScalarSelect[Any]:
    """Return the ids of an object's records whose team the viewer is in: an array worked out once, so that an index serves."""
    mine = sa.select(team_member.c.record_id).where(
        team_member.c.user_id == sa.bindparam(ME, type_=sa.BigInteger), team_member.c.object == sa.literal(object_name)
    )
    return mine.scalar_subquery()


class Access:
    """One set of rights, compiled into conditions. ``moment`` gives the present to scopes that are expressions."""

    def __init__(self, rights: Rights, moment: SqlMoment) -> None:
        self.rights = rights
        self.records = rights.records
        self.moment = moment

    def condition(
        self, compiled: CompiledObject, alias: sa.FromClause, act: str = "read", role: str = ""
    ) -> Condition | None:
        """Return which records of ``alias`` an act may touch; None for all of them."""
        if self.rights.full:
            return None
        scopes = self.rights.scopes(compiled.name, act, role)
        if scopes == ALL:
            return None
        if compiled.about:
            return about_condition(self, compiled, alias, act, role)
        if compiled.parent:
            return self._by_parent(compiled, alias, act, role)
        return self.within(compiled, alias, scopes)

    def within(self, compiled: CompiledObject, alias: sa.FromClause, scopes: Scopes) -> Condition:
        """Return which records of ``alias`` are in one of the scopes."""
        ordered = sorted(scopes, key=lambda scope: (scope.name, scope.where.text if scope.where else ""))
        parts = [part for part in (self._scope(compiled, alias, scope) for scope in ordered) if part is not None]
        return sa.or_(*parts) if parts else sa.false()

    def _scope(self, compiled: CompiledObject, alias: sa.FromClause, scope: ScopeDef) -> Condition | None:
        if scope.where is not None:
            shapes = self.records.shapes
            expression = shapes.check(scope.where.text, shapes.scope(compiled.name), BOOLEAN)
            return compile_condition(expression, RecordScope(compiled, alias, self.moment), self.moment)
        if scope.name == "team":
            return alias.c.id == sa.any_(sa.func.array(team_records(compiled.name), type_=ARRAY(sa.BigInteger)))
        if compiled.owner:
            owner = alias.c[next(iter(compiled.fields[compiled.owner].columns.values()))]
        elif compiled.name == USER:
            owner = alias.c.id
        else:
            return None
        match scope.name:
            case "pool":
                return owner.is_(None)
            case "own":
                return owner == sa.bindparam(ME, type_=sa.BigInteger)
            case "reports":
                return owner == _ids(PEOPLE)
            case "department":
                return self._of_department(
                    owner, lambda column: column == sa.bindparam(DEPARTMENT, type_=sa.BigInteger)
                )
            case "department_tree":
                return self._of_department(owner, lambda column: column == _ids(DEPARTMENTS))
            case _:
                return None

    def _of_department(self, owner: sa.ColumnElement[Any], belongs: Any) -> Condition | None:
        """Return that the owner is the viewer or works in their department: an array worked out once, so that an index serves."""
        me = sa.bindparam(ME, type_=sa.BigInteger)
        user = self.records.objects.get(USER)
        if user is None or DEPARTMENT_FIELD not in user.fields:
            return owner == me
        people = user.table.alias()
        column = people.c[next(iter(user.fields[DEPARTMENT_FIELD].columns.values()))]
        chosen = sa.select(people.c.id).where(sa.or_(belongs(column), people.c.id == me))
        return owner == sa.any_(sa.func.array(chosen.scalar_subquery(), type_=ARRAY(sa.BigInteger)))

    def _by_parent(self, compiled: CompiledObject, alias: sa.FromClause, act: str, role: str) -> Condition | None:
        link = compiled.fields[compiled.parent]
        parent = self.records.objects[link.targets[0]]
        above = parent.table.alias()
        condition = self.condition(parent, above, act if act in {"read", "export", "backfill"} else "update", role)
        if condition is None:
            return None
        tie = above.c.id == alias.c[next(iter(link.columns.values()))]
        return sa.exists(sa.select(sa.literal(1)).select_from(above).where(tie, condition))

    def guard(self) -> Guard:
        """Return the limit that a viewer's own paths put on the records they reach."""
        return self.reach

    def reach(self, compiled: CompiledObject, alias: sa.FromClause) -> Condition | None:
        """Return which records of ``alias`` the viewer may read at all; None for all."""
        if not self.rights.grants(compiled.name, "read"):
            return sa.false()
        return self.condition(compiled, alias)

    def flags(self, compiled: CompiledObject, alias: sa.FromClause, roles: tuple[str, ...]) -> dict[str, Condition]:
        """Return role → whether it admits the record, for fields whose right differs from record to record."""
        found: dict[str, Condition] = {}
        for role in roles:
            condition = self.condition(compiled, alias, "read", role)
            found[role] = sa.true() if condition is None else sa.func.coalesce(condition, sa.false())
        return found


def may(context: Context, object_name: str, act: str) -> bool:
    """Whether the actor is granted an act on some record of the object at least (menus, buttons)."""
    from engine.records.compile import Records

    return rights_of(context.runtime.part(Records), context.actor).grants(object_name, act)


def visible_fields(context: Context, object_name: str) -> dict[str, Right]:
    """Return the fields that the actor may see on some record at least, each with the highest right (forms, columns, metadata)."""
    from engine.records.compile import Records

    records = context.runtime.part(Records)
    rights = rights_of(records, context.actor)
    found = {name: rights.field(object_name, name).most for name in records.objects[object_name].fields}
    return {name: right for name, right in found.items() if right is not Right.HIDDEN}


def demand(rights: Rights, object_name: str, act: str) -> None:
    """Refuse with 403 an act that no role grants on any record, and with 404 an object that the actor may not read."""
    if not rights.grants(object_name, act):
        raise forbidden(act)


def forbidden(act: str) -> Refusal:
    """Return the refusal of an act that is not granted."""
    what = _ACTS.get(act, Text(zh=act, en=act))
    return Refusal(403, "FORBIDDEN", Text(zh=f"您没有{what.zh}的权限。", en=f"You may not {what.en} this."))


def not_found() -> Refusal:
    """Return the refusal of what is not there, or not for this viewer: the two must read alike."""
    return Refusal(
        404, "NOT_FOUND", Text(zh="记录不存在，或您无权查看。", en="There is no such record, or you may not see it.")
    )


_ACTS = {
    "read": Text(zh="查看", en="read"),
    "create": Text(zh="新建", en="create"),
    "update": Text(zh="修改", en="change"),
    "delete": Text(zh="删除", en="delete"),
    "export": Text(zh="导出", en="export"),
    "import": Text(zh="导入", en="import"),
    "transfer": Text(zh="转移负责人", en="hand over"),
    "backfill": Text(zh="补录", en="backfill"),
    "claim": Text(zh="领取", en="claim"),
    "release": Text(zh="退回公海", en="release"),
    "share": Text(zh="调整团队", en="change the team of"),
}
