"""A scenario's surroundings while it runs: the clock, the records by name, who acts, and expressions over all that."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine.context import SYSTEM, Actor, Context
from engine.expressions.python import compile_python
from engine.expressions.values import Moment
from engine.fields.base import Reference
from engine.people.actors import load_actor
from engine.records import query
from engine.records.compile import Records
from engine.refusals import Refusal
from engine.scenarios.check import scope_of
from engine.scenarios.parts import Placed
from engine.scenarios.verb import Known
from metamodel.definitions.common import Expression
from metamodel.expressions.types import Base
from metamodel.names import USER
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from engine.context import Runtime
    from engine.expressions.values import Reader, Value
    from engine.fields.base import Field
    from metamodel.expressions.typed import TypedExpression
    from metamodel.expressions.types import Type

HOME = ZoneInfo("Asia/Shanghai")
PERCENT = re.compile(r"-?\d+(\.\d+)?%")


@dataclass(slots=True)
class Stage:
    """One scenario on one connection."""

    runtime: Runtime
    connection: Connection
    now: datetime
    names: dict[str, Known] = field(default_factory=dict)

    @property
    def records(self) -> Records:
        """The records floor's part of the runtime."""
        return self.runtime.part(Records)

    def context(self, by: str = "") -> Context:
        """Return the context of what ``by`` does now; nobody named: the system."""
        actor: Actor | None = SYSTEM
        if by:
            actor = load_actor(self.connection, user_id=self.names[by].id)
        if actor is None:
            raise Refusal(403, "FROZEN", Text(zh=f"{by} 的账号已停用", en=f"the account of {by} is frozen"))
        return Context(actor, self.now, self.connection, self.runtime, zone=HOME, home=HOME, source="scenario")

    def typed(self, expression: Expression, want: Type | None = None) -> TypedExpression:
        """Return a checked expression over the names so far."""
        names = {name: known.object for name, known in self.names.items()}
        return self.records.shapes.check(expression.text, scope_of(self.records, names), want)

    def evaluate(self, expression: TypedExpression, by: str = "") -> Value:
        """Return an expression's value; paths are read as the system, so that nothing that is there is hidden from it."""
        return compile_python(expression)(NamesReader(self, by), self.moment(by))

    def moment(self, by: str = "") -> Moment:
        """Return what an evaluation takes from outside the records."""
        if not by:
            return Moment(self.now, HOME)
        actor = self.context(by).actor
        return Moment(self.now, HOME, RecordReader(self, self.names[by]), actor.roles)

    def record(self, given: object, by: str) -> Known:
        """Return the record that an option names, by its name or by an expression."""
        if not isinstance(given, Expression):
            return self.names[str(given)]
        typed = self.typed(given)
        found = self.evaluate(typed, by)
        return Known(typed.type.objects[0], int(found) if isinstance(found, int | Decimal) else 0)

    def json_values(self, of: str, values: Mapping[str, Any], by: str) -> dict[str, object]:
        """Return field values as the writing door takes them: names as ids, expressions as their values."""
        fields = self.records.objects[of].fields
        return {
            name: self._json(fields.get(name), given.value if isinstance(given, Placed) else given, by)
            for name, given in values.items()
        }

    def _json(self, one: Field | None, value: object, by: str) -> object:
        if isinstance(value, Expression):
            return self._plain(one, self.evaluate(self.typed(value, one.type if one else None), by))
        if one is None:
            return value
        if isinstance(value, str) and one.targets and value in self.names:
            return self.names[value].id
        if isinstance(value, str) and PERCENT.fullmatch(value) and one.type.base is Base.NUMBER:
            return format(Decimal(value[:-1]).scaleb(-2), "f")
        if isinstance(value, list) and one.type.base is Base.ROWS:
            child = one.type.objects[0]
            return [self.json_values(child, row, by) if isinstance(row, dict) else row for row in value]
        return format(value, "f") if isinstance(value, Decimal) else value

    def _plain(self, one: Field | None, value: Value) -> object:
        if isinstance(value, datetime | date):
            return value.isoformat()
        if not isinstance(value, Decimal):
            return value
        whole = one is not None and one.kind.json_schema(one).get("type") == "integer"
        return int(value) if whole and value == value.to_integral_value() else format(value, "f")

    def read(self, known: Known, path: str) -> object:
        """Return the value at a path from a record, also one in the bin; None where the record is gone."""
        for binned in (False, True):
            try:
                row = query.read_one(self.context(), known.object, known.id, (path,), binned=binned)
            except Refusal as refusal:
                if refusal.status != 404:
                    raise
            else:
                return row.get(path)
        return None


@dataclass(frozen=True, slots=True)
class RecordReader:
    """One record as expressions read it."""

    stage: Stage
    known: Known

    def get(self, path: tuple[str, ...]) -> Value:
        """Return the value at ``path``."""
        return _value(self.stage.read(self.known, ".".join(path))) if path else self.known.id

    def rows(self, path: tuple[str, ...]) -> Iterable[Reader]:
        """Return the records on the other side of a link, in the order of their ids."""
        known = self.known
        for step in path[:-1]:
            found = self.stage.read(known, step)
            if not isinstance(found, Reference):
                return
            known = Known(found.object, found.id)
        reverse = self.stage.records.objects[known.object].reverse[path[-1]]
        asked = query.Query(reverse.object, ("id",), filter=f"{reverse.field} = {known.id}", sort=("id",), limit=1000)
        for row in query.read_page(self.stage.context(), asked).items:
            yield RecordReader(self.stage, Known(reverse.object, row["id"]))


@dataclass(frozen=True, slots=True)
class NamesReader:
    """The scenario's records by name, and ``me``, as expressions read them."""

    stage: Stage
    by: str = ""

    def get(self, path: tuple[str, ...]) -> Value:
        """Return the value at ``path``, which begins with a record's name."""
        known = self._known(path[0])
        if known is None:
            return None
        return RecordReader(self.stage, known).get(path[1:])

    def rows(self, path: tuple[str, ...]) -> Iterable[Reader]:
        """Return the records at ``path``, which begins with a record's name."""
        known = self._known(path[0])
        return RecordReader(self.stage, known).rows(path[1:]) if known is not None else ()

    def _known(self, name: str) -> Known | None:
        if name == "me":
            return Known(USER, self.stage.names[self.by].id) if self.by else None
        return self.stage.names[name]


def _value(found: object) -> Value:
    """Return a value as the reading door gives it in the form of expressions: links as ids, numbers as decimals."""
    if isinstance(found, Reference):
        return found.id
    if isinstance(found, int) and not isinstance(found, bool):
        return Decimal(found)
    if isinstance(found, str | Decimal | bool | date | datetime):
        return found
    return None
