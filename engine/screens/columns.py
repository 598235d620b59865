"""Which columns a list has and how each of them is shown: names of fields, of system fields and paths over links become columns.
Kept per version, rights and language."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from markupsafe import escape

from engine.records.access import Masked
from engine.records.rights import Right
from engine.records.system import system_fields
from engine.screens.cells import Column, column, row_drawer
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.fields.base import Field
    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.records.rights import Rights
    from engine.screens.site import Visit

FIRST_COLUMNS = 7
DRAWN_ELSEWHERE = frozenset({"version", "owner_since", "deleted_at"})


@dataclass(frozen=True, slots=True)
class Table:
    """Columns with what draws a row of them. ``fields`` is what a query must ask for."""

    columns: tuple[Column, ...]
    fields: tuple[str, ...]
    draw: Callable[[Row], str]


def listable(visit: Visit, compiled: CompiledObject) -> Mapping[str, Field]:
    """Return the fields of an object that can stand in a list for this viewer, system fields last."""
    key = ("listable", compiled.name, visit.rights.roles, visit.rights.full)
    return visit.records.memory.get(key, lambda: _listable(visit.rights, compiled))


def _listable(rights: Rights, compiled: CompiledObject) -> Mapping[str, Field]:
    own = {
        name: one
        for name, one in compiled.fields.items()
        if one.type.base not in {Base.ROWS, Base.ANY}
        and not one.definition.hidden
        and rights.field(compiled.name, name).most > Right.HIDDEN
    }
    system = {name: one for name, one in system_fields(compiled.shape).items() if name not in DRAWN_ELSEWHERE}
    return own | system


def writable(field: Field) -> bool:
    """Whether people may ever fill a field in: not computed, moved by transitions or drawn by the system, not fixed."""
    return (
        not field.kind.computed
        and not field.kind.moved
        and not field.definition.readonly
        and field.kind.control not in {"serial", "computed"}
    )


def default_columns(visit: Visit, compiled: CompiledObject) -> tuple[str, ...]:
    """Return the columns of a list that nobody arranged: the title, then the first short fields."""
    fields = [
        name
        for name, one in listable(visit, compiled).items()
        if one.kind.one_line and name in compiled.fields and name != compiled.title
    ]
    title = (compiled.title,) if compiled.title in compiled.fields else ()
    return (*title, *fields[: FIRST_COLUMNS - len(title)])


def find_field(visit: Visit, compiled: CompiledObject, path: str) -> tuple[Field, str] | None:
    """Return the field at a name or path, and its label; None where it is none or not for this viewer."""
    first, _, rest = path.partition(".")
    found = listable(visit, compiled).get(first)
    if found is None:
        return None
    label = found.label(visit.language)
    if not rest:
        return found, label
    if (
        found.type.base is not Base.LINK
        or len(found.type.objects) != 1
        or found.type.objects[0] not in visit.records.objects
    ):
        return None
    beyond = find_field(visit, visit.records.objects[found.type.objects[0]], rest)
    return (beyond[0], f"{label} · {beyond[1]}") if beyond else None


def read_table(
    visit: Visit, compiled: CompiledObject, names: Sequence[str], *, pick: bool, title: str = "", brief: bool = True
) -> Table:
    """Return the table of these columns; names that are not for the viewer are left out. ``brief``: see ``drawing``."""
    key = (
        "table",
        compiled.name,
        tuple(names),
        visit.rights.roles,
        visit.rights.full,
        visit.locale,
        pick,
        title,
        brief,
    )
    return visit.records.memory.get(
        key, lambda: _make_table(visit, compiled, names, pick=pick, title=title, brief=brief)
    )


def _make_table(
    visit: Visit, compiled: CompiledObject, names: Sequence[str], *, pick: bool, title: str, brief: bool
) -> Table:
    title = title or compiled.title
    may_update = pick and visit.rights.grants(compiled.name, "update")
    columns = []
    for name in names:
        found = find_field(visit, compiled, name)
        if found is None:
            continue
        editable = may_update and name in compiled.fields and editable_in_place(visit.rights, compiled, name)
        columns.append(_one(visit, compiled, name, found, editable=editable, brief=brief))
    fields = tuple(dict.fromkeys((*(one.name for one in columns), title)))
    return Table(tuple(columns), fields, row_drawer(compiled.name, title, columns, visit.language, pick=pick))


def editable_in_place(rights: Rights, compiled: CompiledObject, name: str) -> bool:
    """Whether a cell of that field can be changed where it stands."""
    field = compiled.fields[name]
    return (
        writable(field)
        and field.kind.one_line
        and name != compiled.title
        and rights.field(compiled.name, name).most == Right.EDIT
    )


def _one(
    visit: Visit, compiled: CompiledObject, name: str, found: tuple[Field, str], *, editable: bool, brief: bool
) -> Column:
    field, label = found
    assets = visit.site.renderer.assets
    made = column(field, visit.locale, assets, name=name, label=label, editable=editable, brief=brief)
    owner = field.object if field.object in visit.records.objects else compiled.name
    least = (
        Right.EDIT
        if field.name not in visit.records.objects[owner].fields
        else visit.rights.field(owner, field.name).least
    )
    if least > Right.MASKED:
        return made
    return replace(made, draw=veiled(made.draw), sortable=False)


def veiled(draw: Callable[[object], str]) -> Callable[[object], str]:
    """Return a drawing for values that may be masked on some records."""
    return lambda value: str(escape(value)) if isinstance(value, Masked) else draw(value)
