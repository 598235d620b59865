"""Where customers are, what they are registered as, and where visits to them took place. No number here is anybody's: those of people
belong to no division, those of companies say that they are made up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stdnum.cn import ric, uscc

from engine.fields.divisions import begins_with

if TYPE_CHECKING:
    import random

    from tests.packs.sales_words import Rows

CENTRES = {
    "北京": (39.904, 116.407),
    "天津": (39.085, 117.201),
    "石家庄": (38.043, 114.515),
    "青岛": (36.067, 120.383),
    "济南": (36.651, 117.120),
    "太原": (37.871, 112.549),
    "上海": (31.230, 121.474),
    "苏州": (31.299, 120.585),
    "杭州": (30.274, 120.155),
    "南京": (32.060, 118.797),
    "宁波": (29.874, 121.550),
    "无锡": (31.491, 120.312),
    "合肥": (31.821, 117.227),
    "广州": (23.129, 113.264),
    "深圳": (22.543, 114.058),
    "东莞": (23.021, 113.752),
    "佛山": (23.022, 113.122),
    "厦门": (24.480, 118.089),
    "珠海": (22.271, 113.577),
}
AREAS = {
    "北京": "010", "天津": "022", "石家庄": "0311", "青岛": "0532", "济南": "0531", "太原": "0351", "上海": "021", "苏州": "0512", "杭州": "0571",
    "南京": "025", "宁波": "0574", "无锡": "0510", "合肥": "0551", "广州": "020", "深圳": "0755", "东莞": "0769", "佛山": "0757", "厦门": "0592", "珠海": "0756",
}  # fmt: skip
SEVEN = {"0351", "0592", "0756"}
STREETS = ("科技路", "人民中路", "创新大道", "工业三路", "滨江大道", "新华街", "软件园一路", "解放路")
NOWHERE = "999999"  # no division's code


def settle(dice: random.Random, customers: Rows) -> None:
    """Give the customers whose name begins with a city an address there and a number of registration."""
    for row in customers:
        city = _city(row)
        found = begins_with(f"{city}市") if city else None
        if found is None:
            continue
        district = dice.choice(found.division.children or (found.division,))
        number = f"91{district.code}MADEM{dice.randint(0, 9999):04d}"
        row["credit_code"] = number + uscc.calc_check_digit(number + "0")
        row["phone"] = _dialled(AREAS[city], str(row["phone"]))
        row["address"] = f"{district.title} {dice.choice(STREETS)}{dice.randint(1, 999)}号"


def _dialled(area: str, phone: str) -> str:
    """Return a number of an area; some have seven digits."""
    own = phone.partition("-")[2].replace("8000", "6000", 1)
    return f"{area}-8{own[:6]}" if area in SEVEN else f"{area}-{own}"


def identify(dice: random.Random, contacts: Rows) -> None:
    """Give every third main contact a number of identity."""
    for row in [one for one in contacts if one["main"] == "true"][::3]:
        born = f"{dice.randint(1968, 1998)}{dice.randint(1, 12):02d}{dice.randint(1, 28):02d}"
        number = f"{NOWHERE}{born}{dice.randint(1, 999):03d}"
        row["identity"] = number + ric.calc_check_digit(number + "0")


def check_in(dice: random.Random, activities: Rows, customers: Rows) -> None:
    """Say of visits where they took place: somewhere in the customer's city."""
    cities = {row["ref"]: _city(row) for row in customers}
    for row in activities:
        centre = CENTRES.get(cities.get(row["customer"], "")) if row["kind"] == "visit" else None
        if centre is not None:
            north, east = (one + dice.uniform(-0.04, 0.04) for one in centre)
            row["spot"] = f"{north:.5f}, {east:.5f} ±{dice.choice([8, 12, 15, 20, 35])}"


def _city(customer: dict[str, object]) -> str:
    return next((city for city in CENTRES if str(customer["name"]).startswith(city)), "")
