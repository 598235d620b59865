"""The one door for reading: every selection of business rows goes through here, the viewer's access in the WHERE clause."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from engine.expressions.sql import SqlMoment
from engine.records.access import Access, not_found, rights_of
from engine.records.answer import MOST, Asked, Page, Query, Row, everything, plain
from engine.records.columns import unknown_field
from engine.records.compile import Records
from engine.records.rights import Right

if TYPE_CHECKING:
    from engine.context import Context

__all__ = [
    "MOST",
    "Page",
    "Query",
    "Row",
    "read_one",
    "read_one_json",
    "read_page",
    "read_page_json",
    "read_related",
    "read_totals",
]


def read_page(context: Context, query: Query) -> Page:
    """Return one page. A constant number of statements, whatever the page and its size.

    Raises Refusal 400 for a malformed filter or sort or one over a field hidden or masked for the viewer, 404 for an object
    that the viewer has no read grant on or that does not exist.
    """
    asked = Asked(context, query)
    found, page, following = asked.rows()
    items = [page.reading.record(row) for row in found]
    asked.add_lines(items, as_json=False)
    count, totals = asked.count()
    return Page(items, following, count, totals)


def read_totals(context: Context, query: Query) -> Page:
    """Return the count and totals of all that matches, without records: one statement. Raises as ``read_page`` does."""
    count, totals = Asked(context, query).count()
    return Page([], None, count, totals)


def read_page_json(context: Context, query: Query) -> bytes:
    """Return the same page as the API's JSON body ``{"items": […], "next": …}``: the fast road for the API's lists."""
    asked = Asked(context, query)
    found, page, following = asked.rows()
    to_json = page.reading.json
    items = [to_json(row) for row in found]
    asked.add_lines(items, as_json=True)
    body: dict[str, Any] = {"items": items, "next": following}
    count, totals = asked.count()
    if query.count:
        body["count"] = count
    if query.totals:
        body["totals"] = {name: plain(value) for name, value in totals.items()}
    return orjson.dumps(body, default=plain)


def read_one(
    context: Context, object_name: str, record_id: int, fields: tuple[str, ...] | None = None, *, binned: bool = False
) -> Row:
    """Return one record with its lines. Raises Refusal 404 where the viewer may not see it or it is not there."""
    return _one(context, object_name, record_id, fields, binned=binned, as_json=False)


def read_one_json(context: Context, object_name: str, record_id: int) -> tuple[int, bytes]:
    """Return version and JSON body of one record: the fast road."""
    found = _one(context, object_name, record_id, None, binned=False, as_json=True)
    return found["version"], orjson.dumps(found, default=plain)


def read_related(
    context: Context, object_name: str, record_id: int, name: str, query: Query, *, seen: bool = False
) -> Page:
    """Return a page of what links to a record: ``name`` is the other side of a link (``customer.opportunities``), ``query`` says
    what is wanted of it (its object is filled in). Raises Refusal 404 where the record is not there for the viewer; with ``seen`` the
    caller has read it."""
    records = context.runtime.part(Records)
    if object_name not in records.objects:
        raise not_found()
    reverse, rights = records.objects[object_name].reverse.get(name), rights_of(records, context.actor)
    if reverse is None or (
        rights.grants(reverse.object, "read") and not rights.shows_link(reverse.object, reverse.field)
    ):
        raise unknown_field(name, records.objects[object_name], Access(rights, SqlMoment()))
    if not seen:
        _one(context, object_name, record_id, ("id",), binned=False, as_json=False)
    asked = Asked(
        context, replace(query, object=reverse.object), link=f"{reverse.field} {object_name}", linked_to=record_id
    )
    found, page, following = asked.rows()
    items = [page.reading.record(row) for row in found]
    asked.add_lines(items, as_json=False)
    count, totals = asked.count()
    return Page(items, following, count, totals)


def _one(
    context: Context, object_name: str, record_id: int, fields: tuple[str, ...] | None, *, binned: bool, as_json: bool
) -> Row:
    records = context.runtime.part(Records)
    if object_name not in records.objects or not -(2**63) <= record_id < 2**63:
        raise not_found()
    rights = rights_of(records, context.actor)
    if not rights.grants(object_name, "read"):
        raise not_found()
    if fields is None:
        lines = [
            name
            for name, _ in records.objects[object_name].lines()
            if rights.field(object_name, name).most >= Right.READ
        ]
        fields = everything(rights, object_name) + tuple(lines)
    asked = Asked(context, Query(object_name, fields, ids=(record_id,), limit=1, binned=binned))
    found, page, _ = asked.rows()
    if not found:
        raise not_found()
    item = page.reading.json(found[0]) if as_json else page.reading.record(found[0])
    asked.add_lines([item], as_json=as_json)
    return item
