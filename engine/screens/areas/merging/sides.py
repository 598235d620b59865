"""Records side by side: what stays, where they differ and which value is taken, what moves, and what is in the way. Reads only, but for a
rehearsal that is taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.fields.base import Reference
from engine.records.access import Masked
from engine.records.merge import Merging, demand_mergeable, merge_records
from engine.records.merge_links import count_links
from engine.records.query import Query, read_page
from engine.records.rights import Right
from engine.refusals import Refusal
from engine.screens.cells import drawing
from engine.screens.html import Html
from engine.screens.record import title_of
from engine.screens.texts import TEXTS, say
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.fields.base import Field
    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.site import Visit

REHEARSED = 500  # records that move at the most for a merge to be tried beforehand
WIDE = 5  # records side by side


@dataclass(eq=False)
class _Back(Exception):
    """Takes a rehearsal back."""

    def __post_init__(self) -> None:
        Exception.__init__(self)


@dataclass(frozen=True, slots=True)
class Sides:
    """Records to be merged, as the viewer reads them. ``into``: the one that stays; ``picks``: field → the record whose value is taken."""

    compiled: CompiledObject
    rows: Sequence[Row]
    into: int
    picks: Mapping[str, int] = field(default_factory=dict)

    @property
    def winner(self) -> Row:
        """The record that stays."""
        return next(row for row in self.rows if row["id"] == self.into)

    @property
    def losers(self) -> tuple[int, ...]:
        """The others."""
        return tuple(int(row["id"]) for row in self.rows if row["id"] != self.into)

    def chosen(self, name: str) -> int:
        """Return the record whose value of a field is taken: the one picked, else the one that stays, or the first that has one."""
        if name in self.picks:
            return self.picks[name]
        filled = [row for row in (self.winner, *self.rows) if row.get(name) is not None]
        return int((filled or [self.winner])[0]["id"])


def read_sides(
    visit: Visit, object_name: str, ids: Sequence[int], into: int, picks: Mapping[str, int] | None = None
) -> Sides:
    """Return records side by side. Raises Refusal: 404 where the viewer may not read one of them, 403, 409, 422 for less than two."""
    compiled = visit.object(object_name)
    demand_mergeable(compiled, visit.rights)
    wanted = tuple(dict.fromkeys(ids))
    if not 2 <= len(wanted) <= WIDE:
        raise Refusal(422, "TWO_RECORDS", TEXTS["merge_two"])
    page = read_page(visit.context, Query(object_name, tuple(_names(visit, compiled)), ids=wanted, limit=WIDE))
    rows = {int(row["id"]): row for row in page.items}
    if len(rows) < len(wanted):
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    stays = into if into in rows else wanted[0]
    return Sides(compiled, [rows[number] for number in wanted], stays, picks or {})


def _names(visit: Visit, compiled: CompiledObject) -> list[str]:
    """Return the fields that the viewer may see and that one can set side by side."""
    rights = visit.rights
    own = [
        name
        for name, one in compiled.fields.items()
        if rights.field(compiled.name, name).most >= Right.READ and one.type.base is not Base.ROWS
    ]
    return [*dict.fromkeys(("id", "version", "created_at", compiled.title, *own))]


def pickable(visit: Visit, compiled: CompiledObject, one: Field) -> bool:
    """Whether the viewer may say which record's value of a field is taken."""
    if one.kind.computed or one.kind.moved or one.kind.many or one.definition.readonly:
        return False
    if one.name in compiled.rules.serials or one.type.base is Base.ROWS:
        return False
    if one.name == compiled.owner and not visit.rights.grants(compiled.name, "transfer"):
        return False
    return visit.rights.field(compiled.name, one.name).least == Right.EDIT


def merging_of(visit: Visit, sides: Sides, versions: Mapping[int, int]) -> Merging:
    """Return the merge that the picks mean: a value that is taken from another record, or stays blank where another has one, is said."""
    compiled, fields = sides.compiled, dict[str, object]()
    for name, one in compiled.fields.items():
        if not pickable(visit, compiled, one):
            continue
        chosen = sides.chosen(name)
        source = next(row for row in sides.rows if row["id"] == chosen)
        value, own = source.get(name), sides.winner.get(name)
        if value is None and own is None and any(row.get(name) is not None for row in sides.rows):
            fields[name] = None
        elif chosen != sides.into and not isinstance(value, Masked) and value != own:
            fields[name] = _sent(one, value)
    return Merging(compiled.name, sides.into, sides.losers, fields, versions)


def _sent(one: Field, value: Any) -> object:
    """Return a value as read in the form in which it is written."""
    if isinstance(value, Reference):
        return {"object": value.object, "id": value.id} if len(one.targets) > 1 else value.id
    return None if value is None else one.kind.dump(one, value)


def rehearse(visit: Visit, merging: Merging) -> list[str]:
    """Return what stands in the way of a merge: it is carried out, and taken back."""
    connection = visit.context.connection
    try:
        with connection.begin_nested():
            merge_records(visit.context, merging)
            raise _Back
    except _Back:
        return []
    except Refusal as refusal:
        return said(refusal, visit.language)


def said(refusal: Refusal, language: str) -> list[str]:
    """Return all that a refusal says, once each."""
    messages = [error.message(language) for error in refusal.errors] or [refusal.message(language)]
    return list(dict.fromkeys(messages))


def draw_sides(visit: Visit, sides: Sides, bar: Sequence[str] | None = None) -> str:
    """Return the page of records side by side. ``bar``: what is in the way; None: it is found out."""
    compiled, language = sides.compiled, visit.language
    moved = count_links(visit.context, compiled, sides.losers)
    if bar is None:
        light = sum(one.count for one in moved) <= REHEARSED
        bar = rehearse(visit, merging_of(visit, sides, {})) if light else []
    definition = compiled.definition
    drawn = [_field(visit, sides, one) for name, one in compiled.fields.items() if name in sides.winner]
    ids = "&".join(f"id={row['id']}" for row in sides.rows)
    assets, locale = visit.site.renderer.assets, visit.locale
    created = drawing(compiled.system["created_at"], locale, assets)
    return visit.page(
        "merging/merge.html",
        here=f"/o/{compiled.name}",
        object=compiled.name,
        plural=(definition.plural or definition.label)(language),
        heading=say("merge_title", language, count=len(sides.rows), object=definition.label(language)),
        into=sides.into,
        bar=list(bar),
        records=[
            {
                "id": row["id"],
                "version": row["version"],
                "label": title_of(compiled, row, language),
                "keep": f"/o/{compiled.name}/merge?{ids}&into={row['id']}",
                "about": Html(created(row.get("created_at"))),
            }
            for row in sides.rows
        ],
        differing=sorted((one for one in drawn if one["differs"]), key=lambda one: not one["pick"]),
        equal=[one for one in drawn if not one["differs"] and one["value"]],
        moves=_moves(visit, moved),
    )


def _field(visit: Visit, sides: Sides, one: Field) -> dict[str, Any]:
    compiled, language = sides.compiled, visit.language
    draw = drawing(one, visit.locale, visit.site.renderer.assets)
    values = [row.get(one.name) for row in sides.rows]
    note = ""
    if one.kind.many:
        note = say("merge_together", language)
    elif not pickable(visit, compiled, one):
        note = say("merge_fixed", language)
    return {
        "name": one.name,
        "label": one.label(language),
        "differs": any(value != values[0] for value in values) and not one.kind.computed,
        "pick": pickable(visit, compiled, one),
        "chosen": sides.chosen(one.name),
        "note": note,
        "value": Html(draw(values[0])),
        "options": [
            {"id": row["id"], "of": title_of(compiled, row, language), "value": Html(draw(row.get(one.name)))}
            for row in sides.rows
        ],
    }


def _moves(visit: Visit, moved: Sequence[Any]) -> list[dict[str, Any]]:
    """Return what moves, by what it is; of objects that the viewer may not read only how many in all."""
    found: dict[str, int] = {}
    others = 0
    for one in moved:
        if visit.rights.grants(one.object, "read"):
            definition = visit.records.objects[one.object].definition
            label = (definition.plural or definition.label)(visit.language)
            found[label] = found.get(label, 0) + one.count
        else:
            others += one.count
    listed = [{"label": label, "count": count} for label, count in found.items()]
    return [*listed, *([{"label": say("merge_moves_others", visit.language), "count": others}] if others else [])]
