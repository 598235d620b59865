"""The rules of function calls: by signature here; those that pick branches or sum rows up have forms of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.expressions.aggregates import AGGREGATE_FORMS, infer_aggregate, rows_in
from metamodel.expressions.conversion import check_choices, common_type, convert
from metamodel.expressions.forms import FORM_COUNTS, FORMS, count_fits, infer_all
from metamodel.expressions.picking import infer_pick
from metamodel.expressions.typed import Apply, Constant, Operation, Typed
from metamodel.expressions.types import ANY, BLANK, BOOLEAN, DATE, DATETIME, DURATION, NUMBER, TEXT, Base, Type
from metamodel.faults import listed, near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metamodel.expressions.checking import Checking
    from metamodel.expressions.signatures import FunctionLike, Parameter, Signature
    from metamodel.expressions.tree import Call

WANTED = {
    "number": NUMBER,
    "text": TEXT,
    "boolean": BOOLEAN,
    "date": DATE,
    "datetime": DATETIME,
    "duration": DURATION,
    "any": ANY,
}


def infer_call(checking: Checking, tree: Call) -> Typed | None:
    """Check a call."""
    function = checking.functions.get(tree.name)
    if function is None:
        hint = near_miss(tree.name, checking.functions)
        message = Text(zh=f"没有函数 {tree.name}", en=f"There is no function {tree.name}")
        checking.faults_at_name(tree, message, hint)
        return None
    checking.needs |= function.needs
    if function.form in AGGREGATE_FORMS and (function.form != "extreme" or rows_in(checking, tree) is not None):
        return infer_aggregate(checking, tree)
    if function.form == "pick":
        return infer_pick(checking, tree)
    form = FORMS.get(function.form)
    if form is not None and not (function.form == "text_of" and len(tree.arguments) > 1):
        least, most = FORM_COUNTS[function.form]
        return form(checking, tree) if count_fits(checking, tree, least, most) else None
    return _by_signature(checking, tree, function)


# By signature


def _by_signature(checking: Checking, tree: Call, function: FunctionLike) -> Typed | None:
    signatures = function.signatures
    most = None if any(one.most is None for one in signatures) else max(one.most or 0 for one in signatures)
    if not count_fits(checking, tree, min(one.least for one in signatures), most):
        return None
    arguments = infer_all(checking, tree)
    if arguments is None:
        return None
    if tree.name == "CONTAINS" and arguments[0].type.base is Base.LIST:
        return _has(checking, tree, arguments)
    variant = next((index for index, one in enumerate(signatures) if _fits(one, arguments)), 0)
    signature = signatures[variant]
    converted = _convert_arguments(checking, tree, signature, arguments)
    if converted is None:
        return None
    extra: object = None
    if function.prepare is not None:
        try:
            extra = function.prepare(converted)
        except ValueError as wrong:
            text = (
                wrong.args[0]
                if wrong.args and isinstance(wrong.args[0], Text)
                else Text(zh="参数不对", en="A wrong argument")
            )
            checking.fault("EXPR_ARGUMENTS", tree, text)
            return None
    same = [
        typed.type
        for typed, one in zip(converted, _spread(signature, len(converted)), strict=True)
        if one.kind == "same"
    ]
    result = signature.result or common_type(same) or BLANK
    return Apply(tree.name, converted, result, variant, extra)


def _has(checking: Checking, tree: Call, arguments: Sequence[Typed]) -> Typed | None:
    """Check whether a list of values has one: of several choices, one of their names."""
    listed, one = arguments
    wanted = convert(checking, one, TEXT, tree.arguments[1])
    if wanted is None or not check_choices(checking, wanted, listed.type, tree.arguments[1]):
        return None
    return Operation("has", (listed, wanted), BOOLEAN)


def _spread(signature: Signature, count: int) -> list[Parameter]:
    """Return one parameter for each of ``count`` arguments."""
    parameters = list(signature.parameters)
    while len(parameters) < count:
        parameters.append(parameters[-1])
    return parameters[:count]


def _fits(signature: Signature, arguments: Sequence[Typed]) -> bool:
    most = signature.most
    if len(arguments) < signature.least or (most is not None and len(arguments) > most):
        return False
    return all(_takes(one, typed) for one, typed in zip(_spread(signature, len(arguments)), arguments, strict=True))


def _takes(parameter: Parameter, typed: Typed) -> bool:
    base, kind = typed.type.base, parameter.kind
    if base is Base.BLANK or kind in {"any", "same"}:
        return True
    if kind in {"day", "datetime"}:
        return base in {Base.DATE, Base.DATETIME}
    if kind == "text":
        return base in {Base.TEXT, Base.CHOICE}
    if kind == "user":
        return base is Base.LINK
    return base is WANTED[kind].base


def _convert_arguments(
    checking: Checking, tree: Call, signature: Signature, arguments: Sequence[Typed]
) -> tuple[Typed, ...] | None:
    parameters = _spread(signature, len(arguments))
    same = [typed.type for typed, one in zip(arguments, parameters, strict=True) if one.kind == "same"]
    common = common_type(same)
    if common is None:
        message = Text(zh=f"{tree.name} 的参数类型不一致", en=f"The arguments of {tree.name} are of different types")
        checking.fault("EXPR_TYPE", tree, message)
        return None
    found: list[Typed | None] = []
    for typed, parameter, node in zip(arguments, parameters, tree.arguments, strict=True):
        if parameter.literal and not _literal_fits(checking, tree, typed, parameter):
            found.append(None)
        elif parameter.kind == "same":
            found.append(convert(checking, typed, common, node))
        elif parameter.kind == "user":
            found.append(convert(checking, typed, Type(Base.LINK), node))
        elif parameter.kind == "day":
            day = typed.type.base is not Base.DATETIME
            found.append(convert(checking, typed, DATE, node) if day else Operation("datetime_date", (typed,), DATE))
        else:
            found.append(convert(checking, typed, WANTED[parameter.kind], node))
    known = tuple(typed for typed in found if typed is not None)
    return known if len(known) == len(found) else None


def _literal_fits(checking: Checking, tree: Call, typed: Typed, parameter: Parameter) -> bool:
    shown = listed(str(value) for value in parameter.allowed)
    hint = Text(zh=f"可选：{shown}", en=f"one of: {shown}") if shown else Text()
    if not isinstance(typed, Constant):
        message = Text(
            zh=f"{tree.name} 的参数 {parameter.name} 要直接写出来",
            en=f"The argument {parameter.name} of {tree.name} must be written out",
        )
    elif parameter.allowed and typed.value not in parameter.allowed:
        message = Text(
            zh=f"{tree.name} 的参数 {parameter.name} 不能是 {typed.value}",
            en=f"{parameter.name} of {tree.name} cannot be {typed.value}",
        )
    else:
        return True
    checking.fault("EXPR_ARGUMENTS", tree, message, hint)
    return False
