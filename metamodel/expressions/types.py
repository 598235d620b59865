"""The types of expression values. A type is what the checker knows of a value before any record exists."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class Base(Enum):
    """The kinds of value that operators and functions distinguish."""

    TEXT = "text"
    NUMBER = "decimal"  # integer, decimal, money, percent: exact decimals all
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    DURATION = "duration"
    CHOICE = "choice"  # a name out of `names`; comparable with text literals that are among them
    LINK = "link"  # the id of a record of one of `objects`; paths go on from it
    ROWS = "rows"  # the records on the other side of links: only aggregates take them
    LIST = "list"  # several texts; several names out of `names`, where there are such: CONTAINS asks for one of them
    LINKS = "links"  # the records that a field of several links leads to: likewise
    BLANK = "blank"  # the literal BLANK: fits every type
    ANY = "any"  # json and the like: may be compared for blankness only


@dataclass(frozen=True, slots=True)
class Type:
    """A value's type. ``objects`` for LINK, LINKS and ROWS, ``names`` for CHOICE and LIST (None: unknown at check time).

    Refinements that don't make a type another type: ``digits`` of a NUMBER says that its values lie within
    ±10^digits (None: unknown, up to 24), so that SQL needs no overflow check; ``calendar`` of a DURATION says that it holds
    whole days only, so that a date plus it stays a date; ``order`` of ROWS is the rows' field that keeps the order people put them in
    ("": they stand as they were added).
    """

    base: Base
    objects: tuple[str, ...] = ()
    names: tuple[str, ...] | None = None
    digits: int | None = field(default=None, compare=False)
    calendar: bool = field(default=False, compare=False)
    order: str = field(default="", compare=False)


TEXT = Type(Base.TEXT)
NUMBER = Type(Base.NUMBER)
BOOLEAN = Type(Base.BOOLEAN)
DATE = Type(Base.DATE)
DATETIME = Type(Base.DATETIME)
DURATION = Type(Base.DURATION)
BLANK = Type(Base.BLANK)
ANY = Type(Base.ANY)
SEVERAL = frozenset({Base.ROWS, Base.LINKS})  # many records: what aggregates sum up
UNKNOWN = Type(Base.ANY, names=())  # of a name whose own definition is at fault: nothing more is said of what reads it


class Schema(Protocol):
    """What the checker asks of a definition set: the names that an object's records offer to expressions.

    Includes system fields (id, created_at …), stored and computed fields (LINK for links and users, LINKS for several of them), and ROWS for every
    reverse side of a link and for `lines` fields.
    """

    def members(self, object_name: str) -> Mapping[str, Type] | None:
        """Return the names an object's records offer, or None where there is no such object."""
        ...
