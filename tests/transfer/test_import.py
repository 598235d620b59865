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


GOODS = "sku,名称,Maker,类别,price,stock,since,active\n"


def goods(path: Path, *lines: str) -> Path:
    """Write a table of goods."""
    path.write_text(GOODS + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def told(app: App) -> list[tuple[int, str, str, str]]:
    """Return row, column, content and code of what the last import had to tell."""
    return [(one.row, one.column, one.value, one.code) for one in app.issues]


@pytest.fixture
def makers(app: App, tmp_path: Path) -> App:
    """The application with four makers, two of them of one name."""
    path = tmp_path / "makers.csv"
    path.write_text("code,name\nA,Acme\nB,Bolz\nC,Zwilling\nD,Zwilling\n", encoding="utf-8")
    assert app.bring("maker", path).counts.created == 4
    return app


def test_columns_are_recognised_by_name_and_label_in_either_language(makers: App, tmp_path: Path) -> None:
    (bolz,) = (number for number, name in makers.rows("maker", "id", "name") if name == "Bolz")  # or by its id
    path = goods(tmp_path / "a.csv", "X1,Schraube,Acme,软件,1.20,3,2024-02-29,否", f"X2,Mutter,#{bolz},Hardware,,,,no")
    makers.bring("good", path)
    assert not makers.issues
    assert makers.rows("good", "sku", "name", "maker", "kind", "price", "stock", "since", "active", "worth") == [
        ("X1", "Schraube", "Acme", "soft", Decimal("1.20"), 3, date(2024, 2, 29), False, Decimal("3.60")),
        ("X2", "Mutter", "Bolz", "hard", None, 0, None, False, None),
    ]


def test_every_fault_is_told_with_row_column_content_and_reason_and_good_rows_come_in(
    makers: App, tmp_path: Path
) -> None:
    path = goods(
        tmp_path / "a.csv",
        "X1,gut,Acme,hard,1,1,,",
        ",ohne Nummer,Acme,hard,1,1,,",
        "X3,kein Hersteller,Nirgends,hard,1,1,,",
        "X4,zwei Hersteller,Zwilling,hard,1,1,,",
        "X5,keine Klasse,Acme,weich,1,1,,",
        "X6,kein Preis,Acme,hard,1.2.3,x,30.02.2024,perhaps",
        "X7,negativ,Acme,hard,-1,1,,",
        "X8,ohne Preis,Acme,hard,,1,,yes",
        "X1,doppelt,Acme,hard,1,1,,",
        "X9," + "n" * 81 + ",Acme,hard,1,1,,",
        "X10,zu viel,Acme,hard,1,1,,,,mehr",
        "X11,auch gut,Bolz,hard,1,1,,",
    )
    report = makers.bring("good", path)
    assert (report.counts.created, report.counts.failed) == (2, 10)
    assert told(makers) == [
        (3, "sku", "", "REQUIRED"),
        (4, "Maker", "Nirgends", "DANGLING_LINK"),
        (5, "Maker", "Zwilling", "AMBIGUOUS_LINK"),
        (6, "类别", "weich", "UNKNOWN_CHOICE"),
        (7, "price", "1.2.3", "MALFORMED"),
        (7, "stock", "x", "MALFORMED"),
        (7, "since", "30.02.2024", "MALFORMED"),
        (7, "active", "perhaps", "MALFORMED"),
        (8, "price", "-1", "TOO_SMALL"),
        (9, "price", "", "CHECK_FAILED"),
        (10, "sku", "X1", "DUPLICATE"),
        (11, "名称", "n" * 81, "TOO_LONG"),
        (12, "", "", "WRONG_WIDTH"),
    ]
    assert all(one.message.zh and one.message.en and one.message.zh != one.message.en for one in makers.issues)
    assert [name for (name,) in makers.rows("good", "name")] == ["gut", "auch gut"]
    assert dict(makers.rows("maker", "name", "goods_count", where='code < "C"')) == {"Acme": 1, "Bolz": 1}


def test_all_faults_of_a_row_are_told_at_once_whatever_was_found_first(makers: App, tmp_path: Path) -> None:
    bad = "weich,abc,x,2024-02-30,perhaps"
    path = goods(tmp_path / "a.csv", f"X1,n,Nirgends,{bad}", f"{'9' * 21},n,Nirgends,{bad}", "X3,gut,Acme,hard,1,1,,")
    assert makers.bring("good", path).counts.failed == 2
    values = [("类别", "weich"), ("price", "abc"), ("stock", "x"), ("since", "2024-02-30"), ("active", "perhaps")]
    wrong = [*zip(values, ["UNKNOWN_CHOICE", *["MALFORMED"] * 4], strict=True)]
    rest = [("Maker", "Nirgends", "DANGLING_LINK"), *((*cell, code) for cell, code in wrong)]
    assert told(makers) == [
        *((2, *one) for one in rest),
        (3, "sku", "9" * 21, "TOO_LONG"),
        *((3, *one) for one in rest),
    ]
    assert makers.bring("good", goods(tmp_path / "b.csv", "X3,gut,Acme,hard,abc,1,,")).counts.failed == 1
    assert told(makers) == [(2, "sku", "X3", "DUPLICATE"), (2, "price", "abc", "MALFORMED")]


def test_a_row_with_an_unknown_link_tells_what_is_required_and_which_checks_fail(makers: App, tmp_path: Path) -> None:
    rows = (
        "X1,,Nirgends,hard,,1,,yes",
        "X2,n,Nirgends,hard,,1,,no",
        ",n,Zwilling,hard,,1,,yes",
        "X4,gut,Acme,hard,1,1,,",
    )
    assert makers.bring("good", goods(tmp_path / "a.csv", *rows)).counts.failed == 3
    assert told(makers) == [
        (2, "名称", "", "REQUIRED"),
        (2, "Maker", "Nirgends", "DANGLING_LINK"),
        (2, "price", "", "CHECK_FAILED"),
        (3, "Maker", "Nirgends", "DANGLING_LINK"),
        (4, "sku", "", "REQUIRED"),
        (4, "Maker", "Zwilling", "AMBIGUOUS_LINK"),
        (4, "price", "", "CHECK_FAILED"),
    ]
    assert [name for (name,) in makers.rows("good", "name")] == ["gut"]


def test_a_faulty_row_of_a_record_that_is_there_is_judged_as_the_change_it_would_be(
    makers: App, tmp_path: Path
) -> None:
    makers.bring("good", goods(tmp_path / "a.csv", "X1,alt,Acme,hard,5,1,,yes"))
    again = goods(tmp_path / "b.csv", "X1,,Nirgends,hard,,,,", "X2,,Nirgends,hard,,,,", "X1,neu,Nirgends,hard,-1,,,")
    assert makers.bring("good", again, on_duplicate="update").counts.failed == 3
    wanted = [(3, "名称", "", "REQUIRED"), (3, "Maker", "Nirgends", "DANGLING_LINK"), (3, "price", "", "CHECK_FAILED")]
    dangling = (2, "Maker", "Nirgends", "DANGLING_LINK")
    last = [(4, "Maker", "Nirgends", "DANGLING_LINK"), (4, "price", "-1", "TOO_SMALL")]
    assert told(makers) == [dangling, *wanted, *last]
    assert makers.bring("good", again, on_duplicate="skip").counts.failed == 3
    assert told(makers) == [dangling, *wanted, *last]
    assert makers.bring("good", again).counts.failed == 3
    doubled = [(2, "sku", "X1", "DUPLICATE"), (2, "名称", "", "REQUIRED"), dangling, (2, "price", "", "CHECK_FAILED")]
    assert told(makers) == [*doubled, *wanted, (4, "sku", "X1", "DUPLICATE"), *last]
    clearing = tmp_path / "map.yaml"
    clearing.write_text("columns: {sku: sku, price: {field: price, clear: true}, Maker: maker}\n", encoding="utf-8")
    path = tmp_path / "c.csv"
    path.write_text("sku,price,Maker\nX1,,Nirgends\nX1,4,Nirgends\n", encoding="utf-8")
    assert makers.bring("good", path, clearing, on_duplicate="update").counts.failed == 2
    assert told(makers) == [(2, "price", "", "CHECK_FAILED"), dangling, (3, *dangling[1:])]
    assert makers.rows("good", "name", "price", "version") == [("alt", 5, 1)]


def test_what_follows_from_an_unknown_link_alone_is_not_told(makers: App, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("body,maker\nmade,Nirgends\nmade,\n,Nirgends\nmade,Acme\n", encoding="utf-8")
    assert makers.bring("note", path).counts.failed == 3
    assert told(makers) == [
        (2, "maker", "Nirgends", "DANGLING_LINK"),
        (3, "body", "made", "CHECK_FAILED"),
        (4, "body", "", "REQUIRED"),
        (4, "maker", "Nirgends", "DANGLING_LINK"),
    ]


def test_a_link_that_may_still_come_is_no_fault_of_a_row_that_has_others(app: App, tmp_path: Path) -> None:
    bring_sample(app, tmp_path)
    path = tmp_path / "a.csv"
    path.write_text("name,parent_company,revenue\nEnkelin,Spaeter,abc\nSpaeter,,1\n", encoding="utf-8")
    assert app.bring("sample_account", path).counts.failed == 1
    assert told(app) == [(2, "name", "Enkelin", "DUPLICATE"), (2, "revenue", "abc", "MALFORMED")]


def test_all_or_nothing_and_a_dry_run_leave_nothing_behind(makers: App, tmp_path: Path) -> None:
    path = goods(tmp_path / "a.csv", "X1,gut,Acme,hard,1,1,,", "X2,schlecht,Nirgends,hard,1,1,,")
    report = makers.bring("good", path, whole=True)
    assert (report.written, report.faults, report.counts.created) == (False, 1, 1)
    report = makers.bring("good", path, trial=True)
    assert (report.written, report.faults) == (False, 1)
    assert makers.rows("good", "sku") == []
    report = makers.bring("good", goods(tmp_path / "b.csv", "X1,gut,Acme,hard,1,1,,"), trial=True)
    assert (report.written, report.faults, report.counts.created) == (False, 0, 1)
    assert makers.rows("good", "sku") == []
    assert makers.bring("good", tmp_path / "b.csv", whole=True).written
    assert makers.rows("good", "sku") == [("X1",)]


def test_what_happens_to_duplicates_is_said_by_the_rule(makers: App, tmp_path: Path) -> None:
    makers.bring("good", goods(tmp_path / "a.csv", "X1,alt,Acme,hard,1,1,,"))
    again = goods(tmp_path / "b.csv", "X1,neu,,hard,2,,,", "X2,frisch,Bolz,hard,1,1,,")
    assert makers.bring("good", again, on_duplicate="fail").counts.failed == 1
    assert told(makers) == [(2, "sku", "X1", "DUPLICATE")]
    assert makers.bring("good", again, on_duplicate="skip").counts.skipped == 2
    assert makers.rows("good", "sku", "name") == [("X1", "alt"), ("X2", "frisch")]
    counts = makers.bring("good", again, on_duplicate="update").counts
    assert (counts.updated, counts.skipped) == (1, 1)
    # An empty cell says nothing: maker and stock stay as they are.
    assert makers.rows("good", "name", "maker", "price", "stock", where='sku = "X1"') == [
        ("neu", "Acme", Decimal(2), 1)
    ]


def test_rows_of_one_key_in_one_file_are_taken_in_their_order(makers: App, tmp_path: Path) -> None:
    path = goods(
        tmp_path / "a.csv",
        "X1,eins,Acme,hard,1,1,,",
        "X2,x,Acme,hard,1,1,,",
        "X1,zwei,Bolz,hard,2,2,,",
        "X1,drei,,hard,3,,,",
    )
    counts = makers.bring("good", path, on_duplicate="update").counts
    assert (counts.created, counts.updated) == (2, 2)
    assert makers.rows("good", "name", "maker", "stock", where='sku = "X1"') == [("drei", "Bolz", 2)]
    assert dict(makers.rows("maker", "name", "goods_count", where='code < "C"')) == {"Acme": 1, "Bolz": 1}


def test_a_mapping_clears_leaves_out_sets_and_names_its_key(makers: App, tmp_path: Path) -> None:
    makers.bring("good", goods(tmp_path / "a.csv", "X1,alt,Acme,hard,1,1,,"))
    table, mapping = tmp_path / "b.csv", tmp_path / "b.yaml"
    table.write_text("Nr,Bez,Code,Rest\nX1,,,weg\nX2,n/a,B,weg\n", encoding="utf-8")
    mapping.write_text(
        "import: good\nkey: [sku]\n"
        "columns:\n  Nr: sku\n  Bez: {field: note, clear: true, repair: {n/a: ''}}\n"
        "  Code: {field: maker, by: code, clear: true}\n  Rest: null\nset: {name: gesetzt, price: 9.50}\n",
        encoding="utf-8",
    )
    makers.bring("good", table, mapping, on_duplicate="update")
    assert not makers.issues
    assert makers.rows("good", "sku", "name", "maker", "price", "note") == [
        ("X1", "gesetzt", None, Decimal("9.50"), None), ("X2", "gesetzt", "Bolz", Decimal("9.50"), None),
    ]  # fmt: skip


def test_a_file_without_a_key_comes_in_once_unless_told_otherwise(makers: App, tmp_path: Path) -> None:
    path = tmp_path / "notes.csv"
    path.write_text("body,maker\nhallo,Acme\nwelt,Bolz\n", encoding="utf-8")
    assert makers.bring("note", path).counts.created == 2
    assert makers.bring("note", path).earlier
    assert len(makers.rows("note", "body")) == 2
    assert makers.bring("note", path, again=True).counts.created == 2
    with pytest.raises(Refusal) as refused:
        makers.bring("note", path, on_duplicate="update")
    assert refused.value.code == "NO_KEY"


def test_links_to_rows_further_down_are_set_at_the_end_and_missing_ones_told(app: App, tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    lines = [f"F{place},,,,,,F{place + 1}" for place in range(50)]
    path.write_text(
        ACCOUNTS.splitlines()[0] + "\n" + "\n".join([*lines, "F50,,,,,,", "waise,,,,,,niemand", "selbst,,,,,,selbst"])
    )
    report = app.bring("sample_account", path, MAPS / "accounts.yaml", rows=7)
    assert (report.counts.created, report.counts.failed) == (53, 0)
    assert told(app) == [
        (53, "subsidiary_of", "niemand", "DANGLING_LINK"),
        (54, "subsidiary_of", "selbst", "CHECK_FAILED"),
    ]
    assert app.rows("sample_account", "parent_company")[:51] == [(f"F{place + 1}",) for place in range(50)] + [(None,)]


def test_only_who_may_import_does(makers: App, tmp_path: Path) -> None:
    path = goods(tmp_path / "a.csv", "X1,gut,Acme,hard,1,1,,")
    somebody = Actor(1, "somebody", roles=frozenset({"sample_reader"}))
    with pytest.raises(Refusal) as refused:
        makers.bring("good", path, actor=somebody)
    assert refused.value.status == 403
    assert makers.rows("good", "sku") == []
