"""Records: list, read, create, change, delete to the bin, restore. Each is one call of a door in engine/records."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import orjson

from engine.api.arguments import ListArguments, Nothing, OneArguments, read_arguments
from engine.api.bodies import read_bytes, read_object
from engine.api.dumping import dump_record, dump_value
from engine.api.etags import demand_current, etag, wanted_version
from engine.api.likely import warned
from engine.api.service import Answer
from engine.records import commands
from engine.records.commands import Change
from engine.records.query import Query, read_one, read_one_json, read_page_json
from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.api.service import Call
    from engine.records.commands import Written

LARGEST_ID = 2**63 - 1


def record_id(text: str) -> int:
    """Return the id in an address. Raises Refusal 404 for what can be no id."""
    if text.isascii() and text.isdigit() and len(text) <= 19 and 0 < int(text) <= LARGEST_ID:
        return int(text)
    raise Refusal(
        404, "NOT_FOUND", Text(zh="记录不存在，或您无权查看。", en="There is no such record, or you may not see it.")
    )


@lru_cache(maxsize=1024)  # a pure function of its arguments
def query_of(name: str, text: str) -> Query:
    """Return the query that a list's address asks for. Raises Refusal 400."""
    given = read_arguments(ListArguments, text)
    return Query(
        name,
        fields=given["names"],
        filter=given["filter"],
        sort=given["sort"],
        limit=given["limit"],
        after=given["after"],
        view=given["view"],
        search=given["search"],
        count=given["count"],
        binned=given["binned"],
    )


def list_records(call: Call, name: str) -> Answer:
    """Answer a page of an object's records."""
    return Answer(read_page_json(call.context, query_of(name, query_text(call))))


def query_text(call: Call) -> str:
    """Return the query string, undecoded."""
    return str(call.request.environ.get("QUERY_STRING", ""))


def read_record(call: Call, name: str, number: str) -> Answer:
    """Answer one record, with its version as ETag; ``fields`` narrows it, ``binned`` looks into the bin."""
    found, text = record_id(number), query_text(call)
    if not text:
        version, body = read_one_json(call.context, name, found)
        return Answer(body, headers={"ETag": etag(version)})
    given = read_arguments(OneArguments, text)
    row = read_one(call.context, name, found, given["names"], binned=given["binned"])
    body = orjson.dumps(dump_record(call.records, name, row), default=dump_value)
    return Answer(body, headers={"ETag": etag(row["version"])})


def create_record(call: Call, name: str) -> Answer:
    """Create a record; answer 201 with it as the caller sees it."""
    read_arguments(Nothing, query_text(call))
    values = read_object(call.request)
    (written,) = commands.create(call.context, name, [values])
    answer = warned(call, name, written.id, written_record(call, name, written, 201))
    return Answer(answer.body, 201, {**answer.headers, "Location": f"/api/v1/records/{name}/{written.id}"})


def update_record(call: Call, name: str, number: str) -> Answer:
    """Change the fields that are named; answer the record."""
    found = record_id(number)
    read_arguments(Nothing, query_text(call))
    version = wanted_version(call, name, found)
    try:
        values = read_object(call.request)
    except Refusal:
        demand_current(call, name, found, version)  # a condition comes before the content (RFC 9110, 13.2)
        raise
    change = Change(found, values, version)
    (written,) = commands.update(call.context, name, [change])
    return warned(call, name, found, written_record(call, name, written), values)


def delete_record(call: Call, name: str, number: str) -> Answer:
    """Move a record to the bin; answer 204."""
    found = record_id(number)
    read_arguments(Nothing, query_text(call))
    version = wanted_version(call, name, found)
    _no_body(call)
    commands.delete(call.context, name, [(found, version)])
    return Answer(status=204)


def restore_record(call: Call, name: str, number: str) -> Answer:
    """Bring a record back from the bin; answer it."""
    found = record_id(number)
    read_arguments(Nothing, query_text(call))
    _no_body(call)
    (written,) = commands.restore(call.context, name, [found])
    return written_record(call, name, written)


def written_record(call: Call, name: str, written: Written, status: int = 200) -> Answer:
    """Return a record just written. Whoever may write a record and not see it is told its id and version."""
    try:
        version, body = read_one_json(call.context, name, written.id)
    except Refusal as refusal:
        if refusal.status != 404:
            raise
        version, body = written.version, orjson.dumps({"id": written.id, "version": written.version})
    return Answer(body, status, {"ETag": etag(version)})


def _no_body(call: Call) -> None:
    """Refuse a body where none means anything; an empty object is let pass."""
    if read_bytes(call.request) and read_object(call.request):
        text = Text(zh="此操作不需要请求内容。", en="This call takes no body.")
        raise Refusal(422, "UNEXPECTED_BODY", text)
