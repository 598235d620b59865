"""What metrics, dashboards and reports say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from metamodel.faults import Mark
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.definitions.common import Expression


@dataclass(frozen=True, slots=True)
class MetricDef:
    """An indicator: ``value`` aggregates ``rows`` of ``object``; ``at`` names the date or datetime field that puts a record into a period
    ("" : no period). ``unit``: "", percent, money, days or a label. ``better``: up or down. ``target``: name of what it is held against."""

    name: str
    label: Text
    object: str
    value: Expression
    at: str = ""
    unit: str | Text = ""
    filter: Expression | None = None
    better: str = "up"
    target: str = ""
    help: Text = field(default_factory=Text)
    pack: str = ""
    mark: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class WidgetDef:
    """A part of a dashboard. ``show`` names a widget kind, ``options`` what it takes, as the kind's schema says."""

    name: str
    show: str
    label: Text = field(default_factory=Text)
    options: Mapping[str, Any] = field(default_factory=dict)
    mark: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class DashboardDef:
    """A board. ``filters``: ``period`` or paths that every widget's object may have; ``refresh`` a duration as written; ``roles`` empty:
    for everybody who may see something on it."""

    name: str
    label: Text
    widgets: Mapping[str, WidgetDef]
    filters: tuple[str, ...] = ()
    refresh: str = ""
    roles: tuple[str, ...] = ()
    pack: str = ""
    mark: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class MeasureDef:
    """A figure of a report: ``value`` aggregates ``rows``. ``unit``: percent, money, days; "": what the value is found to be."""

    name: str
    label: Text
    value: Expression
    unit: str = ""
    mark: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class ReportDef:
    """A saved analysis of ``object``: its ``measures`` by ``rows`` and ``columns``, each a path, of a day or moment with its step behind a
    colon (``closed_at:month``). ``chart``: a kind of chart, "" for none. ``roles`` empty: for everybody who may see all that it is about."""

    name: str
    label: Text
    object: str
    measures: Mapping[str, MeasureDef]
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    filter: Expression | None = None
    chart: str = ""
    roles: tuple[str, ...] = ()
    help: Text = field(default_factory=Text)
    pack: str = ""
    mark: Mark = field(default=Mark(), compare=False)

    @property
    def splits(self) -> tuple[str, ...]:
        """Return rows and columns."""
        return (*self.rows, *self.columns)
