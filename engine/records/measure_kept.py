"""Figures out of kept parts: which measures can be put together out of parts, the statement of the parts, and their sum, which is what one
statement over all records would have given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from engine.expressions import numbers
from engine.expressions.python import compile_python
from engine.expressions.roots import Known
from engine.records.kept import Question, answer, read_beside
from metamodel.expressions.typed import Aggregate, Apply, Case, Operation, Path
from metamodel.expressions.types import NUMBER, Base

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.context import Context
    from engine.expressions.values import Moment
    from engine.records.measure_plan import MeasurePlan
    from metamodel.expressions.typed import Typed, TypedExpression

ADDED, LEAST, MOST = "add", "least", "most"
_HOW = {"SUM": ADDED, "COUNT": ADDED, "MIN": LEAST, "MAX": MOST}
_DECODE: Mapping[Base, Callable[[str], Any] | None] = MappingProxyType(
    {
        Base.NUMBER: Decimal,
        Base.DATE: date.fromisoformat,
        Base.LINK: None,
        Base.BOOLEAN: None,
        Base.CHOICE: None,
    }
)


class NoPartsError(ValueError):
    """A measure that can't be put together out of parts: a first or last one, a text."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Measures taken apart. ``columns``: the aggregates to ask for, each with how two of it become one; ``values``: of each measure what
    makes it out of them."""

    columns: tuple[tuple[TypedExpression, str], ...]
    values: tuple[Callable[[Known, Moment], Any], ...]


def take_apart(measures: Sequence[TypedExpression]) -> Parts:
    """Return measures taken apart. Raises NoPartsError."""
    columns: list[tuple[TypedExpression, str]] = []
    values = tuple(compile_python(replace(one, tree=_Apart(one, columns).without(one.tree))) for one in measures)
    return Parts(tuple(columns), values)


class _Apart:
    """Replaces the aggregates of a measure by names, and notes what must be asked for in their place."""

    def __init__(self, text: TypedExpression, columns: list[tuple[TypedExpression, str]]) -> None:
        self.text, self.columns = text, columns

    def without(self, tree: Typed) -> Typed:
        if isinstance(tree, Aggregate):
            return self._part(tree)
        if isinstance(tree, Operation):
            return replace(tree, operands=tuple(map(self.without, tree.operands)))
        if isinstance(tree, Apply):
            return replace(tree, arguments=tuple(map(self.without, tree.arguments)))
        if isinstance(tree, Case):
            branches = tuple((self.without(when), self.without(then)) for when, then in tree.branches)
            return replace(tree, branches=branches, otherwise=self.without(tree.otherwise))
        return tree

    def _part(self, tree: Aggregate) -> Typed:
        if tree.type.base is not Base.NUMBER or tree.picks or tree.name not in {*_HOW, "AVG"}:
            raise NoPartsError(tree.name)
        if tree.name != "AVG":
            return self._column(tree)
        total, count = (self._column(replace(tree, name=name, type=NUMBER)) for name in ("SUM", "COUNT"))
        return Operation("divide", (total, count), NUMBER)

    def _column(self, tree: Aggregate) -> Path:
        self.columns.append((replace(self.text, tree=tree), _HOW[tree.name]))
        return Path((f"part{len(self.columns) - 1}",), NUMBER)


def together(
    found: Sequence[tuple[Any, ...]], keys: int, how: Sequence[str]
) -> dict[tuple[Any, ...], list[Any]] | None:
    """Return keys → parts, those of all blocks put together. None where a sum is out of bounds in a block."""
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for row in found:
        parts = groups.get(row[:keys])
        if parts is None:
            groups[row[:keys]] = parts = [None] * len(how)
        for place, name in enumerate(how):
            new, old = row[keys + place], parts[place]
            if new is None:
                if name == ADDED:
                    return None
            elif old is None:
                parts[place] = new
            elif name == ADDED:
                whole = type(old) is int and type(new) is int
                parts[place] = old + new if whole else numbers.EXACT.add(old, new)
            else:
                parts[place] = min(old, new) if name == LEAST else max(old, new)
    return groups


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A question whose answer may be put together out of kept parts: ``plan`` has its parameters, ``parts`` makes the measures."""

    plan: MeasurePlan
    question: Question
    parts: Parts

    def answer(
        self, context: Context, values: Mapping[str, Any], present: Moment
    ) -> list[tuple[tuple[Any, ...], tuple[Any, ...]]] | None:
        """Return (keys, values) of every group, in the order of the question; None where it is to be asked as a whole."""
        given = dict(values) | self.plan.present.values(present) | self.plan.moment.values(present)
        found = answer(context, self.question, given)
        shape = self.plan.shape
        how = [one for _, one in self.parts.columns]
        groups = None if found is None else together(found, len(shape.splits), how)
        if groups is None:
            return None
        if not shape.splits and not groups:
            return None  # no records at all: what that comes to is for the database to say
        names = [f"part{place}" for place in range(len(how))]
        made = []
        for keys, parts in groups.items():
            known = Known(dict(zip(names, parts, strict=True)))
            made.append((keys, tuple(value(known, present) for value in self.parts.values)))
        return sorted(made, key=_largest if shape.largest else _by_keys)


def _by_keys(group: tuple[tuple[Any, ...], tuple[Any, ...]]) -> tuple[Any, ...]:
    """Keys in their order, blanks last, as the database sorts."""
    return tuple((one is None, one if one is not None else 0) for one in group[0])


def _largest(group: tuple[tuple[Any, ...], tuple[Any, ...]]) -> tuple[Any, ...]:
    first = group[1][0]
    return (first is None, -first if first is not None else 0), *_by_keys(group)


def make_kept_plan(plan: MeasurePlan, measures: Sequence[TypedExpression], present: Moment) -> KeptPlan | None:
    """Return how a plan (nobody else's) is answered out of parts; None where it can't be: its measures or keys are not to be put together,
    it reads what leaves no marks, or it changes as time passes."""
    records, shape = plan.rights.records, plan.shape
    if any(one.base not in _DECODE for one in plan.types):
        return None
    try:
        parts = take_apart(measures)
    except NoPartsError:
        return None
    columns = [one for one, _ in parts.columns]
    if not columns:
        return None
    whole, part = plan.parted(columns, some=False), plan.parted(columns, some=True)
    others = read_beside(records, shape.object, whole, part)
    if others is None or is_timed(plan, present):
        return None
    decode = (*(_DECODE[one.base] for one in plan.types), *(_DECODE[Base.NUMBER] for _ in columns))
    return KeptPlan(plan, Question(shape.object, table_of(plan), others, whole, part, decode), parts)


def table_of(plan: MeasurePlan) -> str:
    """Return the table of a plan's records, as a statement writes it."""
    table = plan.compiled.table
    return f'{table.schema}."{table.name}"'


def is_timed(plan: MeasurePlan, present: Moment) -> bool:
    """Whether what a plan asks for is another thing a second earlier and later: then nothing would be asked twice."""
    later = [replace(present, now=present.now + timedelta(seconds=one)) for one in (-1, 0, 1)]
    values = [plan.present.values(one) | plan.moment.values(one) for one in later]
    return values[0] != values[1] != values[2]
