"""Merging what a record under approval links to: it would change what is being decided on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.records.merge import Merging, merge_records
from tests.application import Applications, compile_packs, write_pack
from tests.approvals.conftest import PACK, QUOTE, fill
from tests.approvals.story import a_quote, act, refusal, submitted

if TYPE_CHECKING:
    from pathlib import Path

    from tests.application import App

CLIENT = "object: client\ntitle: name\nfields: {name: {type: text, required: true}}\n"


@pytest.fixture
def app(applications: Applications, tmp_path: Path) -> App:
    """The application of approvals, its quotes with a client."""
    quote = QUOTE.replace("  note: {type: text}", "  note: {type: text}\n  client: {type: link, to: client}")
    grants = "client: {read: all, create: true, update: all, delete: all}, quote: "
    rep = "role: rep\nobjects: {" + grants + "{read: own, create: true, update: own, delete: own}, user: {read: all}}\n"
    files = {**PACK, "objects/client.yaml": CLIENT, "objects/quote.yaml": quote, "roles/rep.yaml": rep}
    return applications.once(compile_packs(write_pack(tmp_path, "quotes", files)), fill)


def test_what_is_being_decided_on_is_not_merged_away(app: App) -> None:
    stays, goes = (app.create("client", {"name": name}, "rita") for name in ("甲", "乙"))
    number, held = submitted(app, client=goes)

    def merge() -> Any:
        return app.run(lambda context: merge_records(context, Merging("client", stays, (goes,), {}, {})), "rita")

    assert refusal(merge).code == "LOCKED"
    assert app.read("quote", number)["client"].id == goes
    act(app, held.id, "withdraw", "rita")
    merge()
    assert app.read("quote", number)["client"].id == stays
    pending, _ = submitted(app)
    other = a_quote(app, 1, note="x")
    filled = Merging("quote", pending, (other,), {}, {})
    assert refusal(lambda: app.run(lambda context: merge_records(context, filled), "rita")).code == "LOCKED"
    assert app.read("quote", pending)["note"] is None
