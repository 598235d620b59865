"""The compiled connections of a version: the expressions of each operation over its record, typed, and of what comes back and in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.connections.values import leaves, typed_values
from metamodel.definitions.common import Expression, Template
from metamodel.expressions.durations import parse_duration
from metamodel.expressions.types import ANY, Base, Type
from metamodel.templates import places

if TYPE_CHECKING:
    from engine.connections.values import TypedValues
    from engine.records.compile import Records
    from metamodel.definitions.connections import ConnectionDef, InboundDef, OperationDef
    from metamodel.expressions.typed import TypedExpression

DAY = 86_400


@dataclass(frozen=True, eq=False)
class OperationMachine:
    """One outgoing operation ready to use."""

    connection: ConnectionDef
    definition: OperationDef
    records: Records

    @cached_property
    def asked(self) -> Mapping[str, TypedExpression]:
        """All that a request reads of its record, by its text: expressions, and the paths of templates."""
        shapes, definition = self.records.shapes, self.definition
        here = Type(Base.LINK, (definition.object,))
        scope = shapes.scope(definition.object, record=here)
        texts = set()
        for value in (*leaves(definition.body), *definition.headers.values(), Template(definition.path)):
            if isinstance(value, Expression):
                texts.add(value.text)
            elif isinstance(value, Template):
                texts |= {place.path for place in places(value.text) if place.good}
        if definition.key is not None:
            texts.add(definition.key.text)
        return {text: shapes.check(text, scope) for text in sorted(texts)}

    @cached_property
    def answer(self) -> TypedValues:
        """What is written back to the record: expressions over it and ``answer.``."""
        here = Type(Base.LINK, (self.definition.object,))
        scope = self.records.shapes.scope(self.definition.object, record=here, answer=ANY)
        return typed_values(self.records, self.definition.object, self.definition.answer, scope)

    @property
    def within(self) -> int:
        """Return the seconds after which a call is given up."""
        found = parse_duration(self.definition.within)
        return int(found.length) if found is not None else DAY


@dataclass(frozen=True, eq=False)
class InboundMachine:
    """One way in ready to use."""

    connection: ConnectionDef
    definition: InboundDef
    records: Records

    @cached_property
    def set(self) -> TypedValues:
        """What is written: expressions over ``body.``."""
        scope = self.records.shapes.scope(None, body=ANY)
        return typed_values(self.records, self.definition.object, self.definition.set, scope)


@dataclass(frozen=True, eq=False)
class Connections:
    """The connections floor's part of a Runtime (``ctx.runtime.part(Connections)``)."""

    records: Records

    @cached_property
    def operations(self) -> Mapping[tuple[str, str], OperationMachine]:
        """(Connection, operation) → machine."""
        return {
            (name, operation): OperationMachine(connection, definition, self.records)
            for name, connection in self.records.model.connections.items()
            for operation, definition in connection.operations.items()
        }

    @cached_property
    def inbound(self) -> Mapping[str, Mapping[str, InboundMachine]]:
        """Connection → name → machine."""
        return {
            name: {one: InboundMachine(connection, found, self.records) for one, found in connection.inbound.items()}
            for name, connection in self.records.model.connections.items()
        }


def compile_connections(records: Records) -> Connections:
    """Compile the connections of a checked model; each operation is made when first asked for."""
    return Connections(records)


def tree_of(value: Any, filled: Any) -> Any:
    """Return a request's body: maps and lists as they are, each value as ``filled`` says."""
    if isinstance(value, Mapping):
        return {key: tree_of(child, filled) for key, child in value.items()}
    if isinstance(value, tuple):
        return [tree_of(child, filled) for child in value]
    return filled(value)
