"""The field type `geo`: a place on the earth, WGS 84, as satellites and browsers give it. Value: str, latitude and longitude with six decimals
(``31.230400, 121.473700``), what a device said of its accuracy behind it (``±15`` metres). It lies in columns of numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.fields.base import Example, Field, FieldKind, Locale, Parts, Value, ValueFault
from engine.fields.bounds import check_default
from engine.fields.clean import malformed, plain_ascii, shortened, wrong_type
from engine.fields.numbers import json_number, text_of
from metamodel.expressions.types import TEXT
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

DECIMALS = 6  # a hand's breadth
_STEP = Decimal(1).scaleb(-DECIMALS)
MOST_METRES = 100_000  # an accuracy beyond that says nothing
_NORTH, _EAST = "latitude", "longitude"
_LIMITS = {_NORTH: 90, _EAST: 180}
_NUMBER = r"[0-9]{1,3}(?:\.[0-9]{1,15})?"
_ANGLE = rf"(?P<degrees>{_NUMBER})\s*(?:°|º|度)?\s*(?:(?P<minutes>[0-9]{{1,2}}(?:\.[0-9]{{1,10}})?)\s*(?:′|'|’|分)\s*(?:(?P<seconds>[0-9]{{1,2}}(?:\.[0-9]{{1,8}})?)\s*(?:″|\"|”|''|′′|秒)\s*)?)?"
_SIDES = {
    "n": (_NORTH, 1),
    "s": (_NORTH, -1),
    "e": (_EAST, 1),
    "w": (_EAST, -1),
    "北纬": (_NORTH, 1),
    "南纬": (_NORTH, -1),
}
_SIDES |= {"东经": (_EAST, 1), "西经": (_EAST, -1), "纬度": (_NORTH, 1), "经度": (_EAST, 1)}
_SIDES |= {"lat": (_NORTH, 1), "latitude": (_NORTH, 1), "lng": (_EAST, 1), "lon": (_EAST, 1), "longitude": (_EAST, 1)}
_WORDS = "|".join(sorted(_SIDES, key=len, reverse=True))
_PART = re.compile(rf"(?P<before>{_WORDS})?\s*[:=]?\s*(?P<sign>[+-])?\s*{_ANGLE}\s*(?P<after>[nsew])?", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:[,;/、]\s*)?")
_KEPT = re.compile(r"-?[0-9]{1,2}\.[0-9]{6}, -?[0-9]{1,3}\.[0-9]{6}(?: ±[0-9]{1,6})?")
_ACCURACY = re.compile(r"\s*±\s*([0-9]{1,6})\s*(?:m|米)?$", re.IGNORECASE)


def _value(north: Decimal, east: Decimal, accuracy: int | None) -> str:
    for name, number in ((_NORTH, north), (_EAST, east)):
        if abs(number) > _LIMITS[name]:
            raise _outside(north, east)
    north, east = (number.quantize(_STEP) + 0 for number in (north, east))  # no negative zero
    where = f"{north:f}, {east:f}"
    return where if accuracy is None else f"{where} ±{accuracy}"


def _outside(north: Decimal, east: Decimal) -> ValueFault:
    if abs(north) <= _LIMITS[_EAST] and abs(east) <= _LIMITS[_NORTH]:
        return ValueFault(
            "SWAPPED",
            Text(
                zh=f"纬度在前、经度在后；{text_of(north)} 不是纬度，是否应写 {text_of(east)}, {text_of(north)}？",
                en=f"the latitude comes first: {text_of(north)} is none; should it be {text_of(east)}, {text_of(north)}?",
            ),
        )
    return ValueFault(
        "TOO_BIG",
        Text(
            zh="纬度在 -90 到 90 之间，经度在 -180 到 180 之间", en="a latitude is within ±90, a longitude within ±180"
        ),
    )


def _read(text: str) -> str:
    folded = plain_ascii(text).removeprefix("geo:").strip()
    accuracy = _ACCURACY.search(folded)
    line = folded[: accuracy.start()] if accuracy else folded
    if line.startswith("(") and line.endswith(")"):
        line = line[1:-1].strip()
    first = _PART.match(line)
    between = _BETWEEN.match(line, first.end()) if first else None
    parted = between is not None and not line[between.end() - 1].isdigit()
    second = _PART.fullmatch(line, between.end()) if between and parted else None
    if first is None or second is None or (_whole(first) and _whole(second) and "," in line and ", " not in line):
        seen = shortened(text)
        raise malformed(
            f"「{seen}」不是坐标，应如 31.2304, 121.4737（纬度在前）",
            f"“{seen}” is no position, such as 31.2304, 121.4737",
        )
    places = [_angle(one, text) for one in (first, second)]
    named = [side for side, _ in places]
    if named[0] == named[1] and named[0]:
        raise malformed("两个数写的是同一个方向", "both numbers are of one direction")
    numbers = [number for _, number in places]
    if named[0] == _EAST or named[1] == _NORTH:
        numbers.reverse()
    return _value(numbers[0], numbers[1], _metres(int(accuracy[1])) if accuracy else None)


def _whole(match: re.Match[str]) -> bool:
    """Whether a number has neither decimals nor a sign of what it is: ``31,121`` may be one number."""
    return match[0].strip().isdigit()


def _angle(match: re.Match[str], text: str) -> tuple[str, Decimal]:
    """Return which direction a part names ("" for none) and its degrees."""
    sides = [one.lower() for one in (match["before"], match["after"]) if one]
    minutes, seconds = (Decimal(match[name] or 0) for name in ("minutes", "seconds"))
    if len(sides) > 1 or minutes >= 60 or seconds >= 60 or (match["minutes"] and "." in match["degrees"]):
        seen = shortened(text)
        raise malformed(f"「{seen}」不是有效的坐标", f"“{seen}” is no valid position")
    direction, factor = _SIDES[sides[0]] if sides else ("", 1)
    degrees = Decimal(match["degrees"]) + minutes / 60 + seconds / 3600
    return direction, degrees * factor * (-1 if match["sign"] == "-" else 1)


def _metres(number: int) -> int | None:
    return number if 0 < number <= MOST_METRES else None


def _parse(_field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if isinstance(value, str):
        return _read(value) if value.strip() else None
    if not isinstance(value, Mapping):
        raise wrong_type('位置：{"latitude": …, "longitude": …}', 'a position: {"latitude": …, "longitude": …}')
    if not {_NORTH, _EAST} <= set(value) or set(value) - {_NORTH, _EAST, "accuracy"}:
        raise malformed('应为 {"latitude": …, "longitude": …}', 'must be {"latitude": …, "longitude": …}')
    accuracy = value.get("accuracy")
    if accuracy is not None and (
        isinstance(accuracy, bool) or not isinstance(accuracy, int | float) or not 0 <= accuracy < 10**9
    ):
        raise wrong_type("精度（米）", "an accuracy in metres")
    north, east = json_number(value[_NORTH]), json_number(value[_EAST])
    return _value(north, east, None if accuracy is None else _metres(round(accuracy)))


def _parse_text(_field: Field, text: str, _locale: Locale) -> Value:
    return _read(text) if plain_ascii(text) else None


def parts_of(value: str) -> tuple[Decimal, Decimal, int | None]:
    """Return latitude, longitude and accuracy of a value."""
    where, _, metres = value.partition(" ±")
    north, _, east = where.partition(", ")
    return Decimal(north), Decimal(east), int(metres) if metres else None


def _split(value: Value) -> Sequence[Any]:
    if value is None:
        return None, None, None
    north, east, accuracy = parts_of(value)
    return north, east, accuracy or 0  # all columns are filled or none is


def _join(parts: Sequence[Any]) -> Value:
    north, east, accuracy = parts
    return None if north is None or east is None else _value(north, east, accuracy or None)


def _sql(parts: Sequence[Any]) -> Any:
    north, east = (sa.cast(one, sa.Text) for one in parts[:2])
    metres = sa.cast(sa.func.nullif(parts[2], 0), sa.Text)
    return north.concat(", ").concat(east).concat(sa.func.coalesce(sa.literal(" ±").concat(metres), ""))


def _dump(_field: Field, value: Value) -> object:
    north, east, accuracy = parts_of(value)
    return {_NORTH: float(north), _EAST: float(east), "accuracy": accuracy}


def _show(_field: Field, value: Value, locale: Locale) -> str:
    if value is None or not _KEPT.fullmatch(str(value)):
        return str(value or "")
    north, east, accuracy = parts_of(value)
    metres = "" if accuracy is None else f" ±{accuracy} {'米' if locale.language == 'zh' else 'm'}"
    return f"{text_of(north)}, {text_of(east)}{metres}"


def _edit(_field: Field, value: Value, _locale: Locale) -> str:
    if value is None:
        return ""
    north, east, accuracy = parts_of(value)
    return f"{text_of(north)}, {text_of(east)}" + ("" if accuracy is None else f" ±{accuracy}")


def _on_map(value: Value) -> str:
    if not _KEPT.fullmatch(str(value)):
        return ""
    north, east, _ = parts_of(value)
    return f"{text_of(east)},{text_of(north)}"


def _schema(_field: Field) -> dict[str, Any]:
    numbers = {name: {"type": "number", "minimum": -most, "maximum": most} for name, most in _LIMITS.items()}
    accuracy = {"type": ["integer", "null"], "minimum": 1, "maximum": MOST_METRES}
    return {
        "type": "object",
        "properties": {**numbers, "accuracy": accuracy},
        "required": [_NORTH, _EAST],
        "additionalProperties": False,
    }


def _input_schema(field: Field) -> dict[str, Any]:
    form = _schema(field)
    form["properties"] |= {name: {"type": ["number", "string"]} for name in _LIMITS}
    form["properties"]["accuracy"] = {"type": ["number", "null"], "minimum": 0}
    return {"oneOf": [{"type": "string", "maxLength": 100}, form]}


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    if definition.unique:
        faults.add("OPTION_VALUE", Text(zh="位置不能唯一", en="a position can't be unique"), definition.mark)
    check_default(KIND, definition, model, faults)


def _as_json(north: float, east: float, accuracy: int | None = None) -> object:
    return {_NORTH: north, _EAST: east, "accuracy": accuracy}


_SHANGHAI = _as_json(31.2304, 121.4737)

KIND = FieldKind(
    name="geo",
    label=Text(zh="位置", en="Position"),
    help=Text(zh="经纬度（WGS 84），手机上一点即得", en="Latitude and longitude (WGS 84), taken by the phone at a tap"),
    icon="current-location",
    value_type=lambda _definition, _model: TEXT,
    column=lambda _definition: sa.Numeric(9, DECIMALS),
    parse=_parse,
    parse_text=_parse_text,
    dump=_dump,
    show=_show,
    edit=_edit,
    json_schema=_schema,
    input_schema=_input_schema,
    operators=("near", "blank", "not_blank"),
    check=_check,
    parts=Parts(
        {"latitude": sa.Numeric(9, DECIMALS), "longitude": sa.Numeric(9, DECIMALS), "accuracy": sa.Integer()},
        _split,
        _join,
        _sql,
    ),
    examples=(
        Example(text="31.2304, 121.4737", value=_SHANGHAI, shown="31.2304, 121.4737"),
        Example(text="31.2304 121.4737", value=_SHANGHAI),
        Example(text="３１．２３０４，１２１．４７３７", value=_SHANGHAI),
        Example(text="(31.2304,121.4737)", value=_SHANGHAI),
        Example(text="geo:31.2304,121.4737", value=_SHANGHAI),
        Example(text="北纬31.2304 东经121.4737", value=_SHANGHAI),
        Example(text="东经121.4737，北纬31.2304", value=_SHANGHAI),
        Example(text="lng: 121.4737, lat: 31.2304", value=_SHANGHAI),
        Example(text="31°13′49″N 121°28′25″E", value=_as_json(31.230278, 121.473611)),
        Example(text="31度13分49秒, 121度28分25秒", value=_as_json(31.230278, 121.473611)),
        Example(text="33.8688 S, 151.2093 E", value=_as_json(-33.8688, 151.2093)),
        Example(text="31.2304, 121.4737 ±15", value=_as_json(31.2304, 121.4737, 15), shown="31.2304, 121.4737 ±15 米"),
        Example(json={"latitude": 31.2304, "longitude": 121.4737}, value=_SHANGHAI),
        Example(
            json={"latitude": "31.2304", "longitude": "121.4737", "accuracy": 12.4},
            value=_as_json(31.2304, 121.4737, 12),
        ),
        Example(json="", value=None),
        Example(text="121.4737, 31.2304", refused="SWAPPED"),
        Example(text="31.2304", refused="MALFORMED"),
        Example(text="31,121", refused="MALFORMED"),
        Example(text="31°75′00″N 121°28′25″E", refused="MALFORMED"),
        Example(text="31N 121N", refused="MALFORMED"),
        Example(text="91.5, 200", refused="TOO_BIG"),
        Example(text="外滩", refused="MALFORMED"),
        Example(json={"latitude": 31.2304}, refused="MALFORMED"),
        Example(json={"latitude": True, "longitude": 1}, refused="WRONG_TYPE"),
        Example(json=[31.2304, 121.4737], refused="WRONG_TYPE"),
    ),
    control="geo",
    sortable=False,
    address="https://uri.amap.com/marker?position={}&coordinate=wgs84",
    addressed=_on_map,
)
