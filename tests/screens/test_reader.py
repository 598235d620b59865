"""How live rules read a form, a grid of rows summed up once for all the rules that build on the sum, and how they write days and moments into it."""

from __future__ import annotations

import json
import subprocess

from engine.expressions.node import executable
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
