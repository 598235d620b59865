"""Values of expressions in Python, what a record must offer to be read, and the moment of an evaluation. No rules of the language."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, TypeAlias
from zoneinfo import ZoneInfo

from metamodel.expressions.durations import Duration, format_duration, parse_duration
from metamodel.expressions.workdays import Calendar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Value: TypeAlias = str | Decimal | int | bool | date | datetime | Duration | tuple[str, ...] | None

__all__ = ["Calendar", "Duration", "Moment", "Reader", "Value", "format_duration", "parse_duration"]


class Reader(Protocol):
    """A record as expressions read it."""

    def get(self, path: tuple[str, ...]) -> Value:
        """Return the value at ``path``: a field, or on over links; None where it is blank or a link on the way is."""
        ...

    def rows(self, path: tuple[str, ...]) -> Iterable[Reader]:
        """Return the records on the other side, in the order of their ids (lines: as they stand)."""
        ...


def _no_records(_object: str, _paths: Sequence[tuple[str, ...]], _equal: Mapping[str, Value]) -> Iterable[Reader]:
    return ()


def _no_labels(_object: str, _field: str) -> Mapping[str, str]:
    return {}


class Register(Protocol):
    """What is kept by name outside of records, as SETTING, RECORDED and TARGET ask for it."""

    def setting(self, name: str) -> str | None:
        """Return the text of a setting; None where there is none of that name."""
        ...

    def recorded(self, name: str) -> Decimal | None:
        """Return the figure recorded last under a name, not later than the moment."""
        ...

    def target(self, name: str, period: str) -> Decimal | None:
        """Return what the viewer's figures are held against in a period ("": the present one)."""
        ...


class _Empty:
    """A register that knows nothing."""

    def setting(self, name: str) -> str | None:
        del name
        return None

    def recorded(self, name: str) -> Decimal | None:
        del name
        return None

    def target(self, name: str, period: str) -> Decimal | None:
        del name, period
        return None


@dataclass(frozen=True, slots=True)
class Moment:
    """What an evaluation takes from outside the record.

    ``now`` is aware (UTC); ``home`` the organisation's zone; ``me`` reads the viewer's user record (``get(("id",))`` its id; None: the
    system); ``labels(object, field)`` gives the labels of a choice's names in the viewer's language. ``roots`` are the other roots of the
    scope that are known: user, group, old, a record named by ``as:`` … (engine.expressions.roots has readers for plain values). A root that
    is not among them is asked of the record's reader, with its whole path. ``look_up(object, paths, equal)`` gives PICK the records of
    an object in order of their ids, with ``paths`` read, those at most whose fields equal what ``equal`` says (None: blank).
    ``register`` knows settings, recorded figures and targets.
    """

    now: datetime
    home: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    me: Reader | None = None
    roles: frozenset[str] = frozenset()
    language: str = "zh"
    labels: Callable[[str, str], Mapping[str, str]] = _no_labels
    register: Register = field(default_factory=_Empty)
    calendar: Calendar = field(default_factory=Calendar)
    roots: Mapping[str, Reader] = field(default_factory=dict)
    look_up: Callable[[str, Sequence[tuple[str, ...]], Mapping[str, Value]], Iterable[Reader]] = _no_records

    def with_roots(self, **roots: Reader) -> Moment:
        """Return the same moment with roots of the scope made known: ``moment.with_roots(user=reader, group=Known({...}))``."""
        return replace(self, roots={**self.roots, **roots})

    @property
    def today(self) -> date:
        """Return the day that it is in the organisation's zone."""
        return self.now.astimezone(self.home).date()
