"""Mappings: the file's faults with their places, and what a cell becomes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook
from support import NOW, ROOT, compiled

from engine.context import Actor, Context
from engine.records.compile import Records
from engine.transfer.cells import guarded, unguarded
from engine.transfer.csv_source import open_csv
from engine.transfer.mapping import ColumnMap, ImportMap, suggested
from engine.transfer.mapping_file import COLUMN_KEYS, read_mapping
from engine.transfer.plan import Gate, plan_import
from engine.transfer.xlsx_source import open_sheet
from metamodel.faults import Faults
from tests.application import compile_packs, write_pack

if TYPE_CHECKING:
    from pathlib import Path

    from engine.runtime import AppRuntime

GOOD = """\
import: sample_deal
key: [number]
columns:
  opportunity_id: number
  sales_agent: {field: agent, by: name}
  product: {field: product, repair: {GTXPro: GTX Pro, 1: one, true: yes}}
  note: null
  closed: {field: closed_on, clear: true}
set: {stage: won, value: 12.50}
"""


def test_a_mapping_says_columns_keys_repairs_and_constants(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(GOOD, encoding="utf-8")
    faults = Faults()
    mapping = read_mapping(path, faults)
    assert not list(faults)
    assert (mapping.target, mapping.key) == ("sample_deal", ("number",))
    assert mapping.constants == {"stage": "won", "value": "12.50"}
    columns = mapping.columns
    assert (columns["sales_agent"].into, columns["sales_agent"].by) == ("agent", "name")
    assert columns["product"].repair == {"GTXPro": "GTX Pro", "1": "one", "true": "yes"}
    assert columns["note"].into == ""
    assert columns["closed"].clear


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("- a\n", "WRONG_TYPE", (1, 1)),
        ("colums: {a: b}\n", "UNKNOWN_KEY", (1, 1)),
        ("columns: {a: {feld: b}}\n", "UNKNOWN_KEY", (1, 15)),
        ("columns: {a: {by: b}}\n", "REQUIRED", (1, 14)),
        ("columns:\n  a: [b]\n", "WRONG_TYPE", (2, 6)),
        ("columns:\n  a: {field: b, repair: [x]}\n", "WRONG_TYPE", (2, 25)),
        ("columns:\n  a: {field: b, clear: perhaps}\n", "WRONG_TYPE", (2, 24)),
        ("key: number\n", "WRONG_TYPE", (1, 6)),
        ("key: [a\n", None, None),
    ],
)
def test_faults_of_a_mapping_have_a_place(
    tmp_path: Path, text: str, code: str | None, place: tuple[int, int] | None
) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(text, encoding="utf-8")
    faults = Faults()
    read_mapping(path, faults)
    assert faults.fatal
    if code:
        assert (code, place) in {(found.code, (found.mark.line, found.mark.column)) for found in faults}
        assert {found.mark.file for found in faults} == {str(path)}


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-x",
        "@SUM(A1)",
        " =1",
        "\t=1",
        "\tx",
        "\rx",
        "'=1",
        "''=1",
        "' =1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "\u00a0=1",
        "\x01=1",
        "\x0b\x1f-1",
        "\u200b@x",
        "\ufeff=1",
    ],
)
def test_what_begins_like_a_formula_gets_an_apostrophe_and_loses_it_on_the_way_back(text: str) -> None:
    written = guarded(text)
    assert written == "'" + text
    assert unguarded(written) == text


@pytest.mark.parametrize("text", ["", "x", "'x", "a=b", "'s-Hertogenbosch", "1-2", "' x", "O'Neill"])
def test_other_text_stays_as_it_is_both_ways(text: str) -> None:
    assert guarded(text) == text
    assert unguarded(text) == text


def test_the_example_in_the_documentation_is_a_good_mapping(tmp_path: Path) -> None:
    page = (ROOT / "docs/import.md").read_text(encoding="utf-8")
    path = tmp_path / "map.yaml"
    path.write_text(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0], encoding="utf-8")
    faults = Faults()
    mapping = read_mapping(path, faults)
    assert not list(faults)
    assert mapping.columns["close_date"].clear
    assert all(f"| `{key}` |" in page for key in COLUMN_KEYS)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_column_without_a_field_is_told_where_it_stands(tmp_path: Path, suffix: str) -> None:
    path, header = tmp_path / f"a{suffix}", ("sku", "名称", "colour", "goods")
    if suffix == ".csv":
        path.write_text(",".join(header), encoding="utf-8")
        source = open_csv(path)
    else:
        book = Workbook()
        book.active.append(header)
        book.save(path)
        source = open_sheet(path)
    records, faults = compiled(), Faults()
    target = records.objects["good"]
    given = ImportMap(columns={**suggested(target, header).columns, "goods": ColumnMap("goods", "created_at")})
    plan_import(records, target, source.header, given, faults, marks=source.marks)
    places = {fault.code: (fault.mark.file, fault.mark.line, fault.mark.column) for fault in faults}
    assert places == {
        "UNMAPPED_COLUMN": (str(path), 1, 8 if suffix == ".csv" else 3),
        "SYSTEM_FIELD": (str(path), 1, 15 if suffix == ".csv" else 4),
    }
    (told,) = [fault.message.en for fault in faults if fault.code == "UNMAPPED_COLUMN"]
    assert told == f"the column colour{'' if suffix == '.csv' else ' (C1)'} is mapped to no field"


GUARDED = {
    "objects/maker.yaml": "object: maker\nfields: {name: {type: text}, code: {type: text}}\n",
    "objects/thing.yaml": """
        object: thing
        fields:
          name: {type: text}
          number: {type: serial}
          stage: {type: state, process: course}
          price: {type: money}
          secret: {type: text}
          worth: {type: formula, value: price * 2}
          guessed: {type: formula, value: LEN(secret)}
          fixed: {type: text, readonly: true}
          maker: {type: link, to: maker}
    """,
    "processes/course.yaml": "process: course\nobject: thing\nfield: stage\nstart: new\nstates: {new: {}, done: {final: done}}\n"
    "transitions: {end: {from: new, to: done}}\n",
    "roles/mover.yaml": "role: mover\nobjects: {thing: {read: all, create: true, update: all, import: true}, maker: {read: all}}\n"
    "fields: {thing.price: masked, thing.secret: hidden, thing.guessed: hidden, maker.code: masked}\n",
    "roles/keeper.yaml": "role: keeper\nobjects: {thing: {backfill: true}}\n",
}


@pytest.fixture(scope="module")
def covered(tmp_path_factory: pytest.TempPathFactory) -> AppRuntime:
    return compile_packs(write_pack(tmp_path_factory.mktemp("packs"), "guarded", GUARDED))


@pytest.mark.parametrize(
    ("into", "told"),
    [
        ("nothing", "UNKNOWN_FIELD thing has no field nothing"),
        ("secret", "UNKNOWN_FIELD thing has no field secret"),
        ("guessed", "UNKNOWN_FIELD thing has no field guessed"),
        ("worth", "READONLY worth is computed and can't be imported"),
        ("price", "READONLY_FIELD price: you may not change this field"),
        ("fixed", "READONLY_FIELD fixed: you may not change this field"),
        ("stage", "STATE_FIELD stage: a state changes by its transitions alone"),
        ("number", "SERIAL_FIELD number: the system gives this number"),
        ("maker.code", "UNKNOWN_FIELD records can't be found by maker.code"),
        ("maker.secret", "UNKNOWN_FIELD records can't be found by maker.secret"),
        ("keeper stage", ""),
        ("keeper number", ""),
        ("name", ""),
    ],
)
def test_what_no_row_may_fill_is_told_before_a_row_is_read(covered: AppRuntime, into: str, told: str) -> None:
    """Of a hidden field, computed or not, it is said what is said of one that is not there."""
    *also, path = into.split()
    name, _, by = path.partition(".")
    actor, records, faults = Actor(1, "mia", roles=frozenset({"mover", *also})), covered.part(Records), Faults()
    nowhere: Any = None  # nothing is asked of the database
    gate = Gate(Context(actor, NOW, nowhere, covered))
    mapping = ImportMap(columns={"a": ColumnMap("a", name, by)})
    plan_import(records, records.objects["thing"], ("a",), mapping, faults, gate=gate)
    assert [f"{one.code} {one.message.en}" for one in faults] == [told] * bool(told)
    unseen = suggested(records.objects["thing"], ("secret", "guessed", "worth"), shows=gate.shows)
    assert unseen.left_out == ("worth",)
