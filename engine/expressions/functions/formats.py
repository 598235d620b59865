"""Excel's number and date formats, as far as TEXT takes them: read once when the expression is checked, then applied."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.expressions import numbers
from engine.expressions.fragments import Fragment, of
from metamodel.expressions.typed import Constant, Typed
from metamodel.expressions.types import Base
from metamodel.text import Text

if TYPE_CHECKING:
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    from engine.expressions.sql import SqlMachine

_NUMBER = re.compile(r"(?P<whole>[#0,]*)(?:(?P<point>\.)(?P<decimals>[0#]*))?")
_DATE_TOKEN = re.compile(r'"([^"]*)"|\\(.)|(y+|m+|d+|h+|s+)|(.)', re.IGNORECASE | re.DOTALL)
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|(.)', re.DOTALL)
_RESERVED = frozenset("0#?.,;@*_[]Ee")
_TO_CHAR = {
    "yy": "YY", "yyyy": "YYYY", "m": "FMMM", "mm": "MM", "d": "FMDD", "dd": "DD",
    "h": "FMHH24", "hh": "HH24", "i": "FMMI", "ii": "MI", "s": "FMSS", "ss": "SS",
}  # fmt: skip
MOST_DECIMALS = 30


def read_format(arguments: tuple[Typed, ...]) -> dict[str, object]:
    """Return the plan of a format written out. Raises ValueError(Text) for one that is none of ours."""
    written = arguments[1]
    text = written.value if isinstance(written, Constant) else None
    if not isinstance(text, str) or not text:
        raise ValueError(Text(zh="格式不能为空", en="The format is empty"))
    if arguments[0].type.base is Base.NUMBER:
        return _number_plan(text)
    kind = "datetime" if arguments[0].type.base is Base.DATETIME else "date"
    return {"kind": "date", "of": kind, "pieces": _date_pieces(text)}


def _number_plan(text: str) -> dict[str, object]:
    body = next((match for match in _NUMBER.finditer(text) if match[0] and not _quoted(text, match.start())), None)
    whole, decimals = (body["whole"], body["decimals"] or "") if body else ("", "")
    if (
        body is None
        or not set(whole + decimals) & {"0", "#"}
        or "0" in decimals.partition("#")[2]
        or "#" in whole.partition("0")[2]
    ):
        raise ValueError(Text(zh=f"不支持的数字格式 {text}", en=f"The number format {text} is not supported"))
    prefix, suffix = _literal(text[: body.start()]), _literal(text[body.end() :])
    return {
        "kind": "number",
        "prefix": prefix,
        "suffix": suffix,
        "group": "," in whole,
        "least": whole.count("0"),
        "point": body["point"] is not None,
        "fixed": decimals.count("0"),
        "most": min(len(decimals), MOST_DECIMALS),
        "percent": (prefix + suffix).count("%"),
    }


def _quoted(text: str, position: int) -> bool:
    return text.count('"', 0, position) % 2 == 1 or text[max(0, position - 1) : position] == "\\"


def _literal(text: str) -> str:
    out = ""
    for quoted, escaped, plain in _LITERAL.findall(text):
        if plain and plain in _RESERVED:
            raise ValueError(Text(zh=f"不支持的数字格式：{plain}", en=f"The number format is not supported: {plain}"))
        out += quoted + escaped + plain
    return out


def _date_pieces(text: str) -> list[list[str]]:
    """Return pieces ``[token]`` or ``["", literal]``; minutes are the token ``i``: an m after hours or before seconds."""
    pieces: list[list[str]] = []
    for quoted, escaped, token, plain in _DATE_TOKEN.findall(text):
        if not token:
            if plain and plain.isascii() and plain.isalpha():
                raise ValueError(Text(zh=f"不支持的日期格式：{plain}", en=f"The date format is not supported: {plain}"))
            pieces.append(["", quoted + escaped + plain])
            continue
        letter, width = token[0].lower(), len(token)
        before = next((piece[0] for piece in reversed(pieces) if piece[0]), "")
        if letter == "m" and before.startswith("h"):
            letter = "i"
        if letter == "s" and before in {"m", "mm"}:
            index = max(index for index, piece in enumerate(pieces) if piece[0] == before)
            pieces[index] = ["i" * len(before)]
        width = {"y": 2 if width <= 2 else 4}.get(letter, min(width, 3))
        if letter != "y" and width > 2:
            raise ValueError(Text(zh=f"不支持的日期格式：{token}", en=f"The date format is not supported: {token}"))
        pieces.append([letter * width])
    if not any(piece[0] for piece in pieces):
        raise ValueError(
            Text(zh=f"日期格式 {text} 里没有 y m d h s", en=f"There is no y m d h s in the date format {text}")
        )
    return pieces


# Applied in Python


def format_number(number: Decimal, plan: Any) -> str:
    """Write a number by its plan."""
    scaled = numbers.rounded(number.scaleb(2 * plan["percent"], numbers.EXACT), plan["most"])
    whole, _, decimals = f"{scaled.copy_abs():f}".partition(".")
    decimals = decimals.rstrip("0").ljust(plan["fixed"], "0")
    whole = whole.lstrip("0").rjust(plan["least"], "0")
    if plan["group"]:
        whole = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", whole)
    sign, point = "-" if scaled < 0 else "", "." if plan["point"] else ""
    return f"{sign}{plan['prefix']}{whole}{point}{decimals}{plan['suffix']}"


def format_date(when: date | datetime, plan: Any, home: ZoneInfo) -> str:
    """Write a date, or a moment in the organisation's zone, by its plan."""
    local = when.astimezone(home) if isinstance(when, datetime) else datetime.combine(when, datetime.min.time())
    values = {"y": local.year, "m": local.month, "d": local.day, "h": local.hour, "i": local.minute, "s": local.second}
    out = ""
    for piece in plan["pieces"]:
        if piece[0] == "":
            out += piece[1]
        else:
            number = values[piece[0][0]]
            out += str(number % 100 if piece[0] == "yy" else number).rjust(len(piece[0]), "0")
    return out


# Applied in SQL


def _bound(text: str) -> Fragment:
    return of(sa.literal(text, sa.Text()), total=True)


def sql_number(machine: SqlMachine, number: Fragment, plan: Any) -> Fragment:
    """Write a number by its plan, in SQL."""
    q = machine.q
    factor = "1" + "00" * plan["percent"]

    def write(x: Fragment) -> Fragment:
        digits = q("abs({})::text", x)
        whole = q("ltrim(split_part({}, '.', 1), '0')", digits)
        whole = q(
            f"CASE WHEN length({{}}) < {plan['least']} THEN lpad({{}}, {plan['least']}, '0') ELSE {{}} END",
            whole,
            whole,
            whole,
        )
        if plan["group"]:
            whole = q("regexp_replace({}, '([0-9])(?=([0-9]{3})+$)', {}, 'g')", whole, _bound("\\1,"))
        decimals = q("rtrim(split_part({}, '.', 2), '0')", digits)
        decimals = q(
            f"CASE WHEN length({{}}) < {plan['fixed']} THEN rpad({{}}, {plan['fixed']}, '0') ELSE {{}} END",
            decimals,
            decimals,
            decimals,
        )
        point = q("'.'" if plan["point"] else "''")
        return q(
            "((CASE WHEN {} < 0 THEN '-' ELSE '' END) || {} || ({}) || {} || ({}) || {})",
            x, _bound(plan["prefix"]), whole, point, decimals, _bound(plan["suffix"]),
        )  # fmt: skip

    return q.keep(q(f"round({{}} * {factor}, {plan['most']})", number), write)


def sql_date(machine: SqlMachine, when: Fragment, plan: Any) -> Fragment:
    """Write a date or timestamp by its plan, in SQL."""
    q = machine.q

    def write(x: Fragment) -> Fragment:
        parts = [
            _bound(piece[1]) if piece[0] == "" else q(f"to_char({{}}::timestamp, '{_TO_CHAR[piece[0]]}')", x)
            for piece in plan["pieces"]
        ]
        return q("({})", q.join(" || ", parts))

    return q.keep(when, write)
