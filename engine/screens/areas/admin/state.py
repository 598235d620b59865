"""How the installation is, who is signed in, departments, and the check-up of what is granted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.administration.checkup import check_up
from engine.people.auditing import note
from engine.people.sign_in import blocked, unblock
from engine.people.tables import department, user
from engine.records.query import Query, read_page
from engine.records.shape import USER
from engine.screens.areas.admin.devices import device_of
from engine.screens.areas.admin.frame import admin_page, ask_admin
from engine.screens.formats import ago, show_moment
from engine.screens.html import Html
from engine.screens.texts import TEXTS, say
from engine.storage.outbox import stuck
from engine.storage.processes import living
from engine.storage.tables import session
from engine.storage.work_tables import call, delivery, run

if TYPE_CHECKING:
    from datetime import datetime

    from engine.screens.site import Visit

RANKS = {"high": "red", "medium": "orange", "low": "blue"}
MOST_NAMED = 8
MOST_SESSIONS = 200


def state_page(visit: Visit) -> str:
    """Return how the installation is."""
    ask_admin(visit)
    connection = visit.context.connection
    waiting, failed = stuck(connection)
    in_use = (
        sa.select(sa.func.count()).select_from(user).where(user.c.deleted_at.is_(None), user.c.frozen.is_not(sa.true()))
    )

    def failures(table: sa.Table) -> int:
        return connection.scalar(sa.select(sa.func.count()).select_from(table).where(table.c.state == "failed")) or 0

    figures = [
        ("admin_accounts", connection.scalar(in_use) or 0, "/admin/people", False),
        ("admin_version", visit.context.runtime.version, "", False),
        ("admin_waiting", waiting, "", False),
        ("admin_failed", failed, "", bool(failed)),
        ("admin_runs_failed", failures(run), "", bool(failures(run))),
        ("admin_deliveries_failed", failures(delivery), "/admin/deliveries", bool(failures(delivery))),
        ("admin_calls_failed", failures(call), "/admin/calls", bool(failures(call))),
    ]
    shown = [
        {"key": key, "until": say("admin_blocked_until", visit.language, when=_moment(visit, until))}
        for key, until in blocked(connection, visit.context.now)
    ]
    processes = [(process_called(one.kind, visit.language), one) for one in living(connection)]
    return admin_page(visit, "state", "state.html", figures=figures, processes=processes, blocked=shown)


def process_called(kind: str, language: str) -> str:
    """Return what a kind of process is called; one that nobody gave a word is its name."""
    word = f"admin_process_{kind}"
    return say(word, language) if word in TEXTS else kind


def lift_block(visit: Visit, key: str) -> str:
    """Let somebody try to sign in again; return the language."""
    ask_admin(visit)
    unblock(visit.context.connection, key)
    note(visit.context, "unblock", details={"key": key[:300]})
    return visit.language


def sessions_page(visit: Visit, mine: bytes) -> str:
    """Return the running sessions, the latest first; ``mine``: the digest of the one that looks."""
    ask_admin(visit)
    asked = (
        sa.select(session, sa.func.coalesce(user.c.name, user.c.login).label("name"))
        .join(user, user.c.id == session.c.user_id)
        .where(session.c.expires_at > visit.context.now)
        .order_by(session.c.seen_at.desc())
        .limit(MOST_SESSIONS)
    )
    rows = [
        {
            "key": row.digest.hex(),
            "user": row.user_id,
            "name": row.name,
            "address": row.address,
            "agent": row.agent,
            "device": device_of(row.agent),
            "since": _moment(visit, row.created_at),
            "seen": Html(ago(row.seen_at, visit.context.now, visit.language, visit.locale.zone)),
            "mine": row.digest == mine,
        }
        for row in visit.context.connection.execute(asked)
    ]
    return admin_page(visit, "sessions", "sessions.html", rows=rows)


def end_session(visit: Visit, key: str) -> str:
    """End one session; return the language."""
    ask_admin(visit)
    digest = bytes.fromhex(key) if len(key) == 64 and set(key) <= set("0123456789abcdef") else b""
    ended = sa.delete(session).where(session.c.digest == digest).returning(session.c.user_id)
    for person in visit.context.connection.scalars(ended):
        note(visit.context, "sessions ended", USER, person, {"count": 1})
    return visit.language


def checkup_page(visit: Visit) -> str:
    """Return what the check-up finds now."""
    ask_admin(visit)
    rows = [
        {
            "rank": say(f"admin_rank_{one.rank}", visit.language),
            "tone": RANKS[one.rank],
            "said": one.said(visit.language),
            "people": one.people[:MOST_NAMED],
            "more": len(one.people) - MOST_NAMED if len(one.people) > MOST_NAMED else 0,
            "role": one.role,
        }
        for one in check_up(visit.context)
    ]
    return admin_page(visit, "checkup", "checkup.html", rows=rows)


def departments_page(visit: Visit) -> str:
    """Return the departments as a tree, with their heads and how many people are in each."""
    ask_admin(visit)
    asked = (
        sa.select(user.c.department, sa.func.count())
        .where(user.c.deleted_at.is_(None), user.c.frozen.is_not(sa.true()))
        .group_by(user.c.department)
    )
    count = {row[0]: row[1] for row in visit.context.connection.execute(asked)}
    found = sa.select(department.c.id, department.c.name, department.c.part_of, department.c.head)
    units = visit.context.connection.execute(
        found.where(department.c.deleted_at.is_(None)).order_by(department.c.name)
    ).all()
    names = _names(visit, [unit.head for unit in units if unit.head])
    known = {unit.id for unit in units}
    below: dict[int | None, list[Any]] = {}
    for unit in units:
        below.setdefault(unit.part_of if unit.part_of in known else None, []).append(unit)
    rows: list[dict[str, Any]] = []

    def walk(above: int | None, level: int, seen: frozenset[int]) -> None:
        for unit in below.get(above, []):
            if unit.id in seen:
                continue
            head = (unit.head, names.get(unit.head, "")) if unit.head else None
            rows.append(
                {"id": unit.id, "name": unit.name, "level": min(level, 6), "head": head, "count": count.get(unit.id, 0)}
            )
            walk(unit.id, level + 1, seen | {unit.id})

    walk(None, 0, frozenset())
    return admin_page(visit, "departments", "departments.html", rows=rows)


def _names(visit: Visit, ids: list[int]) -> dict[int, str]:
    page = (
        read_page(visit.context, Query(USER, ("id", "name"), ids=tuple(dict.fromkeys(ids)), limit=1000))
        if ids
        else None
    )
    return {row["id"]: str(row["name"]) for row in page.items} if page is not None else {}


def _moment(visit: Visit, value: datetime) -> str:
    return show_moment(value, visit.language, visit.locale.zone)
