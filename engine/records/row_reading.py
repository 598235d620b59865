"""How a row of the database becomes a record again, as values or as the API's JSON, within the viewer's rights to each field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.fields.text import as_it_is
from engine.records.access import masked
from engine.records.rights import FieldRight, Right

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.fields.base import Field, Value

# name, place of the value in the row or how it is read out of it, how it is dumped (None: as it is), field, what a blank is in JSON
Step: TypeAlias = (
    "tuple[str, int, Callable[[Sequence[Any]], Value] | None, Callable[[Field, Value], object] | None, Field, object]"
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One field of the answer: its value is made from the row's columns by ``read``."""

    name: str
    field: Field
    read: Callable[[Sequence[Any]], Value]
    right: FieldRight
    place: int | None = None  # where the value itself is in a row


@dataclass(frozen=True, slots=True)
class Reading:
    """How the rows of one statement become records. ``roles``: role → where a row says whether it admits the record."""

    shown: tuple[Shown, ...]
    roles: Mapping[str, int]
    steps: tuple[Step, ...] | None = None  # the fast road to JSON, where all records have the same rights

    def record(self, row: Sequence[Any]) -> dict[str, Value]:
        """Return the record of a row of the database."""
        found: dict[str, Value] = {}
        for one in self.shown:
            right = one.right.least if not one.right.roles else self._right(one.right, row)
            if right >= Right.READ:
                found[one.name] = one.read(row)
            elif right is Right.MASKED:
                value = one.read(row)
                found[one.name] = None if value is None else masked(one.field, value)
        return found

    def json(self, row: Sequence[Any]) -> dict[str, Any]:
        """Return the record as the API gives it."""
        if self.steps is None:
            return self._json_by_role(row)
        found: dict[str, Any] = {}
        for name, place, read, dump, field, blank in self.steps:
            value = row[place] if read is None else read(row)
            found[name] = blank if value is None else value if dump is None else dump(field, value)
        return found

    def _json_by_role(self, row: Sequence[Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in self.shown:
            right = one.right.least if not one.right.roles else self._right(one.right, row)
            if right is Right.HIDDEN:
                continue
            value = one.read(row)
            if value is not None:
                value = one.field.kind.dump(one.field, value) if right >= Right.READ else masked(one.field, value)
            elif one.field.kind.many:
                value = ()
            found[one.name] = value
        return found

    def _right(self, right: FieldRight, row: Sequence[Any]) -> Right:
        return max((given for role, given in right.roles if row[self.roles[role]]), default=Right.HIDDEN)


def step_of(one: Shown) -> Step:
    """Return how a field becomes JSON; what is masked for everybody becomes the mask."""
    field = one.field
    if one.right.least is Right.MASKED:
        return one.name, 0, one.read, masked, field, None
    dump = None if field.kind.dump is as_it_is else field.kind.dump
    read = None if one.place is not None else one.read
    return one.name, one.place or 0, read, dump, field, () if field.kind.many else None
