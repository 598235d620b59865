"""Refusals: what a person or program asked for and may not have, said so that they can mend it. No HTTP here, though
``status`` is the HTTP status that the web floors answer with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metamodel.text import Text


@dataclass(frozen=True, slots=True)
class FieldError:
    """One bad value. ``field`` is the field's name or a path into lines (``lines.2.price``, rows from 0)."""

    field: str
    code: str
    message: Text
    row: int | None = None  # index of the record in a batch command; None for a command of one


@dataclass(eq=False)
class Refusal(Exception):
    """A command or query refused. Nothing was changed.

    ``status``: 400 malformed filter or sort · 403 not allowed · 404 not there for this viewer · 409 forbidden by state, lock or
    lost race · 412 stale version · 422 bad values.
    """

    status: int
    code: str
    message: Text
    errors: tuple[FieldError, ...] = field(default=())

    def __post_init__(self) -> None:
        Exception.__init__(self, self.code, self.message.en)
