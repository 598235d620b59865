"""The field type `address`: a place in China by its division, and the street. Value: str, the names from the province down, a space, the
street (``浙江省杭州市西湖区 文三路100号``), so that it prints, sorts and is searched as it is read, and an area is what it begins with.
Addresses abroad are one line without a division."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.fields import divisions
from engine.fields.base import Example, Field, FieldKind, Locale, Value, ValueFault
from engine.fields.bounds import check_default
from engine.fields.clean import malformed, plain_ascii, shortened, stored_line, wrong_type
from engine.fields.text import same_text
from metamodel.expressions.types import TEXT
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

LONGEST = 200
LEVELS = ("province", "city", "district")
KEYS = (*LEVELS, "street", "code")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_COUNTRY = re.compile("(?:中华人民共和国|中国)[ ,/]*")
_POSTCODE = re.compile(r"(?:邮编[: ]*)?[0-9]{6}(?![0-9])[ ,]*|[ ,]*\(?(?:邮编[: ]*)[0-9]{6}\)?$")
_BEGINNING = re.compile("[ ,，、/·|>-]+")
_NAMED = re.compile("[\u4e00-\u9fff]{2,12}?(?:区|县|市|旗)")


def _read(text: str) -> str | None:
    folded = plain_ascii(text)
    if stored_line(folded) is None:
        return None
    if not any(map(str.isalnum, folded)):
        raise malformed(f"「{shortened(text)}」不是地址", f"“{shortened(text)}” is no address")
    if not _CHINESE.search(folded):
        return _fitting(None, folded)  # abroad: nothing of it is a division
    line = _POSTCODE.sub("", _COUNTRY.sub("", _POSTCODE.sub("", folded, count=1), count=1))
    found = divisions.begins_with(line)
    if found is None:
        seen = shortened(text)
        raise malformed(
            f"「{seen}」没有以省、市或区县开头，请从省市写起，如 上海市浦东新区世纪大道100号",
            f"“{seen}” begins with no province, city or district: write it from the province down",
        )
    if found.rivals:
        _tell_rivals(text, found)
    street = _BEGINNING.sub("", line[found.end :], count=1) if _BEGINNING.match(line, found.end) else line[found.end :]
    _refuse_elsewhere(found.division, street)
    return _fitting(found.division, street)


def _tell_rivals(text: str, found: divisions.Found) -> None:
    seen, meant = shortened(text), [found.division.title, *(one.title for one in found.rivals)]
    raise malformed(
        f"「{seen}」可能指 {'、'.join(meant[:4])}，请写上省市",
        f"“{seen}” may mean {', '.join(meant[:4])}: write the province and the city",
    )


def _refuse_elsewhere(division: divisions.Division, street: str) -> None:
    """Refuse a street that begins with the name of a district of somewhere else: one of the two is wrong."""
    match = _NAMED.match(street)
    elsewhere = divisions.named(match[0]) if match and division.depth < 2 and division.children else ()
    if elsewhere and match:
        raise malformed(
            f"{division.title}没有「{match[0]}」，它属于 {elsewhere[0].names[-2]}",
            f"there is no “{match[0]}” in {division.title}, it belongs to {elsewhere[0].names[-2]}",
        )


def _fitting(division: divisions.Division | None, street: str) -> str:
    line = stored_line(" ".join(street.split())) or ""
    if len(line) > LONGEST:
        raise ValueFault(
            "TOO_LONG",
            Text(zh=f"街道地址最多 {LONGEST} 个字符", en=f"the street must have at most {LONGEST} characters"),
        )
    return f"{division.title} {line}".rstrip() if division else line


def split(value: str) -> tuple[divisions.Division | None, str]:
    """Return the division and the street of a value."""
    area, _, street = value.partition(" ")
    division = divisions.titled(area)
    return (None, value) if division is None else (division, street)


def levels(division: divisions.Division | None) -> dict[str, str | None]:
    """Return province, city and district of a division; a municipality is its own city."""
    found: dict[str, str | None] = dict.fromkeys(LEVELS)
    if division is not None:
        names = division.names if division.depth == len(division.names) - 1 else (division.names[0], *division.names)
        found |= zip(LEVELS, names, strict=False)
    return found


def _dump(_field: Field, value: Value) -> object:
    division, street = split(value)
    return levels(division) | {"street": street or None, "code": division.code if division else None}


def _parse(_field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if isinstance(value, str):
        return _read(value) if value.strip() else None
    if not isinstance(value, Mapping):
        raise wrong_type(
            '地址：{"province": …, "city": …, "district": …, "street": …}', "an address, as text or as its parts"
        )
    if not value or set(value) - set(KEYS) or not all(one is None or isinstance(one, str) for one in value.values()):
        said = "、".join(KEYS)
        raise malformed(f"地址的各部分是 {said}，都是文字", f"the parts of an address are {', '.join(KEYS)}, all text")
    given = {key: stored_line(plain_ascii(str(one))) for key, one in value.items() if one is not None}
    division = _named_division({key: one for key, one in given.items() if one})
    return _fitting(division, given.get("street") or "") or None


def _named_division(given: Mapping[str, str]) -> divisions.Division | None:
    """Return the division that parts name; the code alone will do, and where both are there they must agree."""
    names = [given[key] for key in LEVELS if key in given]
    title = "".join(dict.fromkeys(names))
    division = divisions.titled(title) if names else None
    if names and division is None:
        found = divisions.begins_with("/".join(names))
        division = found.division if found and found.end == len("/".join(names)) and not found.rivals else None
        if division is None:
            seen = shortened(" ".join(names))
            raise malformed(f"没有「{seen}」这个地区", f"there is no division “{seen}”")
    if "code" in given:
        coded = divisions.with_code(given["code"])
        if coded is None or (division is not None and coded is not division):
            seen = shortened(given["code"])
            raise malformed(
                f"行政区划代码「{seen}」不存在或与地区不符", f"the code “{seen}” is unknown or of another division"
            )
        division = coded
    return division


def _parse_text(_field: Field, text: str, _locale: Locale) -> Value:
    return _read(text) if plain_ascii(text) else None


def _show(_field: Field, value: Value, _locale: Locale) -> str:
    return "" if value is None else str(value)


def _schema(_field: Field) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {key: {"type": ["string", "null"]} for key in KEYS},
        "required": list(KEYS),
        "additionalProperties": False,
    }


def _input_schema(_field: Field) -> dict[str, Any]:
    parts = {
        "type": "object",
        "properties": {key: {"type": ["string", "null"]} for key in KEYS},
        "minProperties": 1,
        "additionalProperties": False,
    }
    return {"oneOf": [{"type": "string", "maxLength": LONGEST + 60}, parts]}


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    check_default(KIND, definition, model, faults)


def _as_json(
    province: str | None, city: str | None, district: str | None, street: str | None, code: str | None
) -> object:
    return dict(zip(KEYS, (province, city, district, street, code), strict=True))


_PUDONG = _as_json("上海市", "上海市", "浦东新区", "世纪大道100号", "310115")
_XIHU = _as_json("浙江省", "杭州市", "西湖区", "文三路100号", "330106")

KIND = FieldKind(
    name="address",
    label=Text(zh="地址", en="Address"),
    help=Text(
        zh="省、市、区县和街道门牌，可整段粘贴", en="Province, city, district and street; a whole address may be pasted"
    ),
    icon="map-pin",
    value_type=lambda _definition, _model: TEXT,
    column=lambda _definition: sa.Text(),
    parse=_parse,
    parse_text=_parse_text,
    dump=_dump,
    show=_show,
    edit=same_text,
    json_schema=_schema,
    input_schema=_input_schema,
    operators=("inside", "outside", "contains", "not_contains", "eq", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(text="上海市浦东新区世纪大道100号", value=_PUDONG, shown="上海市浦东新区 世纪大道100号"),
        Example(text="上海浦东新区世纪大道１００号", value=_PUDONG),
        Example(text="上海市市辖区浦东新区世纪大道100号", value=_PUDONG),
        Example(text="中国上海市上海市浦东新区，世纪大道100号", value=_PUDONG),
        Example(text="200120 上海/浦东/世纪大道100号", value=_PUDONG),
        Example(text="浙江省杭州市西湖区文三路100号", value=_XIHU, shown="浙江省杭州市西湖区 文三路100号"),
        Example(text="浙江杭州西湖区文三路100号", value=_XIHU),
        Example(text="杭州市 西湖区 文三路100号", value=_XIHU),
        Example(text="浙江省-杭州市-西湖区-文三路100号", value=_XIHU),
        Example(text="江苏省昆山市前进路8号", value=_as_json("江苏省", "苏州市", "昆山市", "前进路8号", "320583")),
        Example(text="湖北省仙桃市沔街1号", value=_as_json("湖北省", "仙桃市", None, "沔街1号", "429004")),
        Example(text="湖北省省直辖县级行政区划仙桃市", value=_as_json("湖北省", "仙桃市", None, None, "429004")),
        Example(text="广东省东莞市南城街道", value=_as_json("广东省", "东莞市", None, "南城街道", "441900")),
        Example(text="吉林长春市朝阳区", value=_as_json("吉林省", "长春市", "朝阳区", None, "220104")),
        Example(text="香港特别行政区中环", value=_as_json("香港特别行政区", None, None, "中环", "810000")),
        Example(
            text="1 Infinite Loop, Cupertino", value=_as_json(None, None, None, "1 Infinite Loop, Cupertino", None)
        ),
        Example(json={"province": "上海市", "district": "浦东新区", "street": "世纪大道100号"}, value=_PUDONG),
        Example(json={"code": "330106", "street": "文三路100号"}, value=_XIHU),
        Example(json={"province": "浙江", "city": "杭州", "district": "西湖", "street": "文三路100号"}, value=_XIHU),
        Example(json="", value=None),
        Example(text="世纪大道100号", refused="MALFORMED"),
        Example(text="朝阳区建国路1号", refused="MALFORMED"),
        Example(text="江苏省鼓楼区中山路1号", refused="MALFORMED"),
        Example(text="杭州市昌平区回龙观", refused="MALFORMED"),
        Example(text="吉林", refused="MALFORMED"),
        Example(json={"province": "上海市", "district": "西湖区"}, refused="MALFORMED"),
        Example(json={"province": "浙江省", "code": "310115"}, refused="MALFORMED"),
        Example(json={"town": "x"}, refused="MALFORMED"),
        Example(json=310115, refused="WRONG_TYPE"),
        Example(text="上海市浦东新区" + "路" * 201, refused="TOO_LONG"),
    ),
    control="address",
    searchable=True,
    widens_to=("text", "long_text"),
)
