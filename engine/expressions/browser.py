"""The browser machine: a checked expression compiled to the text of a JavaScript function over ``tenon-runtime.js``."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.expressions.functions import FUNCTIONS
from engine.expressions.numbers import number_text
from metamodel.expressions.durations import Duration
from metamodel.expressions.typed import Aggregate, Apply, Case, Constant, Operation, Path, Typed, TypedExpression
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.expressions.functions.base import Function

READERS = {
    Base.TEXT: "t.text({})",
    Base.CHOICE: "t.text({})",
    Base.NUMBER: "t.number({})",
    Base.BOOLEAN: "t.flag({})",
    Base.DATE: "t.date({})",
    Base.DATETIME: "t.datetime({}, m)",
    Base.DURATION: "t.duration({})",
    Base.LINK: "t.link({})",
    Base.LIST: "t.list({})",
    Base.ANY: "t.text({})",
    Base.BLANK: "t.text({})",
}
TIMED = {"datetime_text", "date_datetime", "datetime_date", "local_datetime", "date_add", "datetime_add"}
OPERATIONS = {
    "add": "add", "subtract": "subtract", "multiply": "multiply", "divide": "divide", "power": "power", "negate": "negate",
    "link_number": "linkNumber", "number_text": "numberToText", "boolean_text": "booleanText", "date_text": "dateText",
    "datetime_text": "datetimeText", "duration_text": "durationText", "concat": "concat", "eq": "eq", "ne": "ne", "lt": "lt",
    "le": "le", "gt": "gt", "ge": "ge", "in": "isIn", "has": "has", "not": "not", "is_blank": "isBlank", "least": "least", "greatest": "greatest",
    "date_datetime": "toDatetime", "datetime_date": "toDate", "date_add": "dateAdd", "datetime_add": "datetimeAdd",
    "date_difference": "dateDifference", "datetime_difference": "datetimeDifference", "duration_add": "durationAdd",
    "duration_negate": "durationNegate",
}  # fmt: skip
AGGREGATES = {
    "SUM": "sumOf", "COUNT": "countOf", "AVG": "avgOf", "MIN": "minOf", "MAX": "maxOf", "FIRST": "firstOf", "LAST": "lastOf",
    "ANY": "anyOf", "ALL": "allOf", "JOIN": "joinOf",
}  # fmt: skip


def compile_browser(expression: TypedExpression, functions: Mapping[str, Function] | None = None) -> str:
    """Compile to the text ``(r0, m) => …``, an arrow function that uses the free name ``t`` (``import * as t from tenon-runtime.js``).

    ``r0.get(path)`` takes an array of names and gives the value as the API writes it (numbers as text or number, dates as text, links as
    id or ``{id}``, blank as null); ``r0.rows(path)`` gives an array of such readers. ``m`` comes from ``t.moment({now, zone, …})``. The
    result is a value of the runtime; ``t.write(type, value)`` writes it as the API does.
    """
    body = _Compiler(functions or FUNCTIONS).compile(expression.tree, 0)
    return f"(r0, m) => {body}"


class _Compiler:
    """One compilation. ``depth`` counts aggregates: the reader of each has its own name."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self.functions = functions

    def compile(self, tree: Typed, depth: int) -> str:
        if isinstance(tree, Constant):
            return constant(tree)
        if isinstance(tree, Path):
            return _path(tree, depth)
        if isinstance(tree, Case):
            branches = [
                f"t.is({self.compile(one, depth)}) ? {self.compile(two, depth)} : " for one, two in tree.branches
            ]
            return f"({''.join(branches)}{self.compile(tree.otherwise, depth)})"
        if isinstance(tree, Apply):
            return self._apply(tree, depth)
        if isinstance(tree, Aggregate):
            return self._aggregate(tree, depth)
        return self._operation(tree, depth)

    def _operation(self, tree: Operation, depth: int) -> str:
        if tree.name in {"and", "or", "coalesce"}:
            return self._lazy(tree, depth)
        if tree.name == "local_datetime" and isinstance(tree.operands[0], Constant):
            return f"t.datetime({json.dumps(str(tree.operands[0].value).replace(' ', 'T'))}, m)"
        steps = [tree]  # a chain leans to the left
        while (
            isinstance(first := steps[-1].operands[0], Operation)
            and first.name in OPERATIONS
            and len(first.operands) == 2
        ):
            steps.append(first)
        value = self.compile(steps[-1].operands[0], depth)
        for step in reversed(steps):
            rest = [self.compile(operand, depth) for operand in step.operands[1:]]
            moment = ["m"] if step.name in TIMED else []
            value = f"t.{OPERATIONS[step.name]}({', '.join([*moment, value, *rest])})"
        return value

    def _lazy(self, tree: Operation, depth: int) -> str:
        parts = [self.compile(operand, depth) for operand in tree.operands]
        if tree.name == "coalesce":
            return f"({' ?? '.join(parts)})"
        joint = " && " if tree.name == "and" else " || "
        return f"({joint.join(f't.is({part})' for part in parts)})"

    def _apply(self, tree: Apply, depth: int) -> str:
        function = self.functions[tree.function]
        if not function.js:
            raise TypeError(f"{function.name} has no translation to JavaScript")
        arguments = [self.compile(argument, depth) for argument in tree.arguments]
        extra = [] if function.prepare is None else [json.dumps(tree.extra)]
        js = function.js if function.js.replace(".", "").isalnum() else f"({function.js})"
        if function.sees_blank:
            call = f"{js}({', '.join(arguments + extra)})"
        else:
            mask = "".join(
                "t" if argument.type.base in {Base.TEXT, Base.CHOICE} else "v" for argument in tree.arguments
            )
            call = f"t.call({', '.join([js, json.dumps(mask), *arguments, *extra])})"
        return f"t.filled({call})" if tree.type.base is Base.TEXT else call

    def _aggregate(self, tree: Aggregate, depth: int) -> str:
        if tree.picks:
            raise TypeError("PICK is worked out on the server only")
        inner = depth + 1
        source = f"r{depth - tree.level}.rows({json.dumps(tree.path)})"
        parts = [
            f"(r{inner}) => {_wrapped(self.compile(part, inner))}" if part is not None else "null"
            for part in (tree.condition, tree.value)
        ]
        if tree.order is not None and not tree.standing:
            parts.append(f"(r{inner}) => {_wrapped(self.compile(tree.order, inner))}")
        if tree.separator is not None:
            parts.append(self.compile(tree.separator, depth))
        return f"t.{AGGREGATES[tree.name]}({', '.join([source, *parts])})"


def _wrapped(text: str) -> str:
    return f"({text})" if text.startswith("{") else text


def _path(tree: Path, depth: int) -> str:
    if tree.root and tree.path[0] == "me":
        got = f"m.me?.get({json.dumps(tree.rest)}) ?? null"
    else:
        got = f"r{depth - tree.level}.get({json.dumps(tree.path)})"
    return READERS[tree.type.base].format(got)


def constant(tree: Constant) -> str:
    """Return a constant as JavaScript text."""
    value, base = tree.value, tree.type.base
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"t.dec({json.dumps(number_text(value))})"
    if isinstance(value, Duration):
        return f"t.duration({json.dumps(str(value))})"
    if base is Base.DATE:
        return f"t.date({json.dumps(str(value))})"
    if base is Base.DATETIME:
        return f"t.datetime({json.dumps(str(value).replace(' ', 'T'))}, m)"
    return json.dumps(value)
