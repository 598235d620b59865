"""Imports end to end: what comes in, what is told, what a second time changes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from support import MAPS

from engine.context import Actor
from engine.refusals import Refusal

if TYPE_CHECKING:
    from pathlib import Path

    from support import App

ACCOUNTS = """\
account,sector,year_established,revenue,employees,office_location,subsidiary_of
Kleinwerk,technolgy,1996,1100.04,2822,United States,Mutterhaus
Mutterhaus,medical,1999,251.41,495,Philipines,
Enkelin,retail,2009,497.11,1588,United States,Kleinwerk
"""
PRODUCTS = "product,series,sales_price\nGTX Pro,GTX,4821\nMG Special,MG,55\n"
TEAMS = "sales_agent,manager,regional_office\nAnna,Dustin,Central\nBert,Summer,West\nCarl,Summer,West\n"
PIPELINE = """\
opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value
A1,Anna,GTXPro,Kleinwerk,Won,2016-10-20,2017-03-01,4514
A2,Bert,GTX Pro,Mutterhaus,Won,2016-10-25,2017-04-11,5000
A3,Anna,MG Special,Enkelin,Lost,2016-10-25,2016-11-09,0
A4,Bert,GTXPro,,Engaging,2016-11-01,,
A5,Anna,MG Special,,Prospecting,,,
"""
FILES = (
    ("sample_account", "accounts", ACCOUNTS),
    ("sample_product", "products", PRODUCTS),
    ("sample_agent", "sales_teams", TEAMS),
    ("sample_deal", "sales_pipeline", PIPELINE),
)


def bring_sample(app: App, folder: Path) -> list[tuple[int, int, int]]:
    """Import the four files of a data set, as the pack's ``load`` does."""
    found = []
    for name, stem, text in FILES:
        path = folder / f"{stem}.csv"
        path.write_text(text, encoding="utf-8")
        report = app.bring(name, path, MAPS / f"{stem}.yaml", on_duplicate="update")
        assert not report.faults, app.issues
        found.append((report.counts.created, report.counts.updated, report.counts.skipped))
    return found


def test_the_sample_comes_in_repaired_linked_and_summed(app: App, tmp_path: Path) -> None:
    assert bring_sample(app, tmp_path) == [(3, 0, 0), (2, 0, 0), (3, 0, 0), (5, 0, 0)]
    assert app.rows("sample_account", "name", "sector", "location", "revenue", "parent_company") == [
        ("Kleinwerk", "technology", "United States", Decimal("1100.04"), "Mutterhaus"),
        ("Mutterhaus", "medical", "Philippines", Decimal("251.41"), None),
        ("Enkelin", "retail", "United States", Decimal("497.11"), "Kleinwerk"),
    ]
    assert app.rows("sample_deal", "number", "agent", "product", "account", "stage", "closed_on", "value", "days") == [
        ("A1", "Anna", "GTX Pro", "Kleinwerk", "won", date(2017, 3, 1), Decimal(4514), 132),
        ("A2", "Bert", "GTX Pro", "Mutterhaus", "won", date(2017, 4, 11), Decimal(5000), 168),
        ("A3", "Anna", "MG Special", "Enkelin", "lost", date(2016, 11, 9), Decimal(0), 15),
        ("A4", "Bert", "GTX Pro", None, "engaging", None, None, None),
        ("A5", "Anna", "MG Special", None, "prospecting", None, None, None),
    ]
    assert app.rows("sample_agent", "name", "deal_count", "won_count", "won_value") == [
        ("Anna", 3, 1, Decimal(4514)), ("Bert", 2, 1, Decimal(5000)), ("Carl", 0, 0, Decimal(0)),
    ]  # fmt: skip
    open_deals = app.totals("sample_deal", 'stage in ("prospecting", "engaging")', list_price="sum")
    assert open_deals == (2, {"list_price": Decimal(4876)})


def test_a_second_time_changes_nothing(app: App, tmp_path: Path) -> None:
    bring_sample(app, tmp_path)
    before = {name: app.state(name) for name, _, _ in FILES}
    assert bring_sample(app, tmp_path) == [(0, 0, 3), (0, 0, 2), (0, 0, 3), (0, 0, 5)]
    assert {name: app.state(name) for name, _, _ in FILES} == before


def test_what_differs_is_updated_and_nothing_else(app: App, tmp_path: Path) -> None:
    bring_sample(app, tmp_path)
    path = tmp_path / "more.csv"
    path.write_text(
        PIPELINE.replace("A4,Bert,GTXPro,,Engaging,2016-11-01,,", "A4,Bert,GTXPro,,Won,2016-11-01,2017-01-01,77")
    )
    report = app.bring("sample_deal", path, MAPS / "sales_pipeline.yaml", on_duplicate="update")
    assert (report.counts.created, report.counts.updated, report.counts.skipped) == (0, 1, 4)
    assert dict(app.rows("sample_agent", "name", "won_value"))["Bert"] == 5077
    assert [version for _, version in app.state("sample_deal")] == [1, 1, 1, 2, 1]
