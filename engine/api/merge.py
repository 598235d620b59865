"""Likely duplicates and merging over the API: what a record may be the same as, asked of records and of values before they are sent, told
with what was written, and put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from engine.api.arguments import Nothing, read_arguments
from engine.api.bodies import read_object
from engine.api.etags import wanted_version
from engine.api.likely import LIKELY_SCHEMA, told
from engine.api.operations import simple_operation
from engine.api.records import LARGEST_ID, query_text, record_id, written_record
from engine.api.service import Answer
from engine.records.access import forbidden, not_found
from engine.records.duplicate_entry import find_entered
from engine.records.duplicates import likely_duplicates
from engine.records.merge import Merging, demand_mergeable, merge_records, mergeable
from engine.records.query import read_one
from engine.refusals import FieldError, Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.api.service import Call
    from engine.records.duplicates import Match

_WRONG = {
    "WRONG_TYPE": Text(zh="不是这里可用的内容", en="is not what can stand here"),
    "UNKNOWN_FIELD": Text(zh="没有这个字段", en="there is no such field"),
    "REQUIRED": Text(zh="必填", en="is required"),
}


def record_duplicates(call: Call, name: str, number: str) -> Answer:
    """Answer what a record may be the same as."""
    found = record_id(number)
    read_arguments(Nothing, query_text(call))
    read_one(call.context, name, found, ("id",))
    return _answer(call, likely_duplicates(call.context, name, [found]))


def likely_before(call: Call, name: str) -> Answer:
    """Answer what ``values`` may be the same as, before anything is written; with ``id`` as a change of that record."""
    read_arguments(Nothing, query_text(call))
    if name not in call.records.objects or not call.rights.grants(name, "read"):
        raise not_found()
    body = _known(read_object(call.request), ("values", "id"))
    number, values = body.get("id"), body.get("values")
    if number is not None and not _is_id(number):
        raise _refused("id", "WRONG_TYPE")
    if not isinstance(values, dict):
        raise _refused("values", "WRONG_TYPE" if "values" in body else "REQUIRED")
    act = "create" if number is None else "update"
    if not call.rights.grants(name, act):
        raise forbidden(act)
    return _answer(call, find_entered(call.context, name, [values], ids=[int(str(number or 0))]))


def merge_record(call: Call, name: str, number: str) -> Answer:
    """Put a record into another (``into``) and the bin; answer the one that stays. ``fields``: values chosen for it; ``version``: the one
    that it must have, as If-Match says it of the one that goes."""
    found = record_id(number)
    read_arguments(Nothing, query_text(call))
    if name not in call.records.objects:
        raise not_found()
    demand_mergeable(call.records.objects[name], call.rights)  # before anything is said of the body
    version = wanted_version(call, name, found)
    body = _known(read_object(call.request), ("into", "fields", "version"))
    into, fields, theirs = body.get("into"), body.get("fields", {}), body.get("version")
    if not _is_id(into):
        raise _refused("into", "WRONG_TYPE" if "into" in body else "REQUIRED")
    if not isinstance(fields, dict):
        raise _refused("fields", "WRONG_TYPE")
    if theirs is not None and (type(theirs) is not int or not 0 < theirs < 2**31):
        raise _refused("version", "WRONG_TYPE")
    wanted = {found: version, int(str(into)): theirs}
    versions = {one: int(given) for one, given in wanted.items() if given is not None}
    merging = Merging(name, int(str(into)), (found,), fields, versions)
    return written_record(call, name, merge_records(call.context, merging))


def _answer(call: Call, found: Iterable[Match]) -> Answer:
    return Answer(orjson.dumps({"items": [told(call, one) for one in found]}))


def _is_id(value: object) -> bool:
    return type(value) is int and 0 < value <= LARGEST_ID


def _known(body: dict[str, object], names: tuple[str, ...]) -> dict[str, object]:
    for name in body:
        if name not in names:
            raise _refused(name[:60], "UNKNOWN_FIELD")
    return body


def _refused(name: str, code: str) -> Refusal:
    said = _WRONG[code]
    return Refusal(422, code, said, (FieldError(name, code, said),))


def merge_paths(call: Call, name: str) -> dict[str, Any]:
    """Return the addresses of duplicates and merging of an object for the OpenAPI document: those that the viewer may use."""
    compiled, rights = call.records.objects[name], call.rights
    one, here = f"/records/{name}/{{id}}", [{"$ref": "#/components/parameters/id"}]
    number = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
    items = {
        "type": "object",
        "required": ["items"],
        "properties": {"items": {"type": "array", "items": LIKELY_SCHEMA}},
    }
    paths: dict[str, Any] = {
        f"{one}/duplicates": {"parameters": here, "get": simple_operation(f"duplicates_{name}", name, items)}
    }
    values = {"type": "object", "additionalProperties": True}
    if rights.grants(name, "create") or rights.grants(name, "update"):
        body = _closed({"values": values, "id": {"anyOf": [number, {"type": "null"}]}}, ["values"])
        paths[f"/records/{name}/duplicates"] = {"post": simple_operation(f"likely_{name}", name, items, body=body)}
    if mergeable(compiled) and rights.grants(name, "update") and rights.grants(name, "delete"):
        version = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 2**31 - 1}, {"type": "null"}]}
        chosen = {"$ref": f"#/components/schemas/{name}_change"}
        body = _closed({"into": number, "fields": chosen, "version": version}, ["into"])
        parameters = [{"$ref": f"#/components/parameters/{each}"} for each in ("key", "if_match")]
        record = {"$ref": f"#/components/schemas/{name}"}
        merge = simple_operation(f"merge_{name}", name, record, parameters=parameters, body=body, etag=True)
        paths[f"{one}/merge"] = {"parameters": here, "post": merge}
    return paths


def _closed(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
