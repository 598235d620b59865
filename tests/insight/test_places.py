"""The widget `map`: whose records stand where, what its figures add up to, and that a position which is not for the viewer is nowhere."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from engine.records.query import Query, read_totals
from tests.insight.test_behind import listed
from tests.insight.test_calendar import refusal_of, widgets

if TYPE_CHECKING:
    from tests.insight.conftest import Ground


def placed(data: Any) -> dict[int, tuple[str, str]]:
    """Return record → its place."""
    return {one["key"]: (one["north"], one["east"]) for one in data["items"] if one["north"] is not None}


def test_the_records_of_a_view_stand_where_they_are(still: Ground) -> None:
    for who in ("dora", "mara"):
        data = widgets(still, who, "all")["spots"].data
        mine = [one["id"] for one in still.clients if still.sees(who, one)]
        assert placed(data) == {number: (str(30 + number), str(100 + number)) for number in mine if number % 3}
        parts = urlsplit(data["url"])
        query = Query("client", view=parse_qs(parts.query)["view"][0], count=True)
        assert still.app.run(lambda context, query=query: read_totals(context, query), who).count == len(mine)


def test_figures_by_place_are_what_their_records_add_up_to(still: Ground) -> None:
    for who in ("dora", "mara"):
        data = widgets(still, who, "all")["sold"].data
        seen = {one["id"] for one in still.clients if still.sees(who, one) and one["id"] % 3}
        whole = listed(still, who, data["url"], "amount")[1]
        assert sum(Decimal(one["value"] or 0) for one in data["items"]) == whole > 0
        assert (
            0 < len(placed(data)) < len(data["items"])
        )  # what has no place, or one that is not theirs to see, keeps its figure
        assert set(placed(data)) <= seen
        for one in data["items"][:4]:
            assert listed(still, who, one["url"], "amount")[1] == Decimal(one["value"] or 0)
    assert max(one["weight"] for one in data["items"]) == 9


def test_a_position_that_is_not_for_the_viewer_is_nowhere(still: Ground) -> None:
    found = widgets(still, "rita", "all")
    for name in ("spots", "sold"):
        assert found[name].data is None
        assert found[name].refusal.status == 400
        assert found[name].refusal.errors[0].code == "UNKNOWN_FIELD"
    assert refusal_of(still, "sold", {"metric": "deals", "by": "region"}).errors[0].code == "NO_PLACE"
