"""Looking a value up among all records of an object: PICK."""

from __future__ import annotations

from decimal import Decimal

from engine.expressions.functions.base import Example, Function
from metamodel.text import Text

PRICES = {
    "prices": (
        "rows",
        [
            {"product": {"text": product}, "amount": {"decimal": amount}, "since": {"date": since}}
            for product, amount, since in (
                ("bolt", "1.5", "2025-01-01"),
                ("nut", "9", "2025-01-01"),
                ("bolt", "1.8", "2026-01-01"),
            )
        ],
    ),
    "product": ("text", "bolt"),
    "region": ("text", None),
}

KIND = Function(
    name="PICK",
    group="rows",
    form="pick",
    usage=("PICK(object.field, condition)", "PICK(object.field, condition, order)", "PICK(object.field, condition, -order)"),
    help=Text(
        zh="在某个对象的全部记录中查一个值（如价目表）：满足条件的第一条，按第三个参数从小到大，写 - 则从大到小。条件中的字段属于被查的记录，本记录的字段写 parent.字段。只在服务器上计算。",
        en="A value looked up among all records of an object (a price list): in the first that fits, by the third argument, smallest first, with - largest first. Fields in the condition are the looked-up record's; this record's are parent.field. Worked out on the server only.",
    ),
    examples=(
        Example("PICK(prices.amount, product = parent.product, since)", Decimal("1.5"), PRICES),
        Example("PICK(prices.amount, product = parent.product, -since)", Decimal("1.8"), PRICES),
        Example("PICK(prices.amount, product = parent.region)", None, PRICES),
    ),
)  # fmt: skip
