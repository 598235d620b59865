"""The address of a list: everything a person has chosen (view, filters, search, sorting, columns) is in it, so that it can be kept,
sent and gone back to. ``?view=open&stage.in=won,lost&amount.ge=1000&q=acme&sort=-amount&columns=name,amount&group=close_on:month``. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable

SEPARATOR = ","
_PLAIN = frozenset(
    {
        "view",
        "saved",
        "q",
        "filter",
        "after",
        "edit",
        "sort",
        "columns",
        "bin",
        "group",
        "shut",
        "span",
        "month",
        "box",
        "all",
    }
)
LONGEST = 2000  # characters of a value in an address; more is nobody's choosing
LONGEST_FILTER = 4000  # as the reading door takes it


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter as it stands in the address: a field (or path), an operator's name, values as typed."""

    field: str
    operator: str
    values: tuple[str, ...] = ()


class Gap(NamedTuple):
    """An address with one part left out."""

    before: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class ListAddress:
    """A list's address, read. ``edit`` names the field whose filter is open for changing; ``filter`` is an expression that all records
    meet beside the conditions (where a number leads to the records behind it). ``group``: what the rows are grouped by, ``-`` for nothing
    although the view says something; ``shut``: the groups that are folded, by their keys; ``span``: how much a calendar shows, and ``month``: from when on;
    ``box``: the part of the earth that a map is of, south, west, north and east in degrees; ``everything``: that all are meant, where an
    address that says nothing would lead to fewer."""

    object: str
    view: str = ""
    saved: str = ""
    search: str = ""
    conditions: tuple[Condition, ...] = ()
    sort: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    after: str = ""
    edit: str = ""
    binned: bool = False
    filter: str = ""
    group: str = ""
    shut: tuple[str, ...] = ()
    span: str = ""
    month: str = ""
    box: str = ""
    everything: bool = False

    def url(self, **changes: Any) -> str:
        """Return the address with some of it changed; paging starts anew unless ``after`` is given."""
        query = replace(self, **({"after": "", "edit": ""} | changes)).query()
        return f"/o/{self.object}{'?' + query if query else ''}"

    def query(self) -> str:
        """Return the part after the question mark."""
        return _joined([*self._narrowing(), *_listed("sort", self.sort), *self._arranging(), *self._open()])

    def _narrowing(self) -> list[tuple[str, str]]:
        """Return what stands before the sorting: which records are meant."""
        said = (("view", self.view), ("saved", self.saved), ("q", self.search), ("filter", self.filter))
        return [
            *((name, value) for name, value in said if value),
            *((f"{one.field}.{one.operator}", SEPARATOR.join(map(quote, one.values))) for one in self.conditions),
        ]

    def _arranging(self) -> list[tuple[str, str]]:
        return [
            *_listed("columns", self.columns),
            *([("group", self.group)] if self.group else []),
            *([("shut", SEPARATOR.join(map(quote, self.shut)))] if self.shut else []),
            *([("span", self.span)] if self.span else []),
            *([("month", self.month)] if self.month else []),
            *([("box", self.box)] if self.box else []),
            *([("bin", "1")] if self.binned else []),
            *([("all", "1")] if self.everything else []),
        ]

    def _open(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in (("after", self.after), ("edit", self.edit)) if value]

    def sorting(self) -> Gap:
        """Return the address around another sorting: ``before + name + after`` is ``url(sort=(name,))``. A list offers two dozen."""
        before, after = _joined(self._narrowing()), _joined(self._arranging())
        return Gap(f"/o/{self.object}?{before}{'&' if before else ''}sort=", f"&{after}" if after else "")

    def grouping(self) -> Gap:
        """Return the address around another grouping, its groups all open."""
        kept = self.url(group="", shut=())
        return Gap(f"{kept}{'&' if '?' in kept else '?'}group=")

    def editing(self) -> Gap:
        """Return the address around the field whose filter is to be open: ``before + name`` is ``url(edit=name)``."""
        kept = self.url()
        return Gap(f"{kept}{'&' if '?' in kept else '?'}edit=")

    def choices(self) -> str:
        """Return what a saved view keeps of it: all but paging, what is open, and when a calendar was looked at."""
        return replace(self, after="", edit="", saved="", month="").query()

    def without(self, condition: Condition) -> str:
        """Return the address without one filter."""
        return self.url(conditions=tuple(one for one in self.conditions if one != condition))

    def with_condition(self, condition: Condition) -> str:
        """Return the address with a filter; it replaces another one on the same field."""
        kept = [one for one in self.conditions if one.field != condition.field]
        return self.url(conditions=(*kept, condition))


def _joined(pairs: list[tuple[str, str]]) -> str:
    return urlencode(pairs, safe=",:*") if pairs else ""


def _listed(name: str, values: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, SEPARATOR.join(values))] if values else []


def quote(value: str) -> str:
    """Return a value with the separator escaped."""
    return value.replace("\\", "\\\\").replace(SEPARATOR, "\\" + SEPARATOR)


def split(text: str) -> tuple[str, ...]:
    """Return the values of a joined text; a backslash keeps the separator in a value."""
    values, current, escaped = [], "", False
    for char in text:
        if escaped:
            current, escaped = current + char, False
        elif char == "\\":
            escaped = True
        elif char == SEPARATOR:
            values.append(current)
            current = ""
        else:
            current += char
    values.append(current)
    return tuple(value for value in values if value)


def read_address(object_name: str, pairs: Iterable[tuple[str, str]]) -> ListAddress:
    """Return the address that query parameters give. What is unknown in it is kept as a condition, for the list to complain of."""
    given: dict[str, str] = {}
    conditions: list[Condition] = []
    for key, raw in pairs:
        value = raw.replace("\0", "")
        if key in _PLAIN:
            given[key] = value if key == "after" else value.strip()[: LONGEST_FILTER if key == "filter" else LONGEST]
        elif "." in key:
            field, _, operator = key.rpartition(".")
            conditions.append(Condition(field, operator, split(value)))
    return ListAddress(
        object=object_name,
        view=given.get("view", ""),
        saved=given.get("saved", ""),
        search=given.get("q", ""),
        conditions=tuple(conditions),
        sort=_names(given.get("sort", "")),
        columns=_names(given.get("columns", "")),
        after=given.get("after", ""),
        edit=given.get("edit", ""),
        binned=bool(given.get("bin")),
        filter=given.get("filter", ""),
        group=given.get("group", ""),
        shut=split(given.get("shut", "")),
        span=given.get("span", ""),
        month=given.get("month", ""),
        box=given.get("box", ""),
        everything="all" in given,
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in text.split(SEPARATOR) if part))
