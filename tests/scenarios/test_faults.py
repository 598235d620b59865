"""Scenarios that can't be run are told with the place of each fault, before anything happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import create_kinds
from engine.records.compile import Records, compile_records
from engine.scenarios.check import check_scenario
from engine.scenarios.read import scenario_of
from engine.scenarios.run import load_verbs
from engine.storage.physical import Physical
from metamodel.faults import Faults
from metamodel.read import read_packs
from metamodel.source import read_document

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def records() -> Records:
    """The mini pack, compiled without a database."""
    kinds = create_kinds()
    found = read_packs([ROOT / "tests/packs/mini"], kinds, search=[ROOT / "packs"])
    assert found.model is not None
    return compile_records(found.model, Physical(), kinds)


def faults_of(text: str, records: Records) -> list[tuple[int, int, str]]:
    """Return line, column and code of everything wrong with a scenario."""
    return [(fault.mark.line, fault.mark.column, fault.code) for fault in found_in(text, records)]


def found_in(text: str, records: Records) -> Faults:
    """Return everything wrong with a scenario."""
    faults = Faults()
    root = read_document(text.encode(), "scenarios/a.yaml", faults)
    if root is not None:
        scenario = scenario_of(root, faults)
        if not faults.fatal:
            check_scenario(scenario, records, load_verbs(), faults)
    return faults


GOOD = """\
scenario: good
given:
  users: {rita: {role: rep}}
  now: "2026-01-05T09:00+08:00"
  records: {bolt: {object: product, set: {sku: B1, name: Bolt, price: 0.35}}}
do:
"""


def test_a_good_one_has_none(records: Records) -> None:
    steps = '  new: {by: rita, create: {object: customer, as: c, set: {name: A, owner: =me}}}\n  is: {expect: c.name = "A"}\n'
    assert not faults_of(GOOD + steps, records)


@pytest.mark.parametrize(
    ("step", "code", "column"),
    [
        ("{by: ruta, read: {record: bolt}}", "UNKNOWN_USER", 3),
        ("{crate: {object: customer}}", "UNKNOWN_ACTION", 7),
        ("{create: {object: custommer}}", "UNKNOWN_OBJECT", 24),
        ("{create: {set: {name: A}}}", "REQUIRED", 7),
        ("{create: {object: customer, set: {nam: A}}}", "UNKNOWN_FIELD", 40),
        ("{create: {object: customer, set: {owner: ruta}}}", "UNKNOWN_RECORD", 47),
        ("{create: {object: customer, sett: {name: A}}}", "UNKNOWN_OPTION", 34),
        ("{create: {object: customer, set: {name: =bolt.pric}}}", "EXPR_UNKNOWN_NAME", 47),
        ("{create: {object: customer, set: {vip: =bolt.price}}}", "EXPR_TYPE", 46),
        ("{update: {record: nut, set: {name: A}}}", "UNKNOWN_RECORD", 24),
        ("{read: {record: bolt, object: product}}", "REQUIRED", 7),
        ("{read: {object: product, where: pric > 1}}", "EXPR_UNKNOWN_NAME", 38),
        ("{create: {object: customer, as: bolt, set: {name: A}}}", "BAD_NAME", 38),
        ("{wait: long}", "MALFORMED", 3),
        ("{wait: 2h, read: {record: bolt}}", "SEVERAL_ACTIONS", 7),
        ("{read: {record: bolt}, delete: {record: bolt}}", "SEVERAL_ACTIONS", 29),
        ("{by: rita}", "EMPTY_STEP", 3),
        ("{expect: bolt.price}", "EXPR_TYPE", 15),
        ("{expect: bolt.prize = 1}", "EXPR_UNKNOWN_NAME", 15),
        ("{expect: {refused: FORBIDDEN}}", "NOTHING_DONE", 15),
        ("{read: {record: bolt}, expect: {refused: forbidden}}", "MALFORMED", 37),
        ("{read: {object: product}, expect: {records: [nut]}}", "UNKNOWN_RECORD", 40),
        ("{read: {object: product}, expect: {cuont: 1}}", "UNKNOWN_KEY", 41),
        ("{read: {object: product}, expect: {count: many}}", "WRONG_TYPE", 48),
    ],
)
def test_a_faulty_step_is_told_with_its_place(records: Records, step: str, code: str, column: int) -> None:
    found = faults_of(f"{GOOD}  a: {step}\n", records)
    assert found, "no fault"
    codes = {(at, name) for line, at, name in found if line == 7}
    assert code in {name for _, name in codes}
    assert (column, code) in codes, codes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("do: {a: {wait: 1h}}\n", "REQUIRED"),
        ("scenario: x\n", "REQUIRED"),
        ("scenario: x\ndo: [1]\n", "WRONG_TYPE"),
        ("scenario: x\ngiven: {now: yesterday}\ndo: {a: {wait: 1h}}\n", "MALFORMED"),
        ('scenario: x\ngiven: {now: "2026-01-05T09:00"}\ndo: {a: {wait: 1h}}\n', "MALFORMED"),
        ("scenario: x\ngiven: {users: {rita: {role: wizard}}}\ndo: {a: {wait: 1h}}\n", "UNKNOWN_ROLE"),
        ("scenario: x\ngiven: {users: {me: {}}}\ndo: {a: {wait: 1h}}\n", "RESERVED_NAME"),
        (
            "scenario: x\ngiven: {users: {a: {}}, records: {a: {object: product}}}\ndo: {a: {wait: 1h}}\n",
            "REPEATED_NAME",
        ),
        ("scenario: x\ngiven: {records: {a: {set: {}}}}\ndo: {a: {wait: 1h}}\n", "REQUIRED"),
        ("scenario: x\ngiven: {users: {rita: {regoin: east}}}\ndo: {a: {wait: 1h}}\n", "UNKNOWN_FIELD"),
        ("[", None),
    ],
)
def test_a_faulty_scenario_is_told(records: Records, text: str, code: str | None) -> None:
    found = faults_of(text, records)
    assert found
    if code:
        assert code in {name for _, _, name in found}


@pytest.mark.parametrize(
    ("step", "hint"),
    [("{crate: {object: customer}}", "did you mean create?"), ("{by: rita, zzz: {record: bolt}}", "known here: ")],
)
def test_a_word_that_is_none_is_told_what_there_is(records: Records, step: str, hint: str) -> None:
    (told,) = [one.hint.en for one in found_in(f"{GOOD}  a: {step}\n", records) if one.code == "UNKNOWN_ACTION"]
    assert told.startswith(hint)
    assert hint != "known here: " or {"approve", "create"} <= set(told[12:].split(", "))
