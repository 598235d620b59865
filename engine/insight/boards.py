"""Dashboards answered: all that its widgets ask is gathered, measured with as few statements as may be, and handed back to each for its
data. What one widget may not show leaves the others as they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.insight.asks import ListAsk, MetricAsk, PlacesAsk, StaysAsk, Unseen
from engine.insight.compile import Insight, label_at
from engine.insight.figures import measure_metrics, today_of
from engine.insight.lists import read_list
from engine.insight.narrowing import PERIOD, Narrowing, read_narrowing, seen_field
from engine.insight.places import read_places
from engine.insight.stays import read_stays
from engine.insight.titles import kind_of, label_of
from engine.insight.widget import Asking, Drawing, WidgetKind
from engine.records.compile import Records
from engine.records.kept import one_moment
from engine.records.rights import everything, rights_of
from engine.refusals import Refusal
from metamodel.faults import near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.context import Actor, Context
    from engine.insight.asks import Answer, Ask
    from engine.records.rights import Rights
    from metamodel.definitions.insight import DashboardDef, WidgetDef

DEFAULT_PERIOD = "this_quarter"


@dataclass(frozen=True, slots=True)
class Shown:
    """A widget answered: its data, or why it has none. ``missing``: what the board is narrowed to and this widget knows nothing of."""

    widget: WidgetDef
    kind: WidgetKind
    label: str
    data: Mapping[str, Any] | None
    refusal: Refusal | None = None
    missing: tuple[str, ...] = ()


def find_board(context: Context, name: str) -> DashboardDef:
    """Return a dashboard. Raises Refusal 404 for one that is not there, or has nothing for this viewer."""
    records = context.runtime.part(Records)
    boards = visible_boards(records, rights_of(records, context.actor), context.actor)
    if name in boards:
        return boards[name]
    hint = near_miss(name, boards)
    said = Text(
        zh=f"没有看板 {name[:60]}，或您无权查看。{hint.zh}",
        en=f"There is no dashboard {name[:60]} for you. {hint.en}".rstrip(),
    )
    raise Refusal(404, "UNKNOWN_DASHBOARD", said)


def visible_boards(records: Records, rights: Rights, actor: Actor) -> Mapping[str, DashboardDef]:
    """Return the dashboards of a viewer: those for one of their roles, and with something on them that they may see."""
    key = ("boards", rights.roles, rights.full, actor.roles)
    return records.memory.get(key, lambda: _visible(records, rights, actor))


def _visible(records: Records, rights: Rights, actor: Actor) -> Mapping[str, DashboardDef]:
    found = {}
    for name, board in records.model.dashboards.items():
        for_them = not board.roles or everything(actor) or actor.roles & set(board.roles)
        objects = board_objects(records, board)
        if for_them and (not objects or any(rights.grants(one, "read") for one in objects)):
            seen = (path for path in board.filters if _seen(rights, objects, path))
            found[name] = replace(board, filters=tuple(seen))
    return found


def _seen(rights: Rights, objects: Sequence[str], path: str) -> bool:
    """Whether a board can be narrowed by a path for this viewer: something on it has that, as far as they may see."""
    return path == PERIOD or any(seen_field(rights, about, path) for about in objects)


def board_objects(records: Records, board: DashboardDef, names: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the objects that a board, or some of its widgets, look at."""
    found: dict[str, None] = {}
    for name, widget in board.widgets.items():
        if not names or name in names:
            about = widget_object(records, widget)
            found.update({about: None} if about else {})
    return tuple(found)


def widget_object(records: Records, widget: WidgetDef) -> str:
    """Return the object that a widget is about, "" for none."""
    options, model = widget.options, records.model
    if options.get("process") in model.processes:
        return model.processes[str(options["process"])].object
    if options.get("metric") in model.metrics:
        return model.metrics[str(options["metric"])].object
    return str(options.get("view") or "").partition(".")[0]


def board_narrowing(context: Context, board: DashboardDef, given: Mapping[str, str]) -> Narrowing:
    """Return what an address narrows a board to; a board that knows periods shows the present quarter unless another one, or ``all``, is
    asked for. Raises Refusal 400."""
    given = dict(given)
    if PERIOD in board.filters:
        given[PERIOD] = given.get(PERIOD, "").strip() or DEFAULT_PERIOD
        if given[PERIOD] == "all":
            del given[PERIOD]
    return read_narrowing(given, board.filters, today_of(context))


def answer_board(context: Context, board: DashboardDef, narrowing: Narrowing, names: Sequence[str] = ()) -> list[Shown]:
    """Return the widgets of a board, or those of ``names``, answered within the viewer's rights."""
    insight, today = context.runtime.part(Insight), today_of(context)
    chosen = [widget for name, widget in board.widgets.items() if not names or name in names]
    askings = [Asking(widget, insight, narrowing, today) for widget in chosen]
    plans = [list(kind_of(insight, widget).plan(asking)) for widget, asking in zip(chosen, askings, strict=True)]
    with one_moment(context.connection):
        answers = answer_all(context, [ask for plan in plans for ask in plan])
    shown, begin = [], 0
    for asking, plan in zip(askings, plans, strict=True):
        own = answers[begin : begin + len(plan)]
        begin += len(plan)
        shown.append(_shown(context, board, asking, plan, own))
    return shown


def _shown(
    context: Context, board: DashboardDef, asking: Asking, plan: Sequence[Ask], answers: Sequence[Answer]
) -> Shown:
    widget, kind = asking.widget, kind_of(asking.insight, asking.widget)
    label = label_of(context, board, widget)
    refused = next((one.refusal for one in answers if isinstance(one, Unseen)), None)
    if refused is not None:
        return Shown(widget, kind, label, None, refused)
    try:
        data = kind.data(Drawing(asking, context, plan, answers))
    except Refusal as refusal:
        return Shown(widget, kind, label, None, refusal)
    missing = tuple(dict.fromkeys(path for one in answers if not isinstance(one, Unseen) for path in one.missing))
    return Shown(widget, kind, label, data, None, missing)


def answer_all(context: Context, asks: Sequence[Ask]) -> list[Answer]:
    """Return the answers in order: metrics together, the others one by one."""
    metrics = [ask for ask in asks if isinstance(ask, MetricAsk)]
    measured = iter(measure_metrics(context, metrics))
    found: list[Answer] = []
    for ask in asks:
        try:
            if isinstance(ask, MetricAsk):
                one = next(measured)
                found.append(Unseen(one) if isinstance(one, Refusal) else one)
            elif isinstance(ask, StaysAsk):
                found.append(read_stays(context, ask))
            elif isinstance(ask, ListAsk):
                found.append(read_list(context, ask))
            elif isinstance(ask, PlacesAsk):
                found.append(read_places(context, ask))
        except Refusal as refusal:
            found.append(Unseen(refusal))
    return found


def filter_label(records: Records, board: DashboardDef, path: str, language: str) -> str:
    """Return what a board's filter is called: as the first object that has it says."""
    for name in board_objects(records, board):
        found = label_at(records.objects[name], path, language)
        if found != path:
            return found
    return path
