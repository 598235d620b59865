"""The one door for reading: every selection of business rows goes through here, the viewer's access in the WHERE clause."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from engine.records import search
from engine.records.access import actor_parameters, not_found, rights_of
from engine.records.columns import unknown_field
from engine.records.compile import Records
from engine.records.filters import bad_query
from engine.records.keyset import Cursor, read_cursor, write_cursor
from engine.records.moments import moment_of
from engine.records.plan import LINES, Ask, Plan, plan_for
from engine.records.rights import Right
from metamodel.faults import near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.context import Context
    from engine.fields.base import Value
    from engine.records.plan import PagePlan

MOST = 1000  # records on a page
_NO_FIELDS: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. ``fields``: names and paths (``customer.name``), None = all that the viewer may see, without lines. ``filter``: an
    expression; ``values`` binds names it uses as parameters. ``sort``: names, ``-`` in front for descending. ``after``: a page's
    cursor. ``totals``: field → sum | avg | min | max | count, over everything that matches. ``binned``: the recycle bin instead."""

    object: str
    fields: tuple[str, ...] | None = None
    filter: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    sort: tuple[str, ...] = ()
    limit: int = 20
    after: str = ""
    view: str = ""
    search: str = ""
    count: bool = False
    totals: Mapping[str, str] = field(default_factory=dict)
    ids: tuple[int, ...] = ()
    binned: bool = False


Row = dict[str, Any]  # name → Value; links and users as Reference; lines as list[Row]; id and version always


@dataclass(frozen=True, slots=True)
class Page:
    """What is answered."""

    items: list[Row]
    next: str | None = None
    count: int | None = None
    totals: Mapping[str, Value] = field(default_factory=dict)


def read_page(context: Context, query: Query) -> Page:
    """Return one page. A constant number of statements, whatever the page and its size.

    Raises Refusal 400 for a malformed filter or sort or one over a field hidden or masked for the viewer, 404 for an object
    that the viewer has no read grant on or that does not exist.
    """
    asked = _Asked(context, query)
    found, columns, following = asked.rows()
    items = [columns.columns.record(row) for row in found]
    asked.add_lines(items, as_json=False)
    count, totals = asked.count()
    return Page(items, following, count, totals)


def read_page_json(context: Context, query: Query) -> bytes:
    """Return the same page as the API's JSON body ``{"items": […], "next": …}``: the fast road for the API's lists."""
    asked = _Asked(context, query)
    found, columns, following = asked.rows()
    to_json = columns.columns.json
    items = [to_json(row) for row in found]
    asked.add_lines(items, as_json=True)
    body: dict[str, Any] = {"items": items, "next": following}
    count, totals = asked.count()
    if query.count:
        body["count"] = count
    if query.totals:
        body["totals"] = {name: _plain(value) for name, value in totals.items()}
    return orjson.dumps(body, default=_plain)


def read_one(
    context: Context, object_name: str, record_id: int, fields: tuple[str, ...] | None = None, *, binned: bool = False
) -> Row:
    """Return one record with its lines. Raises Refusal 404 where the viewer may not see it or it is not there."""
    return _one(context, object_name, record_id, fields, binned=binned, as_json=False)


def read_one_json(context: Context, object_name: str, record_id: int) -> tuple[int, bytes]:
    """Return version and JSON body of one record: the fast road."""
    found = _one(context, object_name, record_id, None, binned=False, as_json=True)
    return found["version"], orjson.dumps(found, default=_plain)


def read_related(context: Context, object_name: str, record_id: int, name: str, query: Query) -> Page:
    """Return a page of what links to a record: ``name`` is the other side of a link (``customer.opportunities``), ``query`` says
    what is wanted of it (its object is filled in). Raises Refusal 404 where the record is not there for the viewer."""
    records = context.runtime.part(Records)
    if object_name not in records.objects:
        raise not_found()
    reverse = records.objects[object_name].reverse.get(name)
    if reverse is None:
        raise unknown_field(
            name,
            records.objects[object_name],
            Plan(rights_of(records, context.actor), _ask(Query(object_name), ())).access,
        )
    _one(context, object_name, record_id, ("id",), binned=False, as_json=False)
    asked = _Asked(
        context, replace(query, object=reverse.object), link=f"{reverse.field} {object_name}", linked_to=record_id
    )
    found, columns, following = asked.rows()
    items = [columns.columns.record(row) for row in found]
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
        fields = _everything(records, object_name, rights.roles, full=rights.full) + tuple(lines)
    asked = _Asked(context, Query(object_name, fields, ids=(record_id,), limit=1, binned=binned))
    found, columns, _ = asked.rows()
    if not found:
        raise not_found()
    item = columns.columns.json(found[0]) if as_json else columns.columns.record(found[0])
    asked.add_lines([item], as_json=as_json)
    return item


def _everything(records: Records, object_name: str, roles: tuple[str, ...], *, full: bool) -> tuple[str, ...]:
    from engine.records.access import Access
    from engine.records.columns import default_fields
    from engine.records.rights import Rights

    def make() -> tuple[str, ...]:
        rights = Rights(records, None if full else frozenset(roles))
        return tuple(default_fields(records.objects[object_name], Access(rights, None)))  # type: ignore[arg-type]

    return records.memory.get(("everything", object_name, roles, full), make)


def _ask(query: Query, names: Sequence[tuple[str, Any]], link: str = "") -> Ask:
    sought = ""
    if query.search.strip():
        sought = "sound" if search.may_be_sound(query.search) else "text"
    return Ask(
        query.object,
        query.fields,
        query.filter.strip(),
        tuple(names),
        query.sort,
        query.view,
        sought,
        bool(query.ids),
        query.binned,
        link,
    )


class _Asked:
    """One query being answered: its plan and the values of its parameters."""

    def __init__(self, context: Context, query: Query, *, link: str = "", linked_to: int | None = None) -> None:
        self.context, self.query = context, query
        self.records = context.runtime.part(Records)
        if query.object not in self.records.objects:
            hint = near_miss(query.object, self.records.objects)
            raise _no_object(query.object, hint)
        self.rights = rights_of(self.records, context.actor)
        if not self.rights.grants(query.object, "read"):
            raise not_found()
        if not 1 <= query.limit <= MOST:
            raise bad_query(
                "limit", "BAD_LIMIT", Text(zh=f"每页 1 到 {MOST} 条。", en=f"A page holds 1 to {MOST} records.")
            )
        names = sorted(query.values.items(), key=lambda item: item[0])
        self.plan = plan_for(self.rights, _ask(query, names, link))
        self.cursor = self._cursor()
        self.parameters = self._parameters()
        if linked_to is not None:
            self.parameters["linked_to"] = linked_to

    def _cursor(self) -> Cursor | None:
        if not self.query.after:
            return None
        return read_cursor(self.query.after, self.plan.order.signature, self.plan.order.bases)

    def _parameters(self) -> dict[str, Any]:
        query, plan = self.query, self.plan
        found: dict[str, Any] = {} if self.rights.full else actor_parameters(self.context.actor)
        found |= {f"value_{name}": value for name, value in query.values.items()}
        if query.ids:
            found["record_ids"] = list(query.ids)
        if plan.ask.search:
            found |= search.parameters(query.search)
        return found

    def moments(self) -> dict[str, Any]:
        """Return the parameters that depend on the moment; known once the statement is made."""
        present = moment_of(self.context, self.records)
        begun = present if self.cursor is None else moment_of(self.context, self.records, self.cursor.now)
        return {**self.plan.present.values(present), **self.plan.moment.values(begun)}

    def rows(self) -> tuple[list[Sequence[Any]], PagePlan, str | None]:
        """Return the page's rows, how to read them, and the cursor of the next page."""
        page = self.plan.page(None if self.cursor is None else self.cursor.blanks)
        values = {**self.parameters, **self.moments(), **(self.cursor.parameters() if self.cursor else {})}
        found = page.statement.rows(self.context.connection, page_limit=self.query.limit + 1, **values)
        if len(found) <= self.query.limit:
            return found, page, None
        found.pop()
        last = found[-1]
        now = self.cursor.now if self.cursor else self.context.now
        return found, page, write_cursor(self.plan.order.signature, now, [last[place] for place in page.places])

    def count(self) -> tuple[int | None, dict[str, Value]]:
        """Return the number of all that match, and the totals over them, by one statement where they are asked for."""
        query = self.query
        totals = dict(query.totals)
        if not query.count and not totals:
            return None, {}
        statement = self.plan.totals(totals)
        row = statement.rows(self.context.connection, **{**self.parameters, **self.moments()})[0]
        values = {
            name: Decimal(0) if value is None and totals[name] == "sum" else value
            for name, value in zip(totals, row[1:], strict=True)
        }
        return (row[0] if query.count else None), values

    def add_lines(self, items: list[Row], *, as_json: bool) -> None:
        """Read the lines that are asked for into the records: one statement a field, however many records there are."""
        asked = [
            (name, child)
            for name in self.query.fields or _NO_FIELDS
            if (child := self.plan.line_field(name)) is not None
        ]
        for name, child in asked:
            if self.rights.field(self.query.object, name).least < Right.READ:
                raise unknown_field(name, self.plan.compiled, self.plan.access)
            by_parent: dict[int, list[Row]] = {item["id"]: [] for item in items}
            if items:
                self._read_lines(child, list(by_parent), by_parent, as_json=as_json)
            for item in items:
                item[name] = by_parent[item["id"]]

    def _read_lines(self, child: Any, ids: list[int], found: dict[int, list[Row]], *, as_json: bool) -> None:
        everything = _everything(self.records, child.name, self.rights.roles, full=self.rights.full)
        wanted = tuple(name for name in everything if name not in _STAMPS and name != child.parent)
        plan = plan_for(
            self.rights,
            Ask(child.name, wanted, "", (), ("id",), "", "", ids=False, binned=self.query.binned, link=LINES),
        )
        page = plan.page(None)
        present = moment_of(self.context, self.records)
        values = {**self.parameters, **plan.present.values(present), **plan.moment.values(present)}
        read = page.columns.json if as_json else page.columns.record
        for row in page.statement.rows(self.context.connection, page_limit=None, linked_to=ids, **values):
            found[row[-1]].append(read(row))


_STAMPS = frozenset({"created_at", "created_by", "updated_at", "updated_by"})


def _no_object(name: str, hint: Text) -> Exception:
    from engine.refusals import Refusal

    return Refusal(
        404,
        "UNKNOWN_OBJECT",
        Text(zh=f"没有对象 {name[:60]}。{hint.zh}", en=f"There is no object {name[:60]}. {hint.en}"),
    )


def _plain(value: object) -> object:
    """Return what orjson can't write by itself: decimals in plain notation, references as the API gives them."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)
