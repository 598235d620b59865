"""What link controls and rules ask while one types: records to pick from, and values of a picked one. JSON for our own script; every
answer goes through the reading door as the viewer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from engine.records.form import standing
from engine.records.query import Query, read_page
from engine.records.shape import USER, text_of
from engine.refusals import Refusal
from engine.screens.columns import find_field, listable
from engine.screens.rules import link_paths
from engine.screens.texts import TEXTS
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.fields.base import Field
    from engine.records.compile import CompiledObject
    from engine.records.standing import Standing
    from engine.screens.site import Visit

OFFERED = 20
_LINKING = frozenset({Base.LINK, Base.LINKS})
MOST_DIGITS = 18  # of an id
NOTED = 2  # further fields shown beside a candidate
_SEED = re.compile(r"\b([a-z][a-z0-9_]*) = record\.([a-z][a-z0-9_]*)\b(?!\s*[.(])")
_LITERAL = re.compile(r'"(?:[^"]|"")*"')


def picks(visit: Visit, object_name: str, path: str, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the records that a link may be set to and that match what was typed (``q``). ``given`` holds the form's other values
    (``v.<field>``), which the link's own filter may read as ``record.<field>``. Raises Refusal 404."""
    compiled = visit.records.objects.get(object_name)
    found = _link(visit, compiled, path) if compiled else None
    if compiled is None or found is None:
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    field, in_form = found
    items: list[dict[str, Any]] = []
    for target in field.type.objects:
        if target in visit.records.objects and (target == USER or visit.rights.grants(target, "read")):
            items += _candidates(visit, compiled, field, target, given, filtered=in_form)
    return {"items": items[:OFFERED]}


def hangs_on(compiled: CompiledObject, field: Field) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the fields of the form that a link's candidates hang on, and the pairs of fields (theirs, ours) that are equal in each
    of them: what a record made on the way is to hold."""
    picks = compiled.rules.picks.get(field.name)
    if not picks:
        return [], []
    bare = _LITERAL.sub("", text_of(field.options["filter"]))
    sure = not re.search(r"\b(or|not)\b", bare)
    reads = frozenset().union(*(one.rule.reads for one in picks.values())) & compiled.fields.keys()
    return sorted(reads), _SEED.findall(bare) if sure else []


def _link(visit: Visit, compiled: CompiledObject, path: str) -> tuple[Field, bool] | None:
    """Return the link field, and whether it is one of the object itself. Fields of lines objects have no listing of their own."""
    if path in compiled.fields:
        found = compiled.fields[path]
        return (found, True) if found.type.base in _LINKING else None
    beyond = find_field(visit, compiled, path)
    return (beyond[0], False) if beyond and beyond[0].type.base in _LINKING else None


def _candidates(
    visit: Visit, compiled: CompiledObject, field: Field, target: str, given: Mapping[str, str], *, filtered: bool
) -> list[dict[str, Any]]:
    other = visit.records.objects[target]
    several = len(field.targets) > 1
    rule = field.options.get("filter") if filtered else None
    notes = _notes(visit, other, field)
    named = given.get("only", "").rpartition("/")  # whether this one is among them
    if named[0] not in {"", target} or (named[2] and (not named[2].isdecimal() or len(named[2]) > MOST_DIGITS)):
        return []
    only = int(named[2]) if named[2] else None
    # Colleagues can be picked by everybody: their names are no secret inside the house.
    context = visit.as_system() if target == USER and not visit.rights.grants(USER, "read") else visit.context
    asked = Query(
        target,
        ("id", other.title, *notes),
        filter=text_of(rule) if rule is not None else "",
        values=_standing(visit, compiled, field, target, given) if rule is not None else {},
        search=given.get("q", "").strip()[:200],
        sort=() if given.get("q", "").strip() else ("-id",),
        ids=None if only is None else (only,),
        limit=OFFERED,
    )
    page = read_page(context, asked)
    found = []
    for row in page.items:
        shown = [_shown(visit, other, name, row.get(name)) for name in notes]
        number = row["id"]
        label = _shown(visit, other, other.title, row.get(other.title)) or f"#{number}"
        found.append(
            {"id": f"{target}/{number}" if several else number, "label": label, "note": " · ".join(filter(None, shown))}
        )
    return found


def _notes(visit: Visit, other: CompiledObject, field: Field) -> list[str]:
    """Return the fields shown beside a candidate: those that the link names, else none."""
    named = field.options.get("show") or ()
    offered = listable(visit, other)
    return [name for name in named if name in offered][:NOTED]


def _shown(visit: Visit, other: CompiledObject, name: str, value: Any) -> str:
    field = other.fields.get(name)
    if value is None or field is None or isinstance(value, str):
        choice = field.choices.get(value) if field and isinstance(value, str) else None
        return choice.label(visit.language) if choice else str(value or "")
    return field.kind.show(field, value, visit.locale)


def _standing(
    visit: Visit, compiled: CompiledObject, field: Field, target: str, given: Mapping[str, str]
) -> Mapping[str, Standing]:
    """Return the record that is being filled in, as the link's filter reads it: what the form holds, over the record as it is stored."""
    pick = compiled.rules.picks[field.name][target].rule
    if all(path[0] != "record" for path in pick.expression.depends.paths):
        return {}
    number = given.get("record", "")
    known = int(number) if number.isdecimal() and len(number) <= MOST_DIGITS else None
    typed = {name: given[f"v.{name}"] for name in pick.reads if f"v.{name}" in given and name in compiled.fields}
    return {"record": standing(visit.context, (compiled.name, field.name, target), typed, known)}


def reach(visit: Visit, object_name: str, name: str, number: int) -> dict[str, Any]:
    """Return the values that the live rules read in the record that a link leads to. Raises Refusal 404."""
    compiled = visit.records.objects.get(object_name)
    paths = link_paths(visit, compiled).get(name, []) if compiled else []
    field = compiled.fields.get(name) if compiled else None
    if not paths or field is None or len(field.type.objects) != 1:
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    target = visit.records.objects[field.type.objects[0]]
    page = read_page(visit.context, Query(target.name, ("id", *paths), ids=(number,), limit=1))
    row = page.items[0] if page.items else {}
    return {
        path: None if row.get(path) is None else target.fields[path].kind.dump(target.fields[path], row[path])
        for path in paths
        if path in target.fields
    }
