"""Warnings about what may be meant and may not be: views that are not shown yet, roles that have nobody to pick."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.metamodel.support import read, write_pack

if TYPE_CHECKING:
    from pathlib import Path

DEVICE = """\
object: device
title: name
fields:
  name: {type: text}
  boss: {type: user}
"""


@pytest.mark.parametrize(
    ("grants", "rights", "told"),
    [
        ("device: {read: all, create: true}", "", True),
        ("device: {create: true}, user: {read: none}", "", True),
        ("device: {create: true}, user: {update: own}", "", True),
        ("device: {create: true}, user: {read: department}", "", False),
        ("device: {create: true}, user: {read: {where: not frozen}}", "", False),
        ("device: {read: none}", "", False),
        ("device: {create: true}", "fields: {device.boss: hidden}\n", False),
        ("plain: {create: true}", "", False),
    ],
)
def test_a_role_with_nobody_to_pick(tmp_path: Path, grants: str, rights: str, told: bool) -> None:
    files = {
        "objects/device.yaml": DEVICE,
        "objects/plain.yaml": "object: plain\nfields: {name: {type: text}}\n",
        "roles/rep.yaml": f"role: rep\nobjects: {{{grants}}}\n{rights}",
    }
    found = [fault for fault in read(write_pack(tmp_path, files)).faults if fault.code == "ROLE_NO_USERS"]
    assert [(fault.severity, fault.mark.line, fault.mark.column) for fault in found] == [("warning", 2, 1)] * told


AWARDS = {
    "objects/award.yaml": "object: award\nfields: {to: {type: user, reverse: awards}, points: {type: integer}}\n",
    "objects/user.yaml": "extend: object/user\nfields: {points: {type: rollup, value: SUM(awards.points)}}\n",
}


@pytest.mark.parametrize(
    ("role", "told"),
    [
        ("objects: {device: {create: true}}", ["ROLE_NO_USERS"]),
        ("objects: {device: {create: true}, user: {read: all}}", ["SHOWS_UNSEEN"]),
        ("objects: {device: {create: true}, user: {read: all}}\nfields: {user.points: hidden}", []),
    ],
)
def test_what_is_advised_earns_no_other_warning(tmp_path: Path, role: str, told: list[str]) -> None:
    files = {"objects/device.yaml": DEVICE, "roles/rep.yaml": f"role: rep\n{role}\n", **AWARDS}
    found = list(read(write_pack(tmp_path, files)).faults)
    assert [fault.code for fault in found] == told
    for fault in found:
        assert "user.points: hidden" in fault.hint.en


@pytest.mark.parametrize(
    ("view", "told"),
    [
        ("{as: kanban, by: boss}", True),
        ("{as: cards}", False),
        ("{as: map}", True),  # there is no position
        ("{as: list}", False),
        ("{columns: [name]}", False),
    ],
)
def test_a_view_that_is_not_shown_yet(tmp_path: Path, view: str, told: bool) -> None:
    found = list(read(write_pack(tmp_path, {"objects/device.yaml": f"{DEVICE}views: {{v: {view}}}\n"})).faults)
    assert [(fault.code, fault.severity, fault.mark.column) for fault in found] == [
        ("VIEW_LATER", "warning", 17)
    ] * told


CLIENT = """\
object: client
owner: owner
fields:
  name: {type: text}
  owner: {type: user}
  visits: {type: rollup, value: COUNT(calls)}
  seen: {type: rollup, value: COUNT(calls), scoped: viewer}
  many: {type: formula, value: 'COUNT(calls) + 1', store: true}
  items: {type: lines, of: row}
  pieces: {type: rollup, value: SUM(items.pieces)}
"""
CALL = "object: call\nowner: owner\nfields: {client: {type: link, to: client, reverse: calls}, owner: {type: user}}\n"
ROW = """\
object: row
fields: {client: {type: link, to: client, parent: true, required: true, on_delete: cascade}, pieces: {type: integer}}
"""


@pytest.mark.parametrize(
    ("grants", "rights", "told"),
    [
        ("client: {read: all}", "", "client.visits, client.many"),
        ("client: {read: all}, call: {read: own}", "", "client.visits, client.many"),
        ("client: {read: [own, department]}, call: {read: [own, reports]}", "", "client.visits, client.many"),
        ("client: {read: all}, call: {read: none}", "client.visits: hidden", "client.many"),
        ("client: {read: all}, call: {read: none}", "client.visits: read, client.many: read", ""),
        ("client: {read: all}, call: {read: all}", "", ""),
        ("client: {read: [own, pool]}, call: {read: own}", "", ""),
        ("client: {read: all}, call: {read: {where: client.owner = me}}", "", ""),
        ("call: {read: own}", "", ""),
    ],
)
def test_a_stored_value_tells_of_what_a_scope_leaves_out(tmp_path: Path, grants: str, rights: str, told: str) -> None:
    files = {
        "objects/client.yaml": CLIENT,
        "objects/call.yaml": CALL,
        "objects/row.yaml": ROW,
        "roles/rep.yaml": f"role: rep\nobjects: {{user: {{read: all}}, {grants}}}\nfields: {{client.name: read, {rights}}}\n",
    }
    faults = [one for one in read(write_pack(tmp_path, files)).faults if one.code != "SCOPE_EMPTY"]
    assert [(one.code, one.severity, one.mark.line) for one in faults] == [("SHOWS_UNSEEN", "warning", 2)] * bool(told)
    if told:
        assert f"go into {told}" in faults[0].message.en


DEAL = """\
object: deal
title: name
fields:
  name: {type: text}
  stage: {type: choice, choices: {open: 进行, won: 成交}}
  close_on: {type: date}
  amount: {type: money, default: 1}
  cost: {type: money, required: true}
  firm: {type: decimal}
  rest: {type: formula, value: amount - cost}
required_when: {firm: 'stage = "won"'}
"""


@pytest.mark.parametrize(
    ("require", "told"),
    [
        ("close_on >= TODAY()", ["close_on"]),
        ('close_on >= TODAY() or stage = "won"', ["close_on"]),
        ("record.close_on + 3d >= TODAY()", ["close_on"]),
        ("amount - cost > 0 and close_on > TODAY()", ["amount", "close_on"]),
        ("cost > amount", ["amount"]),
        ("ISBLANK(close_on) or close_on >= TODAY()", []),
        ("close_on = BLANK or close_on >= TODAY()", []),
        ("not ISBLANK(close_on) and close_on >= TODAY()", []),
        ("COALESCE(close_on, TODAY()) >= TODAY()", []),
        ("not (close_on < TODAY())", []),
        ('stage <> "won" or close_on = DATE(2026, 1, 1)', []),
        ("LEN(name) > 2", []),
        ("cost > 5", []),
        ("rest > 5", []),
        ("firm > 5", []),
        ("created_at > DATE(2020, 1, 1)", []),
    ],
)
def test_a_check_that_a_blank_fails(tmp_path: Path, require: str, told: list[str]) -> None:
    checks = f"checks:\n  one: {{require: '{require}', message: no}}\n"
    faults = list(read(write_pack(tmp_path, {"objects/deal.yaml": DEAL + checks})).faults)
    assert [(one.code, one.severity) for one in faults] == [("CHECK_BLANK", "warning")] * len(told)
    assert [one.message.en.split()[0] for one in faults] == told
    assert [one.mark.column for one in faults] == [19 + require.index(name) for name in told]


def test_two_widgets_with_one_title(tmp_path: Path) -> None:
    board = """\
dashboard: home
widgets:
  one: {show: number, metric: many, label: 设备}
  two: {show: number, metric: many}
  three: {show: bar, metric: many, by: boss, label: {zh: 设备, en: By boss}}
"""
    metric = "metric: many\nlabel: 设备\nobject: device\nvalue: COUNT(rows)\n"
    files = {"objects/device.yaml": DEVICE, "metrics/many.yaml": metric, "dashboards/home.yaml": board}
    found = [(one.code, one.severity, one.mark.line) for one in read(write_pack(tmp_path, files)).faults]
    assert found == [("SAME_TITLE", "warning", 5)]
