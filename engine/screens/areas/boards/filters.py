"""The filters of a board as controls: periods as links, choices as boxes, records by the picker. Everything is in the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from engine.fields.base import called
from engine.insight.boards import board_objects, filter_label
from engine.insight.figures import today_of
from engine.insight.narrowing import BLANK, PERIOD, seen_field
from engine.insight.periods import PRESETS, read_period
from engine.records.query import Query, read_page
from engine.screens.controls import Control, Linked, draw_control
from engine.screens.texts import say
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.fields.base import Field
    from engine.insight.narrowing import Narrowing
    from engine.screens.site import Visit
    from metamodel.definitions.insight import DashboardDef


def read_controls(
    visit: Visit, board: DashboardDef, narrowing: Narrowing, given: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the controls, in the board's order; a filter that nothing on it has for this viewer is left out."""
    found = []
    for path in board.filters:
        if path == PERIOD:
            found.append(_period(visit, board, narrowing, given))
            continue
        for name in board_objects(visit.records, board):
            field = seen_field(visit.rights, name, path)
            if field is not None:
                label = filter_label(visit.records, board, path, visit.language)
                values = tuple(part for part in given.get(path, "").split(",") if part)
                found.append(_control(visit, board, given, _Filter(path, name, field, label, values)))
                break
    return found


def _kept(given: Mapping[str, str], path: str) -> list[tuple[str, str]]:
    return [(name, value) for name, value in given.items() if name != path]


def _period(visit: Visit, board: DashboardDef, narrowing: Narrowing, given: Mapping[str, str]) -> dict[str, Any]:
    language, today = visit.language, today_of(visit.context)
    period = narrowing.period
    here = period.name if period else "all"

    def url(name: str) -> str:
        return f"/d/{board.name}?{urlencode([*_kept(given, PERIOD), (PERIOD, name)], safe=',:-')}"

    presets = [
        {"label": read_period(name, today).label(language), "url": url(name), "here": name == here} for name in PRESETS
    ]
    presets.append({"label": say("dash_all_time", language), "url": url("all"), "here": here == "all"})
    return {
        "kind": "period",
        "path": PERIOD,
        "label": period.label(language) if period else say("dash_all_time", language),
        "presets": presets,
        "first": str(period.first) if period else "",
        "last": str(period.after - timedelta(days=1)) if period else "",
        "kept": _kept(given, PERIOD),
    }


@dataclass(frozen=True, slots=True)
class _Filter:
    """A filter over a field: where it is, on which object, what it is called, and what the address says."""

    path: str
    object: str
    field: Field
    label: str
    values: tuple[str, ...]


def _control(visit: Visit, board: DashboardDef, given: Mapping[str, str], one: _Filter) -> dict[str, Any]:
    kept = _kept(given, one.path)
    found: dict[str, Any] = {
        "path": one.path,
        "label": one.label,
        "icon": one.field.kind.icon,
        "kept": kept,
        "without": f"/d/{board.name}?{urlencode(kept, safe=',:-')}" if one.values else "",
    }
    if one.field.choices or one.field.type.base is Base.BOOLEAN:
        options = _options(visit, one.field, one.values)
        chosen = [option["label"] for option in options if option["chosen"]]
        said = ("、" if visit.language == "zh" else ", ").join(chosen)
        return found | {"kind": "choice", "options": options, "value": said}
    value = one.values[0] if one.values else ""
    linked, shown = Linked(), value
    if one.field.type.base is Base.LINK:
        shown = _label(visit, one.field, value)
        linked = Linked(f"/o/{one.object}/pick/{one.path}", shown)
    control = Control(
        field=one.field,
        value=value,
        name=one.path,
        id=f"board-{one.path.replace('.', '-')}",
        label=one.label,
        as_text=one.field.type.base is not Base.LINK,
        linked=linked,
    )
    return found | {"kind": "one", "value": shown, "control": draw_control(visit, control)}


def _options(visit: Visit, field: Field, values: tuple[str, ...]) -> list[dict[str, Any]]:
    language = visit.language
    if field.choices:
        pairs = [
            (name, one.label(language), one.color)
            for name, one in field.choices.items()
            if not one.retired or name in values
        ]
    else:
        pairs = [("true", say("dash_yes", language), ""), ("false", say("dash_no", language), "")]
    pairs.append((BLANK, say("dash_blank", language), ""))
    return [{"name": name, "label": label, "color": color, "chosen": name in values} for name, label, color in pairs]


def _label(visit: Visit, field: Field, value: str) -> str:
    """Return what names the record that a filter says, for those who may see it."""
    if not value.isdecimal() or len(value) > 18 or len(field.type.objects) != 1:
        return value
    target = visit.records.objects[field.type.objects[0]]
    if not visit.rights.grants(target.name, "read"):
        return f"#{value}"
    page = read_page(visit.context, Query(target.name, ("id", target.title), ids=(int(value),), limit=1))
    row = page.items[0] if page.items else {}
    shown = row.get(target.title)
    return called(shown) or f"#{value}"
