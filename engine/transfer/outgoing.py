"""How a value stands in an exported file: plainly, the same for stored and computed fields, whatever people see on screens. Which
columns and rows there are is export.py's."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Context as Precision
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.fields import results
from engine.fields.base import Reference
from engine.fields.boolean import SHOWN
from engine.fields.links import is_one_part
from engine.fields.moments import is_doubled
from engine.transfer.cells import guarded
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

    from engine.fields.base import Field, Locale, Value

BETWEEN = "; "  # several values in a cell
SHEET_DIGITS = 15  # significant digits that a spreadsheet keeps of a number
SHEET_BEGINS = date(1900, 3, 1)  # the days before are counted differently by different spreadsheets
DAY_FORMAT, MOMENT_FORMAT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"


def plain_text(field: Field, value: Value, locale: Locale) -> str:
    """Return a value for a CSV cell: ``2026-03-31``; ``2026-03-31 08:30:00`` in the viewer's zone; ``-1234.50``, ``12.5%``; links,
    choices and yes/no by their label."""
    if value is None:
        return ""
    if isinstance(value, Reference):
        return guarded(value.label)
    if field.associated:
        return guarded(BETWEEN.join(one.label if is_one_part(one.label) else f"#{one.id}" for one in value))
    if isinstance(value, bool):
        return SHOWN[value](locale.language)
    if _is_number(field, value):
        return _number_text(field, value, locale)
    if isinstance(value, datetime):
        return _moment_text(value, locale)
    if isinstance(value, date):
        return value.isoformat()
    return guarded(field.kind.show(field, value, locale) if field.choices else field.kind.edit(field, value, locale))


def sheet_value(sheet: WriteOnlyWorksheet, field: Field, value: Value, locale: Locale) -> WriteOnlyCell | None:
    """Return a value for a cell of a spreadsheet: numbers, days and moments as such, so that its sums and filters work; as text only
    what it would change (a stored number of more digits than it keeps, a day before March 1900, an hour that the clocks show twice)."""
    text = plain_text(field, value, locale)
    if not text:
        return None
    if _is_number(field, value):
        number = Decimal(value)
        if field.kind.computed:
            number = Precision(prec=SHEET_DIGITS).plus(
                number if text.endswith("%") else results.shown_number(field, number)
            )
        if len(number.as_tuple().digits) <= SHEET_DIGITS:
            return _formatted(sheet, number, _number_format(text))
    elif isinstance(value, datetime):
        local = value.astimezone(locale.zone).replace(microsecond=0, tzinfo=None)
        if local.date() >= SHEET_BEGINS and not is_doubled(value, locale.zone):
            return _formatted(sheet, local, MOMENT_FORMAT)
    elif isinstance(value, date) and value >= SHEET_BEGINS:
        return _formatted(sheet, value, DAY_FORMAT)
    return sheet_text(sheet, text)


def sheet_text(sheet: WriteOnlyWorksheet, text: str) -> WriteOnlyCell:
    """Return a cell that is text whatever it looks like: never a formula."""
    cell = _cell(sheet, text)
    cell.data_type = "s"
    return cell


def _cell(sheet: WriteOnlyWorksheet, value: object) -> WriteOnlyCell:
    from openpyxl.cell import WriteOnlyCell  # large, and rarely wanted

    return WriteOnlyCell(sheet, value)


def _formatted(sheet: WriteOnlyWorksheet, value: object, shown: str) -> WriteOnlyCell:
    cell = _cell(sheet, value)
    cell.number_format = shown
    return cell


def _is_number(field: Field, value: Value) -> bool:
    return isinstance(value, Decimal | int) and not isinstance(value, bool) and field.type.base is Base.NUMBER


def _number_text(field: Field, value: Decimal | int, locale: Locale) -> str:
    """Return plain notation with the decimals of the field's scale: no separators, no currency sign."""
    if not field.kind.computed:
        return field.kind.edit(field, value, locale)
    if results.format_of(field.definition) != "percent":
        return f"{results.shown_number(field, Decimal(value)):f}"
    hundredfold = Precision(prec=SHEET_DIGITS).multiply(Decimal(value), Decimal(100))
    return f"{results.rounded(hundredfold, field.options.get('scale', SHEET_DIGITS)):f}%"


def _number_format(text: str) -> str:
    """Return the spreadsheet's format that shows a number as it stands in a CSV file."""
    decimals = len(text.removesuffix("%").partition(".")[2])
    return ("0." + "0" * decimals if decimals else "0") + ("%" if text.endswith("%") else "")


def _moment_text(value: datetime, locale: Locale) -> str:
    """Return a moment to the second, with the offset only where the clocks show that time twice."""
    local = value.astimezone(locale.zone)
    text = local.replace(microsecond=0, tzinfo=None).isoformat(" ")
    return f"{text} {local:%z}" if is_doubled(value, locale.zone) else text
