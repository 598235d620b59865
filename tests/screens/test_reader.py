"""How live rules read a form, a grid of rows summed up once for all the rules that build on the sum, and how they write days and moments into it."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import datetime
from decimal import Decimal

from engine.expressions.node import executable
from tests.fields.test_what_people_type import ROWS
from tests.screens.ground import ROOT

SOURCE = ROOT / "engine/screens/frontend/src"
READER = SOURCE / "reader.js"
SCRIPT = """
globalThis.RadioNodeList = class {};
const { Reader } = await import(process.argv[1]);
const place = { tagName: "TR", querySelectorAll: () => [], querySelector: () => null };
let [asked, amount] = [0, 3];
const computed = { amount: { f: () => amount } };
const sheet = { around: {}, reached: new Map(), form: { elements: { namedItem: () => null } }, lineReaders: () => ((asked += 1), rows) };
const rows = Array.from({ length: 500 }, () => new Reader(sheet, { computed }, place, "lines.0.", {}));
const sum = (reader) => reader.rows(["lines"]).reduce((total, row) => total + row.get(["amount"]), 0);
const of = (name) => ({ f: (reader) => reader.get([name]) + reader.get([name]) });
const rules = { computed: { sum: { f: sum }, twice: of("sum"), more: of("twice"), most: of("more") } };
const main = new Reader(sheet, rules, { tagName: "FORM", querySelectorAll: () => [] }, "", {});
const told = [];
main.still(() => told.push(main.get(["most"]), main.get(["sum"])));
told.push(asked);
amount = 4;
rows.forEach((row) => row.forget());
main.still(() => told.push(main.get(["most"])));
rows[0].forget();
told.push(main.get(["sum"]), asked, main.held.size);
console.log(JSON.stringify(told));
"""


def test_rows_are_summed_up_once_for_all_rules_and_anew_after_a_change() -> None:
    command = [executable(), "--input-type=module", "-e", SCRIPT, READER.as_uri()]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert told == [12_000, 1500, 1, 16_000, 2000, 3, 0]


WRITER = """
globalThis.RadioNodeList = class {};
globalThis.document = { documentElement: { lang: "zh" } };
const { writeControl, showComputed } = await import(process.argv[1]);
const written = (type, value) => {
  const control = { type: "text", tagName: "INPUT", value: "", dataset: {} };
  return [writeControl(control, type, value, { zone: "Asia/Shanghai" }), control.value];
};
globalThis.Node = { TEXT_NODE: 3 };
const shown = { textContent: "", childNodes: [] };
showComputed(shown, { dataset: { type: "date" } }, 20458);
console.log(JSON.stringify([
  written("date", 20458), written("datetime", 1767600000000000n), written("datetime", 20458), written("date", 1767632400000000n),
  written("datetime", "2026-01-05T08:00:00Z"), written("date", null), shown.textContent,
]));
"""


def test_days_and_moments_of_rules_are_written_as_people_read_them() -> None:
    command = [executable(), "--input-type=module", "-e", WRITER, (SOURCE / "values.js").as_uri()]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert told == [
        [True, "2026-01-05"],
        [True, "2026-01-05 16:00"],
        [True, "2026-01-05 00:00"],  # a day where a moment is wanted is its midnight
        [True, "2026-01-06"],  # beyond midnight where the reader is
        [True, "2026-01-05 16:00"],
        [False, ""],
        "2026-01-05",
    ]


TYPED = """
globalThis.RadioNodeList = class {};
globalThis.document = { documentElement: { lang: "zh" } };
const { readControl } = await import(process.argv[1]);
const rows = JSON.parse(process.argv[2]);
const kinds = { money: ["decimal", "number"], integer: ["decimal", "number"], progress: ["decimal", "percent"], percent: ["decimal", "percent"] };
console.log(JSON.stringify(rows.map(([kind, value]) => {
  const [type, control] = kinds[kind] ?? [kind, kind === "decimal" ? "number" : kind];
  return readControl({ type: "text", value, dataset: { control } }, type, { zone: "Asia/Shanghai" });
})));
"""
SIGNED = {"12", "1", "50", "1.0", "99.9", "150"}  # a percent of one and more is given its sign when it is left


def test_what_rules_read_of_a_control_is_what_the_server_reads_or_nothing() -> None:
    """Rules count with what is typed before the server has seen it: never with another value."""
    kinds = ("integer", "decimal", "money", "percent", "progress", "date", "datetime")
    rows = [
        row
        for row in ROWS
        if row[0] in kinds
        and not (row[0] in {"percent", "progress"} and row[1] in SIGNED)
        and not re.search(r"[\t\n]", row[1])  # what no line of a form can hold
    ]
    command = [executable(), "--input-type=module", "-e", TYPED, (SOURCE / "values.js").as_uri()]
    given = json.dumps([[kind, typed] for kind, typed, *_ in rows])
    told = json.loads(subprocess.run([*command, given], check=True, capture_output=True, text=True).stdout)
    read = 0
    for (kind, typed, sign, meant), found in zip(rows, told, strict=True):
        if found is None:
            continue
        read += 1
        if kind in {"date", "datetime"}:
            assert sign == "=>", typed
            assert datetime.fromisoformat(found) == datetime.fromisoformat(json.loads(meant)), typed
        elif sign == "=>":
            assert Decimal(found) == Decimal(str(json.loads(meant))), (kind, typed)
        else:  # a number, and none that this field takes: too many decimals, no whole one
            assert re.fullmatch(r"-?[0-9.]+", typed.replace(",", "")), (kind, typed)
    assert read > 30
