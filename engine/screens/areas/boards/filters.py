"""The filters of a board as controls: periods as links, choices as boxes, records by the picker. Everything is in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from engine.insight.boards import board_objects, filter_label
from engine.insight.figures import today_of
from engine.insight.narrowing import BLANK, PERIOD, seen_field
from engine.insight.periods import PRESETS, read_period
from engine.records.query import Query, read_page
from engine.screens.controls import Control, Linked, draw_control
from engine.screens.html import Html
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
                found.append(_control(visit, board, name, path, field, given))
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
    presets.append({"label": say("board_all_time", language), "url": url("all"), "here": here == "all"})
    return {
        "kind": "period",
        "path": PERIOD,
        "label": period.label(language) if period else say("board_all_time", language),
        "presets": presets,
        "first": str(period.first) if period else "",
        "last": str(read_last(period)) if period else "",
        "kept": _kept(given, PERIOD),
    }


def read_last(period: Any) -> Any:
    """Return the last day of a period."""
    from datetime import timedelta

    return period.after - timedelta(days=1)


def _control(
    visit: Visit, board: DashboardDef, object_name: str, path: str, field: Field, given: Mapping[str, str]
) -> dict[str, Any]:
    values = tuple(part for part in given.get(path, "").split(",") if part)
    found: dict[str, Any] = {
        "path": path,
        "label": filter_label(visit.records, board, path, visit.language),
        "icon": field.kind.icon,
        "kept": _kept(given, path),
        "clear": f"/d/{board.name}?{urlencode(_kept(given, path), safe=',:-')}" if values else "",
    }
    if field.choices or field.type.base is Base.BOOLEAN:
        options = _options(visit, field, values)
        chosen = [one["label"] for one in options if one["chosen"]]
        return found | {"kind": "choice", "options": options, "value": ("、" if visit.language == "zh" else ", ").join(chosen)}
    value = values[0] if values else ""
    if field.type.base is Base.LINK:
        shown = _label(visit, field, value)
        linked = Linked(f"/o/{object_name}/pick/{path}", shown)
        return found | {"kind": "one", "value": shown, "control": _draw(visit, field, path, value, linked, found["label"])}
    return found | {"kind": "one", "value": value, "control": _draw(visit, field, path, value, Linked(), found["label"])}


def _draw(visit: Visit, field: Field, path: str, value: str, linked: Linked, label: str) -> Html:
    number = f"board-{path.replace('.', '-')}"
    as_text = field.type.base is not Base.LINK
    return draw_control(
        visit, Control(field=field, value=value, name=path, id=number, label=label, as_text=as_text, linked=linked)
    )


def _options(visit: Visit, field: Field, values: tuple[str, ...]) -> list[dict[str, Any]]:
    language = visit.language
    if field.choices:
        pairs = [
            (name, one.label(language), one.color)
            for name, one in field.choices.items()
            if not one.retired or name in values
        ]
    else:
        pairs = [("true", say("board_yes", language), ""), ("false", say("board_no", language), "")]
    pairs.append((BLANK, say("board_blank", language), ""))
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
    return str(getattr(shown, "label", shown) or f"#{value}")
