"""Places on the earth: DISTANCE."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.expressions.fragments import of
from engine.expressions.functions.base import Example, Function, takes
from metamodel.expressions.types import NUMBER
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.expressions.fragments import Fragment
    from engine.expressions.sql import SqlMachine
    from metamodel.expressions.typed import Apply, Typed

METRES_ACROSS = 12_742_017.6  # the earth's mean diameter
_ANGLE = "-?[0-9]{1,3}([.][0-9]{1,12})?"
_POSITION = f"^{_ANGLE}, ?{_ANGLE}( ±[0-9]{{1,6}})?$"
_WRITTEN = re.compile(_POSITION)


def _degrees(place: str) -> tuple[float, float] | None:
    if _WRITTEN.search(place) is None or place.endswith("\n"):
        return None
    north, east = place.partition(" ±")[0].split(",")
    return math.radians(float(north)), math.radians(float(east))


def _distance(here: str, there: str) -> Decimal | None:
    a, b = _degrees(here), _degrees(there)
    if a is None or b is None:
        return None
    part = math.sin((b[0] - a[0]) / 2) ** 2 + math.cos(a[0]) * math.cos(b[0]) * math.sin((b[1] - a[1]) / 2) ** 2
    return Decimal(math.floor(METRES_ACROSS * math.asin(min(1.0, math.sqrt(part))) + 0.5)).scaleb(-3)


def _sql_distance(machine: SqlMachine, here: Fragment, there: Fragment) -> Fragment:
    q = machine.q

    def part_of(place: Fragment, number: int) -> Fragment:
        return q(f"radians(split_part(split_part({{}}, ' ±', 1), ',', {number})::float8)", place)

    def write(a: Fragment, b: Fragment) -> Fragment:
        north, south, east, west = part_of(a, 1), part_of(b, 1), part_of(a, 2), part_of(b, 2)
        part = q(
            "power(sin(({} - {}) / 2), 2) + cos({}) * cos({}) * power(sin(({} - {}) / 2), 2)",
            south, north, north, south, west, east,
        )  # fmt: skip
        metres = q(f"floor({METRES_ACROSS} * asin(least(1, sqrt({{}}))) + 0.5)::numeric * 0.001", part)
        return q(f"(CASE WHEN {{}} ~ '{_POSITION}' AND {{}} ~ '{_POSITION}' THEN {{}} END)", a, b, metres)

    return q.keep_all([here, there], write)


SPARE_METRES = 2.0  # a distance is rounded to the metre
SPARE_DEGREES = 0.00001
WHOLE_EARTH = (-90.0, 90.0, -180.0, 180.0)


def _box(here: str | None, most: Decimal | None) -> tuple[float, float, float, float] | None:
    """Return the southern, northern, western and eastern edge in degrees of what holds all within ``most`` kilometres of a position; the
    whole earth where that goes over a pole or the line of the date."""
    place = _degrees(here) if here else None
    if place is None or most is None:
        return None
    north, east = place
    reach = min((max(float(most), 0.0) * 1000 + SPARE_METRES) / (METRES_ACROSS / 2), math.pi)
    if abs(north) + reach >= math.pi / 2:
        return WHOLE_EARTH
    wide = math.asin(min(1.0, math.sin(reach) / math.cos(north)))
    if abs(east) + wide >= math.pi:
        return WHOLE_EARTH
    south, north, west, east = (math.degrees(edge) for edge in (north - reach, north + reach, east - wide, east + wide))
    return south - SPARE_DEGREES, north + SPARE_DEGREES, west - SPARE_DEGREES, east + SPARE_DEGREES


def _within(machine: SqlMachine, call: Apply, most: Typed) -> Fragment | None:
    """Return that a field of positions lies in the box around a known one: an index finds those few, their distance is measured then."""
    for place, other in (call.arguments, call.arguments[::-1]):
        columns = machine.parts(place)
        if len(columns) > 2 and machine.is_constant(other) and all(isinstance(c.type, sa.Numeric) for c in columns[:2]):
            edges = [of(machine.moment.bind_of((other, most), partial(_edge, at), columns[0].type)) for at in range(4)]
            north, east = of(columns[0]), of(columns[1])
            return machine.q("({} BETWEEN {} AND {} AND {} BETWEEN {} AND {})", north, *edges[:2], east, *edges[2:])
    return None


def _edge(at: int, here: str | None, most: Decimal | None) -> Decimal | None:
    box = _box(here, most)
    return None if box is None else Decimal(f"{box[at]:.6f}")


KINDS = (
    Function(
        name="DISTANCE",
        group="number",
        usage=("DISTANCE(position, position)",),
        signatures=(takes(NUMBER, "here:text", "there:text"),),
        help=Text(
            zh="两个位置之间的直线距离（公里，精确到米）；不是位置时为空。位置写作「纬度, 经度」。",
            en="Kilometres between two positions as the crow flies, to the metre; BLANK where one is none. A position is “latitude, longitude”.",
        ),
        examples=(
            Example('DISTANCE("31.2304, 121.4737", "39.9042, 116.4074")', Decimal("1067.312")),
            Example('DISTANCE("31.2304, 121.4737", "31.2304, 121.4737")', Decimal(0)),
            Example('DISTANCE("31.2304, 121.4737 ±15", "31.2404, 121.4737")', Decimal("1.112")),
            Example('DISTANCE("here", "31.2304, 121.4737")', None),
        ),
        python=_distance,
        sql=_sql_distance,
        js="t.distance",
        below=_within,
    ),
)
