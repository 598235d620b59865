"""The field type `phone`: one telephone number. Value: str, E.164 (``+8613800138000``), an extension after it (``+862161234567;ext=8``)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import phonenumbers
import sqlalchemy as sa
from phonenumbers import PhoneNumberFormat

from engine.fields.base import Example, Field, FieldKind, Locale, Value
from engine.fields.bounds import check_default
from engine.fields.clean import malformed, plain_ascii, shortened, wrong_type
from engine.fields.text import as_it_is
from metamodel.expressions.types import TEXT
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

COUNTRY, LONGEST = "CN", 40
_MOBILE = re.compile(r"(\d{3})(\d{4})(\d{4})\Z")
_EXTENSION = re.compile(r"\s*(?:转|分机|ext\.?|x|#)\s*(\d{1,8})\s*\Z", re.IGNORECASE)
# as office numbers are written: 021-61234567-8001
_BEHIND = re.compile(r"(\(?0[0-9]{2,3}\)?[- ]?[0-9]{7,8})-([0-9]{1,6})")
_STRAY = re.compile(r"[^\d+()\-–./ ]")


def _country(field: Field) -> str:
    return str(field.options.get("country", COUNTRY))


def _read(field: Field, text: str) -> str:
    line = plain_ascii(text).removeprefix("tel:")
    inner, behind = _EXTENSION.search(line), _BEHIND.fullmatch(line)
    number = line[: inner.start()] if inner else behind[1] if behind else line
    extension = inner[1] if inner else behind[2] if behind else ""
    if number.startswith("00"):
        number = "+" + number[2:]
    if len(re.findall(r"[0-9][0-9 -]{5,}[0-9]", line)) > 1:
        seen = shortened(text)
        raise malformed(f"「{seen}」里不止一个号码，这里只能填一个", f"“{seen}” holds several numbers: give one")
    if len(line) > LONGEST or _STRAY.search(number):
        raise _no_number(field, text)
    try:
        found = phonenumbers.parse(number, _country(field))
    except phonenumbers.NumberParseException:
        raise _no_number(field, text) from None
    if not phonenumbers.is_valid_number(found):
        raise _no_number(field, text)
    if _lacks_its_zero(found, number):
        seen = shortened(text)
        raise malformed(
            f"「{seen}」读不准：座机请写上以 0 开头的区号，国外号码以 + 和国家代码开头",
            f"“{seen}” can be read in two ways: write an area code with its 0, a number from abroad with + and the country's code",
        )
    written = phonenumbers.format_number(found, PhoneNumberFormat.E164)
    return f"{written};ext={extension}" if extension else written


def _lacks_its_zero(found: phonenumbers.PhoneNumber, number: str) -> bool:
    """Whether a number would be one of a Chinese line only if its area code were written without the 0: 415-555-2671 is somewhere else."""
    if found.country_code != 86 or number.lstrip("( ").startswith(("+", "0", "86")):
        return False
    return phonenumbers.number_type(found) == phonenumbers.PhoneNumberType.FIXED_LINE


def _no_number(field: Field, text: str) -> Exception:
    shown = shortened(text)
    like = "13800138000 或 021-61234567" if _country(field) == COUNTRY else "+8613800138000"
    english = like.replace("或", "or")
    return malformed(
        f"「{shown}」不是有效的电话号码，应如 {like}；国外号码以 + 和国家代码开头",
        f"“{shown}” is no telephone number, such as {english}; one from abroad begins with + and the country's code",
    )


def _parse(field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if not isinstance(value, str):
        raise wrong_type("电话号码（文字）", "a telephone number (text)")
    stored = re.fullmatch(r"(\+\d{3,17});ext=(\d{1,8})", value)
    return _read(field, f"{stored[1]} ext {stored[2]}" if stored else value) if value.strip() else None


def _parse_text(field: Field, text: str, _locale: Locale) -> Value:
    return _read(field, text) if plain_ascii(text) else None


def show_phone(field: Field, value: Value, locale: Locale) -> str:
    """Return the number in groups: at home as one dials it, from abroad with its country."""
    if value is None:
        return ""
    number, _, extension = str(value).partition(";ext=")
    try:
        found = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return str(value)
    home = phonenumbers.country_code_for_region(_country(field)) == found.country_code
    style = PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
    shown = phonenumbers.format_number(found, style)
    mobile = _MOBILE.match(shown.replace(" ", "")) if home and _country(field) == COUNTRY else None
    shown = " ".join(mobile.groups()) if mobile else shown
    return f"{shown} {'转' if locale.language == 'zh' else 'ext.'} {extension}" if extension else shown


def _schema(_field: Field) -> dict[str, Any]:
    return {"type": "string", "maxLength": LONGEST}


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    country = definition.options.get("country", COUNTRY)
    if country not in phonenumbers.SUPPORTED_REGIONS:
        message = Text(zh=f"没有代码为 {country} 的国家或地区", en=f"there is no country with the code {country}")
        faults.add("OPTION_VALUE", message, definition.mark)
        return
    check_default(KIND, definition, model, faults)


KIND = FieldKind(
    name="phone",
    label=Text(zh="电话", en="Phone"),
    help=Text(zh="手机或座机号码，点按即可拨打", en="A telephone number; a click dials it"),
    icon="phone",
    value_type=lambda _definition, _model: TEXT,
    column=lambda _definition: sa.Text(),
    parse=_parse,
    parse_text=_parse_text,
    dump=as_it_is,
    show=show_phone,
    edit=show_phone,
    options={
        "country": {
            "type": "string",
            "pattern": "^[A-Z]{2}$",
            "description": "the country of numbers written without one (CN)",
        }
    },
    json_schema=_schema,
    operators=("eq", "ne", "in", "contains", "ends", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(text="13800138000", value="+8613800138000", shown="138 0013 8000"),
        Example(text="１３８－００１３－８０００", value="+8613800138000"),
        Example(text="+86 138 0013 8000", value="+8613800138000"),
        Example(text="0086-13800138000", value="+8613800138000"),
        Example(text="021-61234567", value="+862161234567", shown="021 6123 4567"),
        Example(text="(010) 6552 9988 转 801", value="+861065529988;ext=801", shown="010 6552 9988 转 801"),
        Example(json="+1 650-253-0000", value="+16502530000", shown="+1 650-253-0000"),
        Example(json="400-810-8888", value="+864008108888"),
        Example(text="(650) 253-0000", options={"country": "US"}, value="+16502530000", shown="(650) 253-0000"),
        Example(json=" ", value=None),
        Example(text="1380013800", refused="MALFORMED"),
        Example(text="138001380000", refused="MALFORMED"),
        Example(text="12345", refused="MALFORMED"),
        Example(text="13800138000/13900139000", refused="MALFORMED"),
        Example(json="call me", refused="MALFORMED"),
        Example(json="1-800-FLOWERS", refused="MALFORMED"),
        Example(json=13800138000, refused="WRONG_TYPE"),
    ),
    control="phone",
    searchable=True,
    widens_to=("text", "long_text"),
    address="tel:{}",
)
