"""The filter bar: conditions of a list's address as expressions for the reading door, and as chips with their editors. The operators
themselves belong to the field types (engine/fields/operators.py)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.fields.base import ValueFault
from engine.fields.links import parts_of
from engine.fields.operators import OPERATORS, filter_expression
from engine.records.query import Query, read_page
from engine.records.rights import Right
from engine.screens import html
from engine.screens.address import Condition
from engine.screens.columns import find_field, listable
from engine.screens.controls import UNLINKED, Control, Linked, draw_control, shown_several
from engine.screens.html import Html
from engine.screens.texts import say
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from engine.fields.base import Field
    from engine.records.compile import CompiledObject
    from engine.screens.address import ListAddress
    from engine.screens.site import Visit

TAKES = {"": "none", "values": "many", "two": "two", "days2": "two", "far": "two"}
SHOWN_VALUES = 3
_LINKING = frozenset({Base.LINK, Base.LINKS})


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition as the bar shows it: what it says, the editor inside, the address without it."""

    label: str
    icon: str
    operator: str
    value: str
    editor: Html
    remove: str
    open: bool = False
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Filters:
    """All conditions read: one expression, chips, and what could not be read, in words."""

    expression: str
    chips: tuple[Chip, ...]
    notes: tuple[str, ...]


def read_filters(visit: Visit, compiled: CompiledObject, address: ListAddress) -> Filters:
    """Return the conditions of an address; a bad one is left out and said."""
    parts, chips, notes = [], [], []
    for condition in address.conditions:
        found = find_field(visit, compiled, condition.field)
        if found is None:
            notes.append(say("filter_unknown", visit.language, field=condition.field))
            continue
        field, label = found
        try:
            today = visit.context.now.astimezone(visit.locale.home).date()
            parts.append(
                filter_expression(
                    field, condition.operator, condition.values, visit.locale, today=today, path=condition.field
                )
            )
        except ValueFault as fault:
            notes.append(f"{say('filter_bad', visit.language, field=label)} {fault.message(visit.language)}")
        chips.append(_chip(visit, address, condition, field, label))
    if address.edit and all(one.field != address.edit for one in address.conditions):
        found = find_field(visit, compiled, address.edit)
        if found is not None and found[0].kind.operators:
            chips.append(_open_chip(visit, address, found[0], found[1]))
    if address.filter:
        parts.append(address.filter)
        chips.append(_expression_chip(visit, address))
    return Filters(" and ".join(f"({part})" for part in parts), tuple(chips), tuple(notes))


def filterable(visit: Visit, compiled: CompiledObject) -> list[tuple[str, str, str]]:
    """Return the fields that a condition can be added on: name, label, icon."""
    return [
        (name, one.label(visit.language), one.kind.icon)
        for name, one in listable(visit, compiled).items()
        if one.kind.operators
        and (name not in compiled.fields or visit.rights.field(compiled.name, name).least >= Right.READ)
    ]


def _chip(visit: Visit, address: ListAddress, condition: Condition, field: Field, label: str) -> Chip:
    operator = OPERATORS.get(condition.operator)
    labels = _link_labels(visit, field, condition.values)
    shown = [_value_label(visit, field, value, labels) for value in condition.values]
    value = "、".join(shown[:SHOWN_VALUES]) if visit.language == "zh" else ", ".join(shown[:SHOWN_VALUES])
    if len(shown) > SHOWN_VALUES:
        value += f" +{len(shown) - SHOWN_VALUES}"
    return Chip(
        label=label,
        icon=field.kind.icon,
        operator=operator.label(visit.language) if operator else condition.operator,
        value=value,
        editor=_editor(visit, address, field, condition, labels=labels),
        remove=address.without(condition),
        open=address.edit == condition.field,
    )


def _expression_chip(visit: Visit, address: ListAddress) -> Chip:
    """Return the chip of an expression that the address holds: what it says, and the way to go without it."""
    editor = Html(f'<code class="mono text">{html.escaped(address.filter)}</code>')
    label = say("filter_expression", visit.language)
    return Chip(label, "filter", "", "", editor, remove=address.url(filter=""), shown=False)


def _open_chip(visit: Visit, address: ListAddress, field: Field, label: str) -> Chip:
    first = "in" if field.choices and "in" in field.kind.operators else field.kind.operators[0]
    return Chip(
        label=label,
        icon=field.kind.icon,
        operator="",
        value="",
        editor=_editor(visit, address, field, Condition(address.edit, first), labels={}),
        remove=address.url(),
        open=True,
        shown=False,
    )


def _value_label(visit: Visit, field: Field, value: str, labels: dict[str, str]) -> str:
    if field.choices:
        found = field.choices.get(value)
        return found.label(visit.language) if found else value
    if field.associated:
        return "、".join(labels.get(part, part) for part in parts_of(value))
    if value in labels or field.kind.computed:
        return labels.get(value, value)
    try:
        return field.kind.show(field, field.kind.parse_text(field, value, visit.locale), visit.locale)
    except ValueFault:
        return value


def _link_labels(visit: Visit, field: Field, values: tuple[str, ...]) -> dict[str, str]:
    """Return id → label of the records that a condition on a link names: one statement."""
    parts = [part for value in values for part in (parts_of(value) if field.associated else [value])]
    ids = tuple(int(part) for part in parts if part.isdecimal() and len(part) < 19)
    if field.type.base not in _LINKING or len(field.type.objects) != 1 or not ids:
        return {}
    target = visit.records.objects[field.type.objects[0]]
    if not visit.rights.grants(target.name, "read"):
        return {}
    page = read_page(visit.context, Query(target.name, ("id", target.title), ids=ids, limit=len(ids)))
    return {str(row["id"]): str(row.get(target.title) or "") for row in page.items}


def _editor(visit: Visit, address: ListAddress, field: Field, condition: Condition, *, labels: dict[str, str]) -> Html:
    operator, values = condition.operator, condition.values
    operators = [
        {"name": name, "label": OPERATORS[name].label(visit.language), "takes": TAKES.get(OPERATORS[name].takes, "one")}
        for name in field.kind.operators
        if name in OPERATORS and not (field.choices and name in {"eq", "ne"})
    ]
    options = [
        {"name": name, "label": one.label(visit.language), "color": one.color, "chosen": name in values}
        for name, one in field.choices.items()
        if not one.retired or name in values
    ]
    takes = TAKES.get(OPERATORS[operator].takes, "one") if operator in OPERATORS else "one"
    operands = [
        Html("") if options else _operand(visit, field, condition, labels, place=place, object_name=address.object)
        for place in range(2)
    ]
    return Html(
        visit.part(
            "filter_editor.html",
            object=address.object,
            rest=address.query(),
            field=condition.field,
            operators=operators,
            operator=operator,
            takes=takes,
            options=options,
            between=OPERATORS[operator].second(visit.language) if operator in OPERATORS else "",
            first=operands[0],
            second=operands[1],
        )
    )


def _operand(
    visit: Visit, field: Field, condition: Condition, labels: dict[str, str], *, place: int, object_name: str
) -> Html:
    path = condition.field
    value = condition.values[place] if place < len(condition.values) else ""
    linked = field.type.base in _LINKING
    shown = shown_several(labels) if field.associated else labels.get(value, "")
    name = "value2" if place else "value"
    far = condition.operator in OPERATORS and OPERATORS[condition.operator].takes == "far"
    return draw_control(
        visit,
        Control(
            field=field,
            value=value,
            name=name,
            id=f"filter-{path.replace('.', '-')}-{name}",
            label=say("filter_value", visit.language),
            as_text=field.kind.computed or field.kind.control in {"serial", "long_text"} or (far and place == 1),
            linked=Linked(f"/o/{object_name}/pick/{path}", shown) if linked else UNLINKED,
        ),
    )
