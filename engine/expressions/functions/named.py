"""What is kept by name outside of records: SETTING, RECORDED, TARGET. The moment's register is asked for it, once a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.expressions import numbers
from engine.expressions.fragments import of
from engine.expressions.functions.base import Function
from engine.expressions.wire import TYPES, BadValueError, read_value
from metamodel.expressions.types import Base
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from engine.expressions.fragments import Fragment
    from engine.expressions.sql import SqlMachine
    from engine.expressions.values import Moment, Value

GROUP = "named"
_SWITCH = {"true": True, "yes": True, "on": True, "1": True, "是": True} | {
    "false": False, "no": False, "off": False, "0": False, "否": False,
}  # fmt: skip


def _setting(moment: Moment, asked: tuple[str, str]) -> Value:
    name, kind = asked
    text = (moment.register.setting(name) or "").strip()
    if not text or kind == Base.TEXT.value:
        return text or None
    if kind == Base.BOOLEAN.value:
        return _SWITCH.get(text.lower())
    if kind == Base.NUMBER.value:
        return numbers.read_number(text)
    try:
        return read_value(kind, text, moment.home)
    except BadValueError:
        return None


def _recorded(moment: Moment, name: str) -> Decimal | None:
    return moment.register.recorded(name)


def _target(moment: Moment, asked: tuple[str, str]) -> Decimal | None:
    return moment.register.target(*asked)


def _bound(
    read: Callable[[Moment, Any], Value], kind_of: Callable[[Any], str]
) -> Callable[[SqlMachine, Any], Fragment]:
    """Return the translation to SQL: what is read is a parameter of the statement."""

    def sql(machine: SqlMachine, asked: Any) -> Fragment:
        from engine.expressions.sql_moment import SQL_TYPES, to_sql

        type_ = SQL_TYPES[TYPES[kind_of(asked)].base]
        return of(machine.moment.later(lambda moment: to_sql(read(moment, asked)), type_))

    return sql


def _number(_asked: object) -> str:
    return Base.NUMBER.value


KINDS = (
    Function(
        name="SETTING",
        group=GROUP,
        form="setting",
        usage=('SETTING("name")', 'SETTING("name", otherwise)'),
        needs=frozenset({"settings"}),
        help=Text(
            zh="组织参数（对象 setting）的值；没有或读不出时取第二个参数，没有第二个参数则为空。按用处读成数字、是/否、日期、时长或文本。只在服务器上计算。",
            en="What a setting of the organisation says (object setting); the second argument, or BLANK, where there is none or it does not read. It is read as the place wants: a number, true or false, a date, a duration or a text. Worked out on the server only.",
        ),
        examples=(),
        takes_moment=True,
        prepare=lambda arguments: arguments,
        python=_setting,
        sql=_bound(_setting, lambda asked: str(asked[1])),
    ),
    Function(
        name="RECORDED",
        group=GROUP,
        form="recorded",
        usage=('RECORDED("market_index")',),
        needs=frozenset({"settings", "now"}),
        help=Text(
            zh="按名称登记的数值（对象 recorded_value）中，到此刻为止最近的一个；没有则为空。只在服务器上计算。",
            en="The latest figure recorded under a name (object recorded_value) up to this moment; BLANK where there is none. Worked out on the server only.",
        ),
        examples=(),
        takes_moment=True,
        prepare=lambda arguments: arguments,
        python=_recorded,
        sql=_bound(_recorded, _number),
    ),
    Function(
        name="TARGET",
        group=GROUP,
        form="target",
        usage=('TARGET("metric")', 'TARGET("metric", "this_quarter")'),
        needs=frozenset({"settings", "now", "me"}),
        help=Text(
            zh="当前用户的目标值；没有个人目标、又能看到他人数据的人取全组织的目标，系统也取全组织的。不写期间则取本月的，没有再取本季度、本年的。只在服务器上计算。",
            en="The viewer's target; the organisation's for the system, and for who has none of their own and sees more than their own records. Without a period this month's, else this quarter's, else this year's. Worked out on the server only.",
        ),
        examples=(),
        takes_moment=True,
        prepare=lambda arguments: arguments,
        python=_target,
        sql=_bound(_target, _number),
    ),
)  # fmt: skip
