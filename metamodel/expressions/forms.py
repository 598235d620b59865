"""The checker's own forms: functions that pick branches, that are another spelling of an operator, or that are paths."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from metamodel.expressions.conversion import BASE_NAMES, as_datetime, as_text, common_type, convert
from metamodel.expressions.named import infer_recorded, infer_setting, infer_target
from metamodel.expressions.operators import compare, concat, logic, number_operation
from metamodel.expressions.tree import Call, Literal
from metamodel.expressions.typed import Apply, Case, Constant, Operation, Path, Typed
from metamodel.expressions.types import BLANK, BOOLEAN, DATETIME, DURATION, NUMBER, TEXT, Base
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from metamodel.expressions.checking import Checking

NEVER_BLANK = frozenset({"created_at", "updated_at"})


def count_fits(checking: Checking, tree: Call, least: int, most: int | None) -> bool:
    """Whether the number of arguments is right; notes a fault where not."""
    count = len(tree.arguments)
    if least <= count and (most is None or count <= most):
        return True
    wanted = str(least) if least == most else f"{least}+" if most is None else f"{least}–{most}"
    message = Text(
        zh=f"{tree.name} 需要 {wanted} 个参数，这里有 {count} 个",
        en=f"{tree.name} takes {wanted} arguments, not {count}",
    )
    checking.fault("EXPR_ARGUMENTS", tree, message)
    return False


def infer_all(checking: Checking, tree: Call) -> list[Typed] | None:
    """Check all arguments; None where one has a fault."""
    found = [checking.infer(argument) for argument in tree.arguments]
    known = [typed for typed in found if typed is not None]
    return known if len(known) == len(found) else None


def branches(
    checking: Checking, tree: Call, pairs: Sequence[tuple[Typed, Typed]], otherwise: Typed | None
) -> Typed | None:
    """Return a choice among branches, all results converted to their common type."""
    results = [result for _, result in pairs] + ([otherwise] if otherwise is not None else [])
    common = common_type([result.type for result in results])
    if common is None:
        named = " / ".join(dict.fromkeys(BASE_NAMES[result.type.base].en for result in results))
        named_zh = " / ".join(dict.fromkeys(BASE_NAMES[result.type.base].zh for result in results))
        message = Text(
            zh=f"{tree.name} 的各个结果类型不一致：{named_zh}",
            en=f"The results of {tree.name} are of different types: {named}",
        )
        checking.fault("EXPR_TYPE", tree, message)
        return None
    converted = [convert(checking, result, common, tree) for result in results]
    known = [result for result in converted if result is not None]
    if len(known) < len(converted):
        return None
    last = known.pop() if otherwise is not None else Constant(None, common)
    return Case(tuple((condition, result) for (condition, _), result in zip(pairs, known, strict=True)), last, common)


def _if(checking: Checking, tree: Call) -> Typed | None:
    found = infer_all(checking, tree)
    if found is None:
        return None
    condition = convert(checking, found[0], BOOLEAN, tree.arguments[0])
    if condition is None:
        return None
    return branches(checking, tree, [(condition, found[1])], found[2] if len(found) > 2 else None)


def _ifs(checking: Checking, tree: Call) -> Typed | None:
    if len(tree.arguments) % 2:
        message = Text(zh="IFS 的参数是一对一对的：条件、结果", en="IFS takes pairs: a condition and a result")
        checking.fault("EXPR_ARGUMENTS", tree, message)
        return None
    found = infer_all(checking, tree)
    if found is None:
        return None
    conditions = [
        convert(checking, typed, BOOLEAN, node) for typed, node in zip(found[::2], tree.arguments[::2], strict=True)
    ]
    pairs = [(one, result) for one, result in zip(conditions, found[1::2], strict=True) if one is not None]
    return branches(checking, tree, pairs, None) if len(pairs) == len(conditions) else None


def _switch(checking: Checking, tree: Call) -> Typed | None:
    found = infer_all(checking, tree)
    if found is None:
        return None
    subject, rest, nodes = found[0], found[1:], tree.arguments[1:]
    otherwise = rest.pop() if len(rest) % 2 else None
    pairs: list[tuple[Typed, Typed]] = []
    for index in range(0, len(rest), 2):
        equal = compare(checking, "eq", (subject, tree.arguments[0]), (rest[index], nodes[index]), nodes[index])
        if equal is None:
            return None
        pairs.append((equal, rest[index + 1]))
    return branches(checking, tree, pairs, otherwise)


def _tier(checking: Checking, tree: Call) -> Typed | None:
    """TIER(value, up to, result, …, beyond): the result of the first border that the value does not pass; BLANK of a blank one."""
    found = infer_all(checking, tree)
    if found is None:
        return None
    subject, rest, nodes = found[0], found[1:], tree.arguments[1:]
    otherwise = rest.pop() if len(rest) % 2 else None
    borders = [one.value for one in rest[::2] if isinstance(one, Constant) and isinstance(one.value, Decimal)]
    if any(one >= two for one, two in pairwise(borders)):
        message = Text(zh="TIER 的各级上限应从小到大", en="the borders of TIER go up, from one to the next")
        checking.fault("EXPR_ARGUMENTS", tree, message)
        return None
    pairs: list[tuple[Typed, Typed]] = [(Operation("is_blank", (subject,), BOOLEAN), Constant(None, BLANK))]
    for index in range(0, len(rest), 2):
        below = compare(checking, "le", (subject, tree.arguments[0]), (rest[index], nodes[index]), nodes[index])
        if below is None:
            return None
        pairs.append((below, rest[index + 1]))
    return branches(checking, tree, pairs, otherwise)


def _coalesce(checking: Checking, tree: Call) -> Typed | None:
    found = infer_all(checking, tree)
    if found is None:
        return None
    common = common_type([typed.type for typed in found])
    if common is None:
        message = Text(zh="COALESCE 的参数类型不一致", en="The arguments of COALESCE are of different types")
        checking.fault("EXPR_TYPE", tree, message)
        return None
    converted = [convert(checking, typed, common, node) for typed, node in zip(found, tree.arguments, strict=True)]
    known = tuple(typed for typed in converted if typed is not None)
    return Operation("coalesce", known, common) if len(known) == len(converted) else None


def _is_blank(checking: Checking, tree: Call) -> Typed | None:
    found = infer_all(checking, tree)
    return None if found is None else Operation("is_blank", (found[0],), BOOLEAN)


def _logic(checking: Checking, tree: Call) -> Typed | None:
    found = infer_all(checking, tree)
    return None if found is None else logic(checking, tree.name.lower(), list(zip(found, tree.arguments, strict=True)))


def _not(checking: Checking, tree: Call) -> Typed | None:
    found = infer_all(checking, tree)
    condition = None if found is None else convert(checking, found[0], BOOLEAN, tree.arguments[0])
    return None if condition is None else Operation("not", (condition,), BOOLEAN)


def _concat(checking: Checking, tree: Call) -> Typed | None:
    found = infer_all(checking, tree)
    return None if found is None else concat(checking, list(zip(found, tree.arguments, strict=True)))


def _power(checking: Checking, tree: Call) -> Typed | None:
    found = infer_all(checking, tree)
    if found is None:
        return None
    base, exponent = (convert(checking, typed, NUMBER, node) for typed, node in zip(found, tree.arguments, strict=True))
    return None if base is None or exponent is None else number_operation("power", base, exponent)


def _extreme(checking: Checking, tree: Call) -> Typed | None:
    found = infer_all(checking, tree)
    if found is None:
        return None
    common = common_type([typed.type for typed in found])
    if common is None or common.base not in {Base.NUMBER, Base.DATE, Base.DATETIME, Base.BLANK}:
        message = Text(zh=f"{tree.name} 只比较数字或日期", en=f"{tree.name} takes numbers or dates")
        checking.fault("EXPR_TYPE", tree, message)
        return None
    known = tuple(
        typed
        for one, node in zip(found, tree.arguments, strict=True)
        if (typed := convert(checking, one, common, node))
    )
    return Operation("least" if tree.name == "MIN" else "greatest", known, common)


def _idle(checking: Checking, tree: Call) -> Typed | None:
    found = infer_all(checking, tree)
    since = None if found is None else convert(checking, found[0], DATETIME, tree.arguments[0])
    if since is None:
        return None
    argument = tree.arguments[0]
    safe = isinstance(argument, Literal) or (isinstance(argument, Call) and argument.name == "COALESCE")
    if not safe and not (isinstance(since, Path) and since.path[-1] in NEVER_BLANK):
        shown = checking.shown(argument)
        message = Text(
            zh=f"{shown} 为空时，IDLE 的比较结果是 FALSE", en=f"Where {shown} is blank, comparing its IDLE gives FALSE"
        )
        hint = Text(
            zh=f"例如 IDLE(COALESCE({shown}, created_at))", en=f"for example IDLE(COALESCE({shown}, created_at))"
        )
        checking.fault("EXPR_IDLE_BLANK", tree, message, hint, severity="warning")
    return Operation("datetime_difference", (Apply("NOW", (), DATETIME), as_datetime(since)), DURATION)


def _manager(checking: Checking, tree: Call) -> Typed | None:
    """MANAGER(x) is the path x.manager."""
    found = infer_all(checking, tree)
    if found is None:
        return None
    user = found[0]
    manager = (checking.scope.schema.members(user.type.objects[0]) or {}).get("manager") if user.type.objects else None
    if not isinstance(user, Path) or manager is None:
        message = Text(zh="MANAGER 需要一个用户字段", en="MANAGER takes a field that holds a user")
        checking.fault("EXPR_TYPE", tree, message)
        return None
    return checking.follow(user, "manager", manager)


def _text_of(checking: Checking, tree: Call) -> Typed | None:
    """TEXT with one argument is what ``&`` makes of the value."""
    found = infer_all(checking, tree)
    return None if found is None else as_text(checking, found[0], tree.arguments[0])


def _label(checking: Checking, tree: Call) -> Typed | None:
    """LABEL has to know which field it is about: its labels are looked up by object and field."""
    found = infer_all(checking, tree)
    if found is None:
        return None
    owner = checking.owner_of(found[0]) if isinstance(found[0], Path) and found[0].type.base is Base.CHOICE else None
    if owner is None:
        message = Text(zh="LABEL 需要一个选项字段或状态字段", en="LABEL takes a field that holds a choice or state")
        checking.fault("EXPR_TYPE", tree, message)
        return None
    return Apply(tree.name, (found[0],), TEXT, 0, owner)


FORMS: dict[str, Callable[[Checking, Call], Typed | None]] = {
    "if": _if, "ifs": _ifs, "switch": _switch, "tier": _tier, "coalesce": _coalesce, "is_blank": _is_blank, "logic": _logic, "not": _not,
    "concat": _concat, "power": _power, "extreme": _extreme, "idle": _idle, "manager": _manager, "text_of": _text_of, "label": _label,
    "setting": infer_setting, "recorded": infer_recorded, "target": infer_target,
}  # fmt: skip
FORM_COUNTS: dict[str, tuple[int, int | None]] = {
    "if": (2, 3), "ifs": (2, None), "switch": (3, None), "tier": (3, None), "coalesce": (1, None), "is_blank": (1, 1), "logic": (1, None), "not": (1, 1),
    "concat": (1, None), "power": (2, 2), "extreme": (1, None), "idle": (1, 1), "manager": (1, 1), "text_of": (1, 1), "label": (1, 1),
    "setting": (1, 2), "recorded": (1, 1), "target": (1, 2),
}  # fmt: skip
