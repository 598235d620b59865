"""What links to a record: the other side of its links, as lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from engine.api.dumping import dump_record, dump_value
from engine.api.records import query_of, query_text, record_id
from engine.api.service import Answer
from engine.records.query import read_related
from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.api.service import Call


def related_records(call: Call, name: str, number: str, other: str) -> Answer:
    """Answer a page of the records on the other side of a link; takes what a list takes."""
    found = record_id(number)
    if name not in call.records.objects or other not in call.records.objects[name].reverse:
        raise Refusal(404, "NOT_FOUND", Text(zh="没有这个关联列表。", en="There is no such related list."))
    reverse = call.records.objects[name].reverse[other]
    query = query_of(reverse.object, query_text(call))
    page = read_related(call.context, name, found, other, query)
    body: dict[str, object] = {
        "items": [dump_record(call.records, reverse.object, row) for row in page.items],
        "next": page.next,
    }
    if query.count:
        body["count"] = page.count
    return Answer(orjson.dumps(body, default=dump_value))
