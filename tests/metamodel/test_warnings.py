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
