"""Refusals: what a person or program asked for and may not have, said so that they can mend it. No HTTP here, though
``status`` is the HTTP status that the web floors answer with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_ADDRESS = 2**16  # bytes, path and query, as they are sent: a Chinese character counts nine


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
    lost race · 412 stale version · 414 an address that is too long · 422 bad values.
    """

    status: int
    code: str
    message: Text
    errors: tuple[FieldError, ...] = field(default=())

    def __post_init__(self) -> None:
        Exception.__init__(self, self.code, self.message.en)


def renamed(refusal: Refusal, names: Mapping[str, str]) -> Refusal:
    """Return a refusal whose errors stand at the names by which whoever asks knows the parts. ``names``: ours → theirs."""
    errors = tuple(replace(one, field=names.get(one.field, one.field)) for one in refusal.errors)
    return Refusal(refusal.status, refusal.code, refusal.message, errors)


def check_address(length: int) -> None:
    """Refuse an address of more bytes than are taken. Raises Refusal 414."""
    if length > LONGEST_ADDRESS:
        said = Text(
            zh=f"地址过长：最多 {LONGEST_ADDRESS // 1024} KB。请缩短筛选条件，或把它存成视图后用 view= 引用。",
            en=f"The address is too long: {LONGEST_ADDRESS // 1024} KB at most. Shorten the filter, or save it as a view and name that by view=.",
        )
        raise Refusal(414, "ADDRESS_TOO_LONG", said)
