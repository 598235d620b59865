"""What the checker says: types, names, faults with their places and hints, and what an expression hangs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.expressions.functions import FUNCTIONS
from metamodel.expressions.checker import Checked, Scope, check_expression
from metamodel.expressions.faults import ExpressionFault, cut_by_yaml
from metamodel.expressions.parser import parse_expression
from metamodel.expressions.types import BOOLEAN, DATE, DATETIME, NUMBER, TEXT, Base, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

USER = Type(Base.LINK, ("user",))
OBJECTS: dict[str, dict[str, Type]] = {
    "opportunity": {
        "name": TEXT, "amount": NUMBER, "stage": Type(Base.CHOICE, names=("contact", "won", "lost")), "close_on": DATE, "happened_at": DATETIME,
        "created_at": DATETIME, "customer": Type(Base.LINK, ("customer",)), "owner": USER, "lines": Type(Base.ROWS, ("line",)),
    },
    "customer": {"name": TEXT, "owner": USER, "opportunities": Type(Base.ROWS, ("opportunity",))},
    "user": {"name": TEXT, "manager": USER, "region": TEXT, "line": Type(Base.ROWS, ("line",))},
    "line": {"price": NUMBER, "quantity": NUMBER, "product": TEXT},
}  # fmt: skip


class Shop:
    """A small schema."""

    def members(self, object_name: str) -> Mapping[str, Type] | None:
        """Return an object's members."""
        return OBJECTS.get(object_name)


SCOPE = Scope(Shop(), "opportunity", {"me": USER, "old": Type(Base.LINK, ("opportunity",)), "param": {"utm": TEXT}})


def check(text: str, want: Type | None = None) -> Checked:
    """Check an expression on an opportunity."""
    return check_expression(text, SCOPE, FUNCTIONS, want=want)


@pytest.mark.parametrize(
    ("text", "code", "at", "hint"),
    [
        ("amuont > 1", "EXPR_UNKNOWN_NAME", "amuont", "did you mean amount?"),
        ("SUMM(lines.price)", "EXPR_UNKNOWN_FUNCTION", "SUMM", "did you mean SUM?"),
        ('stage = "wonn"', "EXPR_UNKNOWN_CHOICE", '"wonn"', "did you mean won?"),
        ('stage in ("won", "gone")', "EXPR_UNKNOWN_CHOICE", '"gone"', "one of: contact, won, lost"),
        ('amount + "1"', "EXPR_TYPE", '"1"', "VALUE() reads a number from a text"),
        ("close_on + 30", "EXPR_TYPE", "30", "a duration has a unit: 30d, 48h, 3mo"),
        ("lines > 1", "EXPR_ROWS", "lines", "sum them up: SUM, COUNT, MAX …"),
        ("SUM(lines)", "EXPR_ROWS", "SUM(lines)", "for example lines.amount"),
        ("SUM(amount)", "EXPR_ROWS", "SUM(amount)", "for example SUM(lines.amount)"),
        (
            "COUNT(lines, amount > 1)",
            "EXPR_UNKNOWN_NAME",
            "amount",
            "the field of the record above is written parent.amount",
        ),
        (
            "PICK(line.price)",
            "EXPR_ARGUMENTS",
            "PICK(line.price)",
            "for example PICK(price.amount, product = parent.product, -valid_from)",
        ),
        (
            "PICK(price, amount > 1)",
            "EXPR_ARGUMENTS",
            "price",
            "for example PICK(price.amount, product = parent.product, -valid_from)",
        ),
        ("PICK(line.prise, product = parent.name)", "EXPR_UNKNOWN_NAME", "line.prise", "did you mean price?"),
        (
            "PICK(line.price, product = name)",
            "EXPR_UNKNOWN_NAME",
            "name",
            "the field of the record above is written parent.name",
        ),
        (
            "PICK(line.price, product = record.name)",
            "EXPR_UNKNOWN_NAME",
            "record.name",
            "here it is written parent.name",
        ),
        (
            "COUNT(lines, price > record.amount)",
            "EXPR_UNKNOWN_NAME",
            "record.amount",
            "here it is written parent.amount",
        ),
        ("parent.amount > 1", "EXPR_UNKNOWN_NAME", "parent.amount", "here it is written amount"),
        ("record.amount > 1", "EXPR_UNKNOWN_NAME", "record.amount", "here it is written amount"),
        ("parent.region > 1", "EXPR_UNKNOWN_NAME", "parent.region", "here it is written owner.region"),
        ("SUM(lines.price * parent.amount)", "EXPR_UNKNOWN_NAME", "parent.amount", "here it is written amount"),
        ("TIER(amount, 5, 1, 5, 2)", "EXPR_ARGUMENTS", "TIER(amount, 5, 1, 5, 2)", ""),
        ("TIER(name, 5, 1)", "EXPR_TYPE", "5", ""),
        ("PICK(line.price, product)", "EXPR_TYPE", "product", ""),
        (
            "PICK(customer.name, COUNT(opportunities) > 1)",
            "EXPR_ROWS",
            "PICK(customer.name, COUNT(opportunities) > 1)",
            "",
        ),
        ("SUM(lines.price * PICK(line.price, TRUE))", "EXPR_ROWS", "PICK(line.price, TRUE)", ""),
        ("name.length", "EXPR_NOT_A_LINK", "name.length", ""),
        ("LEFT()", "EXPR_ARGUMENTS", "LEFT()", ""),
        ('IF(amount > 1, 1, "a")', "EXPR_TYPE", 'IF(amount > 1, 1, "a")', ""),
        ('close_on > "soon"', "EXPR_TYPE", '"soon"', 'a date is written "2026-01-31" or DATE(2026, 1, 31)'),
        ("TODAY > close_on", "EXPR_UNKNOWN_NAME", "TODAY", "a function takes brackets: TODAY()"),
        ("customer < 5 and owner", "EXPR_TYPE", "owner", ""),
        ('TEXT(amount, "abc")', "EXPR_ARGUMENTS", 'TEXT(amount, "abc")', ""),
        (
            "IDLE(happened_at) > 14d",
            "EXPR_IDLE_BLANK",
            "IDLE(happened_at)",
            "for example IDLE(COALESCE(happened_at, created_at))",
        ),
        ("a == b", "EXPR_SYNTAX", "=", "equal is =, unequal is <>"),
        ("a != b", "EXPR_CHARACTER", "!", "write <>"),
        ("1 < 2 < 3", "EXPR_SYNTAX", "<", "comparisons do not chain: join them with and"),
    ],
)
def test_faults(text: str, code: str, at: str, hint: str) -> None:
    fault = check(text).faults[0]
    assert (fault.code, text[fault.start : fault.end], fault.hint.en) == (code, at, hint)
    assert fault.message.zh
    assert fault.message.en


def test_where_record_is_known_parent_is_told_so() -> None:
    """A link's filter: bare names are the candidate."""
    scope = SCOPE.bind(record=Type(Base.LINK, ("customer",)))
    (fault,) = check_expression("owner = parent.owner", scope, FUNCTIONS).faults
    assert fault.hint.en == "here it is written record.owner"


def test_all_faults_at_once() -> None:
    assert [fault.code for fault in check('amuont > 1 and stage = "x" and LEFTT(name)').faults] == [
        "EXPR_UNKNOWN_NAME", "EXPR_UNKNOWN_CHOICE", "EXPR_UNKNOWN_FUNCTION",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("amount * 10%", Base.NUMBER), ("close_on - close_on", Base.DURATION), ("close_on + 14d", Base.DATE), ("close_on + 5h", Base.DATETIME),
        ("happened_at - 1mo", Base.DATETIME), ("IF(amount > 1, close_on, happened_at)", Base.DATETIME), ("customer.owner.manager", Base.LINK),
        ("MANAGER(owner)", Base.LINK), ('IF(TRUE, stage, "x")', Base.TEXT), ("SUM(lines.price * lines.quantity)", Base.NUMBER),
        ("JOIN(lines.product)", Base.TEXT), ('happened_at > "2026-01-01T09:00"', Base.BOOLEAN), ("customer = 7", Base.BOOLEAN), ("me.region & param.utm", Base.TEXT),
        ("ANY(lines, price > parent.amount)", Base.BOOLEAN), ("LABEL(stage)", Base.TEXT), ('COUNT(customer.opportunities, stage = "won")', Base.NUMBER),
    ],
)  # fmt: skip
def test_types(text: str, base: Base) -> None:
    checked = check(text)
    assert checked.expression is not None, [fault.message.en for fault in checked.faults]
    assert checked.expression.type.base is base


def test_depends() -> None:
    depends = check(
        "amount + SUM(lines.price, quantity > parent.amount) > 0 and customer.owner = me and old.stage <> stage and close_on < TODAY()"
    ).depends
    assert depends.paths == (("amount",), ("close_on",), ("customer", "owner"), ("me",), ("old", "stage"), ("stage",))
    (rows,) = depends.rows
    assert (rows.path, rows.objects, rows.paths) == (("lines",), ("line",), (("price",), ("quantity",)))
    assert depends.needs == {"me", "old", "now"}
    assert depends.kind == "viewer"
    assert check("amount > 1").depends.kind == "record"
    assert check("close_on < TODAY()").depends.kind == "time"
    assert not check("old.amount").depends.stored


def test_want_converts_or_faults() -> None:
    assert check("close_on", DATETIME).expression is not None
    assert check("amount", TEXT).faults[0].code == "EXPR_TYPE"
    assert (
        check('IF(amount > 1, "won", "gone")', OBJECTS["opportunity"]["stage"]).faults[0].code == "EXPR_UNKNOWN_CHOICE"
    )
    assert check('"2026-01-31"', DATE).expression is not None
    assert check("BLANK", BOOLEAN).expression is not None


def test_equal_expressions_are_equal() -> None:
    assert check("amount > 1").expression == check("amount > 1").expression
    assert len({check("amount > 1").expression, check("amount > 1").expression, check("amount > 2").expression}) == 2


def test_cut_by_yaml() -> None:
    for text in ("COUNT(a", 'IF(a = "x', "a +", "stage in ("):
        with pytest.raises(ExpressionFault) as raised:
            parse_expression(text)
        cut = cut_by_yaml(raised.value)
        assert cut is not None
        assert cut.code == "EXPR_CUT"
    with pytest.raises(ExpressionFault) as raised:
        parse_expression("a b")
    assert cut_by_yaml(raised.value) is None


WORDS = st.sampled_from(
    ["amount", "lines.price", "stage", "(", ")", ",", "+", "-", "*", "/", "^", "&", "=", "<>", "<", "and", "or", "not", "in", "IF(", "SUM(", '"a"', '"', "1", "14d",
     "10%", ".", "TRUE", "BLANK", "me.", "榫", "\n", "LEFT(", "COUNT(lines,", "old.amount", "parent.amount"]
)  # fmt: skip


@settings(max_examples=300, deadline=20_000)
@given(st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=60).map(" ".join)))
@example("(" * 100_000)
@example("not " * 5000)
@example("-" * 10_000)
@example("(a or b and c = d & e + f * g ^ " * 300)
@example("IF(" * 64)
@example("1" + "+1" * 400)
@example("1" + "+1" * 100_000)
@example('"' + "x" * 1_000_000)
@example("9" * 15_000)
@example("a." * 5000 + "a")
@example("(1+" * 60 + "1" + "+1)" * 60)
def test_any_text_is_an_expression_or_a_fault(text: str) -> None:
    checked = check(text)
    assert checked.expression is not None or any(fault.severity == "error" for fault in checked.faults)
    assert all(0 <= fault.start <= fault.end <= len(text) for fault in checked.faults)


def test_rows_read_twice_are_one_reading() -> None:
    (rows,) = check("SUM(lines.price) / COUNT(lines) + COUNT(lines, quantity > 1)").depends.rows
    assert rows.paths == (("price",), ("quantity",))


def test_what_pick_reads() -> None:
    depends = check("PICK(line.price, product = parent.name, -quantity)").depends
    assert depends.paths == (("name",),)
    assert [(read.objects, read.paths) for read in depends.picks] == [
        (("line",), (("price",), ("product",), ("quantity",)))
    ]
    assert not depends.stored
    assert not depends.rows


def test_rows_called_as_an_object_do_not_make_a_pick_an_aggregate() -> None:
    text = "MIN(PICK(line.price, product = parent.name), 3)"
    checked = check_expression(text, Scope(Shop(), "user"), FUNCTIONS)
    assert checked.faults == []
    assert not checked.depends.rows
