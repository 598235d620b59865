"""Expressions after checking: names resolved, types known, sugar gone. What the three machines compile; nothing here can be wrong.

Nodes compare by identity and print shallowly, for the reason that ``tree.py`` gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Hashable

    from metamodel.expressions.types import Type

ALL = "*"  # where a path to rows begins with it, all records of the object that follows are meant
ConstantValue: TypeAlias = object


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Constant:
    """A known value: str, Decimal, bool, date, datetime (aware UTC), Duration, int (a link's id) or None."""

    value: ConstantValue
    type: Type


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Path:
    """A value read from a record. ``level`` counts how many aggregates out the record stands (0: the innermost). ``root``: the path
    begins with a root of the scope (me, user, a named record …), not with a name of the record."""

    path: tuple[str, ...]
    type: Type
    level: int = 0
    root: bool = False

    @property
    def rest(self) -> tuple[str, ...]:
        """Return what is read in the record that a root stands for: its id where the root itself is meant, () of a plain value."""
        return self.path[1:] or (("id",) if self.type.base is Base.LINK else ())


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Operation:
    """A built-in operation; its name is a key of every machine's table. Operands have exactly the types it wants."""

    name: str
    operands: tuple[Typed, ...]
    type: Type


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Case:
    """Branches tried in order; ``otherwise`` where no condition is TRUE. Branches not taken are not evaluated."""

    branches: tuple[tuple[Typed, Typed], ...]
    otherwise: Typed
    type: Type


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Apply:
    """A function of the registry. ``variant`` is the index of the signature that fits, ``extra`` what it found out when checking."""

    function: str
    arguments: tuple[Typed, ...]
    type: Type
    variant: int = 0
    extra: object = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Aggregate:
    """One value out of the records at ``path`` (seen from ``level`` aggregates out). ``value``, ``condition`` and ``order`` are read
    in the scope of each of them; ``separator`` is for JOIN. ``root`` as in Path. PICK is a FIRST
    or LAST over all records of an object: its path is ``(ALL, object)``, and ``reads`` says which paths it reads in each. ``standing``:
    ``order`` is the one that the rows stand in anyway, and need not be made where they are taken as they stand (a form)."""

    name: str
    path: tuple[str, ...]
    level: int
    value: Typed | None
    condition: Typed | None
    type: Type
    order: Typed | None = None
    separator: Typed | None = None
    root: bool = False
    reads: RowsRead | None = None
    standing: bool = False

    @property
    def picks(self) -> bool:
        """Whether its rows are all records of an object."""
        return self.path[0] == ALL


Typed: TypeAlias = Constant | Path | Operation | Case | Apply | Aggregate


@dataclass(frozen=True, slots=True)
class RowsRead:
    """An aggregate's reading: the records at ``path`` (of one of ``objects``) and the paths read in each of them."""

    path: tuple[str, ...]
    objects: tuple[str, ...]
    paths: tuple[tuple[str, ...], ...]
    rows: tuple[RowsRead, ...] = ()


@dataclass(frozen=True, slots=True)
class Depends:
    """What an expression's value hangs on.

    ``paths``: every path read in the record, roots included (``("old", "amount")``, ``("me", "department")``), without what aggregates read
    in their rows. ``needs``: a subset of ``{"old", "me", "now", "calendar", "language", "departments", "settings"}``. ``roots``: the roots of the scope
    that are read, by name. ``picks``: what PICK reads in all records of other objects.
    """

    paths: tuple[tuple[str, ...], ...] = ()
    rows: tuple[RowsRead, ...] = ()
    needs: frozenset[str] = frozenset()
    roots: frozenset[str] = frozenset()
    picks: tuple[RowsRead, ...] = ()

    @property
    def classes(self) -> frozenset[str]:
        """Return the classes beyond ``record``: a subset of ``{"time", "viewer"}``."""
        time = {"time"} if self.needs & {"now", "settings"} else set()
        viewer = {"viewer"} if self.needs & {"me", "language"} else set()
        return frozenset(time | viewer)

    @property
    def kind(self) -> str:
        """Return ``record``, ``time`` or ``viewer`` (which wins over time). Only ``record`` may be stored."""
        return "viewer" if "viewer" in self.classes else "time" if "time" in self.classes else "record"

    @property
    def stored(self) -> bool:
        """Whether the value is the same for every viewer at every time, so that it may be stored."""
        return not self.classes and "old" not in self.needs and not self.picks


@dataclass(frozen=True, slots=True)
class TypedExpression:
    """A checked expression. Equal and hashed by its text and the key of the scope it was checked in."""

    text: str
    scope_key: tuple[Hashable, ...]
    tree: Typed = field(compare=False)
    depends: Depends = field(compare=False)

    @property
    def type(self) -> Type:
        """Return the type of its value."""
        return self.tree.type
