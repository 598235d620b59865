"""What pickers offer where the filter of a link reads the record that is being filled in: what may be saved, and nothing else."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from engine.screens.texts import TEXTS
from tests.screens.conftest import Browser
from tests.screens.ground import ROOT, Ground, compile_pack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ASKED_BY_SCRIPT = {"HX-Request": "true"}
FIELDS = """
  area: {type: choice, choices: {east: 华东, south: 华南}}
  rush: {type: boolean, default: true}
  named: {type: link, to: customer, on_delete: clear, reverse: a, filter: 'ISBLANK(record.area) or LABEL(region) = LABEL(record.area)'}
  near: {type: link, to: customer, on_delete: clear, reverse: b, filter: 'region = record.customer.region and id <> record.customer'}
  key: {type: link, to: customer, on_delete: clear, reverse: c, filter: 'vip = record.rush'}
  again: {type: link, to: order, on_delete: clear, reverse: d, filter: 'customer = record.customer and id <> record.id'}
"""


def test_a_filter_reads_the_record_as_the_form_holds_it(tmp_path: Path, new_ground: Callable[..., Ground]) -> None:
    shutil.copytree(ROOT / "tests" / "packs" / "mini", tmp_path / "mini")
    definition = tmp_path / "mini" / "objects" / "order.yaml"
    text = definition.read_text("utf-8").replace("\nvisible_when", FIELDS + "visible_when", 1)
    definition.write_text(text.replace("[number, customer,", "[number, near, customer,", 1), "utf-8")
    ground = new_ground(compile_pack(tmp_path / "mini"), {"boss": "admin", "rita": "rep"})
    boss, rita = ground.ids["boss"], ground.ids["rita"]
    one, two, three = ground.create(
        "customer",
        {"name": "A", "region": "east", "vip": True, "credit": "9", "owner": boss},
        {"name": "B", "region": "east", "owner": rita},
        {"name": "C", "region": "south", "owner": rita},
    )
    first, second = ground.create("order", {"customer": one}, {"customer": one})
    app = ground.app()
    chief, seller = Browser(app).sign_in("boss"), Browser(app).sign_in("rita")

    def offered(link: str, asked: str = "", who: Browser = chief) -> list[int]:
        answer = who.get(f"/o/order/pick/{link}?{asked}", **ASKED_BY_SCRIPT)
        assert answer.status_code == 200, answer.text
        return sorted(item["id"] for item in answer.json["items"])

    assert offered("named") == offered("named", "v.area=") == [one, two, three]
    assert offered("named", "v.area=east") == [one, two]
    assert offered("near", "v.customer=") == []
    assert offered("near", f"v.customer={one}") == [two]
    assert offered("near", f"v.customer={one}", seller) == []  # nothing is told of a record that is not hers to read
    assert offered("key") == offered("key", "v.rush=true") == [one]
    assert offered("key", "v.rush=false") == [two, three]
    # What the form does not hold is read of the record that is edited.
    assert offered("again", f"record={first}") == [second]
    assert 'data-depends="customer"' in chief.get("/o/order/new").text
    ground.update("user", boss, language="en")
    assert chief.get("/o/order/pick/none", **ASKED_BY_SCRIPT).text == TEXTS["error_404"]("en")
