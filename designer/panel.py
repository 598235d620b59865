"""The property panel of a field: its options as controls, made from its kind and the options that all kinds have, its conditions as
rows, its choices, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from designer.choices import COLORS, holder_of, listed
from designer.conditions import BLANK, FALSE, FILLED, IN, NOT_IN, TRUE, Rows, operators_of, read_rows
from designer.fields import CONDITIONS, OBJECT, field_data, label_texts
from designer.options import Option, option_of, shown
from designer.preview import label_in
from metamodel.expressions.types import Base
from metamodel.schema_parts import COMMON_FIELD
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from designer.work import Work

FLAGS = ("required", "readonly", "hidden", "unique", "search")
LATER = (
    "required",
    "default",
    "label",
    "help",
    "type",
    "was",
    "index",
)  # common options with a control of their own, or none
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


def panel_of(work: Work, object_name: str, field: str) -> dict[str, Any]:
    """Return what the panel shows of a field."""
    data = field_data(work, object_name, field)
    kind: Any = work.candidate.kinds.fields.get(str(data.get("type", "")))
    language = work.visit.language
    label, hint = label_texts(data.get("label")), label_texts(data.get("help"))
    holder = holder_of(work, object_name, field)
    published = work.published.objects.get(object_name)
    return {
        "name": field,
        "title": label_in(data.get("label"), language, field),
        "kind": kind.label(language) if kind else str(data.get("type", "")),
        "kind_help": kind.help(language) if kind else "",
        "icon": kind.icon if kind else "alert-circle",
        "label": label,
        "help": hint,
        "other": "en" if language == "zh" else "zh",
        "flags": [_common(name, data, language) for name in FLAGS if not _silent(kind, name)],
        "default": _default(kind, data),
        "options": _own(kind, data, language, holder is not None),
        "objects": objects_to_pick(work),
        "choices": listed(work, holder) if holder else None,
        "shared": holder.shared if holder else "",
        "colors": COLORS,
        "conditions": [condition_of(work, object_name, field, one) for one in CONDITIONS if not _uncond(kind, one)],
        "faults": {
            option: faults_at(work, object_name, f"fields/{field}/{option}")
            for option in ("default", *(kind.options if kind else ()))
        },
        "fresh": published is None or field not in published.fields,
    }


def _silent(kind: Any, flag: str) -> bool:
    """Whether a flag says nothing of a kind: nobody writes what is computed."""
    if kind is None:
        return False
    if kind.computed and flag in {"required", "readonly", "unique"}:
        return True
    return flag == "search" and not kind.searchable


def _uncond(kind: Any, condition: str) -> bool:
    return bool(kind is not None and kind.computed and condition != "visible_when")


def _common(name: str, data: Mapping[str, Any], language: str) -> Option:
    return option_of(name, COMMON_FIELD[name], (), data.get(name), language)


def _default(kind: Any, data: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the default's text; None for kinds that nobody fills in. One that is more than a value is shown, not changed."""
    if kind is None or kind.computed or kind.control in {"serial", "lines"} or kind.moved:
        return None
    said = data.get("default")
    if isinstance(said, dict):
        return {"text": shown(said.get("value")), "again": shown(said.get("again_when"))}
    return {"text": shown(said), "again": ""}


def _own(kind: Any, data: Mapping[str, Any], language: str, has_choices: bool) -> list[Option]:
    if kind is None:
        return []
    found = []
    for name, schema in kind.options.items():
        if name == "choices" and has_choices:
            continue
        found.append(option_of(name, schema, kind.expressions, data.get(name), language))
    return found


def objects_to_pick(work: Work) -> list[tuple[str, str]]:
    """Return the objects that a link may go to."""
    language = work.visit.language
    return [(name, one.label(language)) for name, one in work.model.objects.items()]


def condition_of(work: Work, object_name: str, field: str, kind: str) -> dict[str, Any]:
    """Return a condition of a field as the builder shows it: rows, or the text where rows can't say it."""
    said = work.candidate.data(OBJECT, object_name).get(kind)
    text = shown(said.get(field)) if isinstance(said, dict) else ""
    return builder(work, object_name, kind, text) | {"faults": faults_at(work, object_name, f"{kind}/{field}")}


def builder(work: Work, object_name: str, name: str, text: str) -> dict[str, Any]:
    """Return an expression as the builder shows it."""
    found = read_rows(text)
    rows = (found or Rows()).rows
    return {
        "name": name,
        "text": text,
        "rows": [_row(work, object_name, one.field, one.operator, one.values) for one in rows],
        "blank": _row(work, object_name, "", "", ()),
        "join": (found or Rows()).join,
        "free": found is None,
        "known": [one.name for one in _fields(work, object_name)],
        "fields": [(one.name, one.label(work.visit.language)) for one in _fields(work, object_name)],
    }


def _fields(work: Work, object_name: str) -> list[Any]:
    definition = work.model.objects.get(object_name)
    return list(definition.fields.values()) if definition else []


def _row(work: Work, object_name: str, field: str, operator: str, values: tuple[str, ...]) -> dict[str, Any]:
    base = bases_of(work, object_name).get(field, Base.TEXT)
    language = work.visit.language
    offered = operators_of(base)
    offered = offered if operator in offered or not operator else (*offered, operator)
    compiled = work.shown.records.objects.get(object_name)
    choices = compiled.fields[field].choices if compiled and field in compiled.fields else {}
    return {
        "field": field,
        "operator": operator or offered[0],
        "operators": [(one, _OPERATORS[one](language)) for one in offered],
        "values": values,
        "many": operator in {IN, NOT_IN},
        "unvalued": operator in {BLANK, FILLED, TRUE, FALSE},
        "choices": [(name, one.label(language)) for name, one in choices.items()],
        "date": base in {Base.DATE, Base.DATETIME},
    }


def bases_of(work: Work, object_name: str) -> dict[str, Base]:
    """Return what an object's fields hold, as expressions see it."""
    compiled = work.shown.records.objects.get(object_name)
    return {name: one.type.base for name, one in compiled.fields.items()} if compiled else {}


def faults_at(work: Work, object_name: str, path: str) -> list[str]:
    """Return what is wrong at a place of an object's file, or below it, in plain words."""
    known = work.candidate.documents.get((OBJECT, object_name))
    if known is None:
        return []
    language = work.visit.language
    return [
        " ".join(part for part in (one.message(language), one.hint(language)) if part)
        for one in work.candidate.faults
        if one.mark.file == f"site/{known.path}" and (one.mark.path == path or one.mark.path.startswith(f"{path}/"))
    ]
