"""Why somebody can or can't see a record: which of their roles grants what, and which of the grants takes in this record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from engine.api.arguments import AccessArguments, read_arguments
from engine.api.records import query_text, record_id
from engine.api.service import Answer
from engine.people.actors import load_profile
from engine.records.query import read_one
from engine.records.rights import Right, everything, rights_of
from engine.records.stages import barred
from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.api.service import Call
    from engine.context import Actor
    from metamodel.definitions.roles import ScopeDef

_ACTS = ("read", "create", "update", "delete", "export", "import", "transfer")
_REASONS = {
    "frozen": Text(zh="账号已停用，什么也看不到。", en="The account is frozen: it may see nothing."),
    "everything": Text(zh="管理员可以查看全部记录。", en="An administrator may see every record."),
    "no_grant": Text(zh="没有任何角色授予查看此对象的权限。", en="No role grants reading this object."),
    "out_of_scope": Text(zh="角色授予的范围都不包含这条记录。", en="None of the granted scopes takes in this record."),
    "in_scope": Text(zh="有角色的授权范围包含这条记录。", en="The scope of a role takes in this record."),
}


def record_access(call: Call, name: str, number: str) -> Answer:
    """Answer the access of ``user`` (by default the caller) to a record that the caller may see. Others' is told to administrators."""
    found = record_id(number)
    given = read_arguments(AccessArguments, query_text(call))
    read_one(call.context, name, found, ("id",))
    asked = given["user"] or call.context.actor.id
    if asked != call.context.actor.id and not everything(call.context.actor):
        raise Refusal(
            403,
            "FORBIDDEN",
            Text(zh="只有管理员可以查询他人的权限。", en="Only an administrator may ask about others."),
        )
    profile = load_profile(call.context.connection, user_id=asked)
    if profile is None:
        raise Refusal(404, "NOT_FOUND", Text(zh="没有这位用户。", en="There is no such user."))
    return Answer(orjson.dumps(_explained(call, name, found, profile.actor, frozen=profile.frozen)))


def _explained(call: Call, name: str, number: int, actor: Actor, *, frozen: bool) -> dict[str, object]:
    sees = not frozen and _sees(call, name, number, actor)
    full = everything(actor)
    roles = (
        []
        if full
        else [
            _role(call, name, number, actor, role) for role in sorted(actor.roles) if role in call.records.model.roles
        ]
    )
    granted = full or any(role["grants"] for role in roles)
    reason = (
        "frozen"
        if frozen
        else "everything"
        if full
        else "in_scope"
        if sees
        else "out_of_scope"
        if granted
        else "no_grant"
    )
    body: dict[str, object] = {
        "user": {"id": actor.id, "label": actor.name or actor.login},
        "can_see": sees,
        "reason": reason,
        "message": _REASONS[reason](call.context.language),
        "roles": roles,
    }
    if sees:
        rights = rights_of(call.records, actor)
        fields = {field: rights.field(name, field).most for field in call.records.objects[name].fields}
        bar = barred(replace(call.context, actor=actor), call.records, name, [number]).get(number)
        body["locked"] = bar.message(call.context.language) if bar is not None else None
        told = everything(call.context.actor)  # who may not see a field need not know that there is one
        body["fields"] = {
            field: right.name.lower()
            for field, right in fields.items()
            if right is not Right.EDIT and (told or right is not Right.HIDDEN)
        }
    return body


def _role(call: Call, name: str, number: int, actor: Actor, role: str) -> dict[str, object]:
    rights = rights_of(call.records, replace(actor, roles=frozenset({role})))
    spoken = everything(call.context.actor)
    grants = {
        act: sorted(_scope(scope, spoken=spoken) for scope in scopes)
        for act in _ACTS
        if (scopes := rights.scopes(name, act))
    }
    sees = "read" in grants and _sees(call, name, number, replace(actor, roles=frozenset({role})))
    return {
        "name": role,
        "label": call.records.model.roles[role].label(call.context.language),
        "grants": grants,
        "sees": sees,
    }


def _scope(scope: ScopeDef, *, spoken: bool) -> str:
    """Return a scope's name. What a condition says is told to administrators: it may speak of what others don't see."""
    if scope.where is None:
        return scope.name
    return f"where {scope.where.text}" if spoken else "where"


def _sees(call: Call, name: str, number: int, actor: Actor) -> bool:
    try:
        read_one(replace(call.context, actor=actor), name, number, ("id",))
    except Refusal as refusal:
        if refusal.status not in {403, 404}:
            raise
        return False
    return True
