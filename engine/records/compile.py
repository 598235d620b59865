"""The compiled form of a version's objects: tables, fields, computed fields, rules. Made once a version by ``compile_records``;
each object is worked out when first used and kept; requests only read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from engine.records.associations import Association, association_name
from engine.records.dependents import Dependents
from engine.records.memory import Memory
from engine.records.offered import as_looked_up, with_choices
from engine.records.own_stages import own_stages
from engine.records.rules import Rules
from engine.records.shape import Computed, ObjectShape, Shapes
from engine.records.sizes import Sizes
from engine.records.stages import Stage, Stages
from engine.records.stored import StoredField, stored_fields
from engine.records.system import system_fields
from engine.records.table import column_names
from engine.records.tables import Tables
from engine.records.units import with_unit
from engine.storage.renames import read_former
from metamodel.expressions.types import Base
from metamodel.reading.defaults import leads_anywhere

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from engine.fields.base import Field, Parts
    from engine.storage.physical import Physical
    from engine.storage.renames import Former
    from metamodel.definitions.model import Model, Reverse
    from metamodel.definitions.objects import ObjectDef
    from metamodel.kinds import Kinds


@dataclass(frozen=True, eq=False)
class CompiledObject:
    """An object ready to use. ``fields`` in definition order, computed ones too; ``table`` names every column explicitly.
    ``parent`` is the link field with ``parent: true`` of an object behind `lines`."""

    name: str
    definition: ObjectDef
    records: Records = field(repr=False)

    @cached_property
    def shape(self) -> ObjectShape:
        """What the object comes to without a database."""
        return self.records.shapes[self.name]

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """The fields by name."""
        keys: dict[str, dict[str, str]] = {}
        for key, stored in self.shape.columns.items():
            keys.setdefault(stored.field, {})[key] = self.columns[key]
        shape, own = self.shape, self.definition.fields
        made = {name: shape.make_field(with_unit(shape, one), keys.get(name, {})) for name, one in own.items()}
        return {name: as_looked_up(shape, with_choices(shape, one)) for name, one in made.items()}

    @cached_property
    def system(self) -> Mapping[str, Field]:
        """The fields that every record has (id, created_at …)."""
        return system_fields(self.shape)

    @cached_property
    def anything(self) -> Mapping[str, Field]:
        """Fields and system fields by name."""
        return {**self.system, **self.fields}

    @cached_property
    def columns(self) -> Mapping[str, str]:
        """Key → physical column."""
        return column_names(self.shape, self.records.physical)

    @cached_property
    def stored(self) -> tuple[StoredField, ...]:
        """All fields with columns."""
        return stored_fields(self, self.rules.stored)

    @cached_property
    def plain_columns(self) -> tuple[tuple[str, str], ...]:
        """(field, column) of the fields that lie in one column."""
        stored = ((name, tuple(one.columns.values())) for name, one in self.fields.items())
        return tuple((name, columns[0]) for name, columns in stored if len(columns) == 1)

    @cached_property
    def split_columns(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """(field, ((target, column), …)) of links to several objects."""
        return tuple(
            (name, tuple((key.rpartition(".")[2], column) for key, column in one.columns.items()))
            for name, one in self.fields.items()
            if len(one.columns) > 1 and one.kind.parts is None
        )

    @cached_property
    def part_columns(self) -> tuple[tuple[str, Parts, tuple[str, ...]], ...]:
        """(field, how its value is taken apart, columns) of values that lie in several columns."""
        return tuple(
            (name, one.kind.parts, tuple(one.columns.values()))
            for name, one in self.fields.items()
            if one.kind.parts is not None
        )

    @cached_property
    def associations(self) -> Mapping[str, Association]:
        """Where the links of fields of several lie, by field."""
        made, several = self.records.association, (one for one in self.fields.values() if one.associated)
        return {one.name: made(self.name, one.name, one.targets[0]) for one in several}

    @cached_property
    def rules(self) -> Rules:
        """Defaults, conditions and checks, ready for commands."""
        return Rules(self)

    @cached_property
    def locks(self) -> Mapping[str, str]:
        """Target object → how strongly its records are locked before records of this one that link to them are touched."""
        return self.records.dependents.locks(self.name)

    @cached_property
    def table(self) -> sa.Table:
        """The table in schema ``app``."""
        return self.records.built_tables.of(self.shape)

    @property
    def title(self) -> str:
        """The field that names a record."""
        return self.definition.title

    @property
    def owner(self) -> str:
        """The user field that 'own' scopes look at, or ""."""
        return self.definition.owner

    @cached_property
    def parent(self) -> str:
        """The link to the record that this one is a line of, or ""."""
        return next((name for name, one in self.definition.fields.items() if one.options.get("parent")), "")

    @cached_property
    def about(self) -> str:
        """The field that leads to the record, of whatever object, that this one is about, or ""."""
        return next((name for name, one in self.definition.fields.items() if leads_anywhere(one)), "")

    @cached_property
    def made_elsewhere(self) -> bool:
        """Whether a form can't make such a record: it has a required field that nobody writes (a file comes with its content)."""
        return any(
            one.required and one.readonly and one.default is None and not self.shape.is_computed(name)
            for name, one in self.definition.fields.items()
        )

    @property
    def reverse(self) -> Mapping[str, Reverse]:
        """The other sides of links to this object."""
        return self.shape.reverse

    @cached_property
    def computed(self) -> Mapping[str, Computed]:
        """The computed fields, each after those that it reads."""
        names = [name for name in self.definition.fields if self.shape.is_computed(name)]
        ordered: dict[str, Computed] = {}

        def visit(name: str, above: frozenset[str]) -> None:
            if name in ordered or name in above:
                return
            one = self.shape.computed(name)
            for path in one.expression.depends.paths:
                if path[0] in names:
                    visit(path[0], above | {name})
            ordered[name] = one

        for name in names:
            visit(name, frozenset())
        return ordered

    def lines(self) -> Iterator[tuple[str, CompiledObject]]:
        """Yield the fields that are lines, with the object behind each."""
        for name, one in self.fields.items():
            if one.type.base is Base.ROWS and not one.kind.computed:
                yield name, self.records.objects[self.reverse[name].object]


class Objects(Mapping[str, CompiledObject]):
    """All objects by name, compiled when first asked for."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._made: dict[str, CompiledObject] = {}

    def __getitem__(self, name: str) -> CompiledObject:
        found = self._made.get(name)
        if found is None:
            made = CompiledObject(name, self._records.model.objects[name], self._records)
            found = self._made.setdefault(name, made)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._records.model.objects

    def __iter__(self) -> Iterator[str]:
        return iter(self._records.model.objects)

    def __len__(self) -> int:
        return len(self._records.model.objects)


@dataclass(frozen=True, eq=False)
class Records:
    """The records floor's part of a Runtime (``ctx.runtime.part(Records)``)."""

    model: Model
    physical: Physical
    kinds: Kinds
    stages: Stages = field(default_factory=Stages)
    memory: Memory = field(default_factory=Memory, repr=False)
    sizes: Sizes = field(default_factory=Sizes, repr=False)

    @cached_property
    def objects(self) -> Mapping[str, CompiledObject]:
        """The objects by name."""
        return Objects(self)

    @cached_property
    def every(self) -> frozenset[tuple[str, str]]:
        """(object, field) of the fields that may lead to a record of any object."""
        return frozenset(
            (definition.name, name)
            for definition in self.model.objects.values()
            for name, one in definition.fields.items()
            if one.options and leads_anywhere(one)
        )

    @cached_property
    def shapes(self) -> Shapes:
        """The shapes of all objects, also the schema that expressions are checked in."""
        return Shapes(self.model, self.kinds)

    @cached_property
    def dependents(self) -> Dependents:
        """What hangs on other objects' records."""
        return Dependents(self)

    def former(self, connection: sa.Connection, object_name: str) -> Former:
        """Return what an object and its fields were called in earlier versions, for reading what was written then."""
        return self.memory.get(("former", object_name), lambda: read_former(connection, object_name, self.physical))

    @cached_property
    def built_tables(self) -> Tables:
        """The tables of all objects, as far as they were asked for."""
        return Tables(self.shapes, self.physical)

    def association(self, object_name: str, field: str, to: str) -> Association:
        """Return where a field of several links has them."""
        return Association(to, self.built_tables.association(association_name(object_name, field, to)))

    def tables(self) -> sa.MetaData:
        """Make the tables of all objects and return the metadata that holds them."""
        for name in self.model.objects:
            _ = self.objects[name].table, self.objects[name].associations
        return self.built_tables.metadata


def compile_records(model: Model, physical: Physical, kinds: Kinds, stages: tuple[Stage, ...] = ()) -> Records:
    """Compile all objects of a checked model. ``warm`` them by ``tables()`` where every fault must show at once."""
    return Records(model, physical, kinds, Stages((*own_stages(model), *stages)))
