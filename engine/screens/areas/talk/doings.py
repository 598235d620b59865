"""What was done with a record, for its timeline: records of other objects that lead to it and say at which moment they happened (visits,
calls, letters). An object is one of these where it has a moment that must be given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from engine.fields.base import called
from engine.records.query import Query, read_page
from engine.records.rights import Right
from engine.screens import html
from engine.screens.cells import drawing
from engine.screens.formats import ago
from engine.screens.texts import say
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import Protocol

    from engine.fields.base import Field
    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.site import Visit

    class Narrow(Protocol):
        """Adds to filters what a moment and one of some texts have to be; returns the values in them."""

        def __call__(self, filters: list[str], moment: str, /, *texts: str) -> dict[str, Any]: ...


class Told(NamedTuple):
    """What of an object's records is told: the moment, a long text as what was said, a choice as what it was."""

    other: CompiledObject
    moment: Field
    note: Field | None
    sort: Field | None

    def fields(self) -> tuple[str, ...]:
        """Return the names of all that is read."""
        shown = (self.moment, self.note, self.sort)
        return ("id", self.other.title, self.other.owner or "created_by", *(one.name for one in shown if one))


def read_doings(
    visit: Visit, compiled: CompiledObject, number: int, narrow: Narrow, limit: int
) -> list[tuple[datetime, int, dict[str, Any]]]:
    """Return up to ``limit`` entries of each object, newest first, each with its moment."""
    found: list[tuple[datetime, int, dict[str, Any]]] = []
    for other, link, moment in _sides(visit, compiled):
        told = Told(other, moment, _first(visit, other, "long_text"), _first(visit, other, "choice"))
        texts = [other.title, *([told.note.name] if told.note else [])]
        filters = [f"{link} = {number}"]
        values = narrow(filters, moment.name, *texts)
        sort = (f"-{moment.name}",)
        query = Query(other.name, told.fields(), filter=" and ".join(filters), values=values, sort=sort, limit=limit)
        rows = read_page(visit.context, query).items
        found += [(row[moment.name], 0, _entry(visit, told, row)) for row in rows]
    return found


def _sides(visit: Visit, compiled: CompiledObject) -> Iterator[tuple[CompiledObject, str, Field]]:
    """Yield the objects whose records happened to one of this, with the link and the moment."""
    for side in compiled.reverse.values():
        other = visit.records.objects.get(side.object)
        if other is None or side.lines or side.every or not visit.rights.shows_link(side.object, side.field):
            continue
        for field in other.fields.values():
            must = field.definition.required and not field.kind.computed
            if must and field.type.base is Base.DATETIME and _seen(visit, other, field.name):
                if _seen(visit, other, other.title):
                    yield other, side.field, field
                break


def _seen(visit: Visit, other: CompiledObject, name: str) -> bool:
    return name in other.fields and visit.rights.field(other.name, name).least >= Right.READ


def _first(visit: Visit, other: CompiledObject, control: str) -> Field | None:
    fields = (one for one in other.fields.values() if one.kind.control == control and one.name != other.title)
    return next((one for one in fields if _seen(visit, other, one.name)), None)


def _entry(visit: Visit, told: Told, row: Row) -> dict[str, Any]:
    language, other, sort = visit.language, told.other, told.sort
    writer = row.get(other.owner or "created_by")
    who = writer.label if writer is not None else say("system", language)
    kind = row.get(sort.name) if sort else None
    drawn = drawing(sort, visit.locale, visit.site.renderer.assets)(kind) if sort and kind else ""
    title = row[other.title]
    return {
        "doing": called(title) or say("no_label", language),
        "url": f"/o/{other.name}/{row['id']}",
        "sort": html.Html(drawn),
        "of": other.definition.label(language),
        "note": (row.get(told.note.name) or "") if told.note else "",
        "who": who,
        "mark": html.Html(html.avatar(who, writer.id if writer is not None else 0)),
        "when": html.Html(ago(row[told.moment.name], visit.context.now, language, visit.locale.zone)),
    }
