"""The examples of docs/automations.md are good definitions."""

from __future__ import annotations

import re
from pathlib import Path

from app import PACKS, create_kinds
from metamodel.read import read_packs

PAGE = (Path(__file__).parents[2] / "docs/automations.md").read_text(encoding="utf-8")
AROUND = {  # what the examples speak of
    "pack.yaml": "pack: help\nlabel: {zh: 工单, en: Tickets}\nversion: 1.0.0\n",
    "roles/clerk.yaml": "role: clerk\nlabel: {zh: 职员, en: Clerk}\nobjects: {ticket: {read: all, update: all}, user: {read: all}}\n",
    "objects/ticket.yaml": """
object: ticket
label: {zh: 工单, en: Ticket}
title: name
owner: owner
fields:
  name: {type: text, required: true}
  owner: {type: user}
  amount: {type: money}
  open: {type: boolean, default: true}
  note: {type: text}
""",
}


def test_examples_are_good_rules(tmp_path: Path) -> None:
    blocks = [one for one in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "\nobject: ticket\n" in one]
    rules = {one.split()[1]: one for one in blocks}
    assert len(rules) == 4
    for name, text in {**AROUND, **{f"automations/{name}.yaml": text for name, text in rules.items()}}.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    found = read_packs([tmp_path], create_kinds(), search=[PACKS])
    assert found.model is not None, [(fault.code, fault.message.en, fault.mark) for fault in found.faults]
    assert rules.keys() <= found.model.automations.keys()
    assert not list(found.faults)
