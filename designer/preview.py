"""The canvas: an object's form drawn by the engine's own form renderer on the draft's model, section by section, nothing left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from designer.fields import label_texts
from engine.screens.form_layout import Layout, Place, Section, Tab, place_of
from engine.screens.form_model import FormState, draw_tabs
from metamodel.text import Text

if TYPE_CHECKING:
    from designer.structure import Structure
    from designer.work import Work


@dataclass(frozen=True, slots=True)
class Item:
    """A field on the canvas: ``drawn`` as the form has it, None where the draft is at fault and it can't be drawn."""

    name: str
    label: str
    drawn: dict[str, Any] | None
    icon: str
    conditional: bool = False


def label_in(label: Any, language: str, fallback: str) -> str:
    """Return a label as written in a language, whatever its shape."""
    texts = label_texts(label)
    return texts.get(language) or next(iter(texts.values()), "") or fallback


def label_text(label: Any, fallback: str) -> Text:
    """Return a label in both languages, whatever its shape."""
    return Text(zh=label_in(label, "zh", fallback), en=label_in(label, "en", fallback))


def draw_form(work: Work, object_name: str, structure: Structure) -> list[dict[str, Any]]:
    """Return the tabs with their sections and items."""
    compiled = work.shown.records.objects.get(object_name)
    drawn: dict[str, dict[str, Any]] = {}
    if compiled is not None:
        layout = Layout(tuple(_tab(work, object_name, structure)), ())
        for tab in draw_tabs(work.shown, layout, FormState(compiled)):
            drawn |= {one["name"]: one for section in tab["sections"] for one in section["fields"]}
    language = work.visit.language
    return [
        {
            "name": tab.name,
            "label": label_in(tab.label, language, tab.name),
            "sections": [
                {
                    "name": section.name,
                    "label": label_in(section.label, language, ""),
                    "columns": section.columns,
                    "items": [item_of(work, object_name, name, drawn.get(name)) for name in section.fields],
                }
                for section in tab.sections
            ],
        }
        for tab in structure.tabs
    ]


def _tab(work: Work, object_name: str, structure: Structure) -> list[Tab]:
    """Return the form as the renderer takes it: each field once, those that have a place of their own."""
    compiled = work.shown.records.objects[object_name]
    seen: set[str] = set()

    def places(names: list[str]) -> tuple[Place, ...]:
        found = []
        for name in names:
            place = place_of(work.shown, compiled, name, creating=False)
            if place is not None and name not in seen:
                seen.add(name)
                found.append(place)
        return tuple(found)

    return [
        Tab(tab.name, "", tuple(Section(one.name, "", one.columns, places(one.fields)) for one in tab.sections))
        for tab in structure.tabs
    ]


def item_of(work: Work, object_name: str, name: str, drawn: dict[str, Any] | None) -> Item:
    """Return a field on the canvas, or beside it."""
    data = work.candidate.data("object", object_name)
    fields = data.get("fields") if isinstance(data.get("fields"), dict) else {}
    said = fields.get(name) if isinstance(fields, dict) else None
    said = said if isinstance(said, dict) else {}
    kind: Any = work.candidate.kinds.fields.get(str(said.get("type", "")))
    language = work.visit.language
    definition = work.model.objects.get(object_name)
    known = definition.fields.get(name) if definition else None
    label = known.label(language) if known else label_in(said.get("label"), language, name)
    conditional = isinstance(data.get("visible_when"), dict) and name in data["visible_when"]
    return Item(name, label, drawn, kind.icon if kind else "alert-circle", conditional)
