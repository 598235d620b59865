"""Formulas and rollups: their expressions, circles, what may be stored, and what a stored one would show to those who may not see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.checks.context import below
from metamodel.definitions.common import Expression
from metamodel.expressions.types import SEVERAL, Base
from metamodel.names import USER
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from metamodel.checks.context import Checks
    from metamodel.checks.schema_of import ModelSchema, Place
    from metamodel.expressions.checker import Checked
    from metamodel.expressions.typed import RowsRead

_CLASS = {"time": Text(zh="时间", en="time"), "viewer": Text(zh="查看者", en="the viewer")}
_ROOTS = {"old", "me", "record", "parent"}


def check_computed(checks: Checks, schema: ModelSchema) -> None:
    """Check every computed field, in the order of inference: each after what it reads."""
    for circle in schema.circles:
        _tell_circle(checks, circle)
    classes: dict[Place, frozenset[str]] = {}
    read: dict[Place, frozenset[Place]] = {}
    for place, checked in schema.computed.items():
        field = checks.model.objects[place[0]].fields[place[1]]
        value = field.options["value"]
        if not isinstance(value, Expression):
            continue
        if "points" not in field.options:  # each of them is judged at its own place
            checks.judge(value, checked)
        if checked.expression is None:
            classes[place] = frozenset()
            continue
        direct = set(_fields_read(checks, place[0], checked))
        behind = frozenset().union(*(read.get(other, frozenset()) for other in direct))
        read[place] = frozenset(direct) | behind
        classes[place] = frozenset(checked.depends.classes).union(
            *(classes.get(other, frozenset()) for other in direct)
        )
        _check_type(checks, checked, value)
        _check_class(checks, place, checked, classes[place])
    _check_shown(checks, read)


def _tell_circle(checks: Checks, circle: tuple[Place, ...]) -> None:
    object_name, field = circle[0]
    names = " → ".join(f"{place[0]}.{place[1]}" for place in (*circle, circle[0]))
    message = Text(zh=f"公式互相引用成环：{names}", en=f"formulas hang on one another in a circle: {names}")
    node = below(checks.tree("object", object_name), "fields", field, "value")
    checks.faults.add("FORMULA_CIRCLE", message, node.mark)


def _check_type(checks: Checks, checked: Checked, value: Expression) -> None:
    assert checked.expression is not None  # noqa: S101 - the caller has seen to it
    base = checked.expression.type.base
    if base in {Base.BLANK, *SEVERAL, Base.LIST, Base.DURATION}:
        message = Text(zh="公式的结果不能存为字段值", en="the result is no value that a field can have")
        checks.faults.add("FORMULA_TYPE", message, value.mark)


def _check_class(checks: Checks, place: Place, checked: Checked, classes: frozenset[str]) -> None:
    """What hangs on time or viewer can't be stored; a rollup is stored unless it says otherwise."""
    field = checks.model.objects[place[0]].fields[place[1]]
    node = below(checks.tree("object", place[0]), "fields", place[1])
    aggregates = "scoped" in checks.kinds.fields[field.type].options
    if aggregates and not checked.depends.rows:
        message = Text(
            zh="汇总要读下级记录，如 SUM(lines.amount)", en="a rollup reads other records: SUM(lines.amount)"
        )
        hint = Text(zh="只读本记录时用 formula", en="over the record's own fields use a formula")
        checks.faults.add("ROLLUP_ROWS", message, below(node, "value").mark, hint=hint)
    stored = field.options.get("store") is True or (aggregates and field.options.get("scoped") != "viewer")
    if stored and (classes or "old" in checked.depends.needs):
        on = next(iter(sorted(classes)), "time")
        message = Text(
            zh=f"结果随{_CLASS[on].zh}变化，不能存储", en=f"the value hangs on {_CLASS[on].en} and can't be stored"
        )
        hint = (
            Text(zh="写 scoped: viewer，读取时计算", en="write scoped: viewer to compute it when read")
            if aggregates
            else Text(zh="去掉 store: true", en="leave store: true out")
        )
        checks.faults.add("NOT_STORABLE", message, below(node, "value").mark, hint=hint)


def _fields_read(checks: Checks, object_name: str, checked: Checked) -> Iterator[Place]:
    """Yield every field that an expression reads, wherever it is."""
    for path in checked.depends.paths:
        root = path[0]
        rest = path[1:] if root in _ROOTS else path
        yield from _along(checks, (USER,) if root == "me" else (object_name,), rest)
    yield from _in_rows(checks, (object_name,), checked.depends.rows)
    for read in checked.depends.picks:
        for path in read.paths:
            yield from _along(checks, read.objects, path)


def _in_rows(checks: Checks, start: tuple[str, ...], rows: Iterable[RowsRead]) -> Iterator[Place]:
    for read in rows:
        yield from _along(checks, start, read.path)
        for path in read.paths:
            yield from _along(checks, read.objects, path)
        yield from _in_rows(checks, read.objects, read.rows)


def _along(checks: Checks, start: tuple[str, ...], path: tuple[str, ...]) -> Iterator[Place]:
    here = start
    for step in path:
        following: tuple[str, ...] = ()
        for name in here:
            found = (checks.schema.members(name) or {}).get(step)
            if found is None:
                continue
            if step in checks.model.objects[name].fields:
                yield name, step
            if found.base in {Base.LINK, *SEVERAL}:
                following = found.objects
        here = following


def _check_shown(checks: Checks, read: Mapping[Place, frozenset[Place]]) -> None:
    """Warn where a computed field tells a role what it may not see."""
    for role in checks.model.roles.values():
        closed = {path for path, right in role.fields.items() if right in {"hidden", "masked"}}
        if not closed:
            continue
        for (object_name, field), places in read.items():
            if f"{object_name}.{field}" in role.fields or object_name not in role.objects:
                continue
            told = sorted(f"{place[0]}.{place[1]}" for place in places if f"{place[0]}.{place[1]}" in closed)
            if told:
                message = Text(
                    zh=f"角色 {role.name} 看不到 {told[0]}，但 {object_name}.{field} 由它算出",
                    en=f"the role {role.name} may not see {told[0]}, and {object_name}.{field} is computed from it",
                )
                hint = Text(
                    zh=f"在该角色的 fields 中写明 {object_name}.{field}",
                    en=f"say {object_name}.{field} in the role's fields",
                )
                node = below(checks.tree("role", role.name), "fields", told[0])
                checks.faults.warn("SHOWS_HIDDEN", message, node.mark, hint=hint)
