"""What a computed number is a number of: found from its expression where the definition does not say, exact all the same."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from engine.fields.base import Locale
from engine.records.compile import Records
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
