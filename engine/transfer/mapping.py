"""How a table's columns become an object's fields: what a mapping says, and the mapping that a header suggests by itself.
Reading the file is in mapping_file.py, meeting a real header and object in plan.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from metamodel.faults import Mark
from metamodel.text import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.records.compile import CompiledObject

BEYOND = " · "  # between a link's label and that of a field beyond it, as exports of a view call such a column
DUPLICATES = ("skip", "update", "fail")


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """One column. ``into``: the field; empty: known and left out. ``by``: the target's field whose value a link's cell holds (empty: its
    title). ``repair``: cell → what is meant (an empty text: blank). ``clear``: an empty cell blanks the field, where otherwise
    it leaves it as it is (when creating: to its default)."""

    column: str
    into: str = ""
    by: str = ""
    repair: Mapping[str, str] = field(default_factory=dict)
    clear: bool = False
    mark: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class ImportMap:
    """A mapping. ``target``: the object it is for; empty: any. ``key``: fields that tell whether a row's record exists already.
    ``constants``: field → text put into every row."""

    target: str = ""
    key: tuple[str, ...] = ()
    columns: Mapping[str, ColumnMap] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    mark: Mark = field(default=Mark(), compare=False)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Return the columns that go nowhere."""
        return tuple(name for name, column in self.columns.items() if not column.into)

    def to_json(self) -> dict[str, object]:
        """Return the form kept with an import, by which a later run knows that it is the same one."""
        return {
            "key": list(self.key),
            "set": dict(self.constants),
            "columns": {
                name: {"field": column.into, "by": column.by, "repair": dict(column.repair), "clear": column.clear}
                for name, column in self.columns.items()
            },
        }


def mapping_from_json(target: str, kept: Mapping[str, Any]) -> ImportMap:
    """Return the mapping that ``to_json`` gave."""
    columns = {
        name: ColumnMap(name, one["field"], one["by"], dict(one["repair"]), one["clear"])
        for name, one in kept["columns"].items()
    }
    return ImportMap(target, tuple(kept["key"]), columns, dict(kept["set"]))


def suggested(
    target: CompiledObject, header: tuple[str, ...], *, shows: Callable[[str, str], bool] = lambda _object, _field: True
) -> ImportMap:
    """Return the mapping of columns called as a field is: by its name, or by its label in either language, whatever the case. What is not
    one of the fields that ``shows`` knows of is no field here.

    Columns that no field is called as are not in it: they become faults, never silence. Computed fields and fields
    beyond a link, as exports hold them, are left out (``left_out``). The key is the first unique rule whose fields are all there.
    """
    names: dict[str, str] = {}
    for found in target.fields.values():
        if not shows(target.name, found.name):
            continue
        for called in (*(found.label(language) for language in LANGUAGES), found.name):
            names[called.casefold()] = found.name
    columns: dict[str, ColumnMap] = {}
    for column in header:
        name = names.get(column.casefold())
        if name is not None:
            columns[column] = ColumnMap(column, "" if target.fields[name].kind.computed else name)
            continue
        link = names.get(column.partition(BEYOND)[0].casefold()) if BEYOND in column else None
        if link is not None and target.fields[link].type.objects:
            columns[column] = ColumnMap(column)
    return ImportMap(target.name, natural_key(target, {column.into for column in columns.values()}), columns)


def natural_key(target: CompiledObject, mapped: set[str]) -> tuple[str, ...]:
    """Return the fields of the object's first unconditional unique rule that ``mapped`` covers; none where there is none."""
    for found in target.fields.values():
        if found.definition.unique and found.name in mapped:
            return (found.name,)
    for rule in target.definition.unique.values():
        if rule.when is None and mapped.issuperset(rule.fields):
            return rule.fields
    return ()
