"""Form controls: the variables that a field type's template is given (see the convention in engine/screens/__init__.py), made in one
place for forms, lines, filters and cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from markupsafe import escape

from engine.fields.base import Reference
from engine.fields.money import symbol
from engine.screens.html import Html, tone
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.fields.base import Field, Value
    from engine.screens.site import Visit


class Linked(NamedTuple):
    """What a link's control needs beyond its value: where to search, the label of the value, where to make a new record, the fields of
    the form that its candidates hang on, and which of the new record's fields take their values (``theirs=ours``)."""

    source: str = ""
    shown: str = ""
    create: str = ""
    depends: str = ""
    seed: str = ""


UNLINKED = Linked()


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One control to draw. ``value`` is a text, as typed or as the kind edits it; ``label`` names it where no <label> does;
    ``as_text`` asks for a plain line where the kind's own control can't serve (a filter on a computed field)."""

    field: Field
    value: str
    name: str
    id: str
    label: str = ""
    error: str = ""
    readonly: bool = False
    required: bool = False
    grid: bool = False
    linked: Linked = UNLINKED
    described: bool = False
    as_text: bool = False
    record: Any = None


def draw_control(visit: Visit, control: Control) -> Html:
    """Return the markup of a control."""
    field, language = control.field, visit.language
    template = "text" if control.as_text else field.kind.control
    if control.as_text and field.type.base in {Base.DATE, Base.DATETIME}:
        template = "date"
    return Html(
        visit.site.renderer.control(
            template,
            language,
            field=field,
            value=control.value,
            name=control.name,
            id=control.id,
            error=control.error,
            readonly=control.readonly,
            required=control.required,
            record=control.record,
            grid=control.grid,
            attrs=attributes(control),
            choices=[
                (name, one.label(language), tone(one.color).removeprefix("tone-") if one.color else "", one.retired)
                for name, one in field.choices.items()
            ],
            shown=control.linked.shown,
            source=control.linked.source,
            symbol=symbol_of(field),
        )
    )


def attributes(control: Control) -> Html:
    """Return what every focusable element carries."""
    field = control.field
    parts = [f'id="{escape(control.id)}"', f'name="{escape(control.name)}"', f'data-field="{escape(field.name)}"']
    if control.label:
        parts.append(f'aria-label="{escape(control.label)}"')
    described = [f"{control.id}-help"] if control.described and field.definition.help else []
    if control.described or control.error:
        described.append(f"{control.id}-error")
    if described:
        parts.append(f'aria-describedby="{escape(" ".join(described))}"')
    if control.error:
        parts.append('aria-invalid="true"')
    if control.required:
        parts.append('required aria-required="true"')
    if control.readonly:
        parts.append(
            "disabled"
            if field.choices or field.kind.many or field.type.base in {Base.BOOLEAN, Base.LINK, Base.LINKS}
            else "readonly"
        )
    if control.linked.create:
        parts.append(f'data-create="{escape(control.linked.create)}"')
    if control.linked.depends:
        parts.append(f'data-depends="{escape(control.linked.depends)}"')
    if control.linked.seed:
        parts.append(f'data-seed="{escape(control.linked.seed)}"')
    return Html(" ".join(parts))


def shown_several(labels: Mapping[str, str]) -> str:
    """Return what the control of several links takes as their labels: id → label."""
    return orjson.dumps([{"id": key, "label": label} for key, label in labels.items()]).decode()


def symbol_of(field: Field) -> str:
    """Return the currency sign of an amount, "" for other fields."""
    return symbol(field).strip() if field.kind.control == "money" else ""


def edit_text(visit: Visit, field: Field, value: Value) -> str:
    """Return the text of a value in a control."""
    return "" if value is None else field.kind.edit(field, value, visit.locale)


def shown_text(value: Value) -> str:
    """Return the label of a link's value; of several links what their control takes: id and label of each, as JSON."""
    if isinstance(value, tuple) and not isinstance(value, Reference):
        return shown_several({str(one.id): one.label for one in value if isinstance(one, Reference)})
    return value.label if isinstance(value, Reference) else ""
