"""What a computed number is a number of: found from its expression where the definition does not say, exact all the same."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from engine.fields.base import Locale
from engine.insight.units import Unit
from engine.records.compile import Records
from engine.records.units import WHOLE, unit_of
from tests.application import compile_packs, write_pack

if TYPE_CHECKING:
    from engine.records.compile import CompiledObject

ENGLISH = Locale("en", ZoneInfo("Asia/Shanghai"), ZoneInfo("Asia/Shanghai"))
ORDER = """
object: order
fields:
  name: {type: text}
  credit: {type: money, currency: USD}
  lines: {type: lines, of: line}
  rate: {type: percent}
  days: {type: integer}
  begins: {type: date}
  ends: {type: date}
  total: {type: rollup, value: SUM(lines.amount)}
  best: {type: rollup, value: MAX(lines.price)}
  many: {type: rollup, value: COUNT(lines)}
  left: {type: formula, value: credit - 5}
  taxed: {type: formula, value: 'ROUND(IF(days > 3, credit * rate, 0), 2)'}
  share: {type: formula, value: credit / 10 / credit}
  again: {type: formula, value: 'COALESCE(rate, 10%)'}
  both: {type: formula, value: credit + total}
  said: {type: formula, value: credit - 5, format: decimal}
  mean: {type: formula, value: 'IF(days > 0, total / days, BLANK)'}
"""
LINE = """
object: line
fields:
  order: {type: link, to: order, parent: true, required: true, reverse: lines, on_delete: cascade}
  quantity: {type: decimal, scale: 3}
  pieces: {type: integer}
  price: {type: money}
  amount: {type: formula, value: quantity * price}
  limit: {type: formula, value: order.credit * 2}
"""


@pytest.fixture(scope="session")
def objects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CompiledObject]:
    files = {"objects/order.yaml": ORDER, "objects/line.yaml": LINE}
    runtime = compile_packs(write_pack(tmp_path_factory.mktemp("units"), "units", files))
    return dict(runtime.part(Records).objects)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("line.amount", "¥1,234.57"),
        ("line.limit", "$1,234.57"),
        ("order.total", "¥1,234.57"),
        ("order.best", "¥1,234.57"),
        ("order.mean", "¥1,234.57"),
        ("order.left", "$1,234.57"),
        ("order.taxed", "$1,234.57"),
        ("order.many", "1,235"),
        ("order.again", "123,456.7%"),
        ("order.share", "1,234.567"),
        ("order.both", "1,234.567"),
        ("order.said", "1,234.567"),
    ],
)
def test_the_unit_is_that_of_what_is_read(objects: dict[str, CompiledObject], name: str, shown: str) -> None:
    of, _, field = name.partition(".")
    found = objects[of].fields[field]
    assert found.kind.show(found, Decimal("1234.567"), ENGLISH) == shown


def test_an_inferred_unit_rounds_nothing_away(objects: dict[str, CompiledObject]) -> None:
    field = objects["line"].fields["amount"]
    assert [field.kind.dump(field, Decimal(text)) for text in ("60000", "1.5", "1.2345")] == [
        "60000.00",
        "1.50",
        "1.2345",
    ]


@pytest.mark.parametrize(
    ("value", "whole"),
    [
        ("COUNT(lines)", True),
        ("COUNT(lines) + COUNT(lines, price > 1)", True),
        ("SUM(lines.pieces) * 2 - days", True),
        ("IF(days > 3, days, 0)", True),
        ("MAX(lines.pieces)", True),
        ("DAYS(ends, begins) + 1", True),
        ("COALESCE(NETWORKDAYS(begins, ends), 0) - days", True),
        ('IF(days > 3, YEAR(begins), DATEDIF(begins, ends, "M")) * LEN(name)', True),
        ('MAX(FIND("a", name), WEEKDAY(begins, 2), -MONTH(ends))', True),
        ("INT(SUM(lines.quantity))", True),
        ("LAST(lines.pieces)", True),
        ("INT(credit)", False),
        ("DAYS(ends, begins) / 7", False),
        ("IF(days > 3, DAYS(ends, begins), SUM(lines.quantity))", False),
        ("AVG(lines.pieces)", False),
        ("days / 2", False),
        ("days + 0.5", False),
        ("days * 1.5", False),
        ("MOD(days, 0.5)", False),
        ("SUM(lines.quantity)", False),
        ("POWER(days, 2)", False),
    ],
)
def test_what_is_whole_by_nature_travels_as_a_number(
    objects: dict[str, CompiledObject], value: str, *, whole: bool
) -> None:
    shapes = objects["order"].records.shapes
    found = unit_of(shapes["order"], shapes.check(value, shapes.scope("order")).tree)
    assert (found == WHOLE) == whole
    if whole:
        field = objects["order"].fields["many"]
        assert [field.kind.dump(field, Decimal(text)) for text in ("3", "0", "1.5")] == [3, 0, "1.5"]


@pytest.mark.parametrize(
    ("unit", "value", "said"),
    [
        (Unit("percent"), "1.000000000000", "1"),
        (Unit("percent"), "0.130000000000", "0.13"),
        (Unit(), "2.500000000000", "2.5"),
        (Unit("money"), "100.000000000000", "100.00"),
        (Unit("money"), "33.333333333333", "33.333333333333"),
        (Unit("money"), "1200", "1200.00"),
        (Unit("money"), "0", "0.00"),
        (Unit("money"), "0E-12", "0.00"),
        (Unit(whole=True), "12.0", 12),
        (Unit(whole=True), "9007199254740993", "9007199254740993"),
    ],
)
def test_figures_travel_without_zeros_at_their_end(unit: Unit, value: str, said: object) -> None:
    assert unit.json(Decimal(value)) == said
