"""A view as a board: a lane for each state or choice with its cards, counts and sums; what a drop comes to is told to the script as data.
Moving a card is a transition (areas/processes) or a change of the field (cell.py): nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.fields.money import symbol
from engine.processes.standing import machines_seen
from engine.processes.transitions import may_take
from engine.records.measure import Measure, Split, measure
from engine.records.query import Query, read_page, read_totals
from engine.refusals import Refusal
from engine.screens.cells import is_money
from engine.screens.columns import editable_in_place, find_field, listable
from engine.screens.html import Html, tone
from engine.screens.kanban_cards import card_drawer, since_of
from engine.screens.lists import ask, frame_of
from engine.screens.locks import mark_locked
from engine.screens.texts import TEXTS, say
from engine.screens.totals import figure
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.fields.base import Field
    from engine.processes.compile import ProcessMachine
    from engine.screens.address import ListAddress
    from engine.screens.lists import Asked
    from engine.screens.site import Visit
    from metamodel.definitions.objects import ViewDef

CARDS = 20  # of a lane at a time
LARGE = 1_000_000  # sums from here on are shown in round figures
UNSET = "-"  # the lane of records without a value, in addresses


@dataclass(frozen=True, slots=True)
class Lane:
    """A column of a board. ``value`` "" stands for records without one."""

    value: str
    label: str
    tone: str

    @property
    def key(self) -> str:
        """Return what names the lane in addresses and markup."""
        return self.value or UNSET


@dataclass(frozen=True, slots=True)
class Board:
    """A board with all that follows from its view. ``machine``: the process whose states the lanes are, None where they are choices."""

    asked: Asked
    view: ViewDef
    field: Field
    lanes: tuple[Lane, ...]
    machine: ProcessMachine | None
    sums: tuple[str, ...]

    def within(self, lane: Lane) -> str:
        """Return the filter of a lane, together with what is narrowed by."""
        own = f'{self.field.name} = "{lane.value}"' if lane.value else f"ISBLANK({self.field.name})"
        return f"({self.asked.filters.expression}) and {own}" if self.asked.filters.expression else own


def board_of(visit: Visit, address: ListAddress) -> Board:
    """Return the board at an address. Raises Refusal 404 where the view is no board, or its field is not for the viewer."""
    asked = ask(visit, address)
    view = asked.view
    field = listable(visit, asked.compiled).get(view.by) if view is not None and view.kind == "kanban" else None
    if view is None or field is None or not field.choices:
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    machines = machines_seen(visit.context, asked.compiled.name)
    lanes = [
        Lane(name, one.label(visit.language), tone(one.color)) for name, one in field.choices.items() if not one.retired
    ]
    if not field.definition.required and not field.kind.moved:
        lanes.insert(0, Lane("", say("lane_unset", visit.language), "tone-gray"))
    totals = [name for name, kind in view.totals.items() if kind == "sum"]
    first = next((name for name in view.card if _is_amount(visit, asked, name)), "")
    sums = [name for name in (totals or [first]) if name and find_field(visit, asked.compiled, name)]
    machine = next((one for one in machines if one.field == field.name), None)
    return Board(asked, view, field, tuple(lanes), machine, tuple(sums[:1]))


def board_page(visit: Visit, address: ListAddress, *, part: bool = False) -> str:
    """Return a board as a page, or its body alone (``part``) for a swap."""
    board = board_of(visit, address)
    asked, name = board.asked, board.asked.compiled.name
    notes = list(asked.filters.notes)
    lanes: list[dict[str, Any]] = []
    try:
        figures = _figures(visit, board)
        found = {lane: _read(visit, board, lane, "") for lane in board.lanes}
        drawn = _draw(visit, board, [row for rows, _ in found.values() for row in rows])
        lanes = [
            _lane(visit, lane, figures.get(lane.value, ("0", "")))
            | {
                "cards": Html("".join(drawn[row["id"]] for row in found[lane][0])),
                "more": _more_url(board, lane, found[lane][1]),
            }
            for lane in board.lanes
        ]
    except Refusal as refusal:
        if refusal.status != 400:
            raise
        notes.append(refusal.message(visit.language))
        lanes = [_lane(visit, lane, ("0", "")) | {"cards": Html(), "more": ""} for lane in board.lanes]
    values = frame_of(visit, asked, notes) | {
        "lanes": lanes,
        "plan": _plan(visit, board),
        "choosable": "",
        "by": board.field.name,
    }
    body = visit.part("kanban_body.html", **values)
    return body if part else visit.page("list.html", here=f"/o/{name}", body=Html(body), **values)


def lane_part(visit: Visit, address: ListAddress, key: str) -> str:
    """Return more cards of one lane, from the address's cursor on."""
    board = board_of(visit, address)
    lane = _lane_at(board, key)
    rows, following = _read(visit, board, lane, address.after)
    drawn = _draw(visit, board, rows)
    cards = Html("".join(drawn[row["id"]] for row in rows))
    return visit.part("kanban_lane.html", lane={"cards": cards, "more": _more_url(board, lane, following)})


def lane_figures(visit: Visit, address: ListAddress) -> dict[str, tuple[str, str]]:
    """Return lane → count and sum as shown: what a move changes beside the card."""
    board = board_of(visit, address)
    figures = _figures(visit, board)
    return {lane.key: figures.get(lane.value, ("0", "")) for lane in board.lanes}


def _lane_at(board: Board, key: str) -> Lane:
    found = next((lane for lane in board.lanes if lane.key == key), None)
    if found is None:
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    return found


def _is_amount(visit: Visit, asked: Asked, name: str) -> bool:
    found = find_field(visit, asked.compiled, name)
    return found is not None and found[0].type.base is Base.NUMBER and found[0].kind.control == "money"


def _read(visit: Visit, board: Board, lane: Lane, after: str) -> tuple[list[Any], str]:
    asked = board.asked
    query = asked.query(fields=_fields(visit, board), sort=asked.sort, limit=CARDS, after=after)
    page = read_page(visit.context, _narrowed(query, board.within(lane)))
    return list(page.items), page.next or ""


def _narrowed(query: Query, expression: str) -> Query:
    return replace(query, filter=expression)


def _fields(visit: Visit, board: Board) -> tuple[str, ...]:
    compiled = board.asked.compiled
    shown = [name for name in board.view.card if find_field(visit, compiled, name)]
    owner = [compiled.owner] if compiled.owner and compiled.owner in listable(visit, compiled) else []
    return tuple(dict.fromkeys(("id", compiled.title, board.field.name, *shown, *owner)))


def _draw(visit: Visit, board: Board, rows: list[Any]) -> dict[int, str]:
    """Return the cards of records by id: those of all lanes at once, since one statement says how long they have been there, and one
    which of them are locked."""
    mark_locked(visit, board.asked.compiled, rows)
    since = since_of(visit, board.asked.compiled.name, board.machine, [row["id"] for row in rows])
    draw = card_drawer(visit, board.asked.compiled, board.view, board.field, movable=_is_movable(visit, board))
    return {row["id"]: draw(row, since.get(row["id"])) for row in rows}


def _is_movable(visit: Visit, board: Board) -> bool:
    if board.machine is not None:
        return visit.rights.grants(board.asked.compiled.name, "update")
    return (
        not board.field.kind.moved
        and visit.rights.grants(board.asked.compiled.name, "update")
        and editable_in_place(visit.rights, board.asked.compiled, board.field.name)
    )


def _figures(visit: Visit, board: Board) -> dict[str, tuple[str, str]]:
    """Return value → count and sum as shown: one statement, or where words are searched for one a lane."""
    asked = board.asked
    if asked.address.search or asked.address.binned:
        return {lane.value: _searched(visit, board, lane) for lane in board.lanes}
    own = (asked.view.filter.text,) if asked.view is not None and asked.view.filter is not None else ()
    filters = (asked.filters.expression,) if asked.filters.expression else ()
    measures = ("COUNT(rows)", *(f"SUM(rows.{name})" for name in board.sums))
    question = Measure(asked.compiled.name, measures, splits=(Split(board.field.name),), own=own, filters=filters)
    found = {}
    for keys, values in measure(visit.context, question).groups:
        found[str(keys[0] or "")] = _said(visit, board, int(values[0] or 0), values[1] if board.sums else None)
    return found


def _searched(visit: Visit, board: Board, lane: Lane) -> tuple[str, str]:
    totals = dict.fromkeys(board.sums, "sum")
    query = board.asked.query(fields=("id",), count=True, totals=totals)
    page = read_totals(visit.context, _narrowed(query, board.within(lane)))
    return _said(visit, board, page.count or 0, page.totals.get(board.sums[0]) if board.sums else None)


def _said(visit: Visit, board: Board, count: int, total: Any) -> tuple[str, str]:
    if not board.sums or not total:
        return f"{count:,}", ""
    found = find_field(visit, board.asked.compiled, board.sums[0])
    assert found is not None  # noqa: S101 - it was looked for when the board was made
    if abs(total) >= LARGE:  # a lane's head is narrow
        size, sign = (total / 10000, "万") if visit.language == "zh" else (total / 1_000_000, "M")
        return (
            f"{count:,}",
            f"{symbol(found[0]).strip() if is_money(found[0]) else ''}{size:,.{0 if sign == '万' else 2}f}{sign}",
        )
    return f"{count:,}", figure(found[0], "sum", total) or ""


def _lane(visit: Visit, lane: Lane, figures: tuple[str, str]) -> dict[str, Any]:
    return {
        "key": lane.key,
        "label": lane.label,
        "tone": lane.tone,
        "said": say("lane_column", visit.language, state=lane.label),
        "count": figures[0],
        "sum": figures[1],
    }


def _more_url(board: Board, lane: Lane, following: str) -> str:
    if not following:
        return ""
    name = board.asked.compiled.name
    return board.asked.address.url(after=following).replace(f"/o/{name}", f"/o/{name}/board/{lane.key}", 1)


def _plan(visit: Visit, board: Board) -> Mapping[str, Any]:
    """Return what the script needs to know: where cards of each lane may go, and how."""
    name = board.asked.compiled.name
    address = board.asked.address
    figures = address.url().replace(f"/o/{name}", f"/o/{name}/board", 1)
    plan: dict[str, Any] = {"object": name, "field": board.field.name, "figures": figures, "moves": {}, "ways": {}}
    plan["labels"] = {lane.key: lane.label for lane in board.lanes}
    if not _is_movable(visit, board):
        return plan
    if board.machine is None:
        keys = [lane.key for lane in board.lanes]
        plan["moves"] = {key: {other: [] for other in keys if other != key} for key in keys}
        return plan
    process = board.machine.definition
    ways = {one.name: one for one in process.transitions.values() if may_take(visit.context, one)}
    plan["ways"] = {
        one.name: {
            "label": one.label(visit.language),
            "asks": bool(one.ask or one.requires or one.reason == "required"),
            "choose": bool(one.choose),
        }
        for one in ways.values()
    }
    for state in process.states:
        targets = {
            target: [one for one in names if one in ways] for target, names in board.machine.moves_from(state).items()
        }
        plan["moves"][state] = {target: names for target, names in targets.items() if names}
    return plan
