"""What is asked of metrics, processes and lists, and what is answered: plain data between widgets, the API and the doors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.insight.narrowing import Narrowing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from engine.insight.compile import Metric
    from engine.insight.periods import Period
    from engine.insight.units import Unit
    from engine.records.query import Page
    from engine.refusals import Refusal

PREVIOUS, YEAR_BEFORE = "previous_period", "same_period_last_year"
COMPARES = (PREVIOUS, YEAR_BEFORE, "previous_year")  # the last one is another name of the second


@dataclass(frozen=True, slots=True)
class MetricAsk:
    """A metric, in a period, split by up to two things: paths, or ``day`` … ``year``, ``hour``, ``weekday`` of its ``at``. ``top``: the
    largest ones only, 0 for all in the order of their keys. ``own``: conditions of a definition beside the metric's, ``filters`` of
    whoever asks. ``compare``: another period in place of the one that the narrowing says."""

    metric: str
    by: tuple[str, ...] = ()
    narrowing: Narrowing = field(default_factory=Narrowing)
    filters: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    top: int = 0
    compare: str = ""


@dataclass(frozen=True, slots=True)
class StaysAsk:
    """How records went through a process. ``metric`` says what those in each state are worth; ``amount``: the sum of the first amount of
    money that the object has."""

    process: str
    narrowing: Narrowing = field(default_factory=Narrowing)
    metric: str = ""
    amount: bool = False


@dataclass(frozen=True, slots=True)
class ListAsk:
    """The first records of a view."""

    object: str
    view: str
    narrowing: Narrowing = field(default_factory=Narrowing)
    limit: int = 10


@dataclass(frozen=True, slots=True)
class PlacesAsk:
    """The records of a view that have a position."""

    object: str
    view: str
    narrowing: Narrowing = field(default_factory=Narrowing)
    limit: int = 100


Ask = MetricAsk | StaysAsk | ListAsk | PlacesAsk


@dataclass(frozen=True, slots=True)
class Bucket:
    """One of the things that figures are split by. ``key``: as the API writes it, None for blank; ``value`` in Python; ``condition``:
    the expression that its records meet; ``color`` of a choice; ``target`` and ``value`` of a record."""

    key: str | int | None
    label: str
    condition: str
    value: Any = None
    color: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """A metric's figures. ``axes``: the buckets of each split; ``cells``: places in them → value. ``period`` is None where it does not
    apply; ``missing``: paths of the narrowing that the object has not; ``behind``: the conditions of all records in it."""

    metric: Metric
    period: Period | None
    axes: tuple[tuple[Bucket, ...], ...]
    cells: Mapping[tuple[int, ...], Decimal | None]
    behind: tuple[str, ...]
    missing: tuple[str, ...] = ()
    more: bool = False

    @property
    def value(self) -> Decimal | None:
        """Return the one figure of a metric that nothing splits."""
        return self.cells.get(())

    def conditions(self, *places: int) -> tuple[str, ...]:
        """Return the conditions of the records behind a cell, or behind a bucket of the first split."""
        return (*self.behind, *(axis[place].condition for axis, place in zip(self.axes, places, strict=False)))


@dataclass(frozen=True, slots=True)
class StateFigures:
    """What went through one state. ``entered``: records that came in the period; ``moved_on``: those of them that came further forward
    since; ``now``: records in it at present; ``left``: ended stays in the period, ``median`` and ``average`` how long they took, in days."""

    state: str
    now: int = 0
    entered: int = 0
    moved_on: int = 0
    left: int = 0
    median: Decimal | None = None
    average: Decimal | None = None


@dataclass(frozen=True, slots=True)
class StaysFigures:
    """The states of a process with what went through them. ``behind``: the conditions of all records that are looked at; ``worth``: state →
    what its records are worth, in ``unit``."""

    process: str
    states: tuple[StateFigures, ...]
    behind: tuple[str, ...]
    missing: tuple[str, ...] = ()
    period: Period | None = None
    worth: Mapping[str, Decimal | None] = field(default_factory=dict)
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class ListFigures:
    """The first records of a view, with how many there are, the columns for this viewer, and the address of all of them."""

    page: Page
    columns: tuple[str, ...]
    url: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """A record with its place, degrees north and east."""

    id: int
    label: str
    north: Decimal
    east: Decimal


@dataclass(frozen=True, slots=True)
class PlacesFigures:
    """The first records of a view that have a position, whether there are more, and the address of the view."""

    spots: tuple[Spot, ...]
    more: bool
    url: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unseen:
    """In place of figures: why there are none for this viewer."""

    refusal: Refusal


Answer = Figures | StaysFigures | ListFigures | PlacesFigures | Unseen
