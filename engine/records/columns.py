"""The columns of an answer: which are selected for the fields asked for, labels of links among them, within the viewer's rights to each
field. How a row becomes a record again is row_reading.py's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by

from engine.fields.base import Reference
from engine.records.access import MASK
from engine.records.associations import SOURCE, TARGET
from engine.records.filters import bad_query
from engine.records.rights import FieldRight, Right
from engine.records.row_reading import Reading, Shown, step_of
from engine.records.shape import USER
from engine.records.sqlscope import Joins, RecordScope
from engine.refusals import Refusal
from metamodel.expressions.types import Base
from metamodel.faults import near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from engine.fields.base import Field, Parts, Value
    from engine.records.access import Access
    from engine.records.compile import CompiledObject
    from engine.records.sqlscope import Column

ALWAYS = ("id", "version")
STAMPS = ("created_at", "created_by", "updated_at", "updated_by")
DEEPEST = 3  # titles that are links themselves


class Columns:
    """Collects the columns of one statement. ``scope`` is the record as definitions see it, ``viewed`` as the viewer does."""

    def __init__(self, scope: RecordScope, viewed: RecordScope, access: Access) -> None:
        self.scope, self.viewed, self.access = scope, viewed, access
        self.selected: list[Column] = []
        self.shown: list[Shown] = []

    def add(self, name: str) -> None:
        """Select a field or a path. Raises Refusal 400 for one that is not there for the viewer."""
        if "." in name:
            self._add_path(name)
            return
        field = self.scope.compiled.anything.get(name)
        if field is None or field.type.base is Base.ROWS:
            raise unknown_field(name, self.scope.compiled, self.access)
        right = (
            self.access.rights.field(self.scope.compiled.name, name) if name in self.scope.compiled.fields else _OPEN
        )
        if right.most is Right.HIDDEN:
            raise unknown_field(name, self.scope.compiled, self.access)
        self._show(name, [self.scope], field, right)

    def leads(self, path: str) -> bool:
        """Whether a path leads to something that this viewer may see."""
        try:
            self._ends(path)
        except Refusal:
            return False
        return True

    def _add_path(self, path: str) -> None:
        ends = self._ends(path)
        # Beyond a link a right that differs from record to record counts as its least, and that of several objects as the lowest.
        least = min(right.least for _, _, right in ends)
        self._show(path, [scope for scope, _, _ in ends], ends[0][1], FieldRight(least, least))

    def _ends(self, path: str) -> list[tuple[RecordScope, Field, FieldRight]]:
        """Return where a path ends: one place, or one an object where it goes over a link to several. All of these must have the
        field, with one type; the first one's is shown."""
        *links, name = path.split(".")
        scopes = [self.viewed]
        for link in links:
            scopes = [there for scope in scopes for there in self._over(scope, link, path)]
        found = []
        for scope in scopes:
            field, right = self._member(scope, name)
            if field is None or field.type.base is Base.ROWS or right.least is Right.HIDDEN:
                raise unknown_field(name, scope.compiled, self.access)
            found.append((scope, field, right))
        if len({field.type.base for _, field, _ in found}) > 1:
            said = Text(
                zh=f"{path[:120]} 在所关联的各个对象中类型不同，不能使用。",
                en=f"{path[:120]} is of another type in each of the objects linked to, so it can't be used.",
            )
            raise bad_query("fields", "UNKNOWN_FIELD", said)
        return found

    def _over(self, scope: RecordScope, link: str, path: str) -> list[RecordScope]:
        """Return the records that a link leads to, one an object."""
        field, right = self._member(scope, link)
        if field is None or right.least < Right.READ:
            raise unknown_field(link, scope.compiled, self.access)
        if field.type.base is not Base.LINK:
            said = Text(
                zh=f"{link[:60]} 不是关联字段，没有 {path[:120]}。",
                en=f"{link[:60]} is no link: there is no {path[:120]}.",
            )
            raise bad_query("fields", "UNKNOWN_FIELD", said)
        targets = scope.targets(link)
        if not all(self.access.rights.grants(target, "read") for target in targets):
            raise unknown_field(path, scope.compiled, self.access)
        return [scope.linked(target, key) for target, key in targets.items()]

    def _member(self, scope: RecordScope, name: str) -> tuple[Field | None, FieldRight]:
        compiled = scope.compiled
        right = self.access.rights.field(compiled.name, name) if name in compiled.fields else _OPEN
        return compiled.anything.get(name), right

    def _show(self, name: str, scopes: list[RecordScope], field: Field, right: FieldRight) -> None:
        kind = field.kind
        read_out = kind.many or kind.load is not None or kind.parts is not None or field.type.base is Base.LINK
        place = None if read_out else len(self.selected)
        self.shown.append(Shown(name, field, self._reader(scopes, field), right, place))

    def _select(self, column: Column) -> int:
        self.selected.append(column)
        return len(self.selected) - 1

    def _reader(self, scopes: list[RecordScope], field: Field) -> Callable[[Sequence[Any]], Value]:
        if field.type.base is Base.LINKS:
            return self._references(scopes[0], field)
        if field.kind.parts is not None:
            return self._parts(scopes, field, field.kind.parts)
        if field.type.base is not Base.LINK:
            values = [scope.value(field.name) for scope in scopes]
            place = self._select(values[0] if len(values) == 1 else sa.func.coalesce(*values))
            load = field.kind.load
            if load is not None:
                return lambda row: None if row[place] is None else load(row[place])
            return lambda row: row[place]
        readers = [self._reference(scope, *one) for scope in scopes for one in scope.targets(field.name).items()]
        if len(readers) == 1:
            return readers[0]
        return lambda row: next((found for found in (read(row) for read in readers) if found is not None), None)

    def _parts(self, scopes: list[RecordScope], field: Field, parts: Parts) -> Callable[[Sequence[Any]], Value]:
        """Select the columns that a value lies in, of the first of several records that has one."""
        places = [[self._select(column) for column in scope.columns(field.name)] for scope in scopes]

        def read(row: Sequence[Any]) -> Value:
            values = (parts.join([row[place] for place in those]) for those in places)
            return next((value for value in values if value is not None), None)

        return read

    def _reference(self, scope: RecordScope, target: str, key: Column) -> Callable[[Sequence[Any]], Value]:
        place = self._select(key)
        if not self.access.rights.names(target):
            return lambda row: None if row[place] is None else Reference(row[place], MASK, target)
        label = self._select(label_column(scope.trusted(), target, key))

        def read(row: Sequence[Any]) -> Value:
            number = row[place]
            return None if number is None else Reference(number, row[label] or f"#{number}", target)

        return read

    def _references(self, scope: RecordScope, field: Field) -> Callable[[Sequence[Any]], Value]:
        """Select the records that a field of several links leads to, those alone that live and that the viewer may read."""
        association = scope.compiled.associations[field.name]
        records, target = scope.compiled.records, association.to
        open_to_all = target == USER  # who colleagues are is no secret inside the house
        if not open_to_all and not self.access.rights.grants(target, "read"):
            return lambda _row: None
        links, there = association.table.alias(), records.objects[target].table.alias()
        joins = Joins(links.join(there, there.c.id == links.c[TARGET]))
        inner = RecordScope(records.objects[target], there, scope.moment, joins=joins)
        named = self.access.rights.names(target)
        label = title_column(inner) if named else sa.literal(MASK)
        limit = None if open_to_all else self.access.reach(records.objects[target], there)
        where = [links.c[SOURCE] == scope.alias.c.id, there.c.deleted_at.is_(None)]
        one = sa.func.jsonb_build_array(there.c.id, label)
        listed = sa.select(sa.func.jsonb_agg(aggregate_order_by(one, there.c.id))).select_from(joins.clause)
        listed = listed.where(*where, *(() if limit is None else (limit,))).correlate(scope.alias)
        place = self._select(listed.scalar_subquery())

        def read(row: Sequence[Any]) -> Value:
            found = row[place]
            return tuple(Reference(number, text or f"#{number}", target) for number, text in found) if found else None

        return read

    def finish(self) -> Reading:
        """Select which roles admit each record, where rights differ among them, and return how rows are read."""
        roles = sorted({role for shown in self.shown for role, _ in shown.right.roles})
        flags = self.access.flags(self.scope.compiled, self.scope.alias, tuple(roles))
        steps = None if roles else tuple(step_of(one) for one in self.shown)
        return Reading(tuple(self.shown), {role: self._select(flag) for role, flag in flags.items()}, steps)


def label_column(scope: RecordScope, target: str, key: Column, depth: int = 0) -> Column:
    """Return the text that names the record that ``key`` links to."""
    return title_column(scope.linked(target, key), depth)


def title_column(there: RecordScope, depth: int = 0) -> Column:
    """Return the text that names a record itself."""
    title = there.compiled.anything[there.compiled.title]
    if title.type.base is Base.LINK and depth < DEEPEST:
        further, its_key = next(iter(there.targets(title.name).items()))
        return label_column(there, further, its_key, depth + 1)
    column = there.value(title.name)
    return column if title.type.base in {Base.TEXT, Base.CHOICE} else sa.cast(column, sa.Text)


def default_fields(compiled: CompiledObject, access: Access, *, stamps: bool = True) -> Iterable[str]:
    """Return what an answer holds where nothing is asked for in particular: all that the viewer may see, without lines."""
    for name, field in compiled.fields.items():
        if field.type.base is not Base.ROWS and access.rights.field(compiled.name, name).most is not Right.HIDDEN:
            yield name
    if stamps:
        yield from STAMPS


def unknown_field(name: str, compiled: CompiledObject, access: Access) -> Exception:
    """Return the refusal of a field that is not there for the viewer; it offers only names that they may see."""
    seen = [*compiled.system, *default_fields(compiled, access, stamps=False)]
    hint = near_miss(name, [one for one in seen if one != name])
    said = Text(
        zh=f"{compiled.definition.label('zh')}没有字段 {name[:60]}" + (f"（{hint.zh}）" if hint else "") + "。",
        en=f"{compiled.name} has no field {name[:60]}" + (f" ({hint.en})" if hint else "") + ".",
    )
    return bad_query("fields", "UNKNOWN_FIELD", said)


_OPEN = FieldRight(Right.EDIT, Right.EDIT)
