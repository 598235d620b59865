"""The check-up of what is granted: risky grants, accounts nobody uses, exports that reach too far. It finds; changing is a person's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.administration.handover import owned
from engine.people.actors import ADMIN_ROLE
from engine.people.tables import user
from engine.records.compile import Records
from engine.storage.tables import session, token, user_role
from engine.storage.work_tables import audit
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from engine.context import Context
    from metamodel.definitions.model import Model
    from metamodel.definitions.roles import RoleDef

IDLE = timedelta(days=90)
EXPORTS = timedelta(days=30)
MANY_ADMINS = 3
MANY_ROWS = 10_000  # exported by one person within EXPORTS
HIGH, MEDIUM, LOW = "high", "medium", "low"
_ORDER = {HIGH: 0, MEDIUM: 1, LOW: 2}
_WIDE = {  # acts that are risky when they reach all records, and how much
    "delete": (HIGH, Text(zh="可删除全部", en="may delete all")),
    "export": (MEDIUM, Text(zh="可导出全部", en="may export all")),
    "transfer": (LOW, Text(zh="可转移全部", en="may hand over all")),
    "backfill": (LOW, Text(zh="可补录历史数据", en="may backfill")),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at. ``rank``: high, medium, low; ``people`` (ids with names) whom it is about; ``role`` the role."""

    rank: str
    kind: str
    said: Text
    people: tuple[tuple[int, str], ...] = ()
    role: str = ""


@dataclass(frozen=True, slots=True)
class _Account:
    id: int
    name: str
    frozen: bool
    roles: frozenset[str]
    seen_at: datetime | None
    created_at: datetime | None


def check_up(context: Context) -> list[Finding]:
    """Return everything found, the gravest first."""
    model = context.runtime.part(Records).model
    accounts = _accounts(context)
    found = [
        *_admins(accounts),
        *_idle(context, accounts),
        *_frozen_owners(context, accounts),
        *_wide_grants(model, accounts),
        *_opened_fields(model, accounts),
        *_tokens(context, accounts),
        *_exports(context, accounts),
    ]
    return sorted(found, key=lambda one: _ORDER[one.rank])


def _accounts(context: Context) -> dict[int, _Account]:
    roles: dict[int, set[str]] = {}
    for person, role in context.connection.execute(sa.select(user_role.c.user_id, user_role.c.role)):
        roles.setdefault(person, set()).add(role)
    seen = sa.select(session.c.user_id, session.c.seen_at.label("at")).union_all(
        sa.select(token.c.user_id, token.c.used_at),
        sa.select(audit.c.actor, audit.c.at).where(audit.c.action == "sign_in"),
    )
    part = seen.subquery()
    last = sa.select(part.c.user_id, sa.func.max(part.c.at)).group_by(part.c.user_id)
    used = {row[0]: row[1] for row in context.connection.execute(last)}
    granted = sa.select(user_role.c.user_id, sa.func.min(user_role.c.granted_at)).group_by(user_role.c.user_id)
    since = {row[0]: row[1] for row in context.connection.execute(granted)}
    people = sa.select(user.c.id, user.c.name, user.c.frozen).where(user.c.deleted_at.is_(None)).order_by(user.c.id)
    return {
        row.id: _Account(
            row.id,
            row.name or "",
            bool(row.frozen),
            frozenset(roles.get(row.id, ())),
            used.get(row.id),
            since.get(row.id),
        )
        for row in context.connection.execute(people)
    }


def _named(accounts: Mapping[int, _Account], ids: Iterator[int] | list[int]) -> tuple[tuple[int, str], ...]:
    return tuple((number, accounts[number].name) for number in ids)


def _admins(accounts: Mapping[int, _Account]) -> Iterator[Finding]:
    admins = [one.id for one in accounts.values() if ADMIN_ROLE in one.roles and not one.frozen]
    if len(admins) > MANY_ADMINS:
        said = Text(
            zh=f"管理员有 {len(admins)} 位，建议不超过 {MANY_ADMINS} 位",
            en=f"{len(admins)} administrators: {MANY_ADMINS} are enough",
        )
        yield Finding(HIGH, "admins", said, _named(accounts, admins))


def _idle(context: Context, accounts: Mapping[int, _Account]) -> Iterator[Finding]:
    before = context.now - IDLE
    idle = [
        one.id
        for one in accounts.values()
        if not one.frozen and one.roles and (one.seen_at or one.created_at or context.now) < before
    ]
    if idle:
        said = Text(
            zh=f"{len(idle)} 个账号 {IDLE.days} 天未使用，建议停用",
            en=f"{len(idle)} accounts were not used for {IDLE.days} days",
        )
        yield Finding(MEDIUM, "idle", said, _named(accounts, idle))
    bare = [one.id for one in accounts.values() if not one.frozen and not one.roles]
    if bare:
        said = Text(zh=f"{len(bare)} 个账号没有任何角色", en=f"{len(bare)} accounts without any role")
        yield Finding(LOW, "no role", said, _named(accounts, bare))


def _frozen_owners(context: Context, accounts: Mapping[int, _Account]) -> Iterator[Finding]:
    for one in accounts.values():
        if one.frozen and (total := sum(owned(context, one.id).values())):
            said = Text(
                zh=f"已停用的账号仍持有 {total} 条记录，请移交",
                en=f"a frozen account still owns {total} records: hand them over",
            )
            yield Finding(HIGH, "orphans", said, ((one.id, one.name),))


def _wide_grants(model: Model, accounts: Mapping[int, _Account]) -> Iterator[Finding]:
    for role in model.roles.values():
        held = [one.id for one in accounts.values() if role.name in one.roles and not one.frozen]
        for act, (rank, words) in _WIDE.items():
            objects = [
                name for name, acts in role.objects.items() if any(scope.name == "all" for scope in acts.get(act, ()))
            ]
            if objects:
                zh, en = _labels(model, objects)
                said = Text(zh=f"{role.label('zh')}{words.zh}：{zh}", en=f"{role.label('en')} {words.en}: {en}")
                yield Finding(rank if held else LOW, f"wide {act}", said, _named(accounts, held), role.name)


def _labels(model: Model, objects: list[str]) -> tuple[str, str]:
    definitions = [model.objects[name] for name in objects if name in model.objects]
    return "、".join(one.label("zh") for one in definitions), ", ".join(one.label("en") for one in definitions)


def _opened_fields(model: Model, accounts: Mapping[int, _Account]) -> Iterator[Finding]:
    """Fields that one role closes and another one that the same person holds opens again."""
    for one in accounts.values():
        if one.frozen or ADMIN_ROLE in one.roles:
            continue
        held = [model.roles[name] for name in sorted(one.roles) if name in model.roles]
        opened = sorted({path for role in held for path in _closed(role) if any(_opens(other, path) for other in held)})
        if opened:
            zh = "、".join(_field_label(model, path)("zh") for path in opened)
            en = ", ".join(_field_label(model, path)("en") for path in opened)
            said = Text(
                zh=f"一个角色隐藏的字段被另一个角色放开：{zh}",
                en=f"fields that one role closes and another opens: {en}",
            )
            yield Finding(HIGH, "opened", said, ((one.id, one.name),))


def _closed(role: RoleDef) -> list[str]:
    return [path for path, right in role.fields.items() if right in {"hidden", "masked"}]


def _opens(role: RoleDef, path: str) -> bool:
    reads = role.objects.get(path.partition(".")[0], {}).get("read", ())
    return bool(reads) and role.fields.get(path, "edit") in {"read", "edit"}


def _field_label(model: Model, path: str) -> Text:
    name, _, field = path.partition(".")
    definition = model.objects.get(name)
    if definition is None or field not in definition.fields:
        return Text(zh=path, en=path)
    label = definition.fields[field].label
    return Text(zh=f"{definition.label('zh')}·{label('zh')}", en=f"{definition.label('en')} {label('en')}")


def _tokens(context: Context, accounts: Mapping[int, _Account]) -> Iterator[Finding]:
    asked = sa.select(token.c.user_id).where(token.c.expires_at.is_(None)).distinct().order_by(token.c.user_id)
    endless = [number for number in context.connection.scalars(asked) if number in accounts]
    if endless:
        said = Text(
            zh=f"{len(endless)} 人持有永不过期的访问令牌", en=f"{len(endless)} people hold tokens that never expire"
        )
        yield Finding(MEDIUM, "tokens", said, _named(accounts, endless))


def _exports(context: Context, accounts: Mapping[int, _Account]) -> Iterator[Finding]:
    rows = sa.func.sum(sa.cast(audit.c.details["count"].astext, sa.BigInteger))
    asked = (
        sa.select(audit.c.actor, rows)
        .where(audit.c.action == "export", audit.c.at > context.now - EXPORTS, audit.c.details.has_key("count"))
        .group_by(audit.c.actor)
        .having(rows > MANY_ROWS)
    )
    for person, count in context.connection.execute(asked):
        if person in accounts:
            said = Text(
                zh=f"近 {EXPORTS.days} 天导出 {count} 行", en=f"exported {count} rows within {EXPORTS.days} days"
            )
            yield Finding(HIGH, "exports", said, ((person, accounts[person].name),))
