"""The lists on a record's page of what links to it: the first rows of each, more of them on asking. Of very many lists the later ones are
read when they come into sight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from engine.records.access import not_found
from engine.records.query import Query, read_one, read_related
from engine.screens.columns import default_columns, listable, read_table
from engine.screens.html import Html
from engine.screens.offers import plain_view

if TYPE_CHECKING:
    from engine.records.compile import CompiledObject
    from engine.screens.site import Visit
    from metamodel.definitions.model import Reverse

ROWS, MORE_ROWS = 6, 20
COLUMNS = 5
AT_ONCE = 12  # lists, each of which costs a statement


def related_lists(visit: Visit, compiled: CompiledObject, number: int) -> list[dict[str, Any]]:
    """Return the lists of records that link to this one: those the form names, else all but lines; what any record can have
    (comments, files) has its own place."""
    return [
        _list(visit, compiled, side, number) if place < AT_ONCE else _head(visit, compiled, side, number)
        for place, side in enumerate(_sides(visit, compiled).values())
    ]


def related_part(visit: Visit, object_name: str, number: int, name: str, after: str) -> str:
    """Return one of the lists, or its rows behind a cursor. Raises Refusal 404 for what is not there for the viewer, 400 for no cursor."""
    compiled = visit.object(object_name)
    read_one(visit.context, object_name, number, ("id",))
    side = _sides(visit, compiled).get(name)
    if side is None:
        raise not_found()
    found = _list(visit, compiled, side, number, after)
    return visit.part("related_rows.html" if after else "related.html", list=found)


def _sides(visit: Visit, compiled: CompiledObject) -> dict[str, Reverse]:
    reverse, objects = compiled.reverse, visit.records.objects
    names = compiled.definition.form.related or [name for name, one in reverse.items() if not one.lines]
    return {
        name: side
        for name in names
        if (side := reverse.get(name)) is not None
        and not side.every
        and visit.rights.shows_link(side.object, side.field)
        and "every" not in objects[side.object].fields[side.field].options
    }


def _head(visit: Visit, compiled: CompiledObject, side: Reverse, number: int) -> dict[str, Any]:
    """Return what is known of a list before it is read."""
    other, language = visit.records.objects[side.object], visit.language
    definition, link, url = other.definition, other.fields[side.field], f"/o/{compiled.name}/{number}"
    label = (definition.plural or definition.label)(language)
    alike = [one for one in _sides(visit, compiled).values() if one.object == side.object]
    this = f"{compiled.name}/{number}" if len(link.targets) > 1 else str(number)
    makes = visit.rights.grants(other.name, "create")
    new = f"/o/{other.name}/new?{side.field}={this}"
    return {
        "name": side.name,
        "label": label,
        "heading": f"{label} · {link.label(language)}" if len(alike) > 1 else label,  # linked in several ways
        "one": definition.label(language),
        "part": f"{url}/related/{side.name}",
        "url": f"/o/{other.name}?{side.field}.{'has_any' if link.kind.many else 'eq'}={this}",
        "new_url": f"{new}&next={url}" if makes else "",
        "add_url": new if makes and not any(other.lines()) else "",  # lines need a page's room
        "later": True,
    }


def _list(visit: Visit, compiled: CompiledObject, side: Reverse, number: int, after: str = "") -> dict[str, Any]:
    other = visit.records.objects[side.object]
    view = plain_view(other)
    seen = listable(visit, other)
    names = [name for name in (view and view.columns) or default_columns(visit, other) if name != side.field]
    names = list(dict.fromkeys((other.title, *names)))[:COLUMNS]
    order = tuple(one for one in (view.sort if view else ()) if one.removeprefix("-") in seen)
    table = read_table(visit, other, names, pick=False)
    limit = MORE_ROWS if after else ROWS
    asked = Query(other.name, table.fields, sort=order or ("-id",), limit=limit, after=after)
    found = read_related(visit.context, compiled.name, number, side.name, asked, seen=True)
    head = _head(visit, compiled, side, number)
    return head | {
        "heads": [{"label": one.label, "css": one.css} for one in table.columns],
        "rows": Html("".join([table.draw(row) for row in found.items])),
        "more": f"{head['part']}?after={quote(found.next)}" if found.next else "",
        "later": False,
    }
