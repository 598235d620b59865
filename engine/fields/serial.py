"""The field type `serial`: a number the system draws (``Q-202403-0012``), counted anew each period. Value: str. Drawing is the
command's; here is what a format says: its period, its text, and the count inside a given text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.fields.base import Example, Field, FieldKind, Locale, Value
from engine.fields.clean import malformed, shortened, stored_line, typed, wrong_type
from engine.fields.text import as_it_is, same_text
from metamodel.expressions.types import TEXT
from metamodel.text import Text

if TYPE_CHECKING:
    from datetime import date

    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

LONGEST = 120
DEFAULT_FORMAT = "{000000}"
_PLACE = re.compile(r"\{([^{}]*)\}")
_DATES = {"yyyy": "[0-9]{4}", "yy": "[0-9]{2}", "mm": "[0-9]{2}", "dd": "[0-9]{2}"}
_FINEST = {"yyyy": "year", "yy": "year", "mm": "month", "dd": "day"}
PERIODS = ("never", "year", "month", "day")


def format_of(field: Field) -> str:
    """Return the field's format."""
    return str(field.options.get("format", DEFAULT_FORMAT))


def reset_of(field: Field) -> str:
    """Return when counting begins anew: as the option says, else with the finest date part of the format."""
    given = field.options.get("reset")
    if given:
        return str(given)
    finest = {_FINEST[place] for place in _PLACE.findall(format_of(field)) if place in _FINEST}
    return next((period for period in ("day", "month", "year") if period in finest), "never")


def serial_period(field: Field, day: date) -> str:
    """Return the key of the counter that serves ``day`` (of the organisation's zone): "" for one that never resets."""
    return {"never": "", "year": f"{day:%Y}", "month": f"{day:%Y-%m}", "day": f"{day:%Y-%m-%d}"}[reset_of(field)]


def serial_text(field: Field, count: int, day: date) -> str:
    """Return the number that ``count`` gives on ``day``; a count that outgrows its zeros is written in full."""
    parts = {"yyyy": f"{day.year:04}", "yy": f"{day.year % 100:02}", "mm": f"{day.month:02}", "dd": f"{day.day:02}"}
    return _PLACE.sub(lambda match: parts.get(match[1]) or str(count).zfill(len(match[1])), format_of(field))


def serial_count(field: Field, text: str) -> tuple[str, int] | None:
    """Return (period, count) that an imported number stands for, None where it does not follow the format. Counters are advanced
    by it, so that no number is drawn twice."""
    pieces, end, names = [], 0, []
    for match in _PLACE.finditer(format_of(field)):
        pieces.append(re.escape(format_of(field)[end : match.start()]))
        name = match[1] if match[1] in _DATES else "count"
        shape = _DATES.get(match[1], f"[0-9]{{{max(len(match[1]), 1)},18}}")
        pieces.append(f"(?P={name})" if name in names else f"(?P<{name}>{shape})")
        names.append(name)
        end = match.end()
    found = re.fullmatch("".join(pieces) + re.escape(format_of(field)[end:]), text)
    if found is None:
        return None
    parts = found.groupdict()
    year = parts.get("yyyy") or ("20" + parts["yy"] if parts.get("yy") else "")
    wanted = {
        "never": [],
        "year": [year],
        "month": [year, parts.get("mm")],
        "day": [year, parts.get("mm"), parts.get("dd")],
    }
    period = wanted[reset_of(field)]
    return ("-".join(str(part) for part in period), int(parts["count"])) if all(period) else None


def _parse(_field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if not isinstance(value, str):
        raise wrong_type("文字", "text")
    line = stored_line(value)
    if line is not None and len(line) > LONGEST:
        raise malformed(f"编号最多 {LONGEST} 个字符", f"a number has at most {LONGEST} characters")
    return line


def _parse_text(field: Field, text: str, locale: Locale) -> Value:
    return _parse(field, " ".join(typed(text).split()), locale)


def _check(definition: FieldDef, _model: Model, faults: Faults) -> None:
    if definition.default is not None:
        message = Text(
            zh="自动编号没有默认值：编号由系统生成", en="a serial takes no default: the system draws the number"
        )
        faults.add("DEFAULT_VALUE", message, definition.mark, hint=Text(zh="去掉 default", en="leave default out"))
    written = definition.options.get("format", DEFAULT_FORMAT)
    places = _PLACE.findall(written)
    unknown = [place for place in places if place not in _DATES and not re.fullmatch("0{1,18}", place)]
    for place in unknown:
        message = Text(
            zh=f"编号格式里没有 {{{shortened(place)}}}", en=f"a serial format knows no {{{shortened(place)}}}"
        )
        hint = Text(zh="可用 {yyyy} {yy} {mm} {dd} {0000}", en="use {yyyy} {yy} {mm} {dd} {0000}")
        faults.add("SERIAL_FORMAT", message, definition.mark, hint=hint)
    if not unknown and sum(place not in _DATES for place in places) != 1:
        message = Text(
            zh="编号格式需要且只能有一处计数，如 {0000}", en="a serial format needs exactly one counter, such as {0000}"
        )
        faults.add("SERIAL_FORMAT", message, definition.mark)
    needed = {"never": set(), "year": {"year"}, "month": {"year", "month"}, "day": {"year", "month", "day"}}
    given = {_FINEST[place] for place in places if place in _FINEST}
    if definition.options.get("reset") and not needed[definition.options["reset"]] <= given:
        message = Text(
            zh="按此周期重新计数会产生重复编号：格式里缺少日期部分",
            en="counting anew each period would repeat numbers: the format lacks the date",
        )
        faults.add("SERIAL_RESET", message, definition.mark)
    if not definition.options.get("reset") and given and not needed[_derived(given)] <= given:
        message = Text(
            zh="格式里的日期不完整，编号会重复", en="the date in the format is incomplete: numbers would repeat"
        )
        faults.add(
            "SERIAL_RESET",
            message,
            definition.mark,
            hint=Text(zh="加上 {yyyy}，或写 reset: never", en="add {yyyy}, or say reset: never"),
        )


def _derived(given: set[str]) -> str:
    return next(period for period in ("day", "month", "year") if period in given)


def _schema(_field: Field) -> dict[str, Any]:
    return {"type": "string", "maxLength": LONGEST, "readOnly": True}


KIND = FieldKind(
    name="serial",
    label=Text(zh="自动编号", en="Serial number"),
    help=Text(zh="保存时由系统生成的编号", en="A number that the system draws when the record is saved"),
    icon="hash",
    value_type=lambda _definition, _model: TEXT,
    column=lambda _definition: sa.Text(),
    parse=_parse,
    parse_text=_parse_text,
    dump=as_it_is,
    show=same_text,
    edit=same_text,
    options={
        "format": {"type": "string", "minLength": 1, "maxLength": 60, "description": "e.g. Q-{yyyy}{mm}-{0000}"},
        "reset": {
            "type": "string",
            "enum": list(PERIODS),
            "description": "when counting begins anew (as the format's date says)",
        },
    },
    json_schema=_schema,
    operators=("contains", "eq", "ne", "starts", "in", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(
            json="Q-202403-0012",
            options={"format": "Q-{yyyy}{mm}-{0000}"},
            value="Q-202403-0012",
            shown="Q-202403-0012",
        ),
        Example(text=" OLD 7 ", value="OLD 7"),
        Example(json="旧编号-1", value="旧编号-1"),
        Example(json=12, refused="WRONG_TYPE"),
        Example(json="a\x00", refused="MALFORMED"),
        Example(json="x" * 121, refused="MALFORMED"),
    ),
    control="serial",
    searchable=True,
    widens_to=("text",),
)
