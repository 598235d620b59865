"""What is done on lists: pasting a block with its faults at their cells, undoing what nobody has changed since, acting on everything that
matches with what is refused told record by record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

    from tests.screens.conftest import Browser
    from tests.screens.ground import Ground

    Open = Callable[..., Browser]


def send(
    browser: Browser, path: str, body: Any, *, shown: str = "/o/customer", token: str | None = None
) -> TestResponse:
    return browser.client.post(
        path,
        data=orjson.dumps(body),
        content_type="application/json",
        headers={
            "X-CSRFToken": browser.token if token is None else token,
            "HX-Request": "true",
            "HX-Current-URL": f"http://localhost{shown}",
            "Accept-Encoding": "identity",
        },
    )


def fill(ground: Ground, count: int, **more: Any) -> list[int]:
    ground.create("customer", *({"name": f"客户 {n:03}", "region": "east", **more} for n in range(count)))
    return [
        int(row) for row in str(ground.value("SELECT string_agg(id::text, ' ' ORDER BY id) FROM app.customer")).split()
    ]


def regions(ground: Ground) -> str:
    return str(
        ground.value(
            "SELECT string_agg(coalesce(region, '-'), ' ' ORDER BY id) FROM app.customer WHERE deleted_at IS NULL"
        )
    )


def test_a_block_is_pasted_as_one_and_undone_as_one(browser: Open, ground: Ground) -> None:
    first, second, third = fill(ground, 3)
    boss = browser("boss")
    rows = [
        {"id": first, "cells": {"region": "华南", "vip": "是", "credit": "¥1.2万", "owner": "Rita Wang"}},
        {"id": second, "cells": {"region": "", "vip": "否", "credit": "1,234.50", "owner": ""}},
        {"id": third, "cells": {"region": "华东"}},
    ]
    answer = send(boss, "/o/customer/paste", {"rows": rows}, shown="/o/customer?columns=name,region")
    told = answer.get_json()
    assert (answer.status_code, told["count"], sorted(told["rows"])) == (200, 2, [str(first), str(second)])
    assert "华南" in told["rows"][str(first)]
    assert regions(ground) == "south - east"
    assert ground.value("SELECT credit FROM app.customer WHERE id = " + str(first)) == 12000
    done = send(boss, f"/o/customer/undo/{told['undo']}", {}).get_json()
    assert (done["count"], done["refused"], done["left"]) == (2, [], False)
    assert regions(ground) == "east east east"
    assert ground.value("SELECT count(*) FROM app.customer WHERE credit IS NULL AND owner IS NULL") == 3
    assert send(boss, f"/o/customer/undo/{told['undo']}", {}).status_code == 404
    assert send(boss, f"/o/customer/undo/{done['again']}", {}).get_json()["count"] == 2
    assert regions(ground) == "south - east"


def test_faults_of_a_block_are_told_at_their_cells_and_nothing_is_written(browser: Open, ground: Ground) -> None:
    first, second = fill(ground, 2)
    boss = browser("boss")
    rows = [
        {"id": first, "cells": {"region": "南", "credit": "12"}},
        {"id": second, "cells": {"region": "华南", "credit": "many"}},
    ]
    answer = send(boss, "/o/customer/paste", {"rows": rows})
    assert answer.status_code == 422
    assert [(one["id"], one["field"]) for one in answer.get_json()["faults"]] == [(first, "region"), (second, "credit")]
    assert all(one["message"] for one in answer.get_json()["faults"])
    assert regions(ground) == "east east"
    computed = send(boss, "/o/customer/paste", {"rows": [{"id": first, "cells": {"ordered": "5", "region": "华南"}}]})
    assert [one["field"] for one in computed.get_json()["faults"]] == ["ordered"]
    gone = send(boss, "/o/customer/paste", {"rows": [{"id": second + 99, "cells": {"region": "华南"}}]})
    assert [one["id"] for one in gone.get_json()["faults"]] == [second + 99]
    assert regions(ground) == "east east"


@pytest.mark.parametrize(
    "body", [None, [], {}, {"rows": []}, {"rows": [{"id": "1", "cells": {}}]}, {"rows": [{"id": 1, "cells": {"region": 5}}]},
             {"rows": [{"id": 2**63, "cells": {"region": "x"}}]}, {"rows": [{"id": True, "cells": {"region": "x"}}]}]
)  # fmt: skip
def test_what_is_no_block_is_refused(browser: Open, ground: Ground, body: Any) -> None:
    fill(ground, 1)
    assert send(browser("boss"), "/o/customer/paste", body).status_code in {400, 422}


def test_pasting_and_undoing_hold_to_rights_and_tokens(browser: Open, ground: Ground) -> None:
    ground.person("clare", "Clare", "clerk")
    (first,) = fill(ground, 1, owner=ground.ids["boss"])
    block = {"rows": [{"id": first, "cells": {"region": "华南"}}]}
    rita, clare, boss = browser("rita"), browser("clare"), browser("boss")
    assert [one["id"] for one in send(rita, "/o/customer/paste", block).get_json()["faults"]] == [first]
    hidden = {"rows": [{"id": first, "cells": {"credit": "5"}}]}
    assert send(clare, "/o/customer/paste", hidden).status_code == 422
    assert send(boss, "/o/customer/paste", block, token="forged").status_code == 400
    assert regions(ground) == "east"
    undo = send(boss, "/o/customer/paste", block).get_json()["undo"]
    assert send(clare, f"/o/customer/undo/{undo}", {}).status_code == 404
    assert send(boss, f"/o/order/undo/{undo}", {}).status_code == 404
    assert regions(ground) == "south"


def test_undoing_spares_what_somebody_has_changed_since(browser: Open, ground: Ground) -> None:
    first, second = fill(ground, 2)
    boss = browser("boss")
    rows = [{"id": number, "cells": {"region": "华南"}} for number in (first, second)]
    undo = send(boss, "/o/customer/paste", {"rows": rows}).get_json()["undo"]
    send(browser("boss", "en"), "/o/customer/paste", {"rows": [{"id": second, "cells": {"region": "North"}}]})
    done = send(boss, f"/o/customer/undo/{undo}", {}).get_json()
    assert (done["count"], [label for label, _ in done["refused"]]) == (1, ["客户 001"])
    assert "客户 001" in done["said"]
    assert regions(ground) == "east north"


def test_a_cell_and_picked_rows_are_undone_as_well(browser: Open, ground: Ground) -> None:
    first, second = fill(ground, 2)
    boss = browser("boss")
    boss.get("/o/customer")
    saved = boss.post(f"/o/customer/{first}/cell/region", {"value": "south", "base": '"east"'})
    assert send(boss, f"/o/customer/undo/{saved.headers['X-Undo']}", {}).get_json()["count"] == 1
    same = boss.post(f"/o/customer/{first}/cell/region", {"value": "east", "base": '"east"'})
    assert "X-Undo" not in same.headers
    for path, data, then in (
        ("edit", {"field": "region", "value": "south"}, "south south"),
        ("delete", {}, "None"),
    ):
        boss.post(f"/o/customer/bulk/{path}", {"id": [first, second], **data})
        assert regions(ground) == then
        page = boss.get("/o/customer").text
        way = page.split('action="/o/customer/undo/')[1].split('"')[0]
        assert boss.post(f"/o/customer/undo/{way}").status_code == 303
        assert regions(ground) == "east east"


def everything(browser: Browser, act: str, body: dict[str, Any], shown: str) -> dict[str, Any]:
    """Run an act to its end, as the script does; return what it came to in all."""
    sums: dict[str, Any] = {"changed": 0, "seen": 0, "refused": 0, "why": [], "steps": 0}
    step: dict[str, Any] = {}
    while True:
        answer = send(browser, f"/o/customer/everything/{act}", {**body, **step}, shown=shown)
        assert answer.status_code == 200, answer.text
        told = answer.get_json()
        for name in ("changed", "seen", "refused", "why"):
            sums[name] += told[name]
        sums["steps"] += 1
        step = {name: told[name] for name in ("last", "after", "token")}
        if not told["after"]:
            return sums | {"token": told["token"]}


def test_everything_that_matches_is_changed_in_batches_and_undone(browser: Open, ground: Ground) -> None:
    fill(ground, 250)
    ground.create("customer", {"name": "他处", "region": "north"})
    boss = browser("boss")
    boss.get("/o/customer")
    done = everything(boss, "update", {"field": "region", "text": "south"}, "/o/customer?region.in=east")
    assert (done["changed"], done["refused"], done["steps"]) == (250, 0, 2)
    assert ground.value("SELECT count(*) FROM app.customer WHERE region = 'south'") == 250
    assert ground.value("SELECT region FROM app.customer WHERE name = '他处'") == "north"
    first = send(boss, f"/o/customer/undo/{done['token']}", {}).get_json()
    assert first["left"] is True
    assert send(boss, f"/o/customer/undo/{done['token']}", {"again": first["again"]}).get_json()["left"] is False
    assert ground.value("SELECT count(*) FROM app.customer WHERE region = 'east'") == 250


def test_what_everything_may_not_touch_is_told_and_the_rest_is_done(browser: Open, ground: Ground) -> None:
    _, second, _ = fill(ground, 3)
    ground.create("order", {"customer": second, "status": "draft"})
    boss = browser("boss")
    boss.get("/o/customer")
    done = everything(boss, "delete", {}, "/o/customer")
    assert (done["changed"], done["refused"], [one["label"] for one in done["why"]]) == (2, 1, ["客户 001"])
    assert regions(ground) == "east"
    back = everything(boss, "restore", {}, "/o/customer?bin=1")
    assert back["changed"] == 2
    assert regions(ground) == "east east east"


def test_everything_is_within_rights_and_never_wider_than_what_was_asked(browser: Open, ground: Ground) -> None:
    ground.person("clare", "Clare", "clerk")
    fill(ground, 3, owner=ground.ids["boss"])
    rita, clare, boss = browser("rita"), browser("clare"), browser("boss")
    for one in (rita, clare, boss):
        one.get("/o/customer")
    assert everything(rita, "update", {"field": "region", "text": "south"}, "/o/customer")["seen"] == 0
    assert send(clare, "/o/customer/everything/delete", {}).status_code == 403
    assert send(clare, "/o/customer/everything/update", {"field": "credit", "text": "1"}).status_code == 403
    unread = send(boss, "/o/customer/everything/delete", {}, shown="/o/customer?nothing.in=x")
    assert unread.status_code == 400
    assert send(boss, "/o/customer/everything/burn", {}).status_code == 404
    assert send(boss, "/o/customer/everything/update", {"last": "1"}).status_code == 400
    assert send(boss, "/o/customer/everything/delete", {}, token="forged").status_code == 400
    assert regions(ground) == "east east east"
