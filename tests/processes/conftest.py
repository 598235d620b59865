"""A small sales application with a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.application import App, Applications, compile_packs, write_pack

if TYPE_CHECKING:
    from typing import Any

DEAL = """
object: deal
owner: owner
fields:
  name: {type: text, required: true}
  owner: {type: user, default: =me}
  amount: {type: money}
  budget: {type: money}
  minutes: {type: text}
  lost_reason: {type: choice, choices: {price: 价格, rival: 竞品}}
  calls: {type: lines, of: call}
  stage: {type: state, process: deal_stages}
"""
CALL = """
object: call
fields:
  deal: {type: link, to: deal, parent: true, required: true}
  note: {type: text}
"""
STAGES = """
process: deal_stages
object: deal
field: stage
start: contact
states:
  contact:
    label: {zh: 接触, en: Contact}
    conversion: 60%
    stale_after: 7d
    responsible: =owner
    leave_when: not ISBLANK(amount)
    steps:
      minutes: {label: {zh: 上传纪要, en: Minutes}, fields: [minutes]}
      talked: {label: {zh: 通过话, en: Talked}, done_when: COUNT(calls) > 0}
  needs: {label: {zh: 需求确认, en: Needs}, enter_when: amount > 0}
  talks: {label: {zh: 谈判, en: Talks}, leave_when: not ISBLANK(amount), steps: {minutes: {fields: [minutes]}}}
  won: {label: {zh: 成交, en: Won}, final: won}
  lost: {label: {zh: 丢单, en: Lost}, final: lost}
transitions:
  qualify: {label: {zh: 确认, en: Qualify}, from: contact, to: needs, requires: [budget], when: amount > 10 and old.stage = "contact", roles: [rep]}
  bargain: {from: needs, to: talks}
  settle: {from: needs, to: talks, ask: [budget], when: budget > 5}
  win: {from: talks, to: won}
  back: {from: [needs, talks], to: contact}
  lose: {from: open, to: lost, ask: [lost_reason], steps: not_needed}
  skip: {from: open, to: open, choose: target, roles: [director], reason: required, sensitive: true, steps: not_needed}
"""
ROLES = {
    "roles/rep.yaml": "role: rep\nobjects:\n  deal: {read: own, create: true, update: own}\n",
    "roles/director.yaml": "role: director\nobjects:\n  deal: {read: all, create: true, update: all, backfill: true}\n",
    "roles/reader.yaml": "role: reader\nobjects:\n  deal: {read: all}\n",
}


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The application compiled, once for all tests."""
    files = {"objects/deal.yaml": DEAL, "objects/call.yaml": CALL, "processes/deal_stages.yaml": STAGES, **ROLES}
    return compile_packs(write_pack(tmp_path_factory.mktemp("packs"), "deals", files))


def fill(made: App) -> None:
    """Put people into the application."""
    made.person("dan", "director")
    made.person("rita", "rep", manager="dan")
    made.person("ray", "reader")


@pytest.fixture
def app(applications: Applications, runtime: Any) -> App:
    """The application with a rep, a director and somebody who only reads."""
    return applications(runtime, fill)
