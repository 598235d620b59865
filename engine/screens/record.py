"""The page of one record: key facts, sections, lines, history. Its related lists are related.py's, changing it form_pages.py's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.approvals.compile import Approvals
from engine.approvals.protecting import locks_on
from engine.fields.base import called
from engine.records.granted import granted
from engine.records.query import read_one
from engine.records.rights import Right
from engine.records.system import system_fields
from engine.refusals import Refusal
from engine.screens.areas.merging.may import may_merge
from engine.screens.areas.talk.timeline import has_comments
from engine.screens.cells import drawing
from engine.screens.columns import default_columns, read_table, veiled
from engine.screens.form_layout import line_places, read_layout
from engine.screens.form_model import is_bare
from engine.screens.history import read_feed
from engine.screens.html import Html
from engine.screens.offers import plain_view
from engine.screens.related import related_lists
from engine.screens.scores import reasons_of
from engine.screens.stages import stage_bars
from engine.screens.texts import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.approvals.protecting import Lock
    from engine.fields.base import Field, Value
    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.area import Panel
    from engine.screens.form_layout import Place, Section
    from engine.screens.site import Visit

FACTS = 5
SYSTEM_SHOWN = ("created_at", "created_by", "updated_at", "updated_by")


def read_record(visit: Visit, compiled: CompiledObject, number: int) -> tuple[Row, bool]:
    """Return a record and whether it lies in the bin. Raises Refusal 404."""
    try:
        return read_one(visit.context, compiled.name, number), False
    except Refusal as refusal:
        if refusal.status != 404:
            raise
        return read_one(visit.context, compiled.name, number, binned=True), True


def title_of(compiled: CompiledObject, row: Row, language: str) -> str:
    """Return what a record is called."""
    return called(row.get(compiled.title)) or say("no_label", language)


def record_page(visit: Visit, object_name: str, number: int) -> str:
    """Return a record's page."""
    compiled = visit.object(object_name)
    row, binned = read_record(visit, compiled, number)
    reasons = reasons_of(visit, compiled, number, _readable(visit, compiled, row))
    layout = read_layout(visit, compiled, creating=False)
    sections = [
        _section(
            visit,
            compiled,
            section,
            row,
            heading=section.label or (tab.label if section is tab.sections[0] else ""),
            reasons=reasons,
        )
        for tab in layout.tabs
        for section in tab.sections
    ]
    rest = [place for place in layout.rest if place.rows_of is None]
    system = [one for name, one in system_fields(compiled.shape).items() if name in SYSTEM_SHOWN]
    sections.append(
        {
            "label": say("system", visit.language),
            "columns": 2,
            "internal": True,
            "fields": [
                pair | {"bare": False}
                for pair in (
                    *_pairs(visit, compiled, rest, row, reasons),
                    *(_signed(visit, _pair(visit, one, row.get(one.name))) for one in system),
                )
            ],
            "lines": [],
        }
    )
    talked = not binned and has_comments(visit, compiled)  # the area's timeline then holds the history as well
    feed, more = ([], "") if talked else read_feed(visit, compiled, number)
    definition = compiled.definition
    return visit.page(
        "record.html",
        here=f"/o/{object_name}",
        object=object_name,
        id=number,
        version=row["version"],
        label=definition.label(visit.language),
        plural=(definition.plural or definition.label)(visit.language),
        record_label=title_of(compiled, row, visit.language),
        binned=binned,
        can_update=not binned and bool(granted(visit.context, object_name, [number], "update")),
        can_create=not binned and visit.rights.grants(object_name, "create"),
        can_delete=bool(granted(visit.context, object_name, [number], "delete")),
        can_merge=may_merge(visit, compiled),
        facts=_facts(visit, compiled, row),
        stages=[] if binned else stage_bars(visit, compiled, row),
        sections=[section for section in sections if section["fields"] or section["lines"]],
        related=[] if binned else related_lists(visit, compiled, number),
        heads=_drawn((area.head for area in visit.site.areas), visit, compiled, row, binned=binned),
        panels=_drawn((area.panel for area in visit.site.areas), visit, compiled, row, binned=binned),
        lock=None if binned else _lock(visit, object_name, number),
        history=feed,
        history_more=more,
        talked=talked,
    )


def approval_lock(visit: Visit, object_name: str, number: int) -> Lock | None:
    """Return the approval that keeps a record as it is, None where there is none."""
    if not visit.context.runtime.part(Approvals).of(object_name):
        return None
    return next(iter(locks_on(visit.context, object_name, [number])), None)


def _lock(visit: Visit, object_name: str, number: int) -> dict[str, str] | None:
    """Return what a record's page says of the approval that keeps it as it is, and where that is decided."""
    found = approval_lock(visit, object_name, number)
    if found is None:
        return None
    said = say("record_locked", visit.language, approval=found.label(visit.language))
    return {"said": said, "url": f"/approvals/{found.held.id}"}


def _drawn(
    panels: Iterable[Panel | None], visit: Visit, compiled: CompiledObject, row: Row, *, binned: bool
) -> list[Html]:
    """Return what areas say of the record in one place of its page."""
    found = (panel(visit, compiled, row, binned=binned) for panel in panels if panel is not None)
    return [Html(one) for one in found if one]


def _signed(visit: Visit, pair: dict[str, Any]) -> dict[str, Any]:
    """Return a pair that says when or by whom; where nobody did it, the system did."""
    return pair if pair["value"] else pair | {"value": say("system", visit.language)}


def _facts(visit: Visit, compiled: CompiledObject, row: Row) -> list[dict[str, Any]]:
    owner, view = compiled.owner, plain_view(compiled)
    names = [
        name
        for name in (view.columns if view and view.columns else default_columns(visit, compiled))
        if name not in {compiled.title, owner}
        and name in compiled.fields
        and compiled.fields[name].kind.control != "serial"
    ]
    names.insert(FACTS - 1, owner or compiled.title)
    facts = [
        _pair(visit, compiled.fields[name], row.get(name), compiled, brief=True)
        for name in names
        if name in row and name != compiled.title
    ]
    return [fact for fact in facts if fact["value"]][:FACTS]


def _readable(visit: Visit, compiled: CompiledObject, row: Row) -> list[str]:
    """Return the fields of the record that the viewer may read whoever's it is."""
    rights = visit.rights
    return [name for name in compiled.fields if name in row and rights.field(compiled.name, name).least >= Right.READ]


def _section(
    visit: Visit, compiled: CompiledObject, section: Section, row: Row, *, heading: str, reasons: Mapping[str, Html]
) -> dict[str, Any]:
    plain = [place for place in section.places if place.rows_of is None]
    lines = [
        _lines(visit, place, row.get(place.field.name) or []) for place in section.places if place.rows_of is not None
    ]
    pairs = _pairs(visit, compiled, plain, row, reasons)
    bare = is_bare(section, section.places[0], visit.language)
    return {
        "label": heading,
        "columns": section.columns,
        "fields": [pair | {"bare": bare} for pair in pairs],
        "lines": [one | {"bare": bare} for one in lines],
    }


def _pairs(
    visit: Visit, compiled: CompiledObject, places: Iterable[Place], row: Row, reasons: Mapping[str, Html]
) -> list[dict[str, Any]]:
    """Return label and value of fields; one that only shows under a condition is left out while blank."""
    hidden_when_blank = compiled.definition.visible_when
    return [
        _pair(visit, place.field, row.get(place.field.name), compiled) | {"reasons": reasons.get(place.field.name, "")}
        for place in places
        if row.get(place.field.name) is not None or place.field.name not in hidden_when_blank
    ]


def _pair(
    visit: Visit, field: Field, value: Value, compiled: CompiledObject | None = None, *, brief: bool = False
) -> dict[str, Any]:
    draw = drawing(field, visit.locale, visit.site.renderer.assets, brief=brief)
    if compiled is not None and visit.rights.field(compiled.name, field.name).least <= Right.MASKED:
        draw = veiled(draw)
    whole = not (field.kind.one_line or field.kind.beside)
    return {
        "label": field.label(visit.language),
        "value": Html(draw(value)),
        "whole": whole,
        "css": "text" if whole else "",
        "reasons": "",
    }


def _lines(visit: Visit, place: Place, rows: Sequence[Row]) -> dict[str, Any]:
    assert place.rows_of is not None  # noqa: S101 - the caller chose places with rows
    names = [one.field.name for one in line_places(visit, place.rows_of)]
    table = read_table(visit, place.rows_of, names, pick=False, title="id", brief=False)
    return {
        "label": place.field.label(visit.language),
        "heads": [{"label": one.label, "css": one.css} for one in table.columns],
        "rows": Html("".join([table.draw(row) for row in rows])),
    }
