"""Values of a record that were put away as JSON (history, snapshots of approvals), read again as the field's kind has them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from engine.fields.base import Field, Locale


def as_value(field: Field, value: Any, locale: Locale) -> Any:
    """Return a JSON value as the field's kind has it; a computed field, which reads no input, by the type of its result. Raises ValueFault
    or ValueError for one that the field no longer takes."""
    if not field.kind.computed:
        return field.kind.parse(field, value, locale)
    if field.type.base is Base.DATE:
        return date.fromisoformat(str(value))
    if field.type.base is Base.DATETIME:
        return datetime.fromisoformat(str(value))
    if field.type.base is Base.NUMBER:
        try:
            return Decimal(str(value))
        except InvalidOperation:
            return value
    return value
