"""The cards of a board: drawn in Python like table rows, since there are many. Which cards there are is kanban.py's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.fields.base import Reference, called
from engine.processes.standing import stale_marks
from engine.processes.stays import present_stays
from engine.records.rights import Right
from engine.screens import html
from engine.screens.cells import LOCKED, drawing, is_numeric
from engine.screens.columns import find_field, listable, veiled
from engine.screens.dwell import show_dwell
from engine.screens.texts import say
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from engine.fields.base import Field, Value
    from engine.processes.compile import ProcessMachine
    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.site import Visit
    from metamodel.definitions.objects import ViewDef

Since = tuple["datetime", bool]  # in its state since then; whether that is too long


def since_of(visit: Visit, object_name: str, machine: ProcessMachine | None, ids: Sequence[int]) -> dict[int, Since]:
    """Return record → since when it is in its state, and whether that is too long: one statement, none where the board is no process."""
    if machine is None or not ids:
        return {}
    stays = present_stays(visit.context, object_name, machine.field, ids)
    marks = stale_marks(visit.context, machine, stays)
    states = machine.definition.states
    return {
        number: (since, marks[number])
        for number, (state, since) in stays.items()
        if state in states and not states[state].final
    }


def card_drawer(
    visit: Visit, compiled: CompiledObject, view: ViewDef, by: Field | None = None, *, movable: bool = False
) -> Callable[[Row, Since | None], str]:
    """Return what draws a record as a card, of its lane where there are lanes (``by``)."""
    language, assets = visit.language, visit.site.renderer.assets
    base, untitled = f"/o/{compiled.name}/", say("no_label", language)
    names = [name for name in view.card if name not in {compiled.title, compiled.owner}]
    pictures = [] if by is not None else [name for name in names if _is_picture(visit, compiled, name)][:1]
    covers = [(name, drawing(compiled.fields[name], visit.locale, assets, links=False)) for name in pictures]
    parts = card_parts(visit, compiled, [name for name in names if name not in pictures])
    owner = compiled.owner if compiled.owner in listable(visit, compiled) else ""
    stale = html.escaped(say("stage_stale", language))
    icon, move, empty = assets.icon("dots"), "\0", assets.icon("photo")
    before, after = (html.escaped(one) for one in say("lane_move", language, record=move).split(move))

    def draw_card(row: Row, since: Since | None) -> str:
        number, value = row["id"], row.get(compiled.title)
        label = html.escaped(called(value)) or untitled
        state = (row.get(by.name) if by is not None else None) or ""
        facts = "".join(
            f'<dt class="hush">{head}</dt><dd class="{css}">{shown}</dd>'
            for name, head, css, draw in parts
            if (shown := draw(row.get(name)))
        )
        lock = row.get(LOCKED, "")
        cover = "".join(f'<div class="deal-cover">{draw(row.get(name)) or empty}</div>' for name, draw in covers)
        button = (
            f'<button class="btn ghost deal-move" type="button" data-move aria-haspopup="menu" aria-label="{before}{label}{after}">{icon}</button>'
            if movable and not lock
            else ""
        )
        return (
            f'<li class="deal{" locked" if lock else ""}" data-id="{number}" data-version="{row.get("version", "")}" data-at="{html.escaped(str(state))}">{cover}'
            f'<a href="{base}{number}" draggable="false">{label}</a>{lock}{f"<dl>{facts}</dl>" if facts else ""}{_foot(visit, row.get(owner) if owner else None, since, stale)}{button}</li>'
        )

    return draw_card


def card_parts(
    visit: Visit, compiled: CompiledObject, names: Sequence[str]
) -> list[tuple[str, str, str, Callable[[Value], str]]]:
    """Return (name, label, class, what draws it) of the fields and paths that a view says of cards and the viewer may see."""
    parts = []
    for name in names:
        found = find_field(visit, compiled, name)
        if found is None:
            continue
        draw = drawing(found[0], visit.locale, visit.site.renderer.assets, links=False, brief=True)
        own = name in compiled.fields
        if own and visit.rights.field(compiled.name, name).least <= Right.MASKED:
            draw = veiled(draw)
        parts.append((name, html.escaped(found[1]), _css(found[0]), draw))
    return parts


def _css(field: Field) -> str:
    """Return how a value lies on a card: words have a line of their own, so that cards of short and of long names look alike."""
    if is_numeric(field):
        return "num"
    return "line" if field.type.base in {Base.TEXT, Base.LINK} else ""


def _is_picture(visit: Visit, compiled: CompiledObject, name: str) -> bool:
    found = find_field(visit, compiled, name) if name in compiled.fields else None
    return found is not None and found[0].kind.name == "image"


def _foot(visit: Visit, owner: object, since: Since | None, stale: str) -> str:
    """Return a card's last line: how long it has been there, and whose it is."""
    parts = []
    if since is not None:
        parts.append(f"<span>{html.escaped(show_dwell(visit.context.now - since[0], visit.language))}</span>")
        if since[1]:
            parts.append(f'<span class="badge tone-red">{stale}</span>')
    if isinstance(owner, Reference):
        parts.append(f'{html.avatar(owner.label, owner.id)}<span class="hush">{html.escaped(owner.label)}</span>')
    return f'<div class="deal-foot">{"".join(parts)}</div>' if parts else ""
