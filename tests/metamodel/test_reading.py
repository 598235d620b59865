"""What a definition leaves unsaid, and reading a set again from a cache."""

from __future__ import annotations

import shutil
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from metamodel.definitions.common import Expression
from metamodel.names import is_name, plural_of
from metamodel.read import Cache, read_canonical
from metamodel.text import Text
from metamodel.versions import admits, parse_range, parse_version
from tests.metamodel.large import write_pack as write_large
from tests.metamodel.support import KINDS, MINI, codes, read, write_pack

if TYPE_CHECKING:
    from pathlib import Path

    from metamodel.definitions.model import Model


def model_of(tmp_path: Path, **objects: str) -> Model:
    found = read(
        write_pack(tmp_path, {f"objects/{name}.yaml": f"object: {name}\n{text}" for name, text in objects.items()})
    )
    assert found.model is not None, [(str(fault.mark), fault.message.en) for fault in found.faults]
    return found.model


def test_a_bare_object(tmp_path: Path) -> None:
    found = model_of(
        tmp_path, opportunity="fields: {note: {type: long_text}, full_name: {type: text}, size: {type: integer}}"
    ).objects["opportunity"]
    assert found.label == Text("Opportunity", "Opportunity")
    assert found.plural == Text("Opportunity", "Opportunities")
    assert found.title == "full_name"
    assert found.fields["full_name"].search
    assert found.fields["full_name"].label.en == "Full name"
    assert [section.fields for section in found.form.tabs["main"].sections.values()] == [("note", "full_name", "size")]
    assert found.views["all"].columns == ("full_name", "size")
    assert found.history


ABOUT_ANY = {"comments": ("comment", "about"), "files": ("file", "about")}  # what may be about any record


def test_other_sides_of_links(tmp_path: Path) -> None:
    model = model_of(
        tmp_path,
        company="fields: {name: {type: text}}",
        opportunity="fields: {company: {type: link, to: company}, owner: {type: user}}",
        box="fields: {held: {type: link, to: [company, opportunity], reverse: stock}, by: {type: user, reverse: held_boxes}}",
    )
    assert {name: (side.object, side.field) for name, side in model.reverse["company"].items()} == {
        "opportunities": ("opportunity", "company"),
        "stock": ("box", "held"),
        **ABOUT_ANY,
    }
    assert set(model.reverse["opportunity"]) == {"stock", *ABOUT_ANY}
    assert "held_boxes" in model.reverse["user"]
    assert model.objects["company"].form.related == ("stock", "opportunities")


def test_lines_get_a_section_and_no_related_list(tmp_path: Path) -> None:
    model = model_of(
        tmp_path,
        bill="fields: {name: {type: text}, lines: {type: lines, of: bill_line}}",
        bill_line="fields: {bill: {type: link, to: bill, parent: true, required: true, on_delete: cascade}, text: {type: text}}",
    )
    assert model.reverse["bill"]["lines"].lines
    assert list(model.reverse["bill"]) == ["lines", *ABOUT_ANY]
    assert model.objects["bill"].form.related == ()
    assert list(model.objects["bill"].form.tabs["main"].sections) == ["main", "lines"]


def test_values_as_definitions_hold_them() -> None:
    model = read(MINI).model
    assert model is not None
    order, line = model.objects["order"], model.objects["order_line"]
    assert order.fields["discount"].default.value == Decimal(0)  # type: ignore[union-attr]
    assert order.fields["owner"].default.value == Expression("me")  # type: ignore[union-attr]
    assert line.fields["price"].default.again_when == ("product",)  # type: ignore[union-attr]
    assert line.fields["product"].options["filter"] == Expression("active")
    assert [choice.label.zh for choice in order.fields["status"].options["choices"].values()][:2] == ["草稿", "已发送"]
    rep = model.roles["rep"]
    assert [scope.name for scope in rep.objects["customer"]["read"]] == ["own"]
    assert [scope.name for scope in rep.objects["customer"]["create"]] == ["all"]
    clerk = model.roles["clerk"].objects["customer"]["read"][0]
    assert clerk.where == Expression('region = "east"')


@pytest.mark.parametrize(
    ("name", "plural"),
    [("opportunity", "opportunities"), ("activity", "activities"), ("box", "boxes"), ("day", "days"), ("branch", "branches"),
     ("customer", "customers"), ("address", "addresses"), ("quiz", "quizes"), ("", "")],
)  # fmt: skip
def test_plurals(name: str, plural: str) -> None:
    assert plural_of(name) == plural


def test_names() -> None:
    assert all(map(is_name, ["a", "a_1", "x" * 60]))
    assert not any(map(is_name, ["", "A", "1a", "a-b", "x" * 61, "a\n", "ä", "_a"]))


@pytest.mark.parametrize(
    ("bounds", "version", "good"),
    [
        (">=1.2,<2", "1.2.0", True), (">=1.2,<2", "1.10.3", True), (">=1.2,<2", "2.0.0", False), (">=1.2,<2", "2.0.0-rc.1", True),
        ("*", "0.0.1", True), ("1.4", "1.4.9", True), ("1.4", "1.5.0", False), ("^1.2", "1.9.0", True), ("^1.2", "2.0.0", False),
        ("^0.2", "0.3.0", False), ("~1.2", "1.3.0", False), ("!=1.2.3", "1.2.3", False), (">1.0.0-rc.1", "1.0.0", True),
    ],
)  # fmt: skip
def test_version_ranges(bounds: str, version: str, *, good: bool) -> None:
    clauses, parsed = parse_range(bounds), parse_version(version)
    assert clauses is not None
    assert parsed is not None
    assert admits(clauses, parsed) is good


@pytest.mark.parametrize("text", ["newest", ">=", "1.2.3.4.5 <", "=>1", ">=1;<2"])
def test_what_is_no_range(text: str) -> None:
    assert parse_range(text) is None


def test_a_second_reading_knows_what_changed(tmp_path: Path) -> None:
    """Whatever is edited, reading with a cache gives what reading without one gives."""
    pack, cache = tmp_path / "mini", Cache()
    shutil.copytree(MINI, pack)
    product, customer = pack / "objects/product.yaml", pack / "objects/customer.yaml"
    first, second = product.read_text(encoding="utf-8"), customer.read_text(encoding="utf-8")
    edits = [
        (product, first),
        (product, first.replace("price:", "prices:")),
        (product, first),
        (product, first.replace("price: {type: money", "price: {type: text").replace(", min: 0", "", 1)),
        (
            product,
            first.replace("active: {type: boolean", "active: {type: text").replace("default: true", "default: x"),
        ),
        (product, first + "views: {v: {columns: [nothing]}}\n"),
        (customer, second.replace("credit: {type: money", "credit: {type: text").replace(", min: 0", "", 1)),
        (customer, second),
        (product, first.replace("object: product", "object: products")),
        (product, first),
        (pack / "choices/region.yaml", "choices: region\nvalues: {west: 华西}\n"),
    ]
    for file, text in edits:
        file.write_text(text, encoding="utf-8")
        kept, anew = read(pack, cache=cache), read(pack)
        assert [(f.code, f.mark, f.message) for f in kept.faults] == [(f.code, f.mark, f.message) for f in anew.faults]
        assert kept.model == anew.model
        assert kept.canonical == anew.canonical


def test_a_cache_in_a_set_of_many(tmp_path: Path) -> None:
    pack, cache = write_large(tmp_path, objects=40), Cache()
    assert codes(read(pack, cache=cache).faults) == []
    file = pack / "objects" / "thing_8.yaml"
    text = file.read_text(encoding="utf-8")
    for changed in (
        text.replace("  f_2:", "  f_2x:"),
        text,
        text.replace("type: money", "type: text, search: false").replace(", min: 0", ""),
    ):
        file.write_text(changed, encoding="utf-8")
        kept, anew = read(pack, cache=cache), read(pack)
        assert [(f.code, f.mark) for f in kept.faults] == [(f.code, f.mark) for f in anew.faults]
        assert kept.hash == anew.hash
    model = read_canonical(read(write_large(tmp_path / "again", objects=5)).canonical, KINDS)
    assert len(model.objects) == 11  # user, department, comment, file, setting and recorded_value come along


def test_a_text_that_is_not_canonical() -> None:
    for text in ("{}", "[]", '{"format": 99, "packs": {}}', "nonsense"):
        with pytest.raises(ValueError):  # noqa: PT011 - json's own error is one
            read_canonical(text, KINDS)
    assert read_canonical("", KINDS).objects == {}
