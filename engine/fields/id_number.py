"""The field type `id_number`: a person's resident identity number or, with `kind: company`, an organisation's unified social credit code.
Value: str, the 18 characters, letters in capitals; the check digit holds. What is said of a wrong number never repeats it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.fields.base import Example, Field, FieldKind, Locale, Value, ValueFault
from engine.fields.bounds import check_default
from engine.fields.clean import malformed, plain_ascii, wrong_type
from engine.fields.text import as_it_is, same_text
from metamodel.expressions.types import TEXT
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

PERSON, COMPANY = "person", "company"
LENGTH, OPEN_HEAD, OPEN_TAIL = 18, 6, 4
_PATTERNS = {
    PERSON: "[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])[0-3][0-9][0-9]{3}[0-9X]",
    COMPANY: "[1-9A-HJ-NP-RTUWXY][0-9A-HJ-NP-RTUWXY][1-9][0-9]{5}[0-9A-HJ-NP-RTUWXY]{10}",
}
_BETWEEN = re.compile(r"[\s\-–.]+")
_LABEL = re.compile(r"(?:居民)?(?:身份证|证件|统一社会信用代码|信用代码|税号)(?:号码|号)?\s*[:：]?\s*", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{2}", re.IGNORECASE)


def _kind(field: Field) -> str:
    return str(field.options.get("kind", PERSON))


def _name(kind: str) -> Text:
    if kind == COMPANY:
        return Text(zh="统一社会信用代码", en="unified social credit code")
    return Text(zh="身份证号", en="identity number")


def _bad(kind: str, zh: str, en: str) -> ValueFault:
    name = _name(kind)
    return malformed(f"{name.zh}{zh}", f"the {name.en} {en}")


def _read(kind: str, text: str) -> str:
    folded = plain_ascii(text)
    if _SCIENTIFIC.fullmatch(folded):
        raise _bad(
            kind,
            "被表格软件变成了科学计数法，末尾几位已丢失，请把该列设为文本后重新填写",
            "was turned into a power of ten by a spreadsheet, its last digits are lost: make the column text and enter it again",
        )
    number = _BETWEEN.sub("", _LABEL.sub("", folded, count=1).lstrip("'")).upper().replace("×", "X")
    if kind == PERSON and len(number) == 15 and number.isdigit():
        raise _bad(kind, "是 15 位的旧号，请填写 18 位的新号", "has 15 digits, the old form: enter the one of 18")
    if len(number) != LENGTH:
        raise _bad(kind, f"应为 18 位，现有 {len(number)} 位", f"must have 18 characters, not {len(number)}")
    if re.fullmatch(_PATTERNS[kind], number) is None:
        raise _bad(kind, *_SHAPE[kind])
    if not _checks(kind, number):
        raise ValueFault(
            "CHECK_DIGIT",
            Text(
                zh=f"{_name(kind).zh}的校验码不对，请检查是否有一位写错",
                en=f"the check digit of the {_name(kind).en} is wrong: one character must be mistaken",
            ),
        )
    return number


_SHAPE = {
    PERSON: (
        "应为 17 位数字加一位数字或 X，第 7 至 14 位是出生日期",
        "is 17 digits and a digit or X, the 7th to the 14th being a date of birth",
    ),
    COMPANY: (
        "由数字和大写字母组成（不含 I、O、S、V、Z），第 3 至 8 位是行政区划代码",
        "is digits and capitals without I, O, S, V and Z, the 3rd to the 8th being the code of a division",
    ),
}


def _checks(kind: str, number: str) -> bool:
    """Whether check digit and, of a person, day of birth hold. Places are not asked for: no table of them is ever complete."""
    from stdnum.cn import ric, uscc  # eight megabytes, for whoever has such numbers
    from stdnum.exceptions import ValidationError

    if kind == PERSON:
        if ric.calc_check_digit(number) != number[-1]:
            return False
        try:
            ric.get_birth_date(number)
        except ValidationError:
            raise _bad(kind, *_SHAPE[kind]) from None
        return True
    return bool(uscc.calc_check_digit(number) == number[-1])


def _parse(field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if not isinstance(value, str):
        name = _name(_kind(field))
        raise wrong_type(f"{name.zh}（文字）", f"the {name.en} as text")
    return _read(_kind(field), value) if plain_ascii(value) else None


def _parse_text(field: Field, text: str, _locale: Locale) -> Value:
    return _read(_kind(field), text) if plain_ascii(text) else None


def _mask(_field: Field, value: Value) -> str:
    return f"{value[:OPEN_HEAD]}{'*' * (LENGTH - OPEN_HEAD - OPEN_TAIL)}{value[-OPEN_TAIL:]}"


def _schema(field: Field) -> dict[str, Any]:
    return {"type": "string", "minLength": LENGTH, "maxLength": LENGTH, "pattern": f"^{_PATTERNS[_kind(field)]}$"}


def _input_schema(_field: Field) -> dict[str, Any]:
    return {"type": "string", "maxLength": 60}


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    check_default(KIND, definition, model, faults)


_OF_COMPANY = {"kind": COMPANY}

KIND = FieldKind(
    name="id_number",
    label=Text(zh="证件号码", en="ID number"),
    help=Text(
        zh="居民身份证号，或单位的统一社会信用代码，校验码不对的不收",
        en="A resident's identity number or an organisation's credit code; a wrong check digit is refused",
    ),
    icon="id",
    value_type=lambda _definition, _model: TEXT,
    column=lambda _definition: sa.Text(),
    parse=_parse,
    parse_text=_parse_text,
    dump=as_it_is,
    show=same_text,
    edit=same_text,
    mask=_mask,
    options={
        "kind": {
            "type": "string",
            "enum": [PERSON, COMPANY],
            "description": "a person's identity number, or an organisation's credit code (person)",
        }
    },
    json_schema=_schema,
    input_schema=_input_schema,
    operators=("eq", "ne", "in", "starts", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(text="11010519491231002X", value="11010519491231002X", shown="11010519491231002X"),
        Example(text=" 110105 19491231 002x ", value="11010519491231002X"),
        Example(text="１１０１０５１９４９１２３１００２Ｘ", value="11010519491231002X"),
        Example(text="身份证号：11010519491231002x", value="11010519491231002X"),
        Example(text="'440524188001010014", value="440524188001010014"),
        Example(text="91110000600037341L", options=_OF_COMPANY, value="91110000600037341L"),
        Example(text="9111 0000 6000 3734 1l", options=_OF_COMPANY, value="91110000600037341L"),
        Example(json="", value=None),
        Example(text="110105194912310021", refused="CHECK_DIGIT"),
        Example(text="110105491231002", refused="MALFORMED"),
        Example(text="11010519491331002X", refused="MALFORMED"),
        Example(text="1.10105E+17", refused="MALFORMED"),
        Example(text="1101051949123100", refused="MALFORMED"),
        Example(text="护照 E12345678", refused="MALFORMED"),
        Example(text="91110000600037341M", options=_OF_COMPANY, refused="CHECK_DIGIT"),
        Example(text="91110000600037341O", options=_OF_COMPANY, refused="MALFORMED"),
        Example(text="11010519491231002X", options=_OF_COMPANY, refused="MALFORMED"),
        Example(json=11010519491231002, refused="WRONG_TYPE"),
    ),
    control="id_number",
    searchable=True,
    widens_to=("text", "long_text"),
)
