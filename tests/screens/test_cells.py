"""Table cells of every kind of field: nothing gets out of them unescaped, whatever stands in a value, a name or a definition."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from engine.fields import field_kinds
from engine.fields.base import Reference
from engine.records.access import MASK, Masked
from engine.screens.address import Condition, ListAddress
from engine.screens.bar import make_bar
from engine.screens.card_cells import columns_on_card
from engine.screens.cells import Column, column, drawing, row_drawer, total_cells
from engine.screens.columns import veiled
from engine.screens.html import Html, escaped, person
from metamodel.definitions.choices import ChoiceDef
from metamodel.expressions.types import BOOLEAN, DATE, NUMBER, TEXT
from metamodel.text import Text
from tests.fields.support import CHINESE, ENGLISH, a_field
from tests.screens.markup import NASTY, assert_no_script

if TYPE_CHECKING:
    from engine.fields.base import Field, FieldKind
    from tests.screens.markup import Tags

ALLOWED = {
    "img",
    "figure",
    "figcaption",
    "span",
    "a",
    "td",
    "tr",
    "th",
    "label",
    "input",
    "svg",
    "path",
    "li",
    "button",
    "small",
    "ul",
}
OPTIONS: dict[str, dict[str, Any]] = {
    "choice": {"choices": "region"},
    "link": {"to": "customer"},
    "links": {"to": "customer"},
    "lines": {"of": "quote_line"},
    "serial": {"format": "A-{0000}"},
}
KINDS = field_kinds()


class NoIcons:
    """Stands for the built files: an icon is an empty drawing."""

    def icon(self, _name: str, _css: str = "") -> Html:
        return Html('<svg class="icon"></svg>')


ICONS: Any = NoIcons()


def assert_harmless(markup: str) -> Tags:
    """Fail where markup holds anything but our own elements, or an attribute that runs a script."""
    found = assert_no_script(markup)
    assert found.tags <= ALLOWED, found.tags
    return found


def field_of(kind: FieldKind) -> Field:
    made = a_field(kind, OPTIONS.get(kind.name, {}))
    evil = Text(zh=NASTY, en=NASTY)
    choices = {"evil": ChoiceDef("evil", evil, NASTY)} if made.choices else made.choices
    return replace(made, choices=choices, definition=replace(made.definition, label=evil))


@given(st.text())
def test_escaping_is_what_markupsafe_does(text: str) -> None:
    assert escaped(text) == str(escape(text))


def test_markup_is_no_excuse_and_neither_is_having_been_seen_before() -> None:
    assert escaped(Html("<b>")) == "&lt;b&gt;"
    assert person("<b>", 7) == person(Html("<b>"), 7)
    assert "<b>" not in person(Html("<b>"), 7)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
@pytest.mark.parametrize(
    "value",
    [NASTY, Masked(NASTY), Reference(1, NASTY, "customer"), Reference(1, NASTY, "user"), Reference(1, "x", NASTY)],
    ids=["text", "masked", "link", "person", "object"],
)
def test_no_kind_lets_anything_through(kind: FieldKind, value: Any) -> None:
    # Whatever a kind's own ``show`` makes of a value: it is text until the cell has escaped it.
    made = replace(field_of(kind), kind=replace(kind, show=lambda _field, given, _locale: str(given)))
    for locale, brief in product((CHINESE, ENGLISH), (True, False)):
        draw = drawing(made, locale, ICONS, brief=brief)
        assert_harmless(draw(value))
        assert_harmless(veiled(draw)(value))
        assert draw(None) == ""


@pytest.mark.parametrize("type_", [TEXT, NUMBER, BOOLEAN, DATE], ids=lambda one: one.base.value)
def test_computed_fields_of_every_type_neither(type_: Any) -> None:
    made = replace(a_field("formula", {"value": "name", "format": "money"}), type=type_)
    made = replace(made, kind=replace(made.kind, show=lambda *_: NASTY))
    assert_harmless(drawing(made, CHINESE, ICONS, brief=True)(Decimal(1)))


def test_labels_and_colours_of_choices_neither() -> None:
    drawn = drawing(field_of(KINDS["choice"]), CHINESE, ICONS)
    assert assert_harmless(drawn("evil")).text == NASTY
    assert assert_harmless(drawn(NASTY)).text == NASTY


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_rows_heads_menus_and_totals_neither(kind: FieldKind) -> None:
    one = column(field_of(kind), CHINESE, ICONS, editable=True)
    one = replace(one, draw=lambda value: escaped(str(value)), sortable=True)
    titled = Column("name", NASTY, "", lambda value: escaped(str(value)), sortable=True)
    row = {"id": 7, "version": 3, "name": NASTY, one.name: NASTY}
    assert_harmless(row_drawer("thing", "name", [titled, one], "en", pick=True)(row))
    bar = make_bar([titled, one], "name", "en", ICONS, others={"z": NASTY}, fields=[("z", NASTY, "x")])
    address = ListAddress(
        "thing",
        view=NASTY,
        saved=NASTY,
        search=NASTY,
        conditions=(Condition("a", NASTY, (NASTY,)),),
        columns=(NASTY,),
    )
    for markup in (
        bar.heads(address.sorting(), ("-x",)),
        bar.sorts(address.sorting(), ("x",)),
        bar.filters(address.editing()),
        bar.choices,
        bar.blanks,
    ):
        assert_harmless(markup)
        assert not re.search("[\x00-\x08]", markup)
    assert_harmless("".join(total_cells([one], {one.name: ("sum", NASTY)}, "en")))


@pytest.mark.parametrize(
    ("kind", "options", "how", "value", "shown"),
    [
        ("rating", {}, "avg", Decimal("3.6666666666666667"), "3.67"),
        ("rating", {}, "sum", 13, "13"),
        ("rating", {}, "count", 4, "4"),
        ("rating", {}, "min", Decimal(2), "★★☆☆☆"),
        ("money", {}, "count", 1234, "1,234"),
        ("money", {"currency": "USD"}, "avg", Decimal("25.6956521739130435"), "$25.70"),
        ("money", {"scale": 0}, "avg", Decimal("-1234.5"), "-¥1,235"),
        ("integer", {}, "avg", Decimal("1.3043478260869565"), "1.3"),
        ("decimal", {"scale": 6}, "avg", Decimal("0.0012345678"), "0.001235"),
        ("decimal", {"scale": 3}, "sum", Decimal("1234.125"), "1,234.125"),
        ("progress", {}, "avg", Decimal("0.5166666666666666"), "51.67%"),
        ("progress", {}, "count", 3, "3"),
        ("rollup", {"format": "integer", "inferred": True}, "avg", Decimal("0.2222222222"), "0.22"),
        ("rollup", {"format": "money"}, "sum", Decimal(9) * 10**30, "¥9" + ",000" * 10),
        ("tags", {}, "count", 2, "2"),
    ],
)
def test_a_total_is_drawn_as_a_figure(kind: str, options: dict[str, Any], how: str, value: Any, shown: str) -> None:
    one = column(a_field(kind, options), CHINESE, ICONS)
    (cell,) = total_cells([one], {"x": (how, value)}, "en")
    assert cell.partition("</small> ")[2] == shown


def test_a_title_that_is_a_link_is_one_link() -> None:
    made = column(a_field("link", {"to": "customer"}), CHINESE, ICONS, name="customer")
    draw = row_drawer("visit", "customer", [made], "en", pick=True)
    drawn = draw({"id": 4, "version": 1, "customer": Reference(9, "A <b> & co", "customer")})
    assert '<td class="c-title"><a href="/o/visit/4">A &lt;b&gt; &amp; co</a></td>' in drawn
    assert 'aria-label="Pick A &lt;b&gt; &amp; co"' in drawn
    assert drawn.count("<a ") == 1
    assert "(untitled)" in draw({"id": 5, "version": 1, "customer": None})


def test_what_is_masked_stays_so_in_every_column() -> None:
    for kind in KINDS.values():
        assert veiled(drawing(field_of(kind), CHINESE, ICONS))(MASK) == "***"


@pytest.mark.parametrize(
    ("kind", "options", "value", "shown"),
    [
        ("decimal", {"scale": 2}, Decimal("2.00"), "2"),
        ("decimal", {"scale": 2}, Decimal("1234.50"), "1,234.5"),
        ("decimal", {"scale": 2}, Decimal("0.25"), "0.25"),
        ("decimal", {"scale": 2}, Decimal("100.00"), "100"),
        ("decimal", {}, Decimal(12000), "12,000"),
        ("integer", {}, 2, "2"),
        ("integer", {}, 1200, "1,200"),
        ("money", {}, Decimal("2.00"), "¥2.00"),
        ("formula", {"value": "1", "scale": 2}, Decimal(2), "2"),
        ("formula", {"value": "1", "scale": 2}, Decimal("2.345"), "2.35"),
        ("formula", {"value": "1", "format": "integer"}, Decimal(20), "20"),
        ("formula", {"value": "1", "format": "percent", "scale": 1}, Decimal("0.1"), "10%"),
        ("formula", {"value": "1", "format": "money"}, Decimal(2), "¥2.00"),
    ],
)
def test_only_money_has_decimals_for_their_own_sake(
    kind: str, options: dict[str, Any], value: Decimal, shown: str
) -> None:
    made = replace(a_field(kind, options), type=NUMBER)
    assert drawing(made, CHINESE, ICONS)(value) == shown
    assert made.kind.show(made, value, ENGLISH) == shown


def test_a_quantity_is_typed_as_it_is_read_and_sent_as_it_is_stored() -> None:
    quantity = a_field("decimal", {"scale": 2})
    assert quantity.kind.edit(quantity, Decimal("2.00"), CHINESE) == "2"
    assert quantity.kind.parse_text(quantity, "2", CHINESE) == Decimal("2.00")
    assert quantity.kind.dump(quantity, Decimal("2.00")) == "2.00"
    price = a_field("money")
    assert price.kind.edit(price, Decimal("2.00"), CHINESE) == "2.00"


def test_a_card_on_a_phone_has_its_state_and_amount() -> None:
    named = ("subject", "who", "who.zone", "state", "from_", "to", "days", "total")
    made = [
        Column(
            one,
            one,
            "c-tag" if one in {"who.zone", "state"} else "",
            str,
            one in {"days", "total"},
            amount=one == "total",
        )
        for one in named
    ]
    assert columns_on_card(made, "number") == {"state", "total", "subject", "who", "from_"}
    assert columns_on_card(made[:7], "subject") == {"subject", "state", "days", "who", "from_"}
