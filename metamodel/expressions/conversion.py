"""Which type fits where: the conversions that the language does by itself, and the common type of several values."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from metamodel.expressions.typed import Apply, Case, Constant, Operation, Typed
from metamodel.expressions.types import BLANK, DATE, DATETIME, TEXT, Base, Type
from metamodel.faults import listed, near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metamodel.expressions.checking import Checking
    from metamodel.expressions.tree import Node

BASE_NAMES = {
    Base.TEXT: Text(zh="文本", en="a text"),
    Base.NUMBER: Text(zh="数字", en="a number"),
    Base.BOOLEAN: Text(zh="是/否", en="true or false"),
    Base.DATE: Text(zh="日期", en="a date"),
    Base.DATETIME: Text(zh="日期时间", en="a date with time"),
    Base.DURATION: Text(zh="时长", en="a duration"),
    Base.CHOICE: Text(zh="选项", en="a choice"),
    Base.LINK: Text(zh="关联", en="a link"),
    Base.ROWS: Text(zh="多条记录", en="many records"),
    Base.LIST: Text(zh="多个值", en="a list of values"),
    Base.LINKS: Text(zh="多条记录", en="many records"),
    Base.BLANK: Text(zh="空值", en="a blank"),
    Base.ANY: Text(zh="任意数据", en="data of any kind"),
}
TEXTUAL = (Base.TEXT, Base.CHOICE)
NUMBER_TEXT = "number_text"
SETTING = "SETTING"
TO_TEXT = {
    Base.NUMBER: NUMBER_TEXT,
    Base.BOOLEAN: "boolean_text",
    Base.DATE: "date_text",
    Base.DATETIME: "datetime_text",
    Base.DURATION: "duration_text",
}


def convert(checking: Checking, typed: Typed, want: Type, node: Node) -> Typed | None:
    """Return ``typed`` as a ``want``, converted where the language does so by itself; None after noting a fault."""
    have, to = typed.type, want.base
    if have.base is Base.BLANK:
        return Constant(None, want)
    if to is Base.ANY or have.base is Base.ANY:
        return typed
    if to is Base.CHOICE and have.base in TEXTUAL:
        return typed if check_choices(checking, typed, want, node) else None
    if have.base is to or (to is Base.TEXT and have.base is Base.CHOICE):
        if to is Base.LINK and have.objects and want.objects and not set(have.objects) & set(want.objects):
            _misfit(checking, node, f"→ {'/'.join(want.objects)}", f"→ {'/'.join(have.objects)}")
            return None
        return typed
    changed = _change(typed, to)
    if changed is None:
        _unfit(checking, typed, want, node)
    return changed


def _change(typed: Typed, to: Base) -> Typed | None:
    have = typed.type.base
    if to is Base.DATETIME and have is Base.DATE:
        return as_datetime(typed)
    if not isinstance(typed, Constant):
        read = as_setting(typed, to)
        return None if read is typed else read
    if to in {Base.DATE, Base.DATETIME} and isinstance(typed.value, str):
        return read_date_text(typed.value, to)
    if to is Base.LINK and isinstance(typed.value, Decimal) and typed.value == typed.value.to_integral_value():
        return Constant(int(typed.value), Type(Base.LINK))
    return None


def as_setting(typed: Typed, to: Base) -> Typed:
    """Return a setting's text read as what the place wants; anything else as it is."""
    if not (isinstance(typed, Apply) and typed.function == SETTING and typed.type.base is Base.TEXT and to in TO_TEXT):
        return typed
    assert isinstance(typed.extra, tuple)  # noqa: S101 - its rule has made it
    return replace(typed, type=Type(to), extra=(typed.extra[0], to.value))


def _unfit(checking: Checking, typed: Typed, want: Type, node: Node) -> None:
    wanted, had = BASE_NAMES[want.base], BASE_NAMES[typed.type.base]
    hint = Text()
    if want.base is Base.TEXT:
        hint = Text(zh='转成文本用 TEXT() 或 & ""', en='TEXT() or & "" makes it a text')
    elif want.base is Base.NUMBER and typed.type.base is Base.TEXT:
        hint = Text(zh="文本转数字用 VALUE()", en="VALUE() reads a number from a text")
    elif want.base is Base.NUMBER and typed.type.base is Base.DURATION:
        hint = Text(zh="两个日期之间的天数用 DAYS(后, 前)", en="DAYS(later, earlier) gives the days between two dates")
    elif want.base is Base.DURATION and typed.type.base is Base.NUMBER:
        hint = Text(zh="时长要带单位，例如 30d、48h、3mo", en="a duration has a unit: 30d, 48h, 3mo")
    elif want.base is Base.DATE and typed.type.base is Base.TEXT:
        hint = Text(
            zh='日期写 "2026-01-31" 或 DATE(2026, 1, 31)', en='a date is written "2026-01-31" or DATE(2026, 1, 31)'
        )
    shown = checking.shown(node)
    message = Text(zh=f"{shown} 是{had.zh}，这里需要{wanted.zh}", en=f"{shown} is {had.en}, here {wanted.en} is needed")
    checking.fault("EXPR_TYPE", node, message, hint)


def _misfit(checking: Checking, node: Node, wanted: str, had: str) -> None:
    shown = checking.shown(node)
    message = Text(zh=f"{shown} 关联 {had}，这里需要 {wanted}", en=f"{shown} links {had}, here {wanted} is needed")
    checking.fault("EXPR_TYPE", node, message)


def as_datetime(typed: Typed) -> Typed:
    """Return a date as its midnight in the organisation's zone; a datetime as it is."""
    return typed if typed.type.base is Base.DATETIME else Operation("date_datetime", (typed,), DATETIME)


def as_text(checking: Checking, typed: Typed, node: Node) -> Typed | None:
    """Return any value as the text that ``&`` makes of it."""
    base = typed.type.base
    if base in TEXTUAL or base is Base.BLANK:
        return typed if base is not Base.BLANK else Constant(None, TEXT)
    if base in TO_TEXT:
        return Operation(TO_TEXT[base], (typed,), TEXT)
    shown, had = checking.shown(node), BASE_NAMES[base]
    hint = Text(zh="请取它的某个字段，例如 .name", en="take a field of it: .name") if base is Base.LINK else Text()
    message = Text(zh=f"{shown} 是{had.zh}，不能接成文本", en=f"{shown} is {had.en} and cannot be joined to a text")
    checking.fault("EXPR_TYPE", node, message, hint)
    return None


def read_date_text(text: str, to: Base) -> Typed | None:
    """Read a text literal that stands where a date is wanted: ISO 8601, without offset in the organisation's zone."""
    try:
        if len(text) == 10:
            day = Constant(date.fromisoformat(text), DATE)
            return day if to is Base.DATE else as_datetime(day)
        moment = datetime.fromisoformat(text) if to is Base.DATETIME and len(text) > 10 else None
        if moment is None:
            return None
        if moment.tzinfo is None:
            return Operation("local_datetime", (Constant(moment, DATETIME),), DATETIME)
        return Constant(moment.astimezone(UTC), DATETIME)
    except (ValueError, OverflowError):
        return None


def check_choices(checking: Checking, typed: Typed, want: Type, node: Node) -> bool:
    """Check that every literal ``typed`` can come to is one of the choice's names; notes a fault where not."""
    if want.names is None:
        return True
    if isinstance(typed, Case):
        results = [result for _, result in typed.branches] + [typed.otherwise]
        return False not in [check_choices(checking, result, want, node) for result in results]
    if isinstance(typed, Operation) and typed.name == "coalesce":
        return False not in [check_choices(checking, operand, want, node) for operand in typed.operands]
    if not isinstance(typed, Constant) or typed.value is None or typed.value in want.names:
        return True
    shown = listed(want.names)
    hint = near_miss(str(typed.value), want.names) or Text(zh=f"可选：{shown}", en=f"one of: {shown}")
    message = Text(zh=f"选项里没有 {typed.value}", en=f"{typed.value} is none of the choices")
    checking.fault("EXPR_UNKNOWN_CHOICE", node, message, hint)
    return False


def common_type(types: Sequence[Type]) -> Type | None:
    """Return the type that all of ``types`` fit into, BLANK apart; None where there is none."""
    known = [type_ for type_ in types if type_.base is not Base.BLANK]
    if not known:
        return BLANK
    bases = {type_.base for type_ in known}
    if bases == {Base.NUMBER}:
        digits = [type_.digits for type_ in known]
        return Type(
            Base.NUMBER, digits=None if None in digits else max(number for number in digits if number is not None)
        )
    if bases == {Base.DURATION}:
        return Type(Base.DURATION, calendar=all(type_.calendar for type_ in known))
    if bases == {Base.LINK}:
        return Type(Base.LINK, tuple(dict.fromkeys(name for type_ in known for name in type_.objects)))
    if bases == {Base.CHOICE}:
        return known[0] if all(type_.names == known[0].names for type_ in known) else TEXT
    if bases <= {Base.TEXT, Base.CHOICE}:
        return TEXT
    if bases == {Base.DATE, Base.DATETIME}:
        return DATETIME
    return known[0] if len(bases) == 1 else None
