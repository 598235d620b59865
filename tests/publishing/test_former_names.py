"""What was written before a rename is read under the new name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.publishing.versions import current_number, load_version
from engine.storage.history import read_history, write_trail
from tests.publishing.support import fields

if TYPE_CHECKING:
    from tests.publishing.support import Shop

START = datetime(2026, 1, 5, tzinfo=UTC)
PLAIN = "name: {type: text}\nfax: {type: text}\nprice: {type: money}"


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def install(shop: Shop, number: int, objects: dict[str, str]) -> None:
    shop.options["clock"] = lambda: day(number)
    shop.install(objects)


def note(shop: Shop, number: int, object_name: str, **changes: str) -> None:
    entries = [(1, {field: [None, value] for field, value in changes.items()})]
    with shop.engine.begin() as connection:
        write_trail(connection, at=day(number), object_name=object_name, actor=None, source="web", action="updated", entries=entries)  # fmt: skip


def history(shop: Shop, object_name: str) -> list[Any]:
    with shop.engine.connect() as connection:
        records = load_version(connection, current_number(connection), shop.kinds).records
        former = records.former(connection, object_name)
        rows = read_history(connection, object_name, 1, former=former)
    return [{field: new for field, (_, new) in row.changes.items()} for row in reversed(rows)]


def test_a_renamed_field_keeps_its_history(shop: Shop) -> None:
    install(shop, 0, {"item": fields(PLAIN)})
    note(shop, 1, "item", name="a", fax="1")
    title = PLAIN.replace("name: {type: text}", "title: {type: text, was: name}")
    install(shop, 2, {"item": fields(title, title="title")})
    note(shop, 3, "item", name="late", fax="2")  # a process still on the version before
    note(shop, 4, "item", title="b")
    assert history(shop, "item") == [{"title": "a", "fax": "1"}, {"title": "late", "fax": "2"}, {"title": "b"}]
    caption = PLAIN.replace("name: {type: text}", "caption: {type: text, was: title}")
    install(shop, 5, {"item": fields(f"{caption}\nname: {{type: text}}", title="caption")})
    note(shop, 6, "item", name="another")
    assert history(shop, "item") == [
        {"caption": "a", "fax": "1"},
        {"caption": "late", "fax": "2"},
        {"caption": "b"},
        {"name": "another"},
    ], "a new field of the old name has a history of its own"


def test_a_renamed_object_keeps_its_history_and_its_name_may_be_given_again(shop: Shop) -> None:
    install(shop, 0, {"item": fields(PLAIN)})
    note(shop, 1, "item", name="a")
    good = "was: item\n" + fields(PLAIN)
    install(shop, 2, {"good": good})
    note(shop, 3, "good", name="b")
    install(shop, 4, {"good": good, "item": fields(PLAIN)})
    note(shop, 5, "item", name="another")
    assert history(shop, "good") == [{"name": "a"}, {"name": "b"}]
    assert history(shop, "item") == [{"name": "another"}]


def test_a_converted_field_keeps_its_history(shop: Shop) -> None:
    install(shop, 0, {"item": fields(PLAIN)})
    note(shop, 1, "item", fax="1")
    install(shop, 2, {"item": fields(PLAIN.replace("fax: {type: text}", "fax: {type: integer}"))})
    install(shop, 3, {"item": fields(PLAIN.replace("fax: {type: text}", "phone: {type: integer, was: fax}"))})
    note(shop, 4, "item", phone="2")
    assert history(shop, "item") == [{"phone": "1"}, {"phone": "2"}]


def test_a_renamed_field_without_a_column_keeps_its_history(shop: Shop) -> None:
    line = fields("item: {type: link, to: item, parent: true, required: true}\nname: {type: text}")
    rows = f"{PLAIN}\nlines: {{type: lines, of: line}}\ntwice: {{type: formula, value: price * 2}}"
    install(shop, 0, {"item": fields(rows), "line": line})
    note(shop, 1, "item", twice="2", **{"lines.1.name": "x"})
    renamed = rows.replace("lines: {", "parts: {was: lines, ").replace("twice: {", "double: {was: twice, ")
    install(shop, 2, {"item": fields(renamed), "line": line})
    note(shop, 3, "item", double="4")
    again = renamed.replace("parts: {was: lines, ", "pieces: {was: parts, ")
    install(shop, 4, {"good": "was: item\n" + fields(again), "line": line.replace("to: item", "to: good")})
    assert history(shop, "good") == [{"double": "2", "pieces.1.name": "x"}, {"double": "4"}]
    taken = again.replace("pieces: {was: parts, ", "pieces: {").replace("double: {was: twice, ", "double: {")
    lines = {"good": fields(f"{taken}\ntwice: {{type: text}}"), "line": line.replace("to: item", "to: good")}
    install(shop, 6, lines)
    note(shop, 7, "good", twice="own")
    assert history(shop, "good") == [{"double": "2", "pieces.1.name": "x"}, {"double": "4"}, {"twice": "own"}]
