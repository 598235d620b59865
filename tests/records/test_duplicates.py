"""Likely duplicates: what is found, by an index and in a constant number of statements; what is told to whom; what blocks, also when two
come at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import sqlalchemy as sa

from engine.context import DEMO, SYSTEM
from engine.records.commands import Change, create, delete, restore, update
from engine.records.duplicate_entry import find_entered
from engine.records.duplicates import Match, find_duplicates, likely_duplicates
from engine.records.likeness import terms
from engine.refusals import Refusal
from engine.storage.database import in_transaction
from tests.records.conftest import App, person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.context import Actor


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    made = make_app("guests")
    person(made, "rita", "rep")
    person(made, "ralf", "rep")
    person(made, "lora", "lone")
    person(made, "boss", "boss")
    return made


def add(app: App, by: Actor | str = SYSTEM, **values: object) -> int:
    return int(app.run(lambda context: create(context, "firm", [values]), by)[0].id)


def asked(app: App, by: Actor | str = SYSTEM, **values: object) -> list[tuple[Any, ...]]:
    return [told(one) for one in app.run(lambda context: find_entered(context, "firm", [values], text=True), by)]


def told(one: Match) -> tuple[Any, ...]:
    return one.rule.name, one.score, one.id, one.label, one.owner


def refused(app: App, work: Callable[[Any], Any], by: Actor | str = SYSTEM) -> Refusal:
    with pytest.raises(Refusal) as caught:
        app.run(work, by)
    return caught.value


def test_what_is_alike_is_found_by_those_who_may_read_it(app: App) -> None:
    first = add(app, "rita", name="上海申浩贸易有限公司", phone="021-5555 0101")
    add(app, "rita", name="北京宏图软件")
    assert asked(app, "rita", name="上海申皓贸易") == [("alike", Decimal("0.9"), first, "上海申浩贸易有限公司", "rita")]
    assert asked(app, "rita", name="甲", phone="（０２１）５５５５－０１０１") == [
        ("phone", 1, first, "上海申浩贸易有限公司", "rita")
    ]
    assert asked(app, "rita", name="上海申浩贸易", phone="02155550101")[0][:3] == ("phone", 1, first), (
        "once, by the surest rule"
    )
    assert asked(app, "rita", name="乙丙丁") == []
    # Another's record: that there is one, and whose; without a right to read people not even that.
    assert asked(app, "ralf", name="上海申浩贸易") == [("alike", 1, None, None, "rita")]
    assert asked(app, "lora", name="上海申浩贸易") == [("alike", 1, None, None, "")]


def test_a_field_one_may_not_read_tells_of_no_record(app: App) -> None:
    add(app, "boss", name="甲乙丙", secret="7788")
    mine = add(app, "rita", name="丁戊己")
    app.run(lambda c: update(c, "firm", [Change(mine, {"secret": "7788"})]))
    row = {"name": "庚辛壬", "secret": "7788"}
    for who, found in (("boss", 2), ("rita", 2), ("lora", 0)):
        matches = app.run(lambda c: find_duplicates(c, "firm", [row]), who)
        assert len(matches) == found, who
        assert all((one.id is None) == (who != "boss") for one in matches), (
            "rita sees hers, and not by what she compared"
        )
        assert who == "boss" or {one.owner for one in matches} <= {"", "boss"}, "of her own not even whose it is"


def test_rules_count_within_their_condition(app: App) -> None:
    add(app, name="甲", note_key="k1", region="east")
    closed = add(app, name="乙", note_key="k2", region="east", status="closed")
    assert [one[0] for one in asked(app, name="丙", note_key=" K1 ", region="east")] == ["place"]
    assert asked(app, name="丙", note_key="k1", region="north") == []
    assert asked(app, name="丙", note_key="k2", region="east") == []
    assert asked(app, name="丙", note_key="k1", region="east", status="closed") == []
    app.run(lambda c: update(c, "firm", [Change(closed, {"status": "live"})]))
    assert [one[0] for one in asked(app, name="丙", note_key="k2", region="east")] == ["place"]


def test_of_a_record_that_changes_the_rest_is_as_stored(app: App) -> None:
    other = add(app, "rita", name="甲", note_key="k1", region="east")
    mine = add(app, "rita", name="乙", region="east")

    def ask(values: dict[str, object], by: str = "rita") -> list[Match]:
        found: list[Match] = app.run(lambda c: find_entered(c, "firm", [values], ids=[mine]), by)
        return found

    assert [one.id for one in ask({"note_key": "k1"})] == [other]
    assert ask({"name": "乙"}) == [], "itself is no duplicate"
    with pytest.raises(Refusal, match="NOT_FOUND"):
        ask({"note_key": "k1"}, "ralf")


def test_what_is_there_is_asked_as_well(app: App) -> None:
    one, two = add(app, "rita", name="上海申浩贸易"), add(app, "rita", name="上海申浩贸易有限公司")
    found = app.run(lambda c: likely_duplicates(c, "firm", [one, two]), "rita")
    assert [(match.row, match.id) for match in found] == [(0, two), (1, one)]
    assert app.run(lambda c: likely_duplicates(c, "firm", [one], fields=frozenset({"note"})), "rita") == []
    app.run(lambda c: delete(c, "firm", [(two, None)]), "rita")
    assert app.run(lambda c: likely_duplicates(c, "firm", [one]), "rita") == []


def test_a_batch_is_held_against_itself(app: App) -> None:
    rows = [{"name": "上海申浩贸易"}, {"name": "别的"}, {"name": "上海申浩贸易有限公司"}]
    found = app.run(lambda c: find_duplicates(c, "firm", rows))
    assert [(one.row, one.twin, one.rule.name) for one in found] == [(2, 0, "alike")]


def test_blocking_says_which_one_or_whom_to_ask(app: App) -> None:
    first = add(app, "rita", name="甲", phone="13800000001")
    mine = refused(app, lambda c: create(c, "firm", [{"name": "乙", "phone": "138 0000 0001"}]), "rita")
    assert (mine.status, mine.code, mine.errors[0].field) == (422, "DUPLICATE", "phone")
    assert mine.message.zh.endswith("：甲")
    others = refused(app, lambda c: create(c, "firm", [{"name": "乙", "phone": "13800000001"}]), "ralf")
    assert "甲" not in others.message.zh
    assert "负责人：rita" in others.message.zh
    assert (
        "rita"
        not in refused(app, lambda c: create(c, "firm", [{"name": "乙", "phone": "13800000001"}]), "lora").message.zh
    )
    several = [{"name": "乙", "phone": "1"}, {"name": "丙", "phone": "13800000001"}, {"name": "丁", "phone": "1"}]
    batch = refused(app, lambda c: create(c, "firm", several))
    assert [(one.row, one.field) for one in batch.errors] == [(1, "phone"), (2, "phone")]
    (
        app.run(lambda c: update(c, "firm", [Change(first, {"phone": "138-0000-0001", "name": "甲甲"})])),
        "the same in another hand",
    )
    second = add(app, name="戊", phone="13800000002")
    assert refused(app, lambda c: update(c, "firm", [Change(second, {"phone": "13800000001"})])).code == "DUPLICATE"
    app.run(lambda c: delete(c, "firm", [(first, None)]))
    app.run(lambda c: update(c, "firm", [Change(second, {"phone": "13800000001"})]))
    back = refused(app, lambda c: restore(c, "firm", [first]))
    assert (back.status, back.code) == (409, "DUPLICATE")
    app.run(lambda c: create(c, "firm", [{"name": "戊", "phone": "13800000001"}]), source=DEMO)


def test_one_of_many_gets_in(app: App) -> None:
    def take(turn: int) -> str:
        try:
            rows = [{"name": f"甲{turn}", "phone": "13800000009"}, {"name": "乙", "phone": f"1390000{turn:04}"}]
            in_transaction(app.engine, lambda c: create(app.context(c, SYSTEM), "firm", rows[:: -1 if turn % 2 else 1]))
        except Refusal as refusal:
            return refusal.code
        return "in"

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(take, range(8))) == ["DUPLICATE"] * 7 + ["in"]


@pytest.fixture
def statements(app: App) -> Iterator[list[str]]:
    heard: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        heard.append(statement)

    sa.event.listen(app.engine, "before_cursor_execute", hear)
    yield heard
    sa.event.remove(app.engine, "before_cursor_execute", hear)


def test_many_rows_cost_one_statement_and_the_index_serves(app: App, statements: list[str]) -> None:
    """A hundred thousand records, whose marks are made as plainly as the database can; a thousand share one of the name asked for."""
    common = f"alike~{terms('上海申浩贸易', Decimal('0.75'))[0]}"
    with app.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO app.firm (created_at, updated_at, name, match_terms) SELECT :now, :now, 'n' || n,"
                " ARRAY['alike~' || md5((n % 30000)::text), 'alike~' || md5((-n)::text), 'phone=' || n]"
                " || CASE WHEN n <= 1000 THEN ARRAY[:common] ELSE '{}' END FROM generate_series(1, 100000) AS n"
            ),
            {"now": app.now, "common": common},
        )
        connection.execute(sa.text("ANALYZE app.firm"))
    last = add(app, "rita", name="上海申浩贸易")
    assert [one[2] for one in asked(app, "rita", name="上海申浩贸易公司")] == [last], (
        "what few share is looked at first"
    )
    rows = [{"name": f"第{turn}号上海申浩贸易", "phone": str(turn)} for turn in range(500)]
    statements.clear()
    found = app.run(lambda c: find_duplicates(c, "firm", rows[:3]), "rita")
    few = len(statements)
    app.run(lambda c: find_duplicates(c, "firm", rows), "rita")
    assert len(statements) - few == few <= 2
    assert not [one for one in found if one.twin is None]
    (text,) = (one for one in statements[-few:] if "json_to_recordset" in one)

    given = orjson.dumps([{"mark": "phone=7"}]).decode()

    def plan(context: Any) -> str:
        rows = context.connection.exec_driver_sql(f"EXPLAIN {text}", {"given": given})
        return "\n".join(row[0] for row in rows)

    shown = app.run(plan, "rita")
    assert "ix_firm_match_terms" in shown, shown
    assert "Seq Scan on firm" not in shown, shown
