"""What is undocumented fails: every verb and option is in docs/scenarios.md, and the examples are good scenarios."""

from __future__ import annotations

import re
from pathlib import Path

from app import create_kinds
from engine.records.compile import compile_records
from engine.scenarios.check import check_scenario
from engine.scenarios.read import scenario_of
from engine.scenarios.run import load_verbs
from engine.storage.physical import Physical
from metamodel.faults import Faults
from metamodel.read import read_packs
from metamodel.source import read_document

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/scenarios.md").read_text(encoding="utf-8")
# what the verbs' examples speak of
GIVEN = """scenario: example
given:
  users: {dora: {role: director}}
  records:
    acme: {object: customer, set: {name: Acme}}
    deal: {object: opportunity, set: {name: Line 1, customer: acme}}
    q: {object: quote, set: {opportunity: deal}}
do:
  a: """


def test_every_verb_and_option_is_described() -> None:
    for verb in load_verbs().values():
        row = re.search(rf"^\| `{verb.name}` \|(.*)\|", PAGE, re.MULTILINE)
        assert row, verb.name
        assert all(f"`{name}`" in row[1] for name in verb.options), verb.name
        assert verb.label.zh
        assert verb.help.en


def test_examples_are_good_scenarios() -> None:
    kinds = create_kinds()
    model = read_packs([ROOT / "packs/sales"], kinds).model
    assert model is not None
    records = compile_records(model, Physical(), kinds)
    examples = [GIVEN + text for verb in load_verbs().values() for text in verb.examples]
    examples += re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    for text in examples:
        faults = Faults()
        root = read_document(text.encode(), "example.yaml", faults)
        assert root is not None
        check_scenario(scenario_of(root, faults), records, load_verbs(), faults)
        assert not list(faults), [(fault.code, fault.message.en, fault.mark.line) for fault in faults]
