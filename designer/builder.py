"""Conditions as the designer's pages show and post them: rows of field, comparison and value by their labels, or the expression's text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from designer.conditions import (
    BLANK,
    FALSE,
    FILLED,
    IN,
    ME,
    NOT_IN,
    TRUE,
    Row,
    Rows,
    first_value,
    operators_of,
    read_rows,
    write_rows,
)
from metamodel.expressions.types import Base
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.datastructures import MultiDict

    from designer.work import Work
    from engine.fields.base import Field

MOST_ROWS = 50
_OPERATORS: Mapping[str, Text] = {
    "=": Text(zh="等于", en="is"),
    "<>": Text(zh="不等于", en="is not"),
    ">": Text(zh="大于", en="greater than"),
    ">=": Text(zh="大于等于", en="at least"),
    "<": Text(zh="小于", en="less than"),
    "<=": Text(zh="小于等于", en="at most"),
    IN: Text(zh="是其中之一", en="is one of"),
    NOT_IN: Text(zh="不是其中之一", en="is none of"),
    BLANK: Text(zh="为空", en="is blank"),
    FILLED: Text(zh="不为空", en="is filled"),
    TRUE: Text(zh="为是", en="is yes"),
    FALSE: Text(zh="为否", en="is no"),
}
_CLOCK: Mapping[Base, tuple[tuple[str, Text], ...]] = {
    Base.DATE: (("TODAY()", Text(zh="今天", en="today")),),
    Base.DATETIME: (("NOW()", Text(zh="现在", en="now")), ("TODAY()", Text(zh="今天零点", en="midnight today"))),
}
_ME = Text(zh="当前用户", en="whoever is looking")
_FIELD = Text(zh="字段：{label}", en="the field {label}")


def builder(work: Work, object_name: str, name: str, text: str) -> dict[str, Any]:
    """Return an expression as the builder shows it."""
    known = read_rows(text, _bases(work, object_name, text))
    listed = _fields(work, object_name)
    return {
        "name": name,
        "text": text,
        "rows": [_row(work, object_name, one) for one in (known or Rows()).rows],
        "join": (known or Rows()).join,
        "free": known is None,
        "known": [one for one, _ in listed],
        "fields": listed,
    }


def _fields(work: Work, object_name: str) -> list[tuple[str, str]]:
    """Return the fields that a row may be about, by what they are called: those that can be compared."""
    definition, found = work.model.objects.get(object_name), bases_of(work, object_name)
    language = work.visit.language
    listed = definition.fields.values() if definition else ()
    return [(one.name, one.label(language)) for one in listed if found.get(one.name) is not Base.ROWS]


def _row(work: Work, object_name: str, row: Row) -> dict[str, Any]:
    language = work.visit.language
    field, label = resolved(work, object_name, row.field)
    base = field.type.base if field is not None else Base.TEXT
    offered = operators_of(base, people=_people(field))
    offered = offered if row.operator in offered else (*offered, row.operator)
    sources = _sources(work, object_name, row, field)
    return {
        "field": row.field,
        "label": label,
        "operator": row.operator,
        "operators": [(one, _OPERATORS[one](language)) for one in offered],
        "values": row.values,
        "many": row.operator in {IN, NOT_IN},
        "unvalued": row.operator in {BLANK, FILLED, TRUE, FALSE},
        "choices": [(one, choice.label(language)) for one, choice in field.choices.items()] if field else [],
        "sources": sources,
        "fixed": row.value not in [one for one, _ in sources],
        "bound": _people(field),
        "date": base in {Base.DATE, Base.DATETIME},
        "number": base is Base.NUMBER,
    }


def _sources(work: Work, object_name: str, row: Row, field: Field | None) -> list[tuple[str, str]]:
    """Return what a field can be compared with beside a value of its own: the clock, whoever looks, other fields of its kind."""
    if field is None or field.type.base not in {Base.NUMBER, Base.DATE, Base.DATETIME, Base.LINK}:
        return []
    language = work.visit.language
    if _people(field):
        return [(ME, _ME(language))]
    found = [(text, words(language)) for text, words in _CLOCK.get(field.type.base, ())]
    same = [name for name, base in bases_of(work, object_name).items() if base is field.type.base and name != row.field]
    labels = dict(_fields(work, object_name))
    return found + [(name, _FIELD(language).format(label=labels[name])) for name in same if name in labels]


def _people(field: Field | None) -> bool:
    return field is not None and field.type.base is Base.LINK and field.targets == ("user",)


def resolved(work: Work, object_name: str, path: str) -> tuple[Field | None, str]:
    """Return the field at a path over links, None where there is none, and what people call it: 客户 › 区域."""
    objects, language = work.shown.records.objects, work.visit.language
    here, words, found = objects.get(object_name), [], None
    for name in path.split(".") if path else ():
        found = here.fields.get(name) or here.system.get(name) if here else None
        if found is None:
            return None, path
        definition = work.model.objects[here.name].fields.get(name) if here else None
        words.append(definition.label(language) if definition else found.label(language))
        here = objects.get(found.targets[0]) if len(found.targets) == 1 else None
    return found, " › ".join(words)


def bases_of(work: Work, object_name: str) -> dict[str, Base]:
    """Return what an object's fields hold, as expressions see it."""
    compiled = work.shown.records.objects.get(object_name)
    return {name: one.type.base for name, one in compiled.fields.items()} if compiled else {}


def _bases(work: Work, object_name: str, *texts: str) -> dict[str, Base]:
    """Return what fields hold, those at the ends of paths that ``texts`` speak of too."""
    found = bases_of(work, object_name)
    for text in texts:
        for row in (read_rows(text) or Rows()).rows:
            field, _ = resolved(work, object_name, row.field)
            if field is not None:
                found[row.field] = field.type.base
    return found


def posted(work: Work, object_name: str, form: MultiDict[str, str]) -> str:
    """Return the expression that a builder posted: its text, or its rows. A row whose comparison lacks its value gets one to begin with,
    so that none goes lost between two clicks."""
    if "text" in form:
        return form.get("text", "").strip()
    count = form.get("rows", "")
    rows, bases = [], dict(bases_of(work, object_name))
    for number in range(min(int(count) if count.isdecimal() else 0, MOST_ROWS)):
        name = form.get(f"row.{number}.field", "")
        if not name or form.get("drop") == str(number):
            continue
        field, _ = resolved(work, object_name, name)
        base = field.type.base if field is not None else Base.TEXT
        bases[name] = base
        rows.append(_fitted(form, number, Row(name, form.get(f"row.{number}.operator", "")), (base, field)))
    return write_rows(rows, form.get("join", "and"), bases)


def _fitted(form: MultiDict[str, str], number: int, row: Row, about: tuple[Base, Field | None]) -> Row:
    """Return a posted row with an operator that its field has, and a value where it needs one."""
    base, field = about
    was = form.get(f"row.{number}.was", row.field)
    offered = operators_of(base, people=_people(field))
    operator = row.operator if row.operator in offered else offered[0]
    chosen = form.get(f"row.{number}.source", "")
    values = (chosen,) if chosen else tuple(form.getlist(f"row.{number}.value"))
    if was != row.field:
        values = ()  # what was said of another field
    choices = field.choices if field is not None else {}
    if base is Base.CHOICE:
        values = tuple(one for one in values if one in choices) or values[:0]
    if not any(one.strip() for one in values):
        values = (first_value(base, choices),)
    return Row(row.field, operator, values)
