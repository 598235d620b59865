"""People and a record over the API: claim it from the pool, give it back, hand it over, lock it while one edits, share it with a team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from engine.administration.teams import take_in, take_out
from engine.api.arguments import Nothing, read_arguments
from engine.api.bodies import read_object
from engine.api.etags import demand_current, wanted_version
from engine.api.operations import simple_operation
from engine.api.records import LARGEST_ID, query_text, record_id, written_record
from engine.api.service import Answer
from engine.people.actors import load_profile
from engine.records import locks, pool
from engine.records.access import forbidden
from engine.records.granted import granted
from engine.records.query import read_one
from engine.records.sharing import may_share, members
from engine.refusals import FieldError, Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.api.service import Call

_WRONG = {
    "person": Text(zh='应为用户编号，或 {"by": {"login": …}}', en='must be a user\'s id, or {"by": {"login": …}}'),
    "text": Text(zh="应为文本", en="must be a text"),
    "flag": Text(zh="应为 true 或 false", en="must be true or false"),
    "unknown": Text(zh="没有这个字段", en="there is no such field"),
    "missing": Text(zh="必填", en="is required"),
}


def claim_record(call: Call, name: str, number: str) -> Answer:
    """Make the caller the owner of a record of the pool; answer it."""
    found = _begun(call, name, number)
    _body(call, ())
    return written_record(call, name, pool.claim(call.context, name, found))


def release_record(call: Call, name: str, number: str) -> Answer:
    """Give a record back to the pool; answer it, or its id and version where the caller sees it no more."""
    found = _begun(call, name, number)
    _body(call, ())
    return written_record(call, name, pool.release(call.context, name, found))


def transfer_record(call: Call, name: str, number: str) -> Answer:
    """Hand a record to another owner (``to``); answer it."""
    found = _begun(call, name, number)
    read_one(call.context, name, found, ("id",))
    body = read_object(call.request)
    if not granted(call.context, name, [found], "transfer"):
        raise forbidden("transfer")
    to = _person(call, _known(body, ("to",)), "to")
    (written,) = pool.transfer(call.context, name, [found], to)
    return written_record(call, name, written)


def lock_record(call: Call, name: str, number: str) -> Answer:
    """Take the lock of a record, keep it longer, or with ``break`` take it from somebody; answer who has it until when."""
    found = _begun(call, name, number)
    body = _body(call, ("break",))
    if not isinstance(body.get("break", False), bool):
        raise _refused("break", "WRONG_TYPE", "flag")
    held = locks.lock(call.context, name, found, take_over=bool(body.get("break")))
    told = {
        "user": {"id": held.user_id, "label": held.name},
        "until": held.until.astimezone(call.context.zone).isoformat(),
        "mine": held.mine,
    }
    return Answer(orjson.dumps(told))


def unlock_record(call: Call, name: str, number: str) -> Answer:
    """Give a record's lock back; answer 204."""
    found = _begun(call, name, number)
    _body(call, ())
    locks.unlock(call.context, name, found)
    return Answer(status=204)


def share_record(call: Call, name: str, number: str) -> Answer:
    """Take ``user`` into the record's team as ``role``, or with ``remove`` out of it; answer the team."""
    found = _begun(call, name, number)
    read_one(call.context, name, found, ("id",))
    body = read_object(call.request)
    if not may_share(call.context, name, found):
        raise forbidden("share")
    _known(body, ("user", "role", "remove"))
    role, remove = body.get("role", ""), body.get("remove", False)
    if not isinstance(role, str):
        raise _refused("role", "WRONG_TYPE", "text")
    if not isinstance(remove, bool):
        raise _refused("remove", "WRONG_TYPE", "flag")
    user = _person(call, body, "user")
    if remove:
        take_out(call.context, name, found, user, role)
    else:
        take_in(call.context, name, found, user, role)
    return Answer(orjson.dumps({"items": _team(call, name, found)}))


def record_team(call: Call, name: str, number: str) -> Answer:
    """Answer the team of a record."""
    found = record_id(number)
    read_arguments(Nothing, query_text(call))
    read_one(call.context, name, found, ("id",))
    return Answer(orjson.dumps({"items": _team(call, name, found)}))


def _team(call: Call, name: str, number: int) -> list[dict[str, Any]]:
    team = call.records.objects[name].definition.team
    labels = {role.name: role.label(call.context.language) for role in team.roles.values()} if team else {}
    return [
        {"user": {"id": one.user_id, "label": one.name}, "role": one.role, "label": labels.get(one.role, one.role)}
        for one in members(call.context, name, number)
    ]


def _begun(call: Call, name: str, number: str) -> int:
    """Return the id in the address, its arguments and the condition on its version settled."""
    found = record_id(number)
    read_arguments(Nothing, query_text(call))
    demand_current(call, name, found, wanted_version(call, name, found))
    return found


def _body(call: Call, names: tuple[str, ...]) -> dict[str, object]:
    return _known(read_object(call.request, optional=True), names)


def _known(body: dict[str, object], names: tuple[str, ...]) -> dict[str, object]:
    for name in body:
        if name not in names:
            raise _refused(name[:60], "UNKNOWN_FIELD", "unknown")
    return body


def _person(call: Call, body: dict[str, object], name: str) -> int:
    value = body.get(name)
    if value is None:
        raise _refused(name, "REQUIRED", "missing")
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    by = value.get("by") if isinstance(value, dict) and set(value) == {"by"} else None
    login = by.get("login") if isinstance(by, dict) and set(by) == {"login"} else None
    if not isinstance(login, str) or "\0" in login:
        raise _refused(name, "WRONG_TYPE", "person")
    profile = load_profile(call.context.connection, login=login)
    return profile.actor.id or 0 if profile is not None else 0


def _refused(name: str, code: str, message: str) -> Refusal:
    said = _WRONG[message]
    return Refusal(422, code, said, (FieldError(name, code, said),))


def sharing_paths(call: Call, name: str) -> dict[str, Any]:
    """Return the addresses of people and an object's records for the OpenAPI document: those that the viewer may use."""
    compiled, rights = call.records.objects[name], call.rights
    one, here = f"/records/{name}/{{id}}", [{"$ref": "#/components/parameters/id"}]
    parameters = [{"$ref": f"#/components/parameters/{each}"} for each in ("key", "if_match")]
    record = {"$ref": f"#/components/schemas/{name}"}
    person = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
    paths: dict[str, Any] = {}

    def add(act: str, answer: dict[str, Any] | None, body: dict[str, Any] | None = None, status: int = 200) -> None:
        operation = simple_operation(f"{act}_{name}", name, answer, parameters=parameters, body=body, status=status)
        operation["responses"] |= simple_operation("update_", name, None)["responses"] | operation["responses"]
        paths.setdefault(f"{one}/{act}", {"parameters": here})["post"] = operation

    if compiled.owner and compiled.definition.pool is not None:
        if pool.may_claim(call.context, name):
            add("claim", record)
        add("release", record)
    if compiled.owner and rights.grants(name, "transfer"):
        add("transfer", record, _closed({"to": person}, ["to"]))
    if compiled.definition.edit_lock is not None and rights.grants(name, "update"):
        add("lock", {"type": "object", "required": ["user", "until"]}, _closed({"break": {"type": "boolean"}}, []))
        paths[f"{one}/lock"]["post"]["requestBody"]["required"] = False
        add("unlock", None, status=204)
    if compiled.definition.team is not None:
        answer = {"type": "object", "required": ["items"], "properties": {"items": {"type": "array"}}}
        paths[f"{one}/share"] = {"parameters": here, "get": simple_operation(f"team_{name}", name, answer)}
        if rights.grants(name, "update"):
            roles = {"type": "string", "enum": list(compiled.definition.team.roles)}
            add(
                "share",
                answer,
                _closed({"user": person, "role": roles, "remove": {"type": "boolean"}}, ["user", "role"]),
            )
    return paths


def _closed(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | ({"required": required} if required else {})
