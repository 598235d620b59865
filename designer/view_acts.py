"""Views in the designer: their columns, filter, order and totals. Groups and colours are view_looks.py's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from designer.builder import bases_of, builder, posted
from designer.fields import OBJECT, label_texts
from designer.names import name_from
from designer.panel import faults_at
from designer.preview import label_in
from designer.view_looks import LOOK_ACTS, looks_of, view_of
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug.datastructures import MultiDict

    from designer.changes import Changes
    from designer.work import Work

    Form = MultiDict[str, str]
    Make = Callable[[Work, Changes, str, Form], None]
TOTALS = ("sum", "avg", "min", "max", "count")


def views_of(work: Work, name: str) -> list[dict[str, Any]]:
    """Return an object's views as the page shows them."""
    said = work.candidate.data(OBJECT, name).get("views")
    language = work.visit.language
    labels = _labels(work, name)
    numeric = [field for field, base in bases_of(work, name).items() if base is Base.NUMBER]
    found = []
    for view, data in (said or {}).items() if isinstance(said, dict) else ():
        part = "card" if data.get("as") in {"kanban", "calendar", "cards", "map"} else "columns"
        columns = [str(one) for one in data.get(part) or []]
        totals = data.get("totals") or {}
        found.append(
            {
                "name": view,
                "label": label_in(data.get("label"), language, view),
                "kind": str(data.get("as") or "list"),
                "part": part,
                "columns": [(one, labels.get(one, one)) for one in columns],
                "others": [(one, label) for one, label in labels.items() if one not in columns],
                "filter": builder(work, name, f"filter-{view}", str(data.get("filter") or ""))
                | {"faults": faults_at(work, name, f"views/{view}/filter")},
                "sort": [
                    (str(one), labels.get(str(one).lstrip("-"), str(one)), str(one).startswith("-"))
                    for one in data.get("sort") or []
                ],
                "sortable": list(labels.items()),
                "totals": [(one, labels[one], str(totals.get(one) or "")) for one in numeric if one in labels],
                "faults": faults_at(work, name, f"views/{view}"),
            }
            | looks_of(work, name, view, labels)
        )
    return found


def _labels(work: Work, name: str) -> dict[str, str]:
    """Return the fields that a list can show, by what they are called; links' own names, and the system's moments."""
    definition = work.model.objects.get(name)
    language = work.visit.language
    if definition is None:
        return {}
    kinds: Any = work.candidate.kinds.fields
    own = {key: one.label(language) for key, one in definition.fields.items() if kinds[one.type].one_line}
    system = work.shown.records.objects[name].system
    return own | {
        key: system[key].label(language) for key in ("created_at", "updated_at", "created_by") if key in system
    }


def _list(work: Work, name: str, view: str, part: str) -> list[str]:
    return [str(one) for one in view_of(work, name, view).get(part) or []]


def _put(changes: Changes, name: str, view: str, part: str, value: Any) -> None:
    path = ("views", view, part)
    if value:
        changes.put(OBJECT, name, path, value)
    else:
        changes.remove(OBJECT, name, path)


def _new(work: Work, changes: Changes, name: str, form: Form) -> None:
    label = form.get("value", "").strip()
    if not label:
        return
    said = work.candidate.data(OBJECT, name).get("views") or {}
    view = name_from(label, said, "view")
    first: dict[str, Any] = next(iter(said.values()), {}) if isinstance(said, dict) else {}
    columns = [str(one) for one in first.get("columns") or []] or [str(work.model.objects[name].title)]
    changes.put(OBJECT, name, ("views", view), {"label": {work.visit.language: label}, "columns": columns})


def _label(work: Work, changes: Changes, name: str, form: Form) -> None:
    view = form.get("view", "")
    texts = {
        **label_texts(view_of(work, name, view).get("label")),
        work.visit.language: form.get("value", "").strip(),
    }
    _put(changes, name, view, "label", {key: one for key, one in texts.items() if one})


def _add_to(part: str) -> Make:
    def make(work: Work, changes: Changes, name: str, form: Form) -> None:
        view, value = form.get("view", ""), form.get("value", "")
        listed = _list(work, name, view, part)
        if value and value not in listed:
            _put(changes, name, view, part, [*listed, value])

    return make


def _remove_from(part: str) -> Make:
    def make(work: Work, changes: Changes, name: str, form: Form) -> None:
        view, value = form.get("view", ""), form.get("value", "")
        _put(changes, name, view, part, [one for one in _list(work, name, view, part) if one != value])

    return make


def _move_in(part: str) -> Make:
    def make(work: Work, changes: Changes, name: str, form: Form) -> None:
        view, value = form.get("view", ""), form.get("value", "")
        listed = _list(work, name, view, part)
        at = listed.index(value) + (-1 if form.get("by") == "-1" else 1) if value in listed else -1
        if 0 <= at < len(listed):
            listed.remove(value)
            listed.insert(at, value)
            _put(changes, name, view, part, listed)

    return make


def _turn(work: Work, changes: Changes, name: str, form: Form) -> None:
    """Turn a sort key's direction."""
    view, value = form.get("view", ""), form.get("value", "")
    other = value.lstrip("-") if value.startswith("-") else f"-{value}"
    _put(changes, name, view, "sort", [other if one == value else one for one in _list(work, name, view, "sort")])


def _total(work: Work, changes: Changes, name: str, form: Form) -> None:
    view, field, value = form.get("view", ""), form.get("field", ""), form.get("value", "")
    if value in TOTALS:
        changes.put(OBJECT, name, ("views", view, "totals", field), value)
    elif field in (view_of(work, name, view).get("totals") or {}):
        changes.remove(OBJECT, name, ("views", view, "totals", field))


def _filter(work: Work, changes: Changes, name: str, form: Form) -> None:
    _put(changes, name, form.get("view", ""), "filter", posted(work, name, form))


def _remove(_work: Work, changes: Changes, name: str, form: Form) -> None:
    changes.remove(OBJECT, name, ("views", form.get("view", "")))


VIEW_ACTS: Mapping[str, Make] = {
    "new": _new,
    "label": _label,
    "remove": _remove,
    **{f"{part}_add": _add_to(part) for part in ("columns", "card")},
    **{f"{part}_remove": _remove_from(part) for part in ("columns", "card")},
    **{f"{part}_move": _move_in(part) for part in ("columns", "card")},
    "sort_add": _add_to("sort"),
    "sort_remove": _remove_from("sort"),
    "sort_turn": _turn,
    "total": _total,
    "condition": _filter,
    **LOOK_ACTS,
}
