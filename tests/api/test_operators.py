"""Every operator of the filter bar, on every field of the test pack that has it, writes a filter that the lists take."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.fields.base import Locale
from engine.fields.operators import OPERATORS, filter_expression
from engine.records.compile import Records
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from engine.fields.base import Field

    from .conftest import Api

HOME = ZoneInfo("Asia/Shanghai")
LOCALE = Locale("zh", HOME, HOME)
TODAY = date(2026, 1, 5)
COUNTS = {"": 0, "values": 2, "two": 2, "days2": 2}
NASTY = """说"你好"'; -- %s {x} \\"""


def typed(field: Field, takes: str) -> str:
    if takes == "count":
        return "7"
    if takes in {"day", "days2"} or field.type.base in {Base.DATE, Base.DATETIME}:
        return (
            "2026年1月5日"
            if takes in {"day", "days2"} or field.type.base is Base.DATE or field.kind.computed
            else "2026-01-05 09:30"
        )
    if takes == "text" or field.type.base is Base.TEXT:
        return NASTY
    if field.choices:
        return next(iter(field.choices.values())).label.zh
    return {Base.NUMBER: "13%" if field.kind.name == "percent" else "12", Base.LINK: "1", Base.BOOLEAN: "是"}.get(
        field.type.base, "x"
    )


def test_every_operator_of_every_field(still: Api) -> None:
    tried, sorts = set(), set()
    for name in ("customer", "order", "product", "user"):
        compiled = still.runtime.part(Records).objects[name]
        for field in compiled.anything.values():
            for operator in field.kind.operators:
                takes = OPERATORS[operator].takes
                if (
                    field.type.base in {Base.TEXT, Base.CHOICE, Base.LINK, Base.BOOLEAN}
                    and field.kind.computed
                    and takes
                ):
                    continue
                if (field.kind.name, field.type.base, operator) in sorts:
                    continue
                sorts.add((field.kind.name, field.type.base, operator))
                values = [typed(field, takes)] * COUNTS.get(takes, 1)
                text = filter_expression(field, operator, values, LOCALE, today=TODAY)
                answer = still.get(f"/records/{name}", query_string={"filter": text, "count": "true"})
                assert answer.status_code == 200, (field.name, operator, text, answer.json)
                tried.add((field.kind.name, operator))
    for kind, operators in {(field.kind.name, field.kind.operators) for field in compiled.anything.values()}:
        assert {(kind, operator) for operator in operators} <= tried


def test_answers_are_those_meant(still: Api) -> None:
    def names(**query: str) -> int:
        return int(still.get("/records/customer", query_string={"count": "true", **query}).json["count"])

    assert names(filter='CONTAINS(phone, "800")') == 1
    fields = still.runtime.part(Records).objects["customer"].anything
    for operator, values, found in (
        ("ge", ["77"], 1),
        ("gt", ["77"], 0),
        ("between", ["70", "80"], 1),
        ("lt", ["1百万"], 1),
        ("blank", [], 0),
    ):
        text = filter_expression(fields["credit"], operator, values, LOCALE, today=TODAY)
        assert names(filter=text) == found, operator
    for operator, found in (("today", 1), ("yesterday", 0), ("this_week", 1), ("last_month", 0), ("this_year", 1)):
        assert names(filter=filter_expression(fields["created_at"], operator, [], LOCALE, today=TODAY)) == found, (
            operator
        )
