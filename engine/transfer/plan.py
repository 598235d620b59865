"""A mapping bound to a real header and object: what happens to each cell, with every misfit found before the first row is read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from engine.records.access import rights_of
from engine.records.commands import refused_fields
from engine.records.compile import Records
from engine.records.rights import Right
from engine.records.stages import UPDATE
from engine.storage.physical import SYSTEM_COLUMNS
from engine.transfer.mapping import ColumnMap, ImportMap
from metamodel.expressions.types import Base
from metamodel.faults import near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.context import Context
    from engine.fields.base import Field
    from engine.records.compile import CompiledObject
    from engine.records.parse import Refused
    from engine.records.rights import Rights
    from metamodel.faults import Faults, Mark


@dataclass(frozen=True)
class Gate:
    """What whoever imports may do with fields, asked before a row is read. ``updating``: a row whose record is there already changes it."""

    context: Context
    updating: bool = False

    @cached_property
    def _rights(self) -> Rights:
        return rights_of(self.context.runtime.part(Records), self.context.actor)

    def shows(self, object_name: str, name: str) -> bool:
        """Whether they know of a field at all, by reading it or by filling it in."""
        rights = self._rights
        return max(rights.field(object_name, name).most, rights.write_right(object_name, name)) > Right.HIDDEN

    def reads(self, object_name: str, name: str) -> bool:
        """Whether they may find records by a field."""
        rights = self._rights
        return rights.grants(object_name, "read") and rights.field(object_name, name).least >= Right.READ

    def refused(self, object_name: str, name: str) -> Refused | None:
        """Return why they may fill a field in no row."""
        found = refused_fields(self.context, object_name, (name,))
        if found and self.updating:
            found = refused_fields(self.context, object_name, (name,), act=UPDATE)
        return found.get(name)


@dataclass(frozen=True, slots=True)
class Cell:
    """What one column does: the place of its cell in a row, and where its text goes. ``target`` and ``by``: for a link, the object
    and the field its text is looked up in (several links name no ``target``: the writing door looks them up). ``deferred``: a link to its own object, set once all rows are there."""

    index: int
    column: str
    field: Field
    repair: Mapping[str, str]
    clear: bool
    target: str = ""
    by: str = ""
    deferred: bool = False


@dataclass(frozen=True)
class Plan:
    """How a table comes into an object. ``key``: fields by which a record is known again; ``constants``: the same in every row."""

    object: CompiledObject
    cells: tuple[Cell, ...]
    key: tuple[str, ...]
    constants: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def steps(self) -> list[tuple[int, str, Mapping[str, str], bool, str]]:
        """Return for each cell its place in a row, field, repairs, whether it blanks, what it is looked up by: what each row needs."""
        return [(one.index, one.field.name, one.repair, one.clear, one.by) for one in self.cells]


def plan_import(
    records: Records,
    target: CompiledObject,
    header: tuple[str, ...],
    mapping: ImportMap,
    faults: Faults,
    *,
    marks: Sequence[Mark] = (),
    gate: Gate | None = None,
) -> Plan:
    """Bind ``mapping`` to a table with ``header`` (``marks``: where its names stand). Whatever does not fit goes to ``faults``; the plan
    is good when none is fatal. ``gate``: what whoever imports may fill and look up by; None: each row is told."""
    if mapping.target and mapping.target != target.name:
        message = Text(
            zh=f"映射是给 {mapping.target} 的，不是 {target.name}",
            en=f"the mapping is for {mapping.target}, not for {target.name}",
        )
        faults.add("WRONG_OBJECT", message, mapping.mark)
    places = dict(zip(header, marks, strict=False))
    _check_columns(header, mapping, places, faults)
    cells: list[Cell] = []
    for index, column in enumerate(header):
        rule = mapping.columns.get(column)
        if rule is not None and rule.into:
            rule = rule if rule.mark.line else replace(rule, mark=places.get(column, rule.mark))
            found = _field(target, rule.into, rule, faults, gate)
            if found is not None:
                cells.append(_cell(records, (index, rule), found, faults, gate))
    _check_twice(cells, mapping, faults)
    for name in mapping.constants:
        _field(target, name, ColumnMap("", name, mark=mapping.mark), faults, gate)
    _check_key(mapping, {cell.field.name for cell in cells} | set(mapping.constants), faults)
    return Plan(target, tuple(cells), mapping.key, mapping.constants)


def _check_columns(header: tuple[str, ...], mapping: ImportMap, places: Mapping[str, Mark], faults: Faults) -> None:
    for column in header:
        if column not in mapping.columns:
            mark = places.get(column, mapping.mark)
            cell = f" ({mark.path})" if column in places and mark.path else ""
            message = Text(
                zh=f"列“{column}”{cell}没有映射到字段", en=f"the column {column}{cell} is mapped to no field"
            )
            hint = near_miss(column, mapping.columns) or Text(
                zh=f"请在映射文件（--map）中写明；不需要的列写成 {column}: null",
                en=f"map it in a file (--map); {column}: null leaves it out",
            )
            faults.add("UNMAPPED_COLUMN", message, mark, hint=hint)
    for column, rule in mapping.columns.items():
        if column not in header:
            message = Text(zh=f"文件中没有列“{column}”", en=f"the file has no column {column}")
            faults.add("MISSING_COLUMN", message, rule.mark, hint=near_miss(column, header))


def _field(target: CompiledObject, name: str, rule: ColumnMap, faults: Faults, gate: Gate | None) -> Field | None:
    """Return the field that may be written under ``name``, or None after adding a fault. Of a hidden one no more is said than of one that
    is not there."""
    seen = [one for one in target.fields if gate is None or gate.shows(target.name, one)]
    found = target.fields[name] if name in seen else None
    if name in SYSTEM_COLUMNS:
        message = Text(zh=f"{name} 是系统字段，不能导入", en=f"{name} is a system field and can't be imported")
        faults.add("SYSTEM_FIELD", message, rule.mark)
    elif found is None:
        message = Text(zh=f"{target.name} 没有字段 {name}", en=f"{target.name} has no field {name}")
        faults.add("UNKNOWN_FIELD", message, rule.mark, hint=near_miss(name, seen))
    elif found.kind.computed:
        message = Text(zh=f"{name} 是计算字段，不能导入", en=f"{name} is computed and can't be imported")
        faults.add("READONLY", message, rule.mark)
    elif found.type.base is Base.ROWS:
        message = Text(zh=f"{name} 不能从一个单元格导入", en=f"{name} can't be imported from one cell")
        faults.add("NOT_IMPORTABLE", message, rule.mark)
    elif gate is not None and (refused := gate.refused(target.name, name)) is not None:
        code, why = refused
        faults.add(code, Text(zh=f"{name}：{why.zh}", en=f"{name}: {why.en}"), rule.mark)
    else:
        return found
    return None


def _cell(records: Records, column: tuple[int, ColumnMap], found: Field, faults: Faults, gate: Gate | None) -> Cell:
    index, rule = column
    cell = Cell(index, rule.column, found, rule.repair, rule.clear)
    if not found.targets:
        if rule.by:
            message = Text(zh=f"{found.name} 不是关联字段，不能用 by", en=f"{found.name} is no link: by has no meaning")
            faults.add("NOT_A_LINK", message, rule.mark)
        return cell
    to, _, by = rule.by.rpartition(".")  # a link to several objects says which: `by: customer.name`
    to = to or found.targets[0]
    if (len(found.targets) > 1 and "." not in rule.by) or to not in found.targets:
        names = ", ".join(found.targets)
        message = Text(
            zh=f"{found.name} 可关联 {names}，请写明 by: 对象.字段",
            en=f"{found.name} links to {names}: say which, by: object.field",
        )
        faults.add("WHICH_TARGET", message, rule.mark)
        return cell
    linked = records.objects[to]
    by = by or linked.title
    read = [one for one in linked.fields if gate is None or gate.reads(to, one)]
    if by != "id" and (by not in read or linked.fields[by].kind.computed or linked.fields[by].targets):
        message = Text(zh=f"不能用 {to}.{by} 查找记录", en=f"records can't be found by {to}.{by}")
        faults.add("UNKNOWN_FIELD", message, rule.mark, hint=near_miss(by, read))
    if found.kind.many:
        return replace(cell, by="" if by == linked.title else by)
    deferred = to == found.object and not found.definition.required
    return Cell(index, rule.column, found, rule.repair, rule.clear, to, by, deferred)


def _check_twice(cells: list[Cell], mapping: ImportMap, faults: Faults) -> None:
    seen: dict[str, str] = dict.fromkeys(mapping.constants, "set")
    for cell in cells:
        if cell.field.name in seen:
            message = Text(
                zh=f"字段 {cell.field.name} 被映射了两次（{seen[cell.field.name]}、{cell.column}）",
                en=f"the field {cell.field.name} is mapped twice ({seen[cell.field.name]}, {cell.column})",
            )
            faults.add("MAPPED_TWICE", message, mapping.columns[cell.column].mark)
        seen[cell.field.name] = cell.column


def _check_key(mapping: ImportMap, mapped: set[str], faults: Faults) -> None:
    for name in mapping.key:
        if name not in mapped:
            message = Text(zh=f"键字段 {name} 没有列", en=f"the key field {name} has no column")
            faults.add("KEY_WITHOUT_COLUMN", message, mapping.mark, hint=near_miss(name, mapped))
