"""A small customer-care application: a customer with a life cycle, tasks about it, teams, quotes with lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.application import App, Applications, compile_packs, write_pack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

CUSTOMER = """
object: customer
owner: owner
fields:
  name: {type: text, required: true}
  owner: {type: user, default: =me}
  service_rep: {type: user}
  region: {type: choice, choices: {north: {label: {zh: 华北, en: North}}, east: {label: {zh: 华东, en: East}}}}
  budget: {type: money}
  share: {type: percent}
  count: {type: integer}
  note: {type: text}
  last_contact: {type: datetime}
  last_visit: {type: rollup, value: MAX(visits.happened_at)}
  life: {type: state, process: customer_life}
  quotes: {type: lines, of: quote_line}
"""
QUOTE_LINE = """
object: quote_line
fields:
  customer: {type: link, to: customer, parent: true, required: true}
  product: {type: text}
  price: {type: money}
"""
CONTRACT = """
object: contract
fields:
  name: {type: text, required: true}
  customer: {type: link, to: customer}
  amount: {type: money}
  lines: {type: lines, of: contract_line, from: customer.quotes}
"""
CONTRACT_LINE = """
object: contract_line
fields:
  contract: {type: link, to: contract, parent: true, required: true}
  product: {type: text}
  price: {type: money}
  gift: {type: boolean}
"""
TASK = """
object: task
fields:
  subject: {type: text}
  about: {type: link, to: [customer, contract], reverse: about_tasks}
  customer: {type: link, to: customer, on_delete: cascade}
  assignee: {type: user}
  due: {type: datetime}
  done: {type: boolean, default: false}
"""
VISIT = """
object: visit
fields:
  customer: {type: link, to: customer, on_delete: cascade}
  happened_at: {type: datetime}
"""
LIFE = """
process: customer_life
object: customer
field: life
start: active
states:
  active: {label: {zh: 活跃, en: Active}}
  dormant: {label: {zh: 沉睡, en: Dormant}}
  gone: {label: {zh: 流失, en: Gone}, final: gone}
transitions:
  sleep: {from: active, to: dormant, effects: EFFECTS}
  wake: {from: dormant, to: active}
  drop: {from: open, to: gone, ask: [note], reason: required}
"""
OBJECTS = {
    "objects/customer.yaml": CUSTOMER,
    "objects/quote_line.yaml": QUOTE_LINE,
    "objects/contract.yaml": CONTRACT,
    "objects/contract_line.yaml": CONTRACT_LINE,
    "objects/task.yaml": TASK,
    "objects/visit.yaml": VISIT,
    "roles/rep.yaml": """
role: rep
objects: {user: {read: all}, customer: {read: own, create: true, update: own}, task: {read: all, create: true, update: all}}
""",
    "roles/service.yaml": "role: service\nobjects: {user: {read: all}, customer: {read: all}}\n",
}


def fill(app: App) -> None:
    """Put its people into the application."""
    app.person("dan", "service")
    app.person("rita", "rep", manager="dan")
    app.person("ray", "rep", manager="dan")


@pytest.fixture
def build(applications: Applications, tmp_path: Path) -> Callable[..., App]:
    """Return a function that makes the application with more files and what going to sleep brings about (YAML in one line)."""

    def build(files: Mapping[str, str] | None = None, effects: str = "{}") -> App:
        life = LIFE.replace(", effects: EFFECTS", f", effects: {effects}" if effects != "{}" else "")
        whole = {**OBJECTS, "processes/customer_life.yaml": life, **(files or {})}
        return applications.once(compile_packs(write_pack(tmp_path, "care", whole)), fill)

    return build
