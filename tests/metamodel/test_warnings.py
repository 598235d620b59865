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


@pytest.mark.parametrize(
    ("view", "told"),
    [
        ("{as: kanban, by: boss}", True),
        ("{as: cards}", True),
        ("{as: map}", True),
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
    faults = [one for one in read(write_pack(tmp_path, files)).faults if one.code not in {"SCOPE_EMPTY"}]
    assert [(one.code, one.severity, one.mark.line) for one in faults] == [("SHOWS_UNSEEN", "warning", 2)] * bool(told)
    if told:
        assert f"go into {told}" in faults[0].message.en
