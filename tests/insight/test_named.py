"""What is kept by name: settings, recorded figures, targets. The database and Python say the same; who may not read them, may not ask;
nothing that hangs on them is stored."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from engine.expressions.python import compile_python
from engine.insight.targets import Whose, set_target
from engine.records.commands import create
from engine.records.compile import Records
from engine.records.filters import check_filter
from engine.records.judging import evaluate
from engine.records.moments import moment_of
from engine.records.reading import RecordReader
from engine.records.rights import rights_of
from engine.refusals import Refusal
from tests.application import write_pack
from tests.metamodel.support import codes, read

if TYPE_CHECKING:
    from pathlib import Path

    from tests.insight.conftest import Ground

SAID = (
    ('SETTING("big")', "10%"), ('SETTING("big") * 10', Decimal(1)), ('amount > SETTING("big")', True), ('SETTING("on")', "是"),
    ('IF(SETTING("on"), 1, 2)', Decimal(1)), ('SETTING("none", 7)', Decimal(7)), ('SETTING("since") = "2026-01-31"', True),
    ('DAYS(SETTING("since", TODAY()), DATE(2026, 1, 1))', Decimal(30)),
    ('SETTING("word", 3)', Decimal(3)), ('"a" & SETTING("word")', "aword"), ('RECORDED("index")', Decimal("0.07")),
    ('RECORDED("nothing")', None), ('TARGET("sales")', Decimal(500)), ('TARGET("sales", "2026-Q1")', Decimal(900)),
    ('TARGET("sales", "2026-W54")', None), ('TARGET("deals", "this_year")', None), ('SUM(acts.id) * 0 + RECORDED("index")', Decimal("0.07")),
)  # fmt: skip


def test_what_is_kept_by_name_is_read_in_python_and_in_sql_alike(ground: Ground) -> None:
    app = ground.app
    texts = {"big": "10%", "on": "是", "since": "2026-01-31", "word": "word"}
    app.run(lambda c: create(c, "setting", [{"name": name, "value": text} for name, text in texts.items()]))
    figures = (("0.05", "2026-01-01"), ("0.07", "2026-03-01"), ("0.06", "2026-02-01"), ("0.99", "2026-09-01"))
    rows = [{"name": "index", "value": value, "at": f"{day}T09:00+08:00"} for value, day in figures]
    app.run(lambda c: create(c, "recorded_value", rows))
    for period, value, who in (
        ("2026-Q1", 900, Whose()),
        ("2026-03", 500, Whose()),
        ("2026-03", 40, Whose(user=app.people["rita"].id)),
    ):
        app.run(lambda c, one=(period, value, who): set_target(c, "sales", one[0], one[2], Decimal(one[1])))
    number = next(row["id"] for row in ground.deals if row["amount"] and row["amount"] > 1)

    def work(context: Any) -> tuple[Any, Any]:
        records = context.runtime.part(Records)
        rights = rights_of(records, context.actor)
        asked = [check_filter(rights, "deal", text, want=None) for text, _ in SAID]
        reader, moment = RecordReader(context, "deal", number), moment_of(context, records)
        python = tuple(compile_python(one)(reader, moment) for one in asked)
        return evaluate(context, "deal", [number], asked)[number], python

    wanted = tuple(value for _, value in SAID)
    in_sql, in_python = app.run(work)
    assert in_python == wanted
    assert in_sql == wanted


def test_a_target_is_the_viewers_own_and_settings_are_for_those_who_read_them(ground: Ground) -> None:
    app = ground.app
    app.run(lambda c: set_target(c, "sales", "2026-Q1", Whose(), Decimal(900)))
    app.run(lambda c: set_target(c, "sales", "2026-Q1", Whose(user=app.people["rita"].id), Decimal(40)))

    def ask(text: str) -> Any:
        def work(context: Any) -> Any:
            records = context.runtime.part(Records)
            found = check_filter(rights_of(records, context.actor), "deal", text, want=None)
            return compile_python(found)(RecordReader(context, "deal", 1), moment_of(context, records))

        return work

    told = {who: app.run(ask('TARGET("sales")'), who) for who in ("rita", "rob", "dora")}
    assert told == {"rita": Decimal(40), "rob": None, "dora": Decimal(900)}
    for text in ('SETTING("big") = "x"', 'RECORDED("index") > 1'):
        with pytest.raises(Refusal, match=r"not to be read here|读不到"):
            app.run(ask(text), "rita")


def test_what_hangs_on_them_is_not_stored_and_names_are_checked(tmp_path: Path) -> None:
    fields = """
      name: {type: text}
      rate: {type: formula, value: 'SETTING("rate", 1)', store: true}
      goal: {type: formula, value: 'TARGET("depls")'}
      odd: {type: formula, value: 'TARGET("deals", "soon")'}
      said: {type: formula, value: 'RECORDED(name)'}
      fits: {type: formula, value: 'RECORDED("index") * TARGET("deals") + SETTING("rate")'}
    """
    files = {
        "objects/deal.yaml": f"object: deal\ntitle: name\nfields:{fields}",
        "metrics/deals.yaml": "metric: deals\nobject: deal\nvalue: COUNT(rows)\n",
    }
    found = read(write_pack(tmp_path, "named", files))
    errors = [one for one in found.faults if one.severity == "error"]
    assert sorted(codes(errors)) == ["EXPR_ARGUMENTS", "EXPR_ARGUMENTS", "EXPR_UNKNOWN_NAME", "NOT_STORABLE"]
    assert [one.hint.en for one in errors if one.code == "EXPR_UNKNOWN_NAME"] == ["did you mean deals?"]
