"""Over many records: SUM, COUNT, AVG, MIN, MAX, FIRST, LAST, ANY, ALL, JOIN. MIN and MAX take single values as well."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from engine.expressions.functions.base import Example, Function
from metamodel.text import Text

GROUP = "rows"


def _kind(
    name: str,
    usage: tuple[str, ...],
    help_: Text,
    examples: tuple[Example, ...] = (),
    form: str = "aggregate",
    *,
    whole: bool = False,
    alike: bool = False,
) -> Function:
    return Function(
        name=name, group=GROUP, form=form, usage=usage, help=help_, examples=examples, whole=whole, alike=alike
    )


COLUMNS = (("n", "decimal"), ("s", "text"))


def _rows(*rows: tuple[str | None, str | None]) -> tuple[str, list[dict[str, dict[str, str | None]]]]:
    """Return rows with a number n and a text s, as examples give them."""
    return ("rows", [{name: {kind: value} for (name, kind), value in zip(COLUMNS, row, strict=True)} for row in rows])


LINES = {"lines": _rows(("1.5", "a"), (None, None), ("2", "b"))}
NONE = {"lines": ("rows", {"n": "decimal", "s": "text"})}

KINDS = (
    _kind(
        "SUM",
        ("SUM(rows.field)", "SUM(rows.field, condition)"),
        Text(zh="合计；没有记录时为 0。", en="The sum; 0 of no records."),
        (
            Example("SUM(lines.n)", Decimal("3.5"), LINES),
            Example("SUM(lines.n, n > 1.7)", Decimal(2), LINES),
            Example("SUM(lines.n)", Decimal(0), NONE),
        ),
        alike=True,
    ),
    _kind(
        "COUNT",
        ("COUNT(rows)", "COUNT(rows.field)", "COUNT(rows, condition)"),
        Text(
            zh="记录数，或某字段不为空的记录数；没有记录时为 0。",
            en="The number of records, or of those where a field is filled in; 0 of none.",
        ),
        (
            Example("COUNT(lines)", Decimal(3), LINES),
            Example("COUNT(lines.n)", Decimal(2), LINES),
            Example('COUNT(lines, s = "a")', Decimal(1), LINES),
        ),
        whole=True,
    ),
    _kind(
        "AVG",
        ("AVG(rows.field)", "AVG(rows.field, condition)"),
        Text(zh="平均值，保留 12 位小数，不计空值。", en="The average to 12 decimals, blanks left out."),
        (Example("AVG(lines.n)", Decimal("1.75"), LINES), Example("AVG(lines.n)", None, NONE)),
        alike=True,
    ),
    _kind(
        "MIN",
        ("MIN(rows.field)", "MIN(rows.field, condition)", "MIN(value, value, …)"),
        Text(zh="最小值（数字或日期），不计空值。", en="The smallest number or earliest date, blanks left out."),
        (
            Example("MIN(3, 1, 2)", Decimal(1)),
            Example("MIN(n, 5)", Decimal(5), {"n": ("decimal", None)}),
            Example("MIN(lines.n)", Decimal("1.5"), LINES),
        ),
        "extreme",
        alike=True,
    ),
    _kind(
        "MAX",
        ("MAX(rows.field)", "MAX(rows.field, condition)", "MAX(value, value, …)"),
        Text(zh="最大值（数字或日期），不计空值。", en="The largest number or latest date, blanks left out."),
        (
            Example("MAX(3, 1, 2)", Decimal(3)),
            Example("MAX(DATE(2024, 1, 1), DATE(2024, 2, 1))", date(2024, 2, 1)),
            Example("MAX(lines.n)", Decimal(2), LINES),
        ),
        "extreme",
        alike=True,
    ),
    _kind(
        "FIRST",
        ("FIRST(rows.field)", "FIRST(rows.field, condition)", "FIRST(rows.field, condition, order)"),
        Text(
            zh="第一条记录的值：明细按行序，其他记录按录入顺序，或按第三个参数从小到大。",
            en="The value in the first record: lines as they stand, others in order of entry, or by the third argument, smallest first.",
        ),
        (Example("FIRST(lines.s)", "a", LINES), Example("FIRST(lines.s, n > 1, n)", "a", LINES)),
        alike=True,
    ),
    _kind(
        "LAST",
        ("LAST(rows.field)", "LAST(rows.field, condition)", "LAST(rows.field, condition, order)"),
        Text(
            zh="最后一条记录的值：明细按行序，其他记录按录入顺序，或按第三个参数从小到大。",
            en="The value in the last record: lines as they stand, others in order of entry, or by the third argument.",
        ),
        (Example("LAST(lines.s)", "b", LINES),),
        alike=True,
    ),
    _kind(
        "ANY",
        ("ANY(rows, condition)",),
        Text(
            zh="是否有记录满足条件；没有记录时为空。",
            en="Whether some record meets the condition; BLANK of no records.",
        ),
        (Example("ANY(lines, n > 1.7)", True, LINES), Example("ANY(lines, n > 1)", None, NONE)),
    ),
    _kind(
        "ALL",
        ("ALL(rows, condition)",),
        Text(
            zh="是否所有记录都满足条件；没有记录时为空。",
            en="Whether all records meet the condition; BLANK of no records.",
        ),
        (Example("ALL(lines, n > 1)", False, LINES), Example("ALL(lines, n > 1)", None, NONE)),
    ),
    _kind(
        "JOIN",
        ("JOIN(rows.field)", 'JOIN(rows.field, ", ")', 'JOIN(rows.field, condition, ", ")'),
        Text(
            zh="各记录的文本用分隔符（默认“, ”）连接，不计空值。",
            en='The texts of the records with a separator (", " unless given) between them, blanks left out.',
        ),
        (Example("JOIN(lines.s)", "a, b", LINES), Example('JOIN(lines.s, "/")', "a/b", LINES)),
    ),
)
