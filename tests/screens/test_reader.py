"""How live rules read a form: a grid of rows is summed up once for all the rules that build on the sum."""

from __future__ import annotations

import json
import subprocess

from engine.expressions.node import executable
from tests.screens.ground import ROOT

READER = ROOT / "engine/screens/frontend/src/reader.js"
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
