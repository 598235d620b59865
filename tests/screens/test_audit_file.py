"""The audit as a file: what a visitor's device calls itself is written by the visitor, and opens in the administrator's spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from tests.screens.ground import Ground

HOSTILE = (
    '=HYPERLINK("http://x")',
    "+1",
    "-1",
    "@x",
    "\t=1",
    "\r=1",
    " =1",
    "\x0b=1",
    "\x01=1",
    "\ufeff=1",
    "＝1",
    "'=1",
)


def test_no_cell_of_the_audit_begins_a_formula(ground: Ground, browser: Any) -> None:
    insert = sa.text(
        "INSERT INTO tenon.audit (at, action, object, address, agent, details) "
        "VALUES (clock_timestamp(), :text, :text, :text, :text, jsonb_build_object('reason', CAST(:text AS text)))"
    )
    with ground.engine.begin() as connection:
        connection.execute(insert, [{"text": text} for text in HOSTILE])
    boss = browser("boss")
    boss.get("/admin/audit")
    answer = boss.post("/admin/audit/file", {})
    assert answer.status_code == 200
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"), newline="")))
    cells = [cell for row in rows for cell in row]
    assert len([cell for cell in cells if cell in {f"'{text}" for text in HOSTILE}]) == 4 * len(HOSTILE)
    assert not [cell for cell in cells if cell.lstrip(" \t\r\n\x0b\x01\ufeff").startswith(tuple("=+-@＝"))]
    with ground.engine.connect() as connection:  # and taking it is noted
        taken = connection.execute(sa.text("SELECT action, details FROM tenon.audit ORDER BY id DESC LIMIT 1")).one()
    assert (taken.action, taken.details["count"]) == ("export", len(HOSTILE) + 1)  # signing in among them
