"""Roles as they are granted: what each may do with which object, what it hides, who holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.people.actors import ADMIN_ROLE
from engine.people.tables import user
from engine.refusals import Refusal
from engine.screens.areas.admin.frame import admin_page, ask_admin
from engine.screens.texts import TEXTS, say
from engine.storage.tables import user_role
from metamodel.definitions.roles import ACTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.screens.site import Visit
    from metamodel.definitions.roles import RoleDef, ScopeDef

TONES = {
    "all": "red",
    "department_tree": "orange",
    "department": "orange",
    "reports": "yellow",
    "pool": "cyan",
    "team": "cyan",
}
PLAIN = frozenset({"create", "import", "backfill"})  # acts without a scope of their own
RIGHTS = {"hidden": "red", "masked": "orange", "read": "blue", "edit": "green"}


def roles_page(visit: Visit) -> str:
    """Return all roles with how many hold them."""
    ask_admin(visit)
    counted = sa.select(user_role.c.role, sa.func.count()).join(user, user.c.id == user_role.c.user_id)
    living = counted.where(user.c.deleted_at.is_(None), user.c.frozen.is_not(sa.true())).group_by(user_role.c.role)
    held = {row[0]: row[1] for row in visit.context.connection.execute(living)}
    rows = [
        {
            "name": role.name,
            "label": role.label(visit.language),
            "held": held.get(role.name, 0),
            "objects": len(role.objects),
            "closed": sum(1 for right in role.fields.values() if right in {"hidden", "masked"}),
        }
        for role in visit.records.model.roles.values()
    ]
    admin = {"name": ADMIN_ROLE, "label": TEXTS["admin_role_admin"](visit.language), "held": held.get(ADMIN_ROLE, 0)}
    return admin_page(visit, "roles", "roles.html", rows=[admin | {"objects": None, "closed": 0}, *rows])


def role_page(visit: Visit, name: str) -> str:
    """Return what one role grants, and who holds it. Raises Refusal 404."""
    ask_admin(visit)
    role = visit.records.model.roles.get(name)
    if role is None and name != ADMIN_ROLE:
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    asked = sa.select(user.c.id, sa.func.coalesce(user.c.name, user.c.login)).join(
        user_role, sa.and_(user_role.c.user_id == user.c.id, user_role.c.role == name)
    )
    people = visit.context.connection.execute(asked.where(user.c.deleted_at.is_(None)).order_by(user.c.name).limit(200))
    return admin_page(
        visit,
        "roles",
        "role.html",
        label=role.label(visit.language) if role is not None else TEXTS["admin_role_admin"](visit.language),
        acts=[(act, say(f"admin_act_{act}", visit.language)) for act in ACTS],
        rows=matrix(visit, role) if role is not None else [],
        fields=field_rights(visit, role) if role is not None else [],
        people=[tuple(row) for row in people],
        everything=role is None,
    )


def matrix(visit: Visit, role: RoleDef) -> list[dict[str, Any]]:
    """Return, for each object that the role says anything of, the scopes of each act."""
    objects = visit.records.model.objects
    return [
        {
            "label": objects[name].label(visit.language) if name in objects else name,
            "cells": [_scopes(visit, acts, act) for act in ACTS],
        }
        for name, acts in role.objects.items()
    ]


def _scopes(visit: Visit, acts: Mapping[str, Sequence[ScopeDef]], act: str) -> list[tuple[str, str, str]]:
    """Return (label, tone, condition) of each scope of an act."""
    return [
        (_word(visit, act, one), "green" if act in PLAIN else TONES.get(one.name, "green"), one.where.text if one.where else "")
        for one in acts.get(act, ())
    ]  # fmt: skip


def _word(visit: Visit, act: str, scope: ScopeDef) -> str:
    if scope.where is not None:
        return say("admin_scope_where", visit.language)
    return say("admin_allowed" if act in PLAIN else f"admin_scope_{scope.name}", visit.language)


def field_rights(visit: Visit, role: RoleDef) -> list[tuple[str, str, str]]:
    """Return (field, right, tone) of the fields that the role says something of."""
    found = []
    for path, right in role.fields.items():
        name, _, field = path.partition(".")
        definition = visit.records.model.objects.get(name)
        known = definition.fields.get(field) if definition is not None else None
        label = f"{definition.label(visit.language)} · {known.label(visit.language)}" if definition and known else path
        found.append((label, say(f"admin_right_{right}", visit.language), RIGHTS.get(right, "")))
    return found
