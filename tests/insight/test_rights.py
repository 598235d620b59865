"""What a viewer may not see, no metric and no board tells: not as a value, a split, a filter, a comparison, an order, a label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.insight.asks import Figures, MetricAsk
from engine.insight.boards import answer_board, board_narrowing, find_board, visible_boards
from engine.insight.figures import measure_metrics
from engine.insight.narrowing import Narrowing
from engine.insight.reports import Report, run_report
from engine.records.compile import Records
from engine.records.rights import rights_of
from engine.refusals import Refusal

if TYPE_CHECKING:
    from tests.insight.conftest import Ground

HIDDEN = ("cost", "margin")  # hidden from reps
UNUSABLE = ("cost", "margin", "rival", "acts", "search_terms", "nothing", "owner.password")
SQL = (
    "1; DROP TABLE app.deal",
    "owner) FROM app.deal --",
    "(SELECT 1)",
    "owner'",
    "",
    ".",
    "owner.",
    "a" * 500,
    "owner\0",
    "\ud800",
)


def ask(ground: Ground, who: str, asked: MetricAsk) -> Figures | Refusal:
    (found,) = ground.app.run(lambda context: measure_metrics(context, [asked]), who)
    assert isinstance(found, Figures | Refusal)
    return found


def refused(found: object, status: int, code: str = "") -> None:
    assert isinstance(found, Refusal), found
    assert found.status == status, found.message
    assert not code or found.code == code


@pytest.mark.parametrize("name", ["cost", "dear", "margin"])
def test_a_metric_over_a_hidden_field_is_no_number(still: Ground, name: str) -> None:
    found = ask(still, "rita", MetricAsk(name))
    refused(found, 403, "NOT_VISIBLE")
    assert isinstance(found, Refusal)
    assert not any(word in found.message.en + found.message.zh for word in ("cost", "margin", "成本", "毛利"))
    assert isinstance(ask(still, "dora", MetricAsk(name)), Figures)


def test_an_object_that_is_not_for_the_viewer_is_no_number(still: Ground) -> None:
    for name in ("deals", "won_amount", "acts", "big_clients"):
        refused(ask(still, "frida", MetricAsk(name)), 403, "NOT_VISIBLE")


@pytest.mark.parametrize("path", UNUSABLE)
def test_hidden_and_masked_fields_split_nothing_and_filter_nothing(still: Ground, path: str) -> None:
    refused(ask(still, "rita", MetricAsk("deals", (path,))), 400)
    refused(ask(still, "rita", MetricAsk("deals", ("region", path))), 400)
    refused(ask(still, "rita", MetricAsk("deals", (path,), top=3)), 400)
    refused(ask(still, "rita", MetricAsk("deals", filters=(f"not ISBLANK({path})",))), 400)
    found = ask(still, "rita", MetricAsk("deals", narrowing=Narrowing(((path, ("1",)),))))
    assert isinstance(found, Figures)
    assert found.missing == (path,)  # said, and as unknown as a field that is not there


@pytest.mark.parametrize("path", SQL)
def test_what_is_no_path_is_refused(still: Ground, path: str) -> None:
    refused(ask(still, "dora", MetricAsk("deals", (path,))), 400)


@pytest.mark.parametrize(
    "text",
    [
        "SUM(rows.cost)",
        "COUNT(rows, cost > 5)",
        "MAX(rows.margin)",
        'COUNT(rows, rival = "Kestrel")',
        "FIRST(rows.amount, TRUE, cost)",
        "SUM(rows.amount) + AVG(rows.cost)",
        "COUNT(rows, ANY(acts, deal.cost > 1))",
        "cost",
        "1",
        "COUNT(rows); DROP TABLE x",
        "",
    ],
)
def test_a_report_asks_for_nothing_that_is_not_for_the_viewer(still: Ground, text: str) -> None:
    if text == "1":
        return
    with pytest.raises(Refusal) as caught:
        still.app.run(lambda context: run_report(context, Report("deal", ("region",), {"x": text})), "rita")
    assert caught.value.status == 400


def test_a_report_is_worked_out_within_rights(still: Ground) -> None:
    for who in ("dora", "mara", "rita"):
        found = still.app.run(
            lambda context: run_report(
                context, Report("deal", ("owner", "closed_at:year"), {"n": "COUNT(rows)", "sum": "SUM(rows.amount)"})
            ),
            who,
        )
        rows = [row for row in still.deals if not row["deleted"] and still.sees(who, row)]
        assert sum(group.values["n"] for group in found.groups) == len(rows)
        assert {group.buckets[0].value for group in found.groups} == {row["owner"] for row in rows}
    with pytest.raises(Refusal) as caught:
        still.app.run(lambda context: run_report(context, Report("deal", ("cost",), {"n": "COUNT(rows)"})), "rita")
    assert caught.value.status == 400
    with pytest.raises(Refusal) as caught:
        still.app.run(lambda context: run_report(context, Report("deal", (), {"n": "COUNT(rows)"})), "frida")
    assert caught.value.status == 403


def test_paths_reach_only_what_the_viewer_may_read(still: Ground) -> None:
    """A rep's deal of another's client: what kind it is stays with those who may read the client."""
    mine = still.app.people["rita"].id
    clients = {one["id"]: one for one in still.clients}
    rows = [row for row in still.deals if not row["deleted"] and row["owner"] == mine]
    readable = [row for row in rows if row["client"] and clients[row["client"]]["owner"] == mine]
    assert len(readable) < len([row for row in rows if row["client"]])
    found = ask(still, "rita", MetricAsk("deals", ("client.kind",)))
    assert isinstance(found, Figures)
    told = {found.axes[0][place].value: value for (place,), value in found.cells.items()}
    assert sum(value or 0 for kind, value in told.items() if kind) == sum(
        1 for row in readable if clients[row["client"]]["kind"]
    )
    big = ask(still, "rita", MetricAsk("big_clients"))
    assert isinstance(big, Figures)
    assert big.value == sum(1 for row in readable if clients[row["client"]]["kind"] == "big")


def test_what_one_metric_may_not_show_leaves_the_others(still: Ground) -> None:
    found = still.app.run(
        lambda context: measure_metrics(context, [MetricAsk(name) for name in ("deals", "dear", "margin", "biggest")]),
        "rita",
    )
    assert [isinstance(one, Figures) for one in found] == [True, False, False, True]


def test_boards_are_for_their_roles_and_for_those_who_see_something_on_them(still: Ground) -> None:
    def names(who: str) -> set[str]:
        def look(context: Any) -> set[str]:
            records = context.runtime.part(Records)
            return set(visible_boards(records, rights_of(records, context.actor), context.actor))

        found: set[str] = still.app.run(look, who)
        return found

    assert names("dora") == {"cockpit", "daily", "costs", "mixed", "speed"}
    assert names("rita") == names("mara") == {"cockpit", "daily", "mixed", "speed"}
    assert names("frida") == {"mixed"}  # a map of clients is on it
    for who in ("rita", "frida"):
        with pytest.raises(Refusal) as caught:
            still.app.run(lambda context: find_board(context, "costs"), who)
        assert caught.value.status == 404


@pytest.mark.parametrize("board", ["cockpit", "daily"])
def test_no_cell_of_a_hidden_or_masked_field_is_on_a_board(still: Ground, board: str) -> None:
    shown = still.app.run(
        lambda context: answer_board(
            context, find_board(context, board), board_narrowing(context, find_board(context, board), {"period": "all"})
        ),
        "rita",
    )
    table = next((one for one in shown if one.widget.show == "table"), None)
    if table is not None and table.data is not None:
        assert "cost" not in table.data["columns"]
        assert all("cost" not in row for row in table.data["items"])
    assert "Kestrel" not in str([one.data for one in shown])


def test_a_state_that_is_hidden_makes_no_funnel(ground: Ground) -> None:
    from engine.insight.asks import StaysAsk
    from engine.insight.stays import read_stays

    with pytest.raises(Refusal) as caught:
        ground.app.run(lambda context: read_stays(context, StaysAsk("deal_stages")), "frida")
    assert (caught.value.status, caught.value.code) == (403, "NOT_VISIBLE")
