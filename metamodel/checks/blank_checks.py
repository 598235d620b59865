"""Checks of records that a blank fails although nobody says so: ``close_on >= TODAY()`` is FALSE of a record without a date. Told where
it is certain, and where the condition does not speak of the blank itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from metamodel.checks.context import placed
from metamodel.expressions.faults import ExpressionFault
from metamodel.expressions.typed import Apply, Case, Constant, Operation, Path
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metamodel.checks.context import Checks
    from metamodel.definitions.common import Expression
    from metamodel.definitions.objects import ObjectDef
    from metamodel.expressions.checker import Checked
    from metamodel.expressions.typed import Typed

_ORDERED = frozenset({"lt", "le", "gt", "ge"})
_SPEAKING = frozenset({"is_blank", "coalesce"})
_THROUGH = frozenset(
    {"add", "subtract", "multiply", "divide", "power", "negate", "duration_negate", "duration_add"}
    | {"date_add", "datetime_add", "date_difference", "datetime_difference", "date_datetime", "datetime_date"}
)  # blank where an operand is
_OWN = frozenset({"record"})

_Path = tuple[str, ...]


def check_blanks(checks: Checks, definition: ObjectDef, require: Expression, checked: Checked | None) -> None:
    """Warn where a field that may be blank is compared by size in a check, so that a blank fails it."""
    if checked is None or checked.expression is None or any(one.code == "EXPR_IDLE_BLANK" for one in checked.faults):
        return
    tree = checked.expression.tree
    compared: dict[_Path, None] = {}
    spoken: set[_Path] = set()
    for part in _parts(tree):
        if not isinstance(part, Operation):
            continue
        paths = [path for one in _parts(part) if isinstance(one, Path) and (path := _own(one))]
        if part.name in _SPEAKING or (part.name in {"eq", "ne"} and any(map(_is_blank, part.operands))):
            spoken.update(paths)
        elif part.name in _ORDERED:
            compared |= {path: None for path in paths if any(_goes_blank(one, path) for one in part.operands)}
    for path in compared:
        if path not in spoken and _may_be_blank(checks, definition, path) and _truth(tree, path) is not True:
            _warn(checks, require, ".".join(path))


def _parts(typed: Typed) -> Iterator[Typed]:
    """Yield an expression and all its parts, but for what is asked of other records' rows."""
    yield typed
    below: tuple[Typed, ...] = ()
    if isinstance(typed, Operation):
        below = typed.operands
    elif isinstance(typed, Apply):
        below = typed.arguments
    elif isinstance(typed, Case):
        below = (*(part for branch in typed.branches for part in branch), typed.otherwise)
    for one in below:
        yield from _parts(one)


def _is_blank(typed: Typed) -> bool:
    return isinstance(typed, Constant) and typed.value is None


def _own(typed: Path) -> _Path:
    """Return a path in the record itself, () for one elsewhere."""
    if typed.level:
        return ()
    if not typed.root:
        return typed.path
    return typed.path[1:] if typed.path[0] in _OWN else ()


def _may_be_blank(checks: Checks, definition: ObjectDef, path: _Path) -> bool:
    """Whether a field on the way is left empty by whoever pleases: it is neither required, now or at times, nor computed."""
    objects: tuple[str, ...] = (definition.name,)
    for step in path:
        for name in objects:
            found = checks.model.objects[name]
            field = found.fields.get(step)
            sort = None if field is None else checks.kinds.fields.get(field.type)
            if field is not None and sort is not None and not field.required and not sort.computed:
                return step not in found.required_when
        type_ = (checks.schema.members(objects[0]) or {}).get(step)
        objects = type_.objects if type_ is not None else ()
        if not objects:
            return False
    return False


def _truth(typed: Typed, path: _Path) -> bool | None:
    """Return what a condition comes to where ``path`` is blank, None where that hangs on something else."""
    if isinstance(typed, Constant):
        return typed.value is True
    if not isinstance(typed, Operation):
        return None
    if typed.name in _ORDERED:
        return False if any(_goes_blank(one, path) for one in typed.operands) else None
    if typed.name == "not":
        inner = _truth(typed.operands[0], path)
        return None if inner is None else not inner
    if typed.name in {"and", "or"}:
        parts = [_truth(one, path) for one in typed.operands]
        deciding = typed.name == "or"
        return deciding if deciding in parts else None if None in parts else not deciding
    if typed.name in {"eq", "ne", "in"} and any(_goes_blank(one, path) for one in typed.operands):
        known = [one for one in typed.operands if isinstance(one, Constant) and one.value is not None]
        return (typed.name == "ne") if len(known) == len(typed.operands) - 1 else None
    return None


def _goes_blank(typed: Typed, path: _Path) -> bool:
    """Whether a value is blank where ``path`` is."""
    if isinstance(typed, Path):
        return _own(typed) == path
    return (
        isinstance(typed, Operation)
        and typed.name in _THROUGH
        and any(_goes_blank(one, path) for one in typed.operands)
    )


def _warn(checks: Checks, require: Expression, shown: str) -> None:
    found = re.search(rf"\b{re.escape(shown)}\b", require.text)
    start, end = found.span() if found is not None else (0, len(require.text))
    message = Text(
        zh=f"{shown} 可以为空，为空时检查不通过：与空值比大小的结果总是 FALSE",
        en=f"{shown} may be blank, and a blank fails this check: comparing it by size gives FALSE",
    )
    hint = Text(
        zh=f"允许为空时写 ISBLANK({shown}) or …；不允许时把字段设为 required: true",
        en=f"if it may stay blank: ISBLANK({shown}) or …; if not: required: true on the field",
    )
    fault = ExpressionFault("CHECK_BLANK", message, start, end, hint, "warning")
    checks.faults.warn(fault.code, fault.message, placed(require, fault), hint=fault.hint)
