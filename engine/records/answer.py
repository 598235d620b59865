"""One query being answered: the plan for its shape, the values of its parameters, its statements. What callers use is query.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.expressions.sql import SqlMoment
from engine.fields.lines import order_of
from engine.records import search
from engine.records.access import Access, actor_parameters, not_found, rights_of
from engine.records.ask import LINES, Ask
from engine.records.columns import default_fields, unknown_field
from engine.records.compile import Records
from engine.records.filters import bad_query
from engine.records.keyset import Cursor, read_cursor, write_cursor
from engine.records.moments import moment_of
from engine.records.plan import plan_for
from engine.records.rights import Right, Rights
from engine.records.sought import how_sought
from engine.records.standing import parameters
from engine.records.walking import look
from engine.refusals import Refusal
from metamodel.faults import near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.context import Context
    from engine.fields.base import Value
    from engine.records.plan import PagePlan
    from engine.records.within import Box

MOST = 1000  # records on a page
_STAMPS = frozenset({"created_at", "created_by", "updated_at", "updated_by"})


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. ``fields``: names and paths (``customer.name``), None = all that the viewer may see, without lines. ``filter``: an
    expression; ``values`` binds names it uses as parameters (a ``Standing``: a record). ``sort``: names, ``-`` in front for descending. ``after``: a page's
    cursor. ``totals``: field → sum | avg | min | max | count, over everything that matches. ``ids``: among these only, None = among all.
    ``counted``: no further than that, 0 = to the end. ``binned``: the recycle bin instead. ``act``: only what this is granted on beside reading (``export``).
    ``within``: only what has its place there. ``near``: of very many records only those are looked at that come first by an index's order."""

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
    counted: int = 0
    totals: Mapping[str, str] = field(default_factory=dict)
    ids: tuple[int, ...] | None = None
    binned: bool = False
    act: str = "read"
    within: Box | None = None
    near: bool = False


Row = dict[str, Any]  # name → Value; links and users as Reference; lines as list[Row]; id and version always


@dataclass(frozen=True, slots=True)
class Page:
    """What is answered."""

    items: list[Row]
    next: str | None = None
    count: int | None = None
    totals: Mapping[str, Value] = field(default_factory=dict)


def everything(rights: Rights, object_name: str) -> tuple[str, ...]:
    """Return the fields of an answer where nothing is asked for in particular, kept by the runtime."""
    compiled = rights.records.objects[object_name]
    key = ("everything", object_name, rights.roles, rights.full)
    return rights.records.memory.get(key, lambda: tuple(default_fields(compiled, Access(rights, SqlMoment()))))


def shape_of(query: Query, names: Sequence[tuple[str, Any]], link: str = "") -> Ask:
    """Return the shape of a query, by which its plan is kept."""
    return Ask(
        query.object,
        query.fields,
        query.filter.strip(),
        tuple(names),
        query.sort,
        query.view,
        how_sought(query.search),
        query.ids is not None,
        query.binned,
        link,
        single=query.ids is not None and len(query.ids) == 1,
        act=query.act,
        within=query.within.field if query.within else "",
    )


class Asked:
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
        self.plan = plan_for(self.rights, shape_of(query, names, link))
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
        for name, value in query.values.items():
            found |= parameters(name, value)
        if query.ids is not None:
            ids = [number for number in query.ids if -(2**63) <= number < 2**63]
            found["record_ids"] = (ids[0] if ids else None) if plan.ask.single else ids
        if plan.ask.search:
            found |= search.parameters(query.search)
        return found | (query.within.parameters() if query.within else {})

    def moments(self) -> dict[str, Any]:
        """Return the parameters that depend on the moment; known once the statement is made."""
        present = moment_of(self.context, self.records)
        begun = present if self.cursor is None else moment_of(self.context, self.records, self.cursor.now)
        return {**self.plan.present.values(present), **self.plan.moment.values(begun)}

    def rows(self) -> tuple[list[Sequence[Any]], PagePlan, str | None]:
        """Return the page's rows, how to read them, and the cursor of the next page."""
        page, found = self._found()
        if len(found) <= self.query.limit:
            return found, page, None
        found.pop()
        last = found[-1]
        now = self.cursor.now if self.cursor else self.context.now
        return found, page, write_cursor(self.plan.order.signature, now, [last[place] for place in page.places])

    def _found(self) -> tuple[PagePlan, list[Sequence[Any]]]:
        """Return how to read the page's rows, and them, with one more where there is one."""
        plan, limit = self.plan, self.query.limit
        blanks = None if self.cursor is None else self.cursor.blanks
        page = plan.page(blanks)
        values = {"page_limit": limit + 1, **self.parameters, **(self.cursor.parameters() if self.cursor else {})}
        if not (self.records.sizes.is_large(plan.compiled.table) and plan.may_miss):
            return page, page.statement.rows(self.context.connection, **values, **self.moments())

        def find(walk: int) -> list[Sequence[Any]]:
            statement = plan.page(blanks, walk).statement
            read = statement.rows if walk else statement.planned_rows
            return read(self.context.connection, **values, **self.moments())

        return page, look(find, limit, walks=plan.is_walkable, near=self.query.near)

    def count(self) -> tuple[int | None, dict[str, Value]]:
        """Return the number of all that match, and the totals over them, by one statement where they are asked for."""
        query = self.query
        of_view = self.plan.view.totals if self.plan.view else {}
        totals = {
            name: how for name, how in query.totals.items() if of_view.get(name) != how or self.plan.is_usable(name)
        }
        if not query.count and not totals:
            return None, {}
        if query.counted and not totals:
            found = self.plan.counted().rows(
                self.context.connection, most_counted=query.counted, **self.parameters, **self.moments()
            )
            return found[0][0], {}
        statement = self.plan.totals(totals)
        row = statement.rows(self.context.connection, **{**self.parameters, **self.moments()})[0]
        values = {
            name: Decimal(0) if value is None and totals[name] == "sum" else value
            for name, value in zip(totals, row[1:], strict=True)
        }
        return (row[0] if query.count else None), values

    def add_lines(self, items: list[Row], *, as_json: bool) -> None:
        """Read the lines that are asked for into the records: one statement a field, however many records there are."""
        for name, child in self.plan.asked_lines:
            if self.rights.field(self.query.object, name).least < Right.READ:
                raise unknown_field(name, self.plan.compiled, self.plan.access)
            by_parent: dict[int, list[Row]] = {item["id"]: [] for item in items}
            if items:
                order = order_of(self.plan.compiled.fields[name].definition)
                self._read_lines(child, order, by_parent, as_json=as_json)
            for item in items:
                item[name] = by_parent[item["id"]]

    def _read_lines(self, child: Any, order: str, found: dict[int, list[Row]], *, as_json: bool) -> None:
        seen = everything(self.rights, child.name)
        sort = (order, "id") if order in seen else ("id",)
        wanted = tuple(name for name in seen if name not in _STAMPS and name != child.parent)
        plan = plan_for(
            self.rights,
            Ask(child.name, wanted, "", (), sort, "", "", ids=False, binned=self.query.binned, link=LINES),
        )
        page = plan.page(None)
        present = moment_of(self.context, self.records)
        values = {**self.parameters, **plan.present.values(present), **plan.moment.values(present)}
        read = page.reading.json if as_json else page.reading.record
        for row in page.statement.rows(self.context.connection, page_limit=None, linked_to=list(found), **values):
            found[row[-1]].append(read(row))


_STAMPS = frozenset({"created_at", "created_by", "updated_at", "updated_by"})


def _no_object(name: str, hint: Text) -> Exception:
    shown = name[:60]
    said = Text(zh=f"没有对象 {shown}。{hint.zh}", en=f"There is no object {shown}. {hint.en}".rstrip())
    return Refusal(404, "UNKNOWN_OBJECT", said)


def plain(value: object) -> object:
    """Return what orjson can't write by itself: decimals in plain notation."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)
