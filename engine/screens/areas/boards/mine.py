"""My numbers on the first page: the single figures of the first board that is meant for one of the viewer's roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.insight.boards import visible_boards

if TYPE_CHECKING:
    from engine.screens.site import Visit

MOST = 4
NUMBER = "number"


def my_numbers(visit: Visit) -> dict[str, str] | None:
    """Return the board's label and address, and that of its figures; None where no board is meant for the viewer in particular."""
    actor = visit.context.actor
    for name, board in visible_boards(visit.records, visit.rights, actor).items():
        if actor.roles & set(board.roles):
            figures = [one for one, widget in board.widgets.items() if widget.show == NUMBER][:MOST]
            if figures:
                part = f"/d/{name}/part?w={','.join(figures)}"
                return {"label": board.label(visit.language), "url": f"/d/{name}", "part": part}
    return None
