"""Rules that every registered field type keeps, whoever writes it."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import engine.fields
from engine.fields import field_kinds
from engine.fields.base import Example, FieldKind, ValueFault
from engine.fields.operators import OPERATORS
from metamodel.faults import Faults
from metamodel.text import Text
from tests.fields.support import CHINESE, ENGLISH, MODEL, a_field, as_json

KINDS = field_kinds()
FOLDER = Path(engine.fields.__file__).parent
WRITTEN = [kind for kind in KINDS.values() if not kind.computed]
EXAMPLES = [(kind, example) for kind in KINDS.values() for example in kind.examples]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8) | st.sampled_from(["id", "by", "remove"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def _options(kind: FieldKind) -> dict[str, object]:
    return next(
        (dict(example.options) for example in kind.examples if set(kind.required_options) <= set(example.options)), {}
    )


FIELDS = [(kind, a_field(kind, _options(kind))) for kind in KINDS.values()]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_kind_is_filled_in_completely(kind: FieldKind) -> None:
    for text in (kind.label, kind.help):
        assert isinstance(text, Text)
        assert text.zh
        assert text.en
        assert re.search("[\u4e00-\u9fff]", text.zh)
        assert re.search("[\u4e00-\u9fff]", text.en) is None
    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", kind.icon)
    assert (FOLDER / f"{kind.control}.html").is_file()
    assert kind.operators == tuple(name for name in kind.operators if name in OPERATORS)
    assert kind.one_line is False or kind.operators
    assert set(kind.widens_to) <= set(KINDS)
    assert set(kind.required_options) <= set(kind.options)
    assert set(kind.expressions) <= set(kind.options)
    Draft202012Validator.check_schema({"type": "object", "properties": dict(kind.options)})
    if kind.computed:
        assert any(example.value is not None or example.refused for example in kind.examples)
    else:
        assert sum(not example.refused for example in kind.examples) >= 3
        assert sum(bool(example.refused) for example in kind.examples) >= 3


@pytest.mark.parametrize(
    ("kind", "example"), EXAMPLES, ids=lambda item: getattr(item, "name", None) or str(getattr(item, "text", ""))
)
def test_examples_hold(kind: FieldKind, example: Example) -> None:
    field = a_field(kind, example.options)
    Draft202012Validator({"type": "object", "properties": dict(kind.options), "additionalProperties": False}).validate(
        dict(example.options)
    )
    if example.refused:
        with pytest.raises(ValueFault) as caught:
            kind.parse(field, example.json, CHINESE) if example.text is None else kind.parse_text(
                field, example.text, CHINESE
            )
        assert caught.value.code == example.refused
        assert caught.value.message.zh
        assert caught.value.message.en
        return
    value = (
        kind.parse(field, example.json, CHINESE)
        if example.text is None
        else kind.parse_text(field, example.text, CHINESE)
    )
    assert as_json(field, value) == example.value
    if example.shown is not None:
        assert kind.show(field, value, CHINESE) == example.shown
    if example.text is None and example.json is not None and kind.input_schema is not None:
        Draft202012Validator(kind.input_schema(field)).validate(example.json)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_schemas_are_json_schemas_that_the_dumped_form_meets(kind: FieldKind) -> None:
    checked: list[object] = []
    for example in kind.examples:
        field = a_field(kind, example.options)
        schema = kind.json_schema(field)
        for one in (schema, *([kind.input_schema(field)] if kind.input_schema is not None else [])):
            if one not in checked:  # most examples share their options
                Draft202012Validator.check_schema(one)
                checked.append(one)
        if not example.refused and example.value is not None and not field.targets and kind.name != "lines":
            Draft202012Validator(schema).validate(example.value)


@pytest.mark.parametrize("kind", WRITTEN, ids=lambda kind: kind.name)
def test_what_is_dumped_and_edited_reads_back(kind: FieldKind) -> None:
    for example in kind.examples:
        if example.refused or example.value is None or kind.name == "lines":
            continue
        field = a_field(kind, example.options)
        value = (
            kind.parse(field, example.json, CHINESE)
            if example.text is None
            else kind.parse_text(field, example.text, CHINESE)
        )
        if not field.targets:
            assert kind.parse(field, kind.dump(field, value), CHINESE) == value
        if not field.targets or isinstance(value, int):
            for locale in (CHINESE, ENGLISH):
                assert kind.parse_text(field, kind.edit(field, value, locale), locale) == value


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_blank_shows_as_nothing(kind: FieldKind) -> None:
    field = a_field(kind, _options(kind))
    assert kind.show(field, None, CHINESE) == ""
    assert kind.edit(field, None, CHINESE) == ""


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_definition_check_finds_nothing_wrong_with_the_examples(kind: FieldKind) -> None:
    for example in kind.examples:
        faults = Faults()
        if kind.check is not None:
            kind.check(a_field(kind, example.options).definition, MODEL, faults)
        assert list(faults) == []


@settings(max_examples=100, deadline=None)
@given(value=JSON, text=st.text(max_size=40))
def test_nothing_but_a_value_fault_comes_of_any_input(value: object, text: str) -> None:
    for kind, field in FIELDS:  # what is drawn costs far more than what reads it: all kinds read the same
        note(kind.name)
        for read in (partial(kind.parse, field, value, CHINESE), partial(kind.parse_text, field, text, CHINESE)):
            with suppress(ValueFault):
                found = read()
                if not kind.computed:
                    as_json(field, found)
