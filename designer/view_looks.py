"""How a view's records look, in the designer: what they are grouped by, and the colours they have under conditions, with how many have
them now. Columns, filter, order and totals are view_acts.py's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from designer.builder import bases_of, builder, posted
from designer.fields import OBJECT
from designer.panel import faults_at
from engine.records.query import Query, read_page
from engine.refusals import Refusal
from engine.screens.grouping import STEPS
from engine.screens.html import TONES, tone
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug.datastructures import MultiDict

    from designer.changes import Changes
    from designer.work import Work

    Form = MultiDict[str, str]
    Make = Callable[[Work, Changes, str, Form], None]
COLORS = tuple(sorted(TONES, key=["red", "orange", "yellow", "lime", "green", "teal", "cyan", "blue", "indigo", "purple", "pink", "gray"].index))  # fmt: skip
_DAYS = frozenset({Base.DATE, Base.DATETIME})
_LANES = frozenset({Base.CHOICE})
_GROUPS = frozenset({Base.CHOICE, Base.BOOLEAN, Base.LINK, *_DAYS})
_GROUPED: Mapping[str, frozenset[Base]] = {"list": _GROUPS, "kanban": _LANES}
MOST_COUNTED = 1000


def looks_of(work: Work, name: str, view: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return what a view's groups and colours are, as the page shows them."""
    data = view_of(work, name, view)
    bases, by = bases_of(work, name), str(data.get("by") or "")
    good = _GROUPED.get(str(data.get("as") or "list"), frozenset())
    colors = data.get("colors")
    return {
        "groups": [(one, label) for one, label in labels.items() if bases.get(one) in good] if good else [],
        "by": by,
        "steps": STEPS if bases.get(by) in _DAYS and data.get("as", "list") == "list" else (),
        "per": str(data.get("per") or "month"),
        "colors": [
            _color(work, name, (view, color), one, labels)
            for color, one in (colors if isinstance(colors, dict) else {}).items()
            if isinstance(one, dict)
        ],
    }


def view_of(work: Work, name: str, view: str) -> dict[str, Any]:
    """Return what a view says, {} where there is none."""
    said = work.candidate.data(OBJECT, name).get("views")
    found = said.get(view) if isinstance(said, dict) else None
    return found if isinstance(found, dict) else {}


def _color(
    work: Work, name: str, at: tuple[str, str], said: dict[str, Any], labels: Mapping[str, str]
) -> dict[str, Any]:
    view, color = at
    when, fields = str(said.get("when") or ""), [str(one) for one in said.get("fields") or []]
    columns = [str(one) for one in view_of(work, name, view).get("columns") or []]
    return {
        "name": color,
        "color": str(said.get("color") or ""),
        "tint": tone(str(said.get("color") or "")).replace("tone-", "tint-", 1),
        "count": _count(work, name, when),
        "fields": [(one, labels.get(one, one), one in fields) for one in dict.fromkeys((*columns, *fields))],
        "whole": not fields,
        "when": builder(work, name, f"color-{view}-{color}", when)
        | {"faults": faults_at(work, name, f"views/{view}/colors/{color}/when")},
    }


def _count(work: Work, name: str, when: str) -> str:
    """Return on how many records a condition holds now; "" where what serves can't tell yet."""
    try:
        page = read_page(
            work.visit.context, Query(name, ("id",), filter=when, limit=1, count=True, counted=MOST_COUNTED + 1)
        )
    except Refusal:
        return ""
    return "" if page.count is None else f"{min(page.count, MOST_COUNTED)}{'+' if page.count > MOST_COUNTED else ''}"


def _by(work: Work, changes: Changes, name: str, form: Form) -> None:
    view, value = form.get("view", ""), form.get("value", "")
    data = view_of(work, name, view)
    if value and value not in bases_of(work, name):
        return
    if data.get("per") and bases_of(work, name).get(value) not in _DAYS:
        changes.remove(OBJECT, name, ("views", view, "per"))
    if value:
        changes.put(OBJECT, name, ("views", view, "by"), value)
    elif data.get("by"):
        changes.remove(OBJECT, name, ("views", view, "by"))


def _per(_work: Work, changes: Changes, name: str, form: Form) -> None:
    if form.get("value", "") in STEPS:
        changes.put(OBJECT, name, ("views", form.get("view", ""), "per"), form["value"])


def _color_add(work: Work, changes: Changes, name: str, form: Form) -> None:
    """Begin a colour with a condition that can be read and changed: that a record has a name."""
    view, color = form.get("view", ""), form.get("value", "")
    if color not in TONES:
        return
    known = view_of(work, name, view).get("colors") or {}
    entry = next(one for one in (color, *(f"{color}_{number}" for number in range(2, 99))) if one not in known)
    when = f"not ISBLANK({work.model.objects[name].title})"
    changes.put(OBJECT, name, ("views", view, "colors", entry), {"when": when, "color": color})


def _color_is(_work: Work, changes: Changes, name: str, form: Form) -> None:
    if form.get("value", "") in TONES:
        changes.put(OBJECT, name, (*_entry(form), "color"), form["value"])


def _color_when(work: Work, changes: Changes, name: str, form: Form) -> None:
    if text := posted(work, name, form):
        changes.put(OBJECT, name, (*_entry(form), "when"), text)


def _color_fields(work: Work, changes: Changes, name: str, form: Form) -> None:
    view, color = form.get("view", ""), form.get("color", "")
    said = (view_of(work, name, view).get("colors") or {}).get(color) or {}
    if fields := form.getlist("fields"):
        changes.put(OBJECT, name, (*_entry(form), "fields"), fields)
    elif said.get("fields"):
        changes.remove(OBJECT, name, (*_entry(form), "fields"))


def _color_remove(_work: Work, changes: Changes, name: str, form: Form) -> None:
    changes.remove(OBJECT, name, _entry(form))


def _entry(form: Form) -> tuple[str, ...]:
    return ("views", form.get("view", ""), "colors", form.get("color", ""))


LOOK_ACTS: Mapping[str, Make] = {
    "by": _by,
    "per": _per,
    "color_add": _color_add,
    "color_is": _color_is,
    "color_when": _color_when,
    "color_fields": _color_fields,
    "color_remove": _color_remove,
}
