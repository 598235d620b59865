"""Tables follow their definitions, and no value is lost on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.publishing.faults import PublishFault
from engine.publishing.steps import PlanRefusal
from tests.publishing.support import fields

if TYPE_CHECKING:
    from engine.publishing.steps import Step
    from tests.publishing.support import Shop

ONE = {"item": fields("name: {type: text, required: true}\nfax: {type: text}\nprice: {type: money}")}


def test_a_repeated_install_changes_nothing(shop: Shop) -> None:
    first = shop.install(ONE)
    again = shop.install(ONE)
    assert (first.version, first.changed) == (1, True)
    assert (again.version, again.changed) == (1, False)
    assert again.plan is not None
    assert [step.key for step in again.plan.steps] == []


def test_a_rename_changes_the_mapping_only(shop: Shop) -> None:
    shop.install(ONE)
    shop.insert("item", {"name": "榫卯", "fax": "123"})
    renamed = {
        "item": fields(
            "title: {type: text, required: true, was: name}\nfax: {type: text}\nprice: {type: money}", title="title"
        )
    }
    outcome = shop.install(renamed)
    assert outcome.plan is not None
    assert {step.operation for step in outcome.plan.steps} <= {"search", "recompute"}
    assert shop.columns("item")["title"] == "name"
    assert shop.rows("SELECT name, fax FROM app.item") == [("榫卯", "123")]


def test_a_removed_field_keeps_its_data_and_comes_back(shop: Shop) -> None:
    shop.install(ONE)
    shop.insert("item", {"name": "a", "fax": "123"})
    shop.install({"item": fields("fax: {type: text, required: true}", title="fax")})
    assert shop.nullable("item")["name"], "nobody writes it any more"
    shop.install(ONE)
    assert shop.rows("SELECT name, fax FROM app.item") == [("a", "123")]
    assert shop.columns("item") == {"name": "name", "fax": "fax", "price": "price"}
    assert not shop.nullable("item")["name"]


def test_a_column_freed_by_another_type_is_not_reused(shop: Shop) -> None:
    shop.install(ONE)
    shop.insert("item", {"name": "a", "fax": "123"})
    shop.install({"item": fields("name: {type: text, required: true}")})
    shop.install({"item": fields("name: {type: text, required: true}\nfax: {type: integer}")})
    assert shop.columns("item")["fax"] == "fax_2"
    shop.install({"item": fields("name: {type: text, required: true}\nfax: {type: text}")})
    assert shop.columns("item")["fax"] == "fax_3", "converted from the integer, which never was the old text"
    shop.install({"item": fields("name: {type: text, required: true}")})
    shop.install({"item": fields("name: {type: text, required: true}\nfax: {type: text}")})
    assert shop.columns("item")["fax"] == "fax_3", "the latest text comes back"
    assert shop.rows("SELECT fax FROM app.item") == [("123",)]


def test_a_type_changed_and_changed_back_brings_back_what_did_not_convert(shop: Shop) -> None:
    shop.install(ONE)
    shop.insert(
        "item",
        {"name": "a", "fax": "007"},
        {"name": "b", "fax": "abc"},
        {"name": "c", "fax": "1"},
        {"name": "d", "fax": "2"},
    )
    shop.install(
        {"item": fields("name: {type: text, required: true}\nfax: {type: integer}\nprice: {type: money}")},
        accept_loss=True,
    )
    with shop.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE app.item SET fax_2 = 5 WHERE name = 'c'")
        connection.exec_driver_sql("UPDATE app.item SET fax_2 = NULL WHERE name = 'd'")
    shop.insert("item", {"name": "e", "fax_2": 9})
    shop.install(ONE)
    assert shop.columns("item")["fax"] == "fax"
    assert shop.rows("SELECT fax FROM app.item ORDER BY name") == [("007",), ("abc",), ("5",), (None,), ("9",)]


def test_rows_that_do_not_convert_are_listed_first(shop: Shop) -> None:
    shop.install(ONE)
    shop.insert("item", {"name": "a", "fax": "12"}, {"name": "b", "fax": "abc"}, {"name": "c"})
    changed = {"item": fields("name: {type: text, required: true}\nfax: {type: integer}\nprice: {type: money}")}
    with pytest.raises(PlanRefusal) as refused:
        shop.install(changed)
    (problem,) = refused.value.problems
    assert (problem.code, problem.object, problem.field, problem.record, problem.value) == (
        "NOT_CONVERTIBLE",
        "item",
        "fax",
        2,
        "abc",
    )
    assert shop.rows("SELECT version FROM tenon.current") == [(1,)], "nothing changed"
    assert "fax_2" not in shop.nullable("item")
    shop.install(changed, accept_loss=True)
    assert shop.rows("SELECT name, fax, fax_2 FROM app.item ORDER BY id") == [
        ("a", "12", 12),
        ("b", "abc", None),
        ("c", None, None),
    ]
    assert shop.install(changed).changed is False


def test_types_that_hold_each_others_values_keep_their_column(shop: Shop) -> None:
    shop.install(
        {
            "item": fields(
                "name: {type: text, required: true}\nnote: {type: text, max: 80}\nstep: {type: choice, choices: {a: A, b: B}}"
            )
        }
    )
    shop.insert("item", {"name": "a", "note": "n", "step": "a"})
    outcome = shop.install(
        {
            "item": fields(
                "name: {type: text, required: true}\nnote: {type: long_text}\nstep: {type: choice, choices: {a: A, b: B, c: C}}"
            )
        }
    )
    assert shop.columns("item") == {"name": "name", "note": "note", "step": "step"}
    assert outcome.plan is not None
    assert {step.operation for step in outcome.plan.steps} <= {"search"}


def test_a_required_field_needs_a_value_for_every_row(shop: Shop) -> None:
    shop.install(ONE)
    shop.insert("item", {"name": "a", "fax": "12"}, {"name": "b"})
    required = {
        "item": fields("name: {type: text, required: true}\nfax: {type: text, required: true}\nprice: {type: money}")
    }
    with pytest.raises(PlanRefusal) as refused:
        shop.install(required)
    assert [(one.code, one.record) for one in refused.value.problems] == [("BLANK", 2)]
    shop.install(required, accept_loss=True)
    assert shop.nullable("item")["fax"], "a blank was accepted"
    assert shop.install(required).changed is False
    shop.rows("SELECT 1")
    with shop.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE app.item SET fax = '1' WHERE fax IS NULL")
    shop.install(required)
    assert not shop.nullable("item")["fax"], "once no row is blank, none can be"


def test_a_required_field_with_a_default_fills_the_rows(shop: Shop) -> None:
    shop.install(ONE)
    shop.insert("item", {"name": "a"}, {"name": "b", "fax": "9"})
    shop.install(
        {
            "item": fields(
                """
                name: {type: text, required: true}
                fax: {type: text, required: true, default: none}
                price: {type: money, required: true, default: 12.5}
                count: {type: integer, required: true, default: 3}
                open: {type: boolean, required: true, default: true}
                """
            )
        }
    )
    assert [
        tuple(map(str, row)) for row in shop.rows("SELECT name, fax, price, count, open FROM app.item ORDER BY id")
    ] == [
        ("a", "none", "12.50", "3", "True"),
        ("b", "9", "12.50", "3", "True"),
    ]
    assert not any(shop.nullable("item")[name] for name in ("fax", "price", "count", "open"))
    defaults = shop.rows(
        "SELECT count(*) FROM information_schema.columns WHERE table_name = 'item' AND column_default LIKE '%none%'"
    )
    assert defaults == [(0,)], "the default belongs to the door, not to the table"


def test_duplicates_are_listed_and_can_not_be_accepted(shop: Shop) -> None:
    shop.install(ONE)
    shop.insert("item", {"name": "a"}, {"name": "b"}, {"name": "a"})
    unique = {
        "item": fields("name: {type: text, required: true, unique: true}\nfax: {type: text}\nprice: {type: money}")
    }
    for accept in (False, True):
        with pytest.raises(PlanRefusal) as refused:
            shop.install(unique, accept_loss=accept)
        assert [(one.code, one.record, one.value) for one in refused.value.problems] == [
            ("DUPLICATE", 1, "a"),
            ("DUPLICATE", 3, "a"),
        ]
    with shop.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE app.item SET deleted_at = now() WHERE id = 3")
    shop.install(unique)
    assert shop.rows("SELECT count(*) FROM pg_indexes WHERE schemaname = 'app' AND indexname = 'uq_item_name'") == [
        (1,)
    ]


def test_a_removed_choice_is_refused_while_records_have_it(shop: Shop) -> None:
    def item(choices: str) -> dict[str, str]:
        return {"item": fields(f"name: {{type: text}}\nregion: {{type: choice, choices: {{{choices}}}}}")}

    shop.install(item("north: N, east: E, west: W"))
    shop.insert("item", {"name": "a", "region": "east"})
    shop.install(item("north: N, east: E"))
    with pytest.raises(PlanRefusal) as refused:
        shop.install(item("north: N"))
    assert [(one.code, one.value) for one in refused.value.problems] == [("UNKNOWN_CHOICE", "east")]
    with pytest.raises(PlanRefusal):  # a value that is none of the choices could neither be found nor shown
        shop.install(item("north: N"), accept_loss=True)


LINKED = {
    "maker": fields("name: {type: text, required: true}"),
    "item": fields("name: {type: text, required: true}\nmaker: {type: link, to: maker}"),
}


def test_an_object_renamed_removed_and_back_keeps_its_records(shop: Shop) -> None:
    shop.install(LINKED)
    shop.insert("maker", {"name": "m"})
    shop.insert("item", {"name": "a", "maker": 1})
    renamed = {
        "producer": f"was: maker\n{LINKED['maker']}",
        "item": fields("name: {type: text, required: true}\nmaker: {type: link, to: producer}"),
    }
    shop.install(renamed)
    assert shop.columns("item")["maker"] == "maker"
    shop.install({"item": fields("name: {type: text, required: true}")})
    shop.install(renamed)
    assert shop.rows("SELECT i.name, m.name FROM app.item i JOIN app.maker m ON m.id = i.maker") == [("a", "m")]


def test_a_name_used_again_for_something_else_starts_empty(shop: Shop) -> None:
    shop.install(LINKED)
    shop.insert("maker", {"name": "m"})
    shop.insert("item", {"name": "a", "maker": 1})
    shop.install({"producer": f"was: maker\n{LINKED['maker']}", "item": fields("name: {type: text, required: true}")})
    shop.install({**LINKED, "producer": LINKED["maker"]})
    assert shop.columns("item")["maker"] == "maker_2", "the ids of producers are none of makers"
    assert shop.rows("SELECT count(*) FROM app.maker_2") == [(0,)]


def test_links_to_records_that_are_gone_are_listed(shop: Shop) -> None:
    shop.install(LINKED)
    shop.insert("maker", {"name": "m"}, {"name": "n"})
    shop.insert("item", {"name": "a", "maker": 1}, {"name": "b", "maker": 2})
    shop.install({**LINKED, "item": fields("name: {type: text, required: true}")})
    with shop.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM app.maker WHERE id = 2")
    with pytest.raises(PlanRefusal) as refused:
        shop.install(LINKED)
    assert [(one.code, one.record) for one in refused.value.problems] == [("DANGLING_LINK", 2)]
    shop.install(LINKED, accept_loss=True)
    assert shop.rows("SELECT name, maker FROM app.item ORDER BY id") == [("a", 1), ("b", None)]
    assert shop.rows("SELECT convalidated FROM pg_constraint WHERE conname = 'fk_item_maker'") == [(True,)]


def test_rolling_back_undoes_renames_and_brings_fields_back(shop: Shop) -> None:
    shop.install(ONE)
    shop.insert("item", {"name": "a", "fax": "1"})
    shop.install(
        {"item": fields("title: {type: text, required: true, was: name}\nprice: {type: money}", title="title")}
    )
    shop.install({"item": fields("title: {type: text, required: true}\nprice: {type: integer}", title="title")})
    outcome = shop.rollback(1)
    assert (outcome.version, outcome.changed) == (4, True)
    assert shop.columns("item") == {"name": "name", "fax": "fax", "price": "price"}
    assert shop.rows("SELECT name, fax FROM app.item") == [("a", "1")]
    assert shop.rollback(4).changed is False


def test_names_too_long_or_taken_by_postgresql_are_changed(shop: Shop) -> None:
    long = "a" * 60
    many = "\n".join(f"{long[:-2]}{number:02}: {{type: text, index: true}}" for number in range(3))
    shop.install({long: fields(f"name: {{type: text}}\nxmin: {{type: text}}\nsearch_terms: {{type: text}}\n{many}")})
    shop.install(
        {
            long: fields(
                f"name: {{type: text}}\nxmin: {{type: text}}\nsearch_terms: {{type: text}}\n{many}\nmore: {{type: text}}"
            )
        }
    )
    columns = shop.columns(long)
    assert columns["xmin"] == "xmin_2"
    assert columns["search_terms"] == "search_terms_2"
    assert all(len(name) <= 63 for name in columns.values())


def test_values_that_convert_to_the_same_are_no_longer_unique(shop: Shop) -> None:
    shop.install({"item": fields("name: {type: text}\nsize: {type: text, unique: true}")})
    shop.insert("item", {"name": "a", "size": "1"}, {"name": "b", "size": "01"})
    unique = {"item": fields("name: {type: text}\nsize: {type: integer, unique: true}")}
    with pytest.raises(PlanRefusal) as refused:
        shop.install(unique, accept_loss=True)
    assert [(one.code, one.record, one.value) for one in refused.value.problems] == [("DUPLICATE", 2, "01")]
    with shop.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE app.item SET size = '2' WHERE id = 2")
    shop.install(unique)
    assert shop.rows("SELECT size_2 FROM app.item ORDER BY id") == [(1,), (2,)]
    assert shop.rows("SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%UNIQUE%(size_2)%'") == [(1,)]


def test_one_default_for_a_unique_field_is_refused(shop: Shop) -> None:
    shop.install({"item": fields("name: {type: text}")})
    shop.insert("item", {"name": "a"}, {"name": "b"})
    unique = {"item": fields("name: {type: text}\ncode: {type: text, required: true, unique: true, default: x}")}
    with pytest.raises(PlanRefusal) as refused:
        shop.install(unique)
    assert [(one.code, one.record) for one in refused.value.problems] == [("DUPLICATE", 2)]


def test_what_others_made_in_the_schema_is_left_alone(shop: Shop) -> None:
    shop.install(ONE)
    with shop.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE app.reports (id int)")
        connection.exec_driver_sql("ALTER TABLE app.item ADD COLUMN dba text")
    shop.install({"item": fields("name: {type: text, required: true}")})
    assert shop.install({"item": fields("name: {type: text, required: true}")}).changed is False
    assert "dba" in shop.nullable("item")
    assert shop.rows("SELECT count(*) FROM app.reports") == [(0,)]


def test_what_an_unfinished_publication_left_goes_with_the_next(shop: Shop) -> None:
    shop.install(ONE)
    shop.insert("item", {"name": "a", "fax": "1"})
    unfinished = {
        "other": fields("name: {type: text}"),
        "item": fields("name: {type: text, required: true}\nfax: {type: integer}\nmore: {type: text, index: true}"),
    }

    def stop(step: Step) -> None:
        if step.operation == "create_index":
            raise InterruptedError

    shop.options["after_step"] = stop
    with pytest.raises(InterruptedError):
        shop.install(unfinished)
    assert {"more", "fax_2"} <= set(shop.nullable("item"))
    del shop.options["after_step"]
    shop.install({"item": fields("name: {type: text, required: true}\nfax: {type: text}\nmore: {type: integer}")})
    assert set(shop.nullable("item")) & {"more", "fax_2", "fax"} == {"more", "fax"}
    assert shop.rows("SELECT data_type FROM information_schema.columns WHERE column_name = 'more'") == [("bigint",)]
    own = "tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'app'::regnamespace)"
    assert shop.rows(f"SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND {own}") == [(0,)]
    assert shop.rows("SELECT to_regclass('app.other')") == [(None,)]
    assert shop.rows("SELECT fax FROM app.item") == [("1",)]


def test_a_version_killed_before_its_end_is_completed_by_whatever_comes_next(shop: Shop) -> None:
    shop.install(ONE)
    shop.insert("item", {"name": "a", "fax": "12"}, {"name": "b", "fax": "x"})
    number = {
        "item": fields("name: {type: text, required: true, unique: true}\nfax: {type: integer}\nprice: {type: money}")
    }

    def stop(step: Step) -> None:
        if step.operation == "flip":
            raise InterruptedError

    shop.options["after_step"] = stop
    with pytest.raises(InterruptedError):
        shop.install(number, accept_loss=True)
    assert shop.rows("SELECT version FROM tenon.current") == [(2,)], "it serves, with the rest still to do"
    with shop.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE app.item SET fax = '13' WHERE id = 1")  # by a request on the old version
    del shop.options["after_step"]
    shop.install(
        {"item": fields("name: {type: text, required: true, unique: true}\nfax: {type: integer}\nnote: {type: text}")}
    )
    assert shop.rows("SELECT name, fax, fax_2 FROM app.item ORDER BY id") == [("a", "13", 13), ("b", "x", None)]
    assert shop.rows("SELECT count(*) FROM pg_indexes WHERE indexname = 'uq_item_name'") == [(1,)]
    assert shop.rows("SELECT count(*) FROM tenon.journal WHERE state <> 'done'") == [(0,)]


def test_what_can_not_be_completed_is_listed_by_the_next(shop: Shop) -> None:
    shop.install(ONE)
    shop.insert("item", {"name": "a"})
    unique = {
        "item": fields("name: {type: text, required: true, unique: true}\nfax: {type: text}\nprice: {type: money}")
    }

    def spoil(step: Step) -> None:
        if step.operation == "flip":
            shop.insert("item", {"name": "a"})  # the old version's last write makes a duplicate

    shop.options["after_step"] = spoil
    with pytest.raises(PublishFault) as stopped:
        shop.install(unique)
    assert stopped.value.code == "STEP_FAILED"
    assert "uq_item_name" in stopped.value.message.en
    del shop.options["after_step"]
    with pytest.raises(PlanRefusal) as refused:
        shop.install(unique)
    assert [(one.code, one.record) for one in refused.value.problems] == [("DUPLICATE", 1), ("DUPLICATE", 2)]
    with shop.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE app.item SET name = 'b' WHERE id = 2")
    assert shop.install(unique).changed is False
    assert shop.rows(
        "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE relname = 'uq_item_name' AND indisvalid"
    ) == [(1,)]
