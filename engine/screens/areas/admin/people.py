"""The list of people, one person with what may be done to the account, a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.administration import accounts
from engine.administration.audits import Asked, read_audit
from engine.administration.handover import POOL, Rule, hand_over, owned
from engine.approvals.handing import hand_over_approvals
from engine.people.actors import ADMIN_ROLE, load_profile
from engine.people.roles import holders, roles_of
from engine.people.tables import department, user
from engine.records.query import Query, read_one, read_page
from engine.records.shape import USER
from engine.refusals import FieldError, Refusal
from engine.screens.areas.admin.audit import audit_rows
from engine.screens.areas.admin.frame import admin_page, ask_admin
from engine.screens.formats import ago
from engine.screens.html import Html
from engine.screens.texts import TEXTS
from engine.storage.tables import session, token, user_role
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.screens.site import Visit

ROWS = 50
MOST_LISTED = 300  # departments and managers offered by name


@dataclass(frozen=True, slots=True)
class Secret:
    """Something that is shown once: its word and the text."""

    word: str
    text: str


def people_page(visit: Visit, search: str, role: str, state: str, after: str) -> str:
    """Return the list of people."""
    ask_admin(visit)
    where = {"frozen": "frozen = true", "all": ""}.get(state, "frozen <> true")
    ids = tuple(holders(visit.context.connection, role)) if role else None
    if ids == ():
        return _people(visit, [], None, (search, role, state))
    asked = Query(
        USER,
        ("id", "name", "login", "department", "frozen"),
        filter=where,
        sort=("name",),
        search=search,
        ids=ids,
        limit=ROWS,
        after=after,
    )
    page = read_page(visit.context, asked)
    return _people(visit, list(page.items), page.next, (search, role, state))


def _people(
    visit: Visit, items: Sequence[Mapping[str, Any]], following: str | None, chosen: tuple[str, str, str]
) -> str:
    numbers = [row["id"] for row in items]
    held, seen = _roles(visit, numbers), _seen(visit, numbers)
    rows = [
        {
            "id": row["id"],
            "name": row["name"] or row["login"],
            "login": row["login"],
            "department": str(getattr(row["department"], "label", "") or ""),
            "frozen": bool(row["frozen"]),
            "roles": held.get(row["id"], []),
            "seen": seen.get(row["id"], ""),
        }
        for row in items
    ]
    search, role, state = chosen
    return admin_page(
        visit,
        "people",
        "people.html",
        rows=rows,
        following=following,
        search=search,
        role=role,
        state=state,
        roles=role_choices(visit),
    )


def role_choices(visit: Visit) -> list[tuple[str, str]]:
    """Return the roles that may be given, by name and label."""
    named = [(one.name, one.label(visit.language)) for one in visit.records.model.roles.values()]
    return [(ADMIN_ROLE, TEXTS["admin_role_admin"](visit.language)), *sorted(named, key=lambda one: one[1])]


def _roles(visit: Visit, numbers: Sequence[int]) -> dict[int, list[str]]:
    labels = dict(role_choices(visit))
    found: dict[int, list[str]] = {}
    asked = sa.select(user_role.c.user_id, user_role.c.role).where(user_role.c.user_id.in_(numbers))
    for person, role in visit.context.connection.execute(asked.order_by(user_role.c.role)):
        found.setdefault(person, []).append(labels.get(role, role))
    return found


def _seen(visit: Visit, numbers: Sequence[int]) -> dict[int, Html]:
    """Return when each was seen last, as said in words."""
    part = (
        sa.select(session.c.user_id, session.c.seen_at.label("at"))
        .union_all(sa.select(token.c.user_id, token.c.used_at))
        .subquery()
    )
    asked = (
        sa.select(part.c.user_id, sa.func.max(part.c.at)).where(part.c.user_id.in_(numbers)).group_by(part.c.user_id)
    )
    now, zone = visit.context.now, visit.locale.zone
    return {
        row[0]: Html(ago(row[1], now, visit.language, zone))
        for row in visit.context.connection.execute(asked)
        if row[1]
    }


def person_page(visit: Visit, number: int, secret: Secret | None = None, error: str = "") -> str:
    """Return one person. ``secret`` is shown once; ``error``: what was refused."""
    ask_admin(visit)
    row = read_one(visit.context, USER, number, ("name", "login", "email", "phone", "department", "manager", "frozen"))
    held = roles_of(visit.context.connection, number)
    owns = owned(visit.context, number)
    objects = visit.records.model.objects
    return admin_page(
        visit,
        "people",
        "person.html",
        person=row,
        number=number,
        held=held,
        roles=role_choices(visit),
        secret=secret,
        error=error,
        mine=number == visit.context.actor.id,
        owns=[
            ((objects[name].plural or objects[name].label)(visit.language), count, name) for name, count in owns.items()
        ],
        pools=[(name, objects[name].label(visit.language)) for name in owns if objects[name].pool is not None],
        tokens=visit.context.connection.scalar(
            sa.select(sa.func.count()).select_from(token).where(token.c.user_id == number)
        ),
        seen=_seen(visit, [number]).get(number, ""),
        acts=audit_rows(visit, read_audit(visit.context, Asked(object=USER, record_id=number), limit=8)),
        department=str(getattr(row["department"], "label", "") or ""),
        manager=str(getattr(row["manager"], "label", "") or ""),
    )


def new_page(visit: Visit, given: Mapping[str, str], chosen: Sequence[str], errors: Mapping[str, str]) -> str:
    """Return the form for a new person, with what was typed and what is wrong with it."""
    ask_admin(visit)
    connection = visit.context.connection
    departments = sa.select(department.c.id, department.c.name).where(department.c.deleted_at.is_(None))
    people = sa.select(user.c.login, user.c.name).where(user.c.deleted_at.is_(None), user.c.frozen.is_not(sa.true()))
    return admin_page(
        visit,
        "people",
        "new_person.html",
        given=given,
        chosen=chosen,
        errors=errors,
        roles=role_choices(visit),
        departments=list(connection.execute(departments.order_by(department.c.name).limit(MOST_LISTED))),
        people=list(connection.execute(people.order_by(user.c.name).limit(MOST_LISTED))),
    )


def create_person(visit: Visit, given: Mapping[str, str], roles: Sequence[str]) -> tuple[int, str]:
    """Make an account with a random password; return its id and the password, shown once. Raises Refusal."""
    ask_admin(visit)
    values: dict[str, object] = {
        name: given[name].strip() for name in ("login", "name", "email", "phone") if given.get(name, "").strip()
    }
    if given.get("department", "").isdecimal():
        values["department"] = int(given["department"])
    if given.get("manager", "").strip():
        values["manager"] = _login(visit, given["manager"].strip(), "manager")
    number = accounts.create_account(visit.context, values, roles, None)
    return number, accounts.renew_password(visit.context, number)


def act_on(visit: Visit, number: int, act: str, form: Mapping[str, str], roles: Sequence[str]) -> Secret | None:
    """Do one act over an account; return what is to be shown once. Raises Refusal."""
    ask_admin(visit)
    read_one(visit.context, USER, number, ("id",))
    context = visit.context
    match act:
        case "roles":
            accounts.set_roles(context, number, roles)
        case "freeze":
            accounts.freeze(context, number)
        case "unfreeze":
            accounts.unfreeze(context, number)
        case "sessions":
            accounts.end_sessions(context, number)
        case "tokens":
            accounts.take_tokens(context, number)
        case "password":
            return Secret("admin_secret_password", accounts.renew_password(context, number))
        case "token":
            days = int(form["days"]) if form.get("days", "").isdecimal() and len(form["days"]) < 5 else 0
            return Secret("admin_secret_token", accounts.new_token(context, number, days=days or None, name="admin"))
        case _:
            raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    return None


def hand_over_all(visit: Visit, number: int, to: str, pools: Sequence[str]) -> int:
    """Freeze an account and hand everything over; return how much there was. Raises Refusal."""
    ask_admin(visit)
    heirs = tuple(_login(visit, login, "to") for part in to.replace("，", ",").split(",") if (login := part.strip()))
    rule = Rule(heirs, dict.fromkeys(pools, (POOL,)))
    return sum(hand_over(visit.context, number, rule, freeze=True, others=(hand_over_approvals,)).values())


def _login(visit: Visit, login: str, name: str) -> int:
    profile = load_profile(visit.context.connection, login=login[:200])
    if profile is None or profile.actor.id is None:
        message = Text(zh=f"没有账号 {login[:60]}。", en=f"There is no account {login[:60]}.")
        raise Refusal(422, "DANGLING_LINK", message, (FieldError(name, "DANGLING_LINK", message),))
    return profile.actor.id
