"""What a list is sorted by: names and paths, checked for the viewer, as keys of a statement. A link sorts by what it shows, a choice by
the order its list is written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.expressions.sql import compile_sql
from engine.records.columns import label_column
from engine.records.filters import bad_query, check_filter
from engine.records.keyset import Key
from engine.records.table import NEVER_BLANK
from metamodel.expressions.types import SEVERAL, Base
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.expressions.sql import SqlMoment
    from engine.records.compile import CompiledObject
    from engine.records.rights import Rights
    from engine.records.sqlscope import Column, RecordScope
    from metamodel.expressions.typed import TypedExpression

LONGEST = 5


@dataclass(frozen=True, slots=True)
class SortName:
    """One name that a list is sorted by."""

    name: str
    expression: TypedExpression
    descending: bool

    @property
    def base(self) -> Base:
        """The type of the key that it becomes."""
        base = self.expression.type.base
        if base is Base.CHOICE and self.expression.type.names:
            return Base.NUMBER
        return Base.TEXT if base is Base.LINK else base


@dataclass(frozen=True, slots=True)
class Order:
    """The names before the id, which always comes last; ``down``: ids descend."""

    rights: Rights
    names: tuple[SortName, ...]
    down: bool

    @property
    def signature(self) -> str:
        """What ties a cursor to this order."""
        return ",".join(
            [*(("-" if one.descending else "") + one.name for one in self.names), "-id" if self.down else "id"]
        )

    @property
    def bases(self) -> tuple[Base, ...]:
        """The types of a cursor's values."""
        return (*(one.base for one in self.names), Base.NUMBER)

    def keys(self, viewed: RecordScope, moment: SqlMoment) -> list[Key]:
        """Return the keys of a statement."""
        keys = [
            Key(self._column(one, viewed, moment), one.descending, one.base, sure=one.name in NEVER_BLANK)
            for one in self.names
        ]
        return [*keys, Key(viewed.alias.c.id, self.down, Base.NUMBER, sure=True)]

    def _column(self, one: SortName, viewed: RecordScope, moment: SqlMoment) -> Column:
        type_ = one.expression.type
        if type_.base is Base.LINK:
            return self._label(one.name, viewed)
        column = compile_sql(one.expression, viewed, moment)
        if type_.base is Base.CHOICE and type_.names:
            listed = sa.literal(list(type_.names), ARRAY(sa.Text))
            return sa.type_coerce(sa.func.array_position(listed, column), sa.Integer)
        return column

    def _label(self, name: str, viewed: RecordScope) -> Column:
        scopes, parts = [viewed], name.split(".")
        for link in parts[:-1]:
            scopes = [scope.linked(*one) for scope in scopes for one in scope.targets(link).items()]
        labels = [
            label_column(scope.trusted(), target, key) if self.rights.names(target) else sa.cast(sa.null(), sa.Text)
            for scope in scopes
            for target, key in scope.targets(parts[-1]).items()
        ]
        return labels[0] if len(labels) == 1 else sa.func.coalesce(*labels)


def read_order(rights: Rights, compiled: CompiledObject, names: Sequence[str]) -> Order:
    """Return an order by names and paths, ``-`` in front for descending. What comes after an id says nothing. Raises Refusal 400."""
    if len(names) > LONGEST:
        said = Text(zh=f"最多按 {LONGEST} 个字段排序。", en=f"A list is sorted by {LONGEST} fields at most.")
        raise bad_query("sort", "SORT_TOO_LONG", said)
    found: list[SortName] = []
    for name in names:
        one = _read(rights, compiled, name)
        if one.name == "id":
            return Order(rights, tuple(found), one.descending)
        found.append(one)
    return Order(rights, tuple(found), found[-1].descending)


def _read(rights: Rights, compiled: CompiledObject, name: str) -> SortName:
    bare = name.removeprefix("-").removeprefix("+")
    shown = bare[:60]
    if not bare.replace(".", "_").isidentifier():
        raise bad_query("sort", "BAD_SORT", Text(zh=f"不能按 {shown} 排序。", en=f"A list can't be sorted by {shown}."))
    expression = check_filter(rights, compiled.name, bare, want=None, part="sort")
    field = compiled.anything.get(bare)
    unfit = expression.type.base in {*SEVERAL, Base.LIST, Base.ANY, Base.DURATION, Base.BLANK}
    if unfit or (field is not None and not field.kind.sortable):
        raise bad_query(
            "sort", "NOT_SORTABLE", Text(zh=f"不能按 {shown} 排序。", en=f"A list can't be sorted by {shown}.")
        )
    return SortName(bare, expression, name.startswith("-"))
