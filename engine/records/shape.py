"""What a model's objects come to before there are any tables: the types of all their names, what computed fields read, which of
them are stored, and the columns that follow. Worked out name by name, when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import get_ident
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.fields import make_field
from engine.fields.base import FieldKind
from metamodel.definitions.common import Expression
from metamodel.expressions.checker import check_expression
from metamodel.expressions.scope import Scope
from metamodel.expressions.types import ANY, DATETIME, NUMBER, SEVERAL, Base, Type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.types import TypeEngine

    from engine.fields.base import Field
    from metamodel.definitions.model import Model, Reverse
    from metamodel.definitions.objects import FieldDef, ObjectDef
    from metamodel.expressions.typed import Depends, TypedExpression
    from metamodel.kinds import Kinds

USER = "user"
PERSON = Type(Base.LINK, (USER,))
SYSTEM_FIELDS: Mapping[str, Type] = MappingProxyType(
    {
        "id": NUMBER,
        "created_at": DATETIME,
        "created_by": PERSON,
        "updated_at": DATETIME,
        "updated_by": PERSON,
        "version": NUMBER,
        "deleted_at": DATETIME,
        "owner_since": DATETIME,
    }
)
# System fields that change without anybody writing them, or are not there yet when a record's values are worked out.
_MOVING = frozenset({"id", "version", "updated_at", "updated_by", "deleted_at", "owner_since"})
_COLUMN_TYPES: Mapping[Base, TypeEngine[Any]] = MappingProxyType(
    {
        Base.TEXT: sa.Text(),
        Base.CHOICE: sa.Text(),
        Base.NUMBER: sa.Numeric(),
        Base.BOOLEAN: sa.Boolean(),
        Base.DATE: sa.Date(),
        Base.DATETIME: sa.DateTime(timezone=True),
        Base.LINK: sa.BigInteger(),
    }
)


@dataclass(frozen=True, slots=True)
class Computed:
    """A computed field. ``stored``: in a column. ``own``: reads nothing but stored fields of its own record, so that the command
    computes it; stored ones that are not ``own`` (rollups, formulas over links) are recomputed by the database."""

    name: str
    expression: TypedExpression
    stored: bool
    own: bool


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """A column that a field asks for: the key in Physical, its type, and the object it refers to ("" for no link)."""

    key: str
    field: str
    type: TypeEngine[Any]
    target: str = ""


class Shapes:
    """All objects of a model, as the metamodel's ``Schema`` too."""

    def __init__(self, model: Model, kinds: Kinds) -> None:
        self.model = model
        self.kinds = kinds
        self._objects: dict[str, ObjectShape] = {}

    def __getitem__(self, name: str) -> ObjectShape:
        found = self._objects.get(name)
        if found is None:
            found = self._objects[name] = ObjectShape(self, self.model.objects[name])
        return found

    def __contains__(self, name: object) -> bool:
        return name in self.model.objects

    def members(self, object_name: str) -> Mapping[str, Type] | None:
        """Return the names that the object's records offer to expressions."""
        return self[object_name].members if object_name in self.model.objects else None

    def is_several(self, object_name: str, field: str) -> bool:
        """Whether a field holds several links."""
        return self[object_name].kind(self.model.objects[object_name].fields[field]).many

    def scope(self, object_name: str | None, **names: Type | Mapping[str, Type]) -> Scope:
        """Return the scope of an object's expressions; ``me`` is in every one of them."""
        return Scope(self, object_name, {"me": PERSON, **names})

    def rule_scope(self, object_name: str, **names: Type | Mapping[str, Type]) -> Scope:
        """Return the scope of what is asked of a record that changes: ``record.`` and bare names are the record, ``old.`` is what it was."""
        here = Type(Base.LINK, (object_name,))
        return self.scope(object_name, old=here, record=here, **names)

    def check(self, text: str, scope: Scope, want: Type | None = None) -> TypedExpression:
        """Return an expression of a definition, which was checked when it was read. Raises its fault where it was not."""
        checked = check_expression(text, scope, self.kinds.functions, want=want)
        if checked.expression is None:
            raise next(fault for fault in checked.faults if fault.severity == "error")
        return checked.expression


class Members(Mapping[str, Type]):
    """An object's names with their types; a formula's type is inferred when it is asked for."""

    def __init__(self, shape: ObjectShape) -> None:
        self._shape = shape
        self._known: dict[str, Type] = {**SYSTEM_FIELDS}
        if not shape.definition.owner:
            del self._known["owner_since"]
        self._known |= {name: Type(Base.ROWS, (one.object,), order=one.order) for name, one in shape.reverse.items()}
        self._fields = shape.definition.fields

    def __getitem__(self, name: str) -> Type:
        found = self._known.get(name)
        if found is None:
            if name not in self._fields:
                raise KeyError(name)
            found = self._known[name] = self._shape.type_of(self._fields[name])
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._known or name in self._fields

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._known, *self._fields)))

    def __len__(self) -> int:
        return len(set(self._known) | set(self._fields))


class ObjectShape:
    """One object: members, fields without columns yet, computed fields, stored columns."""

    def __init__(self, shapes: Shapes, definition: ObjectDef) -> None:
        self.shapes = shapes
        self.definition = definition
        self.name = definition.name
        self.reverse: Mapping[str, Reverse] = shapes.model.reverse.get(definition.name, {})
        self._open: set[tuple[int, str]] = set()  # of each thread: what another works out is no circle
        self._computed: dict[str, Computed] = {}

    @cached_property
    def members(self) -> Members:
        """The names that expressions may use."""
        return Members(self)

    def kind(self, definition: FieldDef) -> FieldKind:
        """Return a field's type."""
        kind = self.shapes.kinds.fields[definition.type]
        assert isinstance(kind, FieldKind)  # noqa: S101 - the registry is the engine's own
        return kind

    def type_of(self, definition: FieldDef) -> Type:
        """Return the type that a field has in expressions."""
        known = self.kind(definition).value_type(definition, self.shapes.model)
        if known is not None:
            return known
        if (get_ident(), definition.name) in self._open:
            return ANY  # a circle, which the checker has refused
        return self.computed(definition.name).expression.type

    def make_field(self, definition: FieldDef, columns: Mapping[str, str]) -> Field:
        """Return the compiled field."""
        return make_field(
            definition,
            self.kind(definition),
            object_name=self.name,
            model=self.shapes.model,
            columns=columns,
            type_=self.members[definition.name],
        )

    def is_computed(self, name: str) -> bool:
        """Whether ``name`` is a computed field."""
        definition = self.definition.fields.get(name)
        return definition is not None and self.kind(definition).computed

    def computed(self, name: str) -> Computed:
        """Return a computed field's expression and where its value comes from."""
        found = self._computed.get(name)
        if found is None:
            self._open.add((get_ident(), name))
            definition = self.definition.fields[name]
            expression = self.shapes.check(text_of(definition.options["value"]), self.shapes.scope(self.name))
            stored, own = self._placed(definition, expression.depends, expression.type)
            found = self._computed[name] = Computed(name, expression, stored, own)
            self._open.discard((get_ident(), name))
        return found

    def _placed(self, definition: FieldDef, depends: Depends, type_: Type) -> tuple[bool, bool]:
        """Return (stored, own) of a computed field."""
        if not depends.stored or depends.needs - {"calendar"} or type_.base not in _COLUMN_TYPES:
            return False, False
        if definition.options.get("scoped") == "viewer" or not all(map(self._stored_root, depends.paths)):
            return False, False
        across = [path for path in depends.paths if len(path) > 1]
        if across and not definition.options.get("store"):
            return False, False
        if not all(self._stored_path(path) for path in across):
            return False, False
        if not depends.rows:
            return True, not across
        if any(self._read_only(rows.path[0]) for rows in depends.rows if rows.path):
            return False, False
        fits = all(
            len(rows.path) == 1 and not rows.rows and self._stored_rows(rows.path[0], rows.paths)
            for rows in depends.rows
        )
        return fits, False

    def _read_only(self, name: str) -> bool:
        """Whether rows are counted when they are read: those that may hang on any record, and the ends of several links."""
        side = self.reverse.get(name)
        return side is None or side.every or self.shapes.is_several(side.object, side.field)

    def _stored_root(self, path: tuple[str, ...]) -> bool:
        return self.stores(path[0]) and path[0] not in _MOVING

    def _stored_path(self, path: tuple[str, ...]) -> bool:
        """Whether ``path`` is one link and a stored field of its target: what ``store: true`` can follow."""
        link = self.members.get(path[0])
        if len(path) != 2 or link is None or link.base is not Base.LINK:
            return False
        return all(self.shapes[target].stores(path[1]) for target in link.objects)

    def _stored_rows(self, name: str, paths: tuple[tuple[str, ...], ...]) -> bool:
        child = self.shapes[self.reverse[name].object]
        return all(len(path) == 1 and child.stores(path[0]) and path[0] not in _MOVING - {"id"} for path in paths)

    def stores(self, name: str) -> bool:
        """Whether ``name`` is a column of the object's table."""
        if (get_ident(), name) in self._open:
            return False
        if self.is_computed(name):
            return self.computed(name).stored
        return name in self.members and self.members[name].base not in SEVERAL

    @cached_property
    def search_fields(self) -> tuple[str, ...]:
        """The fields that search looks into: those that say so, else the title, and serials, which people type as they stand on paper
        (lines are found by their parent); stored texts only."""
        fields = self.definition.fields
        chosen = [name for name, one in fields.items() if one.search]
        if not any(one.options.get("parent") for one in fields.values()):
            chosen = chosen or [self.definition.title]
            chosen += [name for name, one in fields.items() if one.type == "serial" and name not in chosen]
        return tuple(
            name for name in chosen if name in fields and self.members[name].base is Base.TEXT and self.stores(name)
        )

    @cached_property
    def columns(self) -> Mapping[str, StoredColumn]:
        """The columns that the fields ask for, by key."""
        found: dict[str, StoredColumn] = {}
        for name, one in self.definition.fields.items():
            kind = self.kind(one)
            if kind.computed:
                if self.stores(name):
                    found[name] = StoredColumn(name, name, kind.column(one) or _COLUMN_TYPES[self.members[name].base])
                continue
            column = kind.column(one)
            if column is None:
                continue
            targets = kind.targets(one) if kind.targets else ()
            if kind.parts is not None:
                for part, type_ in kind.parts.columns.items():
                    found[f"{name}.{part}"] = StoredColumn(f"{name}.{part}", name, type_)
            elif len(targets) < 2:
                found[name] = StoredColumn(name, name, column, targets[0] if targets else "")
            else:
                found |= {f"{name}.{to}": StoredColumn(f"{name}.{to}", name, column, to) for to in targets}
        return found


def text_of(option: object) -> str:
    """Return the text of an option that is an expression."""
    return option.text if isinstance(option, Expression) else str(option)
