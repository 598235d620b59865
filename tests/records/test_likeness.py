"""How alike names are, and that no two alike ones miss each other's terms."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from engine.records.likeness import core, grams, likeness, terms

ALIKE = [
    ("上海申浩贸易", "上海申浩贸易有限公司", "1"),
    ("上海申浩贸易", "（上海）申浩贸易", "1"),
    ("上海申浩贸易", "上海申皓贸易", "0.9"),
    ("上海申浩贸易", "上海申浩国际贸易", "0.75"),
    ("上海申浩贸易", "上海新浩贸易", "0.71"),
    ("Ａcme Trading Co., Ltd.", "ACME trading", "1"),
    ("Acme Trading", "Acme Tradng", "0.8"),
    ("西门子（中国）有限公司", "西门子中国", "1"),
    ("客户0001", "客户 2", "0.6"),
    ("张伟", "章伟", "0.9"),
    ("***", "!!!", "0"),
]


@pytest.mark.parametrize(("one", "other", "score"), ALIKE)
def test_likeness(one: str, other: str, score: str) -> None:
    assert likeness(one, other) == likeness(other, one) == Decimal(score)
    assert likeness(one, one) == (1 if grams(one).written else 0)


def test_a_name_of_nothing_but_its_form_keeps_it() -> None:
    assert (core("有限公司"), core("Acme Inc."), core("榫卯集团有限公司")) == ("有限公司", "acme", "榫卯")


def test_names_that_are_alike_share_a_term() -> None:
    dice = random.Random(7)
    parts = "上海北京申浩皓新贸易科技国际材料明铭名鸣a b c Ltd 12 3".replace(" ", "")
    met = 0
    for _ in range(3000):
        one = [dice.choice(parts) for _ in range(dice.randint(1, 9))]
        other = [dice.choice(parts) if dice.random() < 0.15 else character for character in one]
        if dice.random() < 0.3:
            other.insert(dice.randint(0, len(other)), dice.choice(parts))
        for least in (Decimal("0.5"), Decimal("0.75"), Decimal("0.85"), Decimal(1)):
            first, second = "".join(one), "".join(other)
            if likeness(first, second) >= least:
                met += 1
                assert set(terms(first, least)) & set(terms(second, least)), (first, second, least)
    assert met > 1000
