"""The object designer's page: palette, canvas, property panel and what is wrong, as its templates draw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from designer.palette import GROUPS, offers
from designer.panel import panel_of
from designer.preview import draw_form, item_of, label_in
from designer.problems import problems
from designer.structure import read_structure
from engine.refusals import Refusal
from engine.screens.texts import TEXTS

if TYPE_CHECKING:
    from designer.work import Work


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody is on the page: the field they have selected, the tab they look at, whether they see it as on a phone, and whether
    the label is to be typed at once."""

    field: str = ""
    tab: str = ""
    phone: bool = False
    typing: bool = False


def bar(work: Work) -> dict[str, Any]:
    """Return what the designer's bar shows on all its pages: saved, undo, redo, faults, publish."""
    draft, language = work.draft, work.visit.language
    last = draft.past[-1] if draft.past else None
    return {
        "rev": draft.rev,
        "changed": work.changed,
        "edits": len(draft.past),
        "undo": last.words(language) if last else "",
        "redo": draft.future[-1].words(language) if draft.future else "",
        "who": last.name if last else "",
        "when": last.at if last else "",
        "faults": len(work.candidate.faults),
        "conflicts": len(draft.theirs),
    }


def bench(work: Work, object_name: str, standing: Standing) -> dict[str, Any]:
    """Return the values of the designer's page of an object. Raises Refusal 404 where there is none."""
    data = work.candidate.data("object", object_name)
    if not data:
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    language = work.visit.language
    structure = read_structure(work.candidate, object_name)
    tabs = draw_form(work, object_name, structure)
    fields = data.get("fields") if isinstance(data.get("fields"), dict) else {}
    placed = structure.placed()
    chosen = standing.field if standing.field in (fields or {}) else ""
    at = structure.place(chosen) if chosen else None
    names = [tab["name"] for tab in tabs]
    tab = at[0].name if at else standing.tab if standing.tab in names else names[0] if names else ""
    label = label_in(data.get("label"), language, object_name)
    return {
        "object": object_name,
        "label": label,
        "tabs": tabs,
        "tab": tab,
        "phone": standing.phone,
        "typing": standing.typing,
        "beside": [item_of(work, object_name, name, None) for name in fields or {} if name not in placed],
        "palette": [
            {"label": GROUPS[group](language), "offers": listed} for group, listed in offers(work, object_name).items()
        ],
        "panel": panel_of(work, object_name, chosen) if chosen else None,
        "place": {"tab": at[0].name, "section": at[1].name} if at else None,
        "problems": problems(work, work.candidate.faults),
        "bar": bar(work),
    }
