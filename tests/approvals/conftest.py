"""A small sales application in which quotes above 300,000 are approved in several steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.application import App, Applications, compile_packs, write_pack
from tests.approvals.things import pack

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

QUOTE = """
object: quote
owner: owner
fields:
  name: {type: text, required: true}
  owner: {type: user, default: =me}
  region: {type: choice, choices: {east: 华东, north: 华北}}
  engineer: {type: user}
  amount: {type: money}
  discount: {type: percent}
  cost: {type: money}
  note: {type: text}
  done_on: {type: date}
  lines: {type: lines, of: quote_line}
  stage: {type: state, process: quote_stages}
views:
  all: {columns: [name, amount, region, stage]}
  board: {as: kanban, by: stage, card: [amount]}
"""
LINE = """
object: quote_line
fields:
  quote: {type: link, to: quote, parent: true, required: true}
  item: {type: text}
  price: {type: money}
"""
CONTRACT = """
object: contract
fields:
  name: {type: text}
  quote: {type: link, to: quote, on_delete: restrict}
"""
STAGES = """
process: quote_stages
object: quote
field: stage
start: draft
states:
  draft: {label: {zh: 草稿, en: Draft}}
  pending: {label: {zh: 审批中, en: Pending}}
  approved: {label: {zh: 已批准, en: Approved}}
  sent: {label: {zh: 已发送, en: Sent}}
  dropped: {label: {zh: 作废, en: Dropped}, final: lost}
transitions:
  ask: {from: [draft, approved], to: pending}
  approve: {from: pending, to: approved}
  refuse: {from: pending, to: draft}
  send: {from: [draft, approved], to: sent}
  drop: {from: open, to: dropped, ask: [note]}
"""
LARGE = """
approval: large_quote
label: {zh: 大额报价, en: Large quote}
object: quote
priority: 10
starts: {at: submit, when: amount > 300000}
protects: [transition send, create contract]
within: 48h
on_submit: {state: {transition: {name: ask}}}
on_approved: {state: {transition: {name: approve}}}
on_rejected: {state: {transition: {name: refuse}}}
on_returned: {state: {transition: {name: refuse}}}
on_withdrawn: {state: {transition: {name: refuse}}}
steps:
  director:
    label: {zh: 区域总监, en: Regional director}
    approvers: {role: regional_director, where: user.department = record.owner.department}
    within: 24h
    remind: [12h, 20h]
    late: {escalate: {manager: 1}}
    notify: [inbox, wecom]
    fields: {show: [amount, lines], edit: [discount]}
  both:
    when: amount > 500000
    all_of:
      technical: {approvers: {field: engineer}}
      finance: {approvers: {role: finance}, decide: all}
  copy: {copy_to: {role: assistant}}
"""
DROP = """
approval: drop_quote
label: {zh: 作废报价, en: Drop a quote}
object: quote
starts: {at: transition, name: drop, when: amount > 1000}
on_rejected: {say: {notify: {to: [=owner], message: {zh: '{name} 留着', en: Keep it}}}}
steps:
  boss: {approvers: {manager: 1}}
"""
ROLES = {
    "roles/rep.yaml": """
        role: rep
        objects:
          quote: {read: own, create: true, update: own, delete: own, import: true, transfer: own}
          contract: {read: all, create: true, update: all, import: true}
          user: {read: all}
        """,
    "roles/regional_director.yaml": """
        role: regional_director
        objects: {quote: {read: all, update: all}}
        fields: {quote.cost: hidden}
        """,
    "roles/finance.yaml": "role: finance\nobjects:\n  quote: {read: all}\n",
    "roles/assistant.yaml": "role: assistant\nobjects:\n  quote: {read: all}\n",
}
PACK = {
    "objects/quote.yaml": QUOTE,
    "objects/quote_line.yaml": LINE,
    "objects/contract.yaml": CONTRACT,
    "processes/quote_stages.yaml": STAGES,
    "approvals/large_quote.yaml": LARGE,
    "approvals/drop_quote.yaml": DROP,
    **ROLES,
}


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The application compiled, once for all tests."""
    return compile_packs(write_pack(tmp_path_factory.mktemp("packs"), "quotes", PACK))


@pytest.fixture(scope="session")
def things(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack of things.py."""
    return pack(tmp_path_factory.mktemp("packs"))


@pytest.fixture(scope="session")
def things_runtime(things: Path) -> Any:
    """The pack of things.py, compiled."""
    return compile_packs(things)


def fill(made: App) -> App:
    """Add the people of the story: reps below a director, below a boss."""
    east = made.create("department", {"name": "华东"})
    north = made.create("department", {"name": "华北"})
    made.person("ada", "admin")
    made.person("boss", "rep")
    made.person("dan", "regional_director", manager="boss", department=east)
    made.person("dora", "regional_director", manager="boss", department=north)
    made.person("rita", "rep", manager="dan", department=east)
    made.person("rob", "rep", manager="dan", department=east)
    made.person("tom", "rep", manager="boss")
    made.person("fay", "finance", manager="boss")
    made.person("finn", "finance", manager="boss")
    made.person("amy", "assistant")
    return made


@pytest.fixture
def app(applications: Applications, runtime: Any) -> App:
    """The application with its people."""
    return applications(runtime, fill)
