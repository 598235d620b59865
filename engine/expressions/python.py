"""The Python machine: a checked expression compiled to a closure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.expressions.functions import FUNCTIONS
from engine.expressions.python_aggregates import AGGREGATES, first_of
from engine.expressions.python_operations import OPERATORS
from metamodel.expressions.typed import Aggregate, Apply, Case, Constant, Operation, Path, Typed, TypedExpression
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from engine.expressions.functions.base import Function
    from engine.expressions.values import Moment, Reader, Value

    Closure: TypeAlias = Callable[[Reader, Moment], Value]


@dataclass(slots=True)  # nobody changes one, but a frozen one takes three times as long to make, once a record and rule
class Environment:
    """What a part of an expression is evaluated in: the record, the moment, and the record above where rows are summed up."""

    reader: Reader
    moment: Moment
    outer: Environment | None = None

    def up(self, level: int) -> Environment:
        """Return the environment so many aggregates out."""
        found = self
        for _ in range(level):
            found = found.outer or found
        return found


Part: TypeAlias = "Callable[[Environment], Any]"


def compile_python(expression: TypedExpression, functions: Mapping[str, Function] | None = None) -> Closure:
    """Compile to ``value = closure(reader, moment)``. Numbers are Decimal, links ids, BLANK is None. The closure never raises for any
    values of the right types."""
    part = compile_part(expression.tree, functions or FUNCTIONS)

    def evaluate(reader: Reader, moment: Moment) -> Value:
        value: Value = part(Environment(reader, moment))
        return value

    return evaluate


def compile_part(tree: Typed, functions: Mapping[str, Function]) -> Part:
    """Compile a part of an expression to a closure over its environment."""
    if isinstance(tree, Constant):
        value = tree.value
        return lambda _: value
    if isinstance(tree, Path):
        return _path(tree)
    if isinstance(tree, Case):
        return _case(tree, functions)
    if isinstance(tree, Apply):
        return _apply(tree, functions)
    if isinstance(tree, Aggregate):
        return _aggregate(tree, functions)
    return _operation(tree, functions)


def _path(tree: Path) -> Part:
    path, level = tree.path, tree.level
    if tree.root and path[0] == "me":
        inner = tree.rest

        def read(environment: Environment) -> Any:
            me = environment.moment.me
            return None if me is None else me.get(inner)
    elif tree.root:
        name, inner = path[0], tree.rest

        def read(environment: Environment) -> Any:
            root = environment.moment.roots.get(name)
            return environment.up(level).reader.get(path) if root is None else root.get(inner)
    elif level:

        def read(environment: Environment) -> Any:
            return environment.up(level).reader.get(path)
    else:

        def read(environment: Environment) -> Any:
            return environment.reader.get(path)

    if tree.type.base is Base.NUMBER:

        def number(environment: Environment) -> Any:
            value = read(environment)
            return value if value is None or isinstance(value, Decimal) else Decimal(value)

        return number
    return (lambda environment: read(environment) or None) if tree.type.base is Base.TEXT else read


def _case(tree: Case, functions: Mapping[str, Function]) -> Part:
    branches = [
        (compile_part(condition, functions), compile_part(result, functions)) for condition, result in tree.branches
    ]
    otherwise = compile_part(tree.otherwise, functions)

    def case(environment: Environment) -> Any:
        for condition, result in branches:
            if condition(environment):
                return result(environment)
        return otherwise(environment)

    return case


def _apply(tree: Apply, functions: Mapping[str, Function]) -> Part:
    function = functions[tree.function]
    run = function.python
    if run is None:
        raise TypeError(f"{function.name} has no translation to Python")
    arguments = [compile_part(argument, functions) for argument in tree.arguments]
    textual = [argument.type.base in {Base.TEXT, Base.CHOICE} for argument in tree.arguments]
    sees, timed, makes_text = function.sees_blank, function.takes_moment, tree.type.base is Base.TEXT
    extra = () if function.prepare is None else (tree.extra,)

    def apply(environment: Environment) -> Any:
        values: list[Any] = [environment.moment] if timed else []
        for argument, is_text in zip(arguments, textual, strict=True):
            value = argument(environment)
            if value is None and not sees:
                if not is_text:
                    return None
                value = ""
            values.append(value)
        result = run(*values, *extra)
        return (result or None) if makes_text else result

    return apply


# Operations


def _operation(tree: Operation, functions: Mapping[str, Function]) -> Part:
    if tree.name in {"and", "or", "coalesce"}:
        return _lazy(tree.name, [compile_part(operand, functions) for operand in tree.operands])
    steps = [tree]  # a chain leans to the left: a loop, not a recursion
    while (
        isinstance(first := steps[-1].operands[0], Operation) and first.name in OPERATORS and len(first.operands) == 2
    ):
        steps.append(first)
    steps.reverse()
    start = compile_part(steps[0].operands[0], functions)
    plan = [_step(step, [compile_part(operand, functions) for operand in step.operands[1:]]) for step in steps]
    if len(plan) == 1:
        only = plan[0]
        return lambda environment: only(start(environment), environment)

    def chain(environment: Environment) -> Any:
        value = start(environment)
        for step in plan:
            value = step(value, environment)
        return value

    return chain


def _step(tree: Operation, rest: list[Part]) -> Callable[[Any, Environment], Any]:
    """Return a step of a chain: from the value of the first operand to the operation's value."""
    operator = OPERATORS[tree.name]
    run = operator.run
    if operator.timed:

        def timed(value: Any, environment: Environment) -> Any:
            values = [value, *(part(environment) for part in rest)]
            return None if None in values else run(environment.moment, *values)

        return timed
    if len(rest) == 1:
        other, strict = rest[0], operator.strict

        def binary(value: Any, environment: Environment) -> Any:
            if strict and value is None:
                return None
            second = other(environment)
            return None if strict and second is None else run(value, second)

        return binary
    if operator.strict:
        return lambda value, _: None if value is None else run(value)
    return lambda value, environment: run(value, *(part(environment) for part in rest))


def _lazy(name: str, parts: list[Part]) -> Part:
    if len(parts) == 2 and name != "coalesce":
        first, second = parts
        if name == "and":
            return lambda environment: bool(first(environment) and second(environment))
        return lambda environment: bool(first(environment) or second(environment))
    if name == "and":
        return lambda environment: all(part(environment) for part in parts)
    if name == "or":
        return lambda environment: any(part(environment) for part in parts)

    def coalesce(environment: Environment) -> Any:
        for part in parts:
            value = part(environment)
            if value is not None:
                return value
        return None

    return coalesce


# Aggregates


def _picked(tree: Aggregate, functions: Mapping[str, Function]) -> Callable[[Environment], Iterable[Reader]]:
    """Return how PICK comes by its records. Fields that must equal something known go along, so that only those that fit are fetched."""
    paths = tree.reads.paths if tree.reads is not None else ()
    equal = [(name, compile_part(part, functions)) for name, part in equalities(tree.condition)]
    object_name = tree.path[1]

    def picked(environment: Environment) -> Iterable[Reader]:
        outside = Environment(environment.reader, environment.moment, environment)  # in the place of a record
        wanted = {name: part(outside) for name, part in equal}
        return environment.moment.look_up(object_name, paths, wanted)

    return picked


def equalities(condition: Typed | None) -> list[tuple[str, Typed]]:
    """Return what a condition on records demands at least: fields of theirs, each with a part of the expression that it must equal and
    that reads nothing of the record."""
    found: list[tuple[str, Typed]] = []
    waiting = [] if condition is None else [condition]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Operation):
            continue
        if node.name == "and":
            waiting += node.operands
        elif node.name == "eq":
            for field, other in (node.operands, node.operands[::-1]):
                bare = isinstance(field, Path) and not field.root and field.level == 0 and len(field.path) == 1
                known = isinstance(other, Constant) or (isinstance(other, Path) and (other.root or other.level > 0))
                if isinstance(field, Path) and bare and known and field.type.base is not Base.DURATION:
                    found.append((field.path[0], other))
                    break
    return found


def _rows(tree: Aggregate, environment: Environment) -> Iterable[Reader]:
    root = environment.moment.roots.get(tree.path[0]) if tree.root else None
    return environment.up(tree.level).reader.rows(tree.path) if root is None else root.rows(tree.path[1:])


def _aggregate(tree: Aggregate, functions: Mapping[str, Function]) -> Part:
    value = None if tree.value is None else compile_part(tree.value, functions)
    condition = None if tree.condition is None else compile_part(tree.condition, functions)
    order = None if tree.order is None else compile_part(tree.order, functions)
    separator = None if tree.separator is None else compile_part(tree.separator, functions)
    name, find = tree.name, _picked(tree, functions) if tree.picks else lambda environment: _rows(tree, environment)

    def aggregate(environment: Environment) -> Any:
        rows = (Environment(row, environment.moment, environment) for row in find(environment))
        chosen = [row for row in rows if condition is None or condition(row)]
        values = chosen if value is None else [value(row) for row in chosen]
        if name in {"FIRST", "LAST"}:
            return first_of(values, None if order is None else [order(row) for row in chosen], last=name == "LAST")
        if name in {"ANY", "ALL"}:
            return (any(values) if name == "ANY" else all(values)) if values else None
        if name == "JOIN" and order is not None:
            keys = [order(row) for row in chosen]
            values = [values[place] for place in sorted(range(len(keys)), key=keys.__getitem__)]
        known = [found for found in values if found is not None]
        if name == "JOIN":
            glue = separator(environment) if separator is not None else None
            return (glue or "").join(str(text) for text in known) or None
        return AGGREGATES[name](known)

    return aggregate
