"""Defaults: what the field itself would refuse is a fault where it stands; shares above one; what follows from a fault is not told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.fields import field_kinds
from tests.metamodel.support import read, write_pack

if TYPE_CHECKING:
    from pathlib import Path

    from metamodel.faults import Fault

HEAD = "object: device\ntitle: name\nfields:\n  name: {type: text}\n  boss: {type: user}\n  x: "
OPTIONS = {
    "link": ", to: device",
    "links": ", to: device",
    "choice": ", choices: {up: Up}",
    "choices": ", choices: {up: Up}",
    "lines": ", of: device",
    "state": ", process: p",
    "record": ", every: notes",
}


def faults(folder: Path, field: str, *more: str) -> list[Fault]:
    """Return the faults of an object with the field ``x``."""
    text = HEAD + field + "\n" + "".join(f"{line}\n" for line in more)
    return list(read(write_pack(folder, {"objects/device.yaml": text})).faults)


@pytest.mark.parametrize(
    ("field", "column", "hint"),
    [
        ("{type: user, default: me}", 28, "=me?"),
        ("{type: user, default: boss.name}", 28, "=boss.name?"),
        ("{type: user, default: {value: me, again_when: [name]}}", 36, "=me?"),
        ("{type: user, default: 1}", 28, "begin it with ="),
        ("{type: link, to: device, default: 7}", 40, "begin it with ="),
        ("{type: date, default: TODAY()}", 28, "=TODAY()?"),
        ("{type: integer, default: lots}", 31, ""),
        ("{type: percent, max: 50%, default: 60%}", 41, ""),
        ("{type: serial, default: A-1}", 30, "leave default out"),
    ],
)
def test_a_literal_that_the_field_refuses(tmp_path: Path, field: str, column: int, hint: str) -> None:
    (fault,) = faults(tmp_path, field)
    assert (fault.code, fault.mark.line, fault.mark.column, fault.hint.en) == ("DEFAULT_VALUE", 6, column, hint)


@pytest.mark.parametrize("kind", sorted(name for name, kind in field_kinds().items() if not kind.computed))
def test_every_type_looks_at_its_default(tmp_path: Path, kind: str) -> None:
    """No literal fits every type, and none fits by being overlooked: what no type takes is refused by all but the texts, and addresses, which may be abroad."""
    found = {one.code for one in faults(tmp_path, f"{{type: {kind}{OPTIONS.get(kind, '')}, default: 3 bears}}")}
    assert ("DEFAULT_VALUE" in found) == (kind not in {"text", "long_text", "rich_text", "address"})


def test_an_expression_finds_the_record(tmp_path: Path) -> None:
    assert not faults(
        tmp_path, "{type: user, default: =me}", "  y: {type: user, default: {value: =boss, again_when: [boss]}}"
    )


def test_the_message_reads_as_a_sentence(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, "{type: date, default: 2025-13-40}")
    assert fault.message.en == "the default is not usable: there is no such day: “2025-13-40”"
    assert fault.message.zh == "默认值不可用：没有「2025-13-40」这一天"


@pytest.mark.parametrize(
    ("options", "column"),
    [
        ("default: 10", 31),
        ("min: 5", 27),
        ("max: 100", 27),
        ("default: 10, max: 100", 40),
        ("default: 0.1", None),
        ("default: 1", None),
        ("default: 150%, max: 200%", None),
        ("default: 1.2, max: 1.5", None),
        ("default: =10", None),
    ],
)
def test_a_share_above_one_that_no_max_speaks_of(tmp_path: Path, options: str, column: int | None) -> None:
    found = faults(tmp_path, f"{{type: percent, {options}}}")
    assert [(one.code, one.mark.column, one.severity) for one in found] == (
        [("PERCENT_LARGE", column, "warning")] if column else []
    )


def test_an_unknown_target_is_told_once(tmp_path: Path) -> None:
    """Comparing, adding and summing what hangs on it are no faults of their own; nor is the other side that is missing for it."""
    more = [
        "  a: {type: formula, value: 'x.name & boss.name'}",
        "  b: {type: formula, value: 'a + 1'}",
        "  c: {type: rollup, value: COUNT(devices)}",
        "  d: {type: formula, value: SUM(x) + b}",
        'checks: {k: {require: \'x = "a" and a > 1 and x in (1, "b")\'}}',
    ]
    found = faults(tmp_path, "{type: link, to: devise}", *more)
    assert [one.code for one in found] == ["UNKNOWN_OBJECT"]
    found = faults(tmp_path, "{type: link, to: devise}", "checks: {k: {require: 'x = nome'}}")
    assert [one.code for one in found] == ["UNKNOWN_OBJECT", "EXPR_UNKNOWN_NAME"]


def test_views_without_a_label_are_called_in_both_languages(tmp_path: Path) -> None:
    views = "views: {all: {columns: [name]}, board: {columns: [name]}, hot: {columns: [name]}}\n"
    one = "object: {name}\ntitle: name\nfields: {{name: {{type: text}}}}\n"
    files = {
        "objects/device.yaml": one.format(name="device") + views,
        "objects/bare.yaml": one.format(name="bare"),
    }
    model = read(write_pack(tmp_path, files)).model
    assert model is not None
    said = {name: (view.label("zh"), view.label("en")) for name, view in model.objects["device"].views.items()}
    assert said == {"all": ("全部", "All"), "board": ("看板", "Board"), "hot": ("Hot", "Hot")}
    assert [view.label("zh") for view in model.objects["bare"].views.values()] == ["全部"]
