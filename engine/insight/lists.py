"""The records of a view as a board shows them: the first ones, narrowed as the board is."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from engine.insight.asks import ListFigures
from engine.insight.buckets import span_condition
from engine.insight.figures import today_of
from engine.insight.narrowing import narrow
from engine.records.compile import Records
from engine.records.measure_plan import demand_object
from engine.records.query import Query, read_page
from engine.records.rights import Right, rights_of

if TYPE_CHECKING:
    from engine.context import Context
    from engine.insight.asks import ListAsk
    from engine.insight.narrowing import Narrowed
    from engine.records.rights import Rights


def read_list(context: Context, ask: ListAsk) -> ListFigures:
    """Return the first records of a view with how many there are: two statements. Raises Refusal 403 NOT_VISIBLE where the object is not
    for the viewer."""
    records = context.runtime.part(Records)
    rights = rights_of(records, context.actor)
    demand_object(rights, ask.object)
    found = narrow(rights, ask.object, ask.narrowing, today_of(context))
    text = " and ".join(conditions_of(found))
    view = records.objects[ask.object].definition.views[ask.view]
    columns = tuple(name for name in view.columns if _seen(rights, ask.object, name))
    page = read_page(
        context,
        Query(ask.object, columns or None, filter=text, view=ask.view, sort=view.sort, limit=ask.limit, count=True),
    )
    query = urlencode({"view": ask.view, **({"filter": text} if text else {})})
    return ListFigures(page, columns, f"/o/{ask.object}?{query}", found.missing)


def conditions_of(found: Narrowed) -> tuple[str, ...]:
    """Return all conditions that a narrowing comes to."""
    return (*found.filters, *(span_condition(one.path, one.first, one.after) for one in found.spans))


def _seen(rights: Rights, object_name: str, path: str) -> bool:
    """Whether a column is there for the viewer: masked values are shown as such, hidden ones not at all."""
    compiled = rights.records.objects[object_name]
    first, _, rest = path.partition(".")
    if first in compiled.fields:
        right = rights.field(object_name, first)
        if right.most is Right.HIDDEN or (rest and right.least < Right.READ):
            return False
    if not rest:
        return first in compiled.anything and first not in dict(compiled.lines())
    field = compiled.anything.get(first)
    if field is None or len(field.type.objects) != 1 or not rights.grants(field.type.objects[0], "read"):
        return False
    return _seen(rights, field.type.objects[0], rest)
