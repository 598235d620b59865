"""The compiled metrics and dashboards of a version: what a value is made of, what it is a number of, which objects a board looks at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from engine.expressions.python import compile_python
from engine.expressions.values import Moment
from engine.fields.money import symbol
from engine.fields.results import format_of
from engine.insight.anatomy import anatomy_of, is_additive
from engine.insight.units import KINDS, Unit, unit_named
from engine.records.units import ROWS, unit_of
from metamodel.expressions.scope import Scope
from metamodel.expressions.types import NUMBER, Base, Type
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.expressions.values import Reader, Value
    from engine.fields.base import Field
    from engine.insight.anatomy import Anatomy
    from engine.records.compile import CompiledObject, Records
    from metamodel.definitions.insight import DashboardDef, MetricDef
    from metamodel.expressions.typed import TypedExpression


class _NoRows:
    """The record of which there are no rows: what a metric comes to where nothing matches."""

    def get(self, path: tuple[str, ...]) -> Value:
        """Return nothing."""
        del path
        return None

    def rows(self, path: tuple[str, ...]) -> tuple[Reader, ...]:
        """Return no rows."""
        del path
        return ()


@dataclass(frozen=True, eq=False)
class Metric:
    """One metric ready to be asked."""

    definition: MetricDef
    records: Records

    @property
    def name(self) -> str:
        """Return its name."""
        return self.definition.name

    @property
    def object(self) -> str:
        """Return the object whose records it is about."""
        return self.definition.object

    @property
    def compiled(self) -> CompiledObject:
        """Return that object."""
        return self.records.objects[self.definition.object]

    @cached_property
    def anatomy(self) -> Anatomy:
        """What its value is made of."""
        return anatomy_of(self.definition.value.text)

    @property
    def own(self) -> tuple[str, ...]:
        """Return its own condition."""
        found = self.definition.filter
        return () if found is None else (found.text,)

    @property
    def additive(self) -> bool:
        """Return whether the parts add up to the whole."""
        return is_additive(self.anatomy)

    @cached_property
    def expression(self) -> TypedExpression:
        """Its value over ``rows``, whoever looks."""
        roots = {"me": Type(Base.LINK, ("user",)), ROWS: Type(Base.ROWS, (self.object,))}
        return self.records.shapes.check(self.definition.value.text, Scope(self.records.shapes, None, roots), NUMBER)

    @cached_property
    def unit(self) -> Unit:
        """What it is a number of: as it says, else as its value is found to be."""
        said, field = self.definition.unit, self._field
        found = unit_named(unit_of(self.records.shapes[self.object], self.expression.tree))
        sign = symbol(field).strip() if field is not None and _is_money(field) else "¥"
        if isinstance(said, Text):
            return replace(found, kind="", symbol=sign, label=said)
        kind = said if said in KINDS else ""
        return replace(found, kind=kind or found.kind, symbol=sign, whole=found.whole and kind in {"", "days"})

    @cached_property
    def _field(self) -> Field | None:
        for part in self.anatomy.parts:
            found = field_at(self.compiled, part.field) if part.field else None
            if found is not None:
                return found
        return None

    def empty(self, now: datetime) -> Decimal | None:
        """Return its value over no records: 0 of sums and counts, else mostly nothing."""
        value = compile_python(self.expression)(_NoRows(), Moment(now=now))
        return value if isinstance(value, Decimal) else None


def _format(field: Field) -> str:
    return format_of(field.definition) if field.kind.computed else field.kind.name


def _is_money(field: Field) -> bool:
    return _format(field) == "money"


def field_at(compiled: CompiledObject, path: str) -> Field | None:
    """Return the field at a path, whoever looks; None where there is none, or the way leads over a link to several objects."""
    first, _, rest = path.partition(".")
    found = compiled.anything.get(first)
    if found is None or not rest:
        return found
    if found.type.base is not Base.LINK or len(found.type.objects) != 1:
        return None
    target = compiled.records.objects.get(found.type.objects[0])
    return None if target is None else field_at(target, rest)


def label_at(compiled: CompiledObject, path: str, language: str) -> str:
    """Return what a path is called: the labels on the way."""
    first, _, rest = path.partition(".")
    found = compiled.anything.get(first)
    if found is None:
        return path
    label = found.label(language)
    if not rest or found.type.base is not Base.LINK or not found.type.objects:
        return label
    return f"{label} · {label_at(compiled.records.objects[found.type.objects[0]], rest, language)}"


@dataclass(frozen=True, eq=False)
class Insight:
    """The insight floor's part of a Runtime (``ctx.runtime.part(Insight)``)."""

    records: Records

    @cached_property
    def metrics(self) -> Mapping[str, Metric]:
        """Metrics by name."""
        return {name: Metric(one, self.records) for name, one in self.records.model.metrics.items()}

    @property
    def dashboards(self) -> Mapping[str, DashboardDef]:
        """Return dashboards by name."""
        return self.records.model.dashboards


def compile_insight(records: Records) -> Insight:
    """Compile the metrics and dashboards of a checked model; each is worked out when first asked for."""
    return Insight(records)
