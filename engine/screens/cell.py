"""Changing one field where it stands: the cell of a list, and one value for all picked rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records import commands
from engine.records.query import read_one
from engine.records.renamed import path_now
from engine.refusals import Refusal
from engine.screens.columns import editable_in_place
from engine.screens.controls import UNLINKED, Control, Linked, draw_control, edit_text, shown_text
from engine.screens.form_input import is_changed, plain_json
from engine.screens.lists import ask
from engine.screens.texts import TEXTS
from engine.screens.tints import dress
from engine.screens.undoing import DELETE, RESTORE, remember, remember_values, values_of
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.fields.base import Value
    from engine.records.compile import CompiledObject
    from engine.screens.address import ListAddress
    from engine.screens.html import Html
    from engine.screens.site import Visit

MOST = 1000  # records of one bulk act
Done = tuple[int, str]  # how many records, and the token to undo it by


def cell_form(visit: Visit, object_name: str, number: int, name: str) -> str:
    """Return the small form that opens in a cell. Raises Refusal 403 where it can't be changed there."""
    compiled = changeable(visit, object_name, name)
    row = read_one(visit.context, object_name, number, ("id", name))
    control = _control(visit, compiled, name, row.get(name), identity=f"cell-{number}-{name}")
    base = plain_json(compiled.fields[name], row.get(name))
    return visit.part("cell_form.html", control=control, base=base)


def save_cell(
    visit: Visit, address: ListAddress, number: int, name: str, *, text: str, base: object
) -> tuple[str, str]:
    """Change the field; return the row, drawn as the list at ``address`` shows it, and the token to undo it by, "" where nothing changed."""
    undo = ""
    compiled = changeable(visit, address.object, name)
    if is_changed(compiled.fields[name], text, base, visit.locale):
        change = commands.Change(number, {name: text}, base={name: base})
        before = values_of(visit, compiled, (number,), (name,))
        commands.update(visit.context, address.object, [change], text=True)
        undo = remember_values(visit, compiled, before)
    asked = ask(visit, address)
    row = read_one(visit.context, address.object, number, asked.table.fields)
    dress(visit, asked, [row])
    return asked.table.draw(row), undo


def bulk_control(visit: Visit, object_name: str, name: str) -> str:
    """Return the control for one field of the bulk dialog."""
    compiled = changeable(visit, object_name, name)
    control = _control(visit, compiled, name, None, identity="bulk-value", unlabelled=True)
    return visit.part("bulk_control.html", control=control, identity="bulk-value")


def bulk_change(visit: Visit, object_name: str, ids: Sequence[int], name: str, text: str) -> Done:
    """Set a field of several records. All or none."""
    name = path_now(visit.rights, object_name, name)
    compiled = changeable(visit, object_name, name)
    changes = [commands.Change(number, {name: text}) for number in _some(ids)]
    before = values_of(visit, compiled, ids, (name,))
    written = commands.update(visit.context, object_name, changes, text=True)
    return len(written), remember_values(visit, compiled, before)


def bulk_delete(visit: Visit, object_name: str, ids: Sequence[int]) -> Done:
    """Move several records to the bin. All or none."""
    visit.object(object_name)
    written = commands.delete(visit.context, object_name, [(number, None) for number in _some(ids)])
    return len(written), remember(visit.context, object_name, DELETE, [one.id for one in written])


def bulk_restore(visit: Visit, object_name: str, ids: Sequence[int]) -> Done:
    """Bring several records back."""
    visit.object(object_name)
    written = commands.restore(visit.context, object_name, _some(ids))
    return len(written), remember(visit.context, object_name, RESTORE, [one.id for one in written])


def _some(ids: Sequence[int]) -> list[int]:
    if not ids or len(ids) > MOST:
        raise Refusal(422, "NOTHING_PICKED", TEXTS["bulk_none"])
    return list(ids)


def changeable(visit: Visit, object_name: str, name: str) -> CompiledObject:
    """Return the object whose field can be changed in a list. Raises Refusal 404, 403."""
    compiled = visit.object(object_name)
    if name not in compiled.fields:
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    if not visit.rights.grants(object_name, "update") or not editable_in_place(visit.rights, compiled, name):
        raise Refusal(403, "FORBIDDEN", TEXTS["error_403"])
    return compiled


def _control(
    visit: Visit, compiled: CompiledObject, name: str, value: Value, *, identity: str, unlabelled: bool = False
) -> Html:
    field = compiled.fields[name]
    linked = UNLINKED
    if field.type.base is Base.LINK:
        linked = Linked(f"/o/{compiled.name}/pick/{name}", shown_text(value))
    return draw_control(
        visit,
        Control(
            field=field,
            value=edit_text(visit, field, value),
            name="value",
            id=identity,
            label="" if unlabelled else field.label(visit.language),
            required=field.definition.required,
            grid=True,
            linked=linked,
        ),
    )
