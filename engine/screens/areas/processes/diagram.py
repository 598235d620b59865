"""A process drawn: its states with how many records stand there and how long they stay, its transitions, and the same as tables. What the
figures are over is the viewer's own right to read."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.processes.compile import Processes
from engine.processes.figures import StateFigures, state_figures
from engine.processes.standing import machines_seen
from engine.records.rights import Right
from engine.refusals import Refusal
from engine.screens.areas.processes.layout import HEIGHT, WIDTH, lay_out
from engine.screens.dwell import show_dwell
from engine.screens.html import tone
from engine.screens.texts import TEXTS, say
from metamodel.definitions.processes import OPEN
from metamodel.expressions.durations import parse_duration

if TYPE_CHECKING:
    from engine.processes.compile import ProcessMachine
    from engine.screens.areas.processes.layout import Edge
    from engine.screens.site import Visit
    from metamodel.definitions.processes import ProcessDef, TransitionDef

EVERY_WAY = "any"


def all_page(visit: Visit) -> str:
    """Return the list of processes that the viewer may look at."""
    machines = [one for one in visit.context.runtime.part(Processes).machines.values() if _is_seen(visit, one)]
    language, objects = visit.language, visit.records.objects
    entries = [
        {
            "url": f"/processes/{one.definition.name}",
            "label": one.definition.label(language),
            "object": objects[one.object].definition.label(language),
            "icon": objects[one.object].definition.icon,
            "states": [
                {"label": state.label(language), "color": state.color} for state in one.definition.states.values()
            ],
        }
        for one in machines
    ]
    return visit.page("processes/all.html", here="/processes", entries=entries)


def process_page(visit: Visit, name: str) -> str:
    """Return the page of one process. Raises Refusal 404 where the viewer may not know of it."""
    machine = visit.context.runtime.part(Processes).machines.get(name)
    if machine is None or not _is_seen(visit, machine):
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    process, language, figures = machine.definition, visit.language, state_figures(visit.context, machine)
    compiled = visit.records.objects[machine.object]
    return visit.page(
        "processes/process.html",
        here=f"/o/{machine.object}",
        object=machine.object,
        plural=(compiled.definition.plural or compiled.definition.label)(language),
        label=process.label(language),
        drawing=drawing_of(visit, process, figures),
        states=[_state(visit, process, one, figures.get(one, StateFigures())) for one in process.states],
        transitions=[_transition(visit, process, one) for one in process.transitions.values()],
        list_url=f"/o/{machine.object}?{machine.field}.in=",
    )


def drawing_of(visit: Visit, process: ProcessDef, figures: dict[str, StateFigures]) -> dict[str, Any]:
    """Return the drawing with its texts; without figures where there are none (a draft in the designer)."""
    laid, language = lay_out(process), visit.language
    return {
        "width": laid.width,
        "height": laid.height,
        "node_width": WIDTH,
        "node_height": HEIGHT,
        "nodes": [
            {
                "x": one.x,
                "y": one.y,
                **_state(visit, process, one.name, figures.get(one.name, StateFigures())),
            }
            for one in laid.nodes
        ],
        "edges": [
            {
                "path": one.path,
                "x": one.x,
                "y": one.y,
                "kind": one.kind,
                "label": process.transitions[one.transition].label(language),
            }
            for one in laid.edges
        ],
        "ways": _ways(visit, process, laid.edges),
        "apart": [process.transitions[one].label(language) for one in laid.apart],
    }


def _ways(visit: Visit, process: ProcessDef, edges: tuple[Edge, ...]) -> dict[str, list[dict[str, str]]]:
    """Return the ways that leave each state, in words: what a narrow screen shows in place of curves. Those from every open state are
    under no state's name."""
    ways: dict[str, list[dict[str, str]]] = {}
    for one in edges:
        ways.setdefault(one.source, []).append(
            {
                "kind": one.kind,
                "label": process.transitions[one.transition].label(visit.language),
                "to": process.states[one.target].label(visit.language),
            }
        )
    return ways


def _is_seen(visit: Visit, machine: ProcessMachine) -> bool:
    return visit.rights.grants(machine.object, "read") and machine in machines_seen(visit.context, machine.object)


def _state(visit: Visit, process: ProcessDef, name: str, figures: StateFigures) -> dict[str, Any]:
    language, state = visit.language, process.states[name]
    return {
        "name": name,
        "label": state.label(language),
        "color": state.color,
        "tone": tone(state.color),
        "start": name == process.start,
        "final": bool(state.final),
        "present": f"{figures.present:,}",
        "count": say("process_count", language, count=f"{figures.present:,}"),
        "dwell": show_dwell(figures.median, language) if figures.median is not None and not state.final else "",
        "conversion": f"{state.conversion:.0%}" if state.conversion is not None else "",
        "limit": _span(state.stale_after, language),
        "deliverable": state.deliverable(language),
    }


def _span(text: str, language: str) -> str:
    """Return a duration of a definition in words where it is whole days or hours, else as it is written."""
    span = parse_duration(text) if text else None
    if span is None or span.months or span.workdays:
        return text
    return show_dwell(timedelta(days=span.days, seconds=float(span.seconds)), language)


def _transition(visit: Visit, process: ProcessDef, one: TransitionDef) -> dict[str, Any]:
    language, fields = visit.language, visit.records.objects[process.object].fields
    roles = visit.records.model.roles
    asks = [
        fields[name].label(language)
        for name in dict.fromkeys((*one.requires, *one.ask))
        if name in fields and visit.rights.field(process.object, name).most > Right.HIDDEN
    ]
    asks += [say("move_reason", language)] if one.reason == "required" else []
    anywhere = OPEN in one.sources
    return {
        "label": one.label(language),
        "from": say("process_any_open", language)
        if anywhere
        else say("list_joined", language).join(
            process.states[name].label(language) for name in process.sources_of(one)
        ),
        "to": say("process_any_open", language) if one.to == OPEN else process.states[one.to].label(language),
        "who": say("list_joined", language).join(roles[name].label(language) for name in one.roles if name in roles)
        or say("process_anyone", language),
        "asks": say("list_joined", language).join(asks),
    }
