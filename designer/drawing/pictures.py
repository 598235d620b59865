"""Which kind is drawn how: each drawing is a template and its values, or nothing where a definition is not sound yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from designer.drawing.approval import draw_approval
from designer.drawing.automation import draw_automation
from designer.drawing.board import draw_dashboard, draw_metric
from designer.drawing.role import draw_choices, draw_role
from engine.screens.areas.processes.diagram import drawing_of
from engine.screens.html import Html

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from designer.work import Work

    Draw = Callable[[Work, str], tuple[str, dict[str, Any]] | None]


def picture(work: Work, kind: str, name: str) -> Html:
    """Return a definition's drawing as markup; what it says where there is none."""
    made = DRAWINGS[kind](work, name) if kind in DRAWINGS else None
    if made is None:
        return Html(work.visit.part("designer/drawings/none.html", drawable=kind in DRAWINGS, kind=kind))
    template, values = made
    return Html(work.visit.part(f"designer/drawings/{template}.html", **values))


def _process(work: Work, name: str) -> tuple[str, dict[str, Any]] | None:
    found = work.model.processes.get(name)
    if found is None:
        return None
    steps = [
        (state.label(work.visit.language), [step.label(work.visit.language) for step in state.steps.values()])
        for state in found.states.values()
        if state.steps
    ]
    return "process", {"drawing": drawing_of(work.shown, found, {}), "steps": steps}


DRAWINGS: Mapping[str, Draw] = {
    "process": _process,
    "approval": draw_approval,
    "automation": draw_automation,
    "metric": draw_metric,
    "dashboard": draw_dashboard,
    "role": draw_role,
    "choices": draw_choices,
}
