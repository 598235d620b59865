"""The page of a dashboard: its frame with the filters out of the address, then each widget's part."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson

from engine.insight.boards import (
    answer_board,
    board_narrowing,
    board_objects,
    filter_label,
    find_board,
    widget_object,
)
from engine.insight.changes import marks_of
from engine.insight.narrowing import PERIOD
from engine.insight.titles import label_of
from engine.insight.widget import WidgetKind
from engine.screens.areas.boards.filters import read_controls
from engine.screens.areas.boards.layout import Size, arrange
from engine.screens.areas.maps.ground import ground_of
from engine.screens.cells import draw_rows
from engine.screens.columns import read_table
from engine.screens.html import Html
from engine.screens.texts import say
from metamodel.expressions.durations import parse_duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.insight.boards import Shown
    from engine.insight.narrowing import Narrowing
    from engine.screens.site import Visit
    from metamodel.definitions.insight import DashboardDef

FRESH = 2  # seconds between two looks whether anything has changed, unless the board says otherwise
LEAST, MOST = 1, 3600


@dataclass(frozen=True, slots=True)
class Asked:
    """A board with what an address narrows it to."""

    board: DashboardDef
    given: Mapping[str, str]
    narrowing: Narrowing

    def url(self, rest: str = "", **more: str) -> str:
        """Return the board's address, or that of one of its parts, narrowed the same way."""
        query = urlencode({**self.given, **more}, safe=",:-")
        return f"/d/{self.board.name}{rest}{'?' + query if query else ''}"


def ask(visit: Visit, name: str, given: Mapping[str, str]) -> Asked:
    """Return what an address asks for. Raises Refusal 404 for no board, 400 for a period or value that is none."""
    board = find_board(visit.context, name)
    kept = {key: value for key, value in given.items() if key in board.filters and value}
    return Asked(board, kept, board_narrowing(visit.context, board, kept))


def board_page(visit: Visit, name: str, given: Mapping[str, str], *, inline: bool = False) -> str:
    """Return the page. Its widgets come by themselves, or with ``inline`` (for browsers without script) right in it."""
    asked = ask(visit, name, given)
    board = asked.board
    kinds = {one: _kind(visit, board, one) for one in board.widgets}
    rows = arrange([Size(one, kind.width, kind.small) for one, kind in kinds.items()])
    drawn = _drawn(visit, asked, ()) if inline else {}
    frames = []
    for row in rows:
        names = [place.name for place in row.places]
        groups = [names] if row.band else [[one] for one in names]
        spans = {place.name: place.span for place in row.places}
        frames += [
            {
                "band": row.band,
                "span": 12 if row.band else spans[group[0]],
                "url": asked.url("/part", w=",".join(group)),
                "widgets": [
                    _frame(visit, board, one, kinds[one], spans[one]) | {"body": drawn.get(one)} for one in group
                ],
                "objects": " ".join(board_objects(visit.records, board, group)),
            }
            for group in groups
        ]
    return visit.page(
        "boards/board.html",
        here=f"/d/{board.name}",
        title=board.label(visit.language),
        frames=frames,
        drawn_by=sorted({kind.area for kind in kinds.values()} - {""}),
        inline=inline,
        now_url=asked.url(now="1"),
        state_url=asked.url("/state"),
        refresh=refresh_seconds(board),
        controls=read_controls(visit, asked.board, asked.narrowing, asked.given),
        clear_url=_cleared(board, asked.given),
    )


def _cleared(board: DashboardDef, given: Mapping[str, str]) -> str:
    """Return the address without any filter but the period; "" where there is none to take away."""
    period = {name: value for name, value in given.items() if name == PERIOD}
    return "" if period == dict(given) else address_of(board.name, period)


def _frame(visit: Visit, board: DashboardDef, name: str, kind: WidgetKind, span: int) -> dict[str, Any]:
    widget = board.widgets[name]
    return {"name": name, "kind": kind.name, "label": _label(visit, board, name), "span": span, "tall": widget.show}


def _label(visit: Visit, board: DashboardDef, name: str) -> str:
    return label_of(visit.context, board, board.widgets[name])


def _kind(visit: Visit, board: DashboardDef, name: str) -> WidgetKind:
    found = visit.records.kinds.widgets[board.widgets[name].show]
    assert isinstance(found, WidgetKind)  # noqa: S101 - the composition root gives these
    return found


def refresh_seconds(board: DashboardDef) -> float:
    """Return how often a board looks for changes."""
    duration = parse_duration(board.refresh) if board.refresh else None
    seconds = FRESH if duration is None else float(duration.days * 86400 + duration.seconds)
    return max(LEAST, min(MOST, seconds or FRESH))


def board_part(visit: Visit, name: str, given: Mapping[str, str], names: Sequence[str]) -> str:
    """Return the inner markup of some widgets, each in its frame."""
    asked = ask(visit, name, given)
    wanted = [one for one in names if one in asked.board.widgets]
    drawn = _drawn(visit, asked, wanted)
    kinds = {one: _kind(visit, asked.board, one) for one in wanted}
    spans = {
        place.name: place.span
        for row in arrange(
            [
                Size(one, _kind(visit, asked.board, one).width, _kind(visit, asked.board, one).small)
                for one in asked.board.widgets
            ]
        )
        for place in row.places
    }
    widgets = [_frame(visit, asked.board, one, kinds[one], spans[one]) | {"body": drawn[one]} for one in wanted]
    return visit.part("boards/part.html", widgets=widgets)


def _drawn(visit: Visit, asked: Asked, names: Sequence[str]) -> dict[str, Html]:
    """Return name → the body of a widget."""
    shown = answer_board(visit.context, asked.board, asked.narrowing, names)
    return {one.widget.name: _body(visit, asked, one) for one in shown}


def _body(visit: Visit, asked: Asked, shown: Shown) -> Html:
    if shown.refusal is not None:
        return Html(visit.part("boards/unseen.html", reason=shown.refusal.message(visit.language)))
    data = dict(shown.data or {})
    script = Html(orjson.dumps(data, default=str).decode().replace("<", "\\u003c")) if shown.kind.script else ""
    if shown.widget.show == "table":
        data |= _table(visit, data)
    missing = [filter_label(visit.records, asked.board, path, visit.language) for path in shown.missing]
    digest = blake2b(orjson.dumps(data, default=str), digest_size=8).hexdigest()
    return Html(
        visit.part(
            f"widgets/{shown.kind.template or shown.kind.name}.html",
            data=data,
            script=script,
            name=shown.widget.name,
            kind=shown.kind.name,
            label=shown.label,
            digest=digest,
            missing=missing,
            ground=ground_of(visit.site.config),
        )
    )


def _table(visit: Visit, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the records of a list as lists draw them."""
    compiled = visit.records.objects[data["object"]]
    table = read_table(visit, compiled, data["columns"], pick=False)
    return {
        "heads": [(one.label, one.numeric) for one in table.columns],
        "rows": draw_rows(data["items"], table.draw),
        "items": [],
        "marks": [(row["id"], row.get("version")) for row in data["items"]],
        "all": say("dash_all", visit.language, count=f"{data['count']:,}"),
    }


def board_state(visit: Visit, name: str) -> bytes:
    """Return object → a mark that changes when a record of it does, as JSON."""
    board = find_board(visit.context, name)
    objects = {widget_object(visit.records, widget) for widget in board.widgets.values()} - {""}
    return orjson.dumps(marks_of(visit.context, sorted(objects)))


def address_of(name: str, given: Mapping[str, str]) -> str:
    """Return the address of a board with filters."""
    query = urlencode({key: value for key, value in given.items() if value}, safe=",:-.")
    return f"/d/{name}{'?' + query if query else ''}"
