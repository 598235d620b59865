"""A view as a calendar: the days of a month in whole weeks, on each the records whose date or moment falls on it in the viewer's zone.
Moving one to another day changes its field (cell.py): nothing is written here."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from babel.dates import get_day_names, get_month_names

from engine.fields.base import called
from engine.fields.date import show_day
from engine.records.query import read_page
from engine.refusals import Refusal
from engine.screens import html
from engine.screens.cells import LOCKED
from engine.screens.columns import editable_in_place, find_field, listable
from engine.screens.form_input import plain_json
from engine.screens.formats import babel_locale
from engine.screens.html import Html
from engine.screens.kanban_cards import card_parts
from engine.screens.lists import ask, frame_of
from engine.screens.locks import mark_locked
from engine.screens.texts import TEXTS, say
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.fields.base import Field
    from engine.records.query import Row
    from engine.screens.address import ListAddress
    from engine.screens.lists import Asked
    from engine.screens.site import Visit
    from metamodel.definitions.objects import ViewDef

MOST = 500  # records of a month
ON_A_DAY = 4  # before the rest is folded
WEEK = 7


@dataclass(frozen=True, slots=True)
class Month:
    """A month, and the whole weeks that it lies in, from Monday on."""

    first: date

    @property
    def begin(self) -> date:
        """Return the first day shown."""
        return self.first - timedelta(days=self.first.weekday())

    @property
    def days(self) -> list[date]:
        """Return the days shown."""
        last = self.beside(1).first - timedelta(days=1)
        weeks = (last - self.begin).days // WEEK + 1
        return [self.begin + timedelta(days=number) for number in range(weeks * WEEK)]

    def beside(self, months: int) -> Month:
        """Return the month before or after; the first and last of the calendar have no other beside them."""
        number = min(max(self.first.year * 12 + self.first.month - 1 + months, 12 * 1900), 12 * 9000)
        return Month(date(number // 12, number % 12 + 1, 1))

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a calendar shows: the view that is asked for, the field that places records, the month, and which day it is."""

    asked: Asked
    view: ViewDef
    at: Field
    month: Month
    today: date


def read_month(text: str, today: date) -> Month:
    """Return the month that an address names as ``2026-11``; that of today for anything else."""
    year, _, month = text.partition("-")
    if (
        len(text) == 7
        and year.isdecimal()
        and month.isdecimal()
        and 1900 <= int(year) <= 9000
        and 1 <= int(month) <= 12
    ):
        return Month(date(int(year), int(month), 1))
    return Month(today.replace(day=1))


def calendar_page(visit: Visit, address: ListAddress, *, part: bool = False) -> str:
    """Return a calendar as a page, or its body alone (``part``) for a swap. Raises Refusal 404 where the view is none, or its field is not
    for the viewer."""
    asked = ask(visit, address)
    view = asked.view
    at = listable(visit, asked.compiled).get(view.at) if view is not None and view.kind == "calendar" else None
    if view is None or at is None:
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    today = visit.context.now.astimezone(visit.locale.zone).date()
    month = read_month(address.month, today)
    sheet = Sheet(asked, view, at, month, today)
    notes = list(asked.filters.notes)
    days: dict[date, list[str]] = {}
    try:
        days = _read(visit, sheet, notes)
    except Refusal as refusal:
        if refusal.status != 400:
            raise
        notes.append(refusal.message(visit.language))
    name = asked.compiled.name
    values = frame_of(visit, asked, notes) | {
        "choosable": "",
        "sorts": "",
        "weekdays": _weekdays(visit.language),
        "days": [_day(visit, sheet, day, days.get(day, [])) for day in month.days],
        "month": _called(visit.language, month),
        "earlier": address.url(month=str(month.beside(-1))),
        "later": address.url(month=str(month.beside(1))),
        "now": address.url(month=""),
        "at": at.name,
        "movable": _is_movable(visit, asked, at),
    }
    body = visit.part("views/calendar.html", **values)
    return body if part else visit.page("list.html", here=f"/o/{name}", body=Html(body), **values)


def _read(visit: Visit, sheet: Sheet, notes: list[str]) -> dict[date, list[str]]:
    """Return day → the records on it, drawn, in the order of their times."""
    asked, at = sheet.asked, sheet.at
    shown = [
        name for name in sheet.view.card if name != asked.compiled.title and find_field(visit, asked.compiled, name)
    ]
    fields = tuple(dict.fromkeys(("id", asked.compiled.title, at.name, *shown)))
    query = asked.query(fields=fields, sort=(at.name, "id"), limit=MOST)
    own = _within(visit, at, sheet.month)
    narrowed = f"({asked.filters.expression}) and {own}" if asked.filters.expression else own
    page = read_page(visit.context, replace(query, filter=narrowed))
    if page.next:
        notes.append(say("calendar_many", visit.language, count=MOST))
    rows = list(page.items)
    mark_locked(visit, asked.compiled, rows)
    draw = _drawer(visit, asked, at, shown)
    found: dict[date, list[str]] = {}
    for row in rows:
        found.setdefault(_day_of(visit, row[at.name]), []).append(draw(row))
    return found


def _within(visit: Visit, at: Field, month: Month) -> str:
    """Return the condition that a record falls on one of the days shown."""
    first, beyond = month.days[0], month.days[-1] + timedelta(days=1)
    if at.type.base is Base.DATE:
        return f'{at.name} >= "{first}" and {at.name} < "{beyond}"'
    begin, end = (datetime.combine(day, time(), visit.locale.zone).isoformat() for day in (first, beyond))
    return f'{at.name} >= "{begin}" and {at.name} < "{end}"'


def _day_of(visit: Visit, value: date | datetime) -> date:
    return value.astimezone(visit.locale.zone).date() if isinstance(value, datetime) else value


def _drawer(visit: Visit, asked: Asked, at: Field, shown: Sequence[str]) -> Callable[[Row], str]:
    """Return what draws a record on its day: its time, its title, then what the view says of cards."""
    compiled, language = asked.compiled, visit.language
    untitled, base = say("no_label", language), f"/o/{compiled.name}/"
    parts = card_parts(visit, compiled, shown)

    def draw(row: Row) -> str:
        number, value, moment = row["id"], row.get(compiled.title), row[at.name]
        label = html.escaped(called(value)) or untitled
        clock = f"{moment.astimezone(visit.locale.zone):%H:%M}" if isinstance(moment, datetime) else ""
        said = "".join(
            f'<span class="{css}">{one}</span>' for name, _, css, drawn in parts if (one := drawn(row.get(name)))
        )
        lock = row.get(LOCKED, "")
        kept = html.escaped(json.dumps(plain_json(at, moment)))
        return (
            f'<li class="event{" locked" if lock else ""}" data-id="{number}" data-clock="{clock}" data-base="{kept}">'
            f'<a href="{base}{number}" draggable="false">{f"<time>{clock}</time> " if clock else ""}{label}</a>{lock}'
            f'{f"""<div class="event-said">{said}</div>""" if said else ""}</li>'
        )

    return draw


def _day(visit: Visit, sheet: Sheet, day: date, drawn: list[str]) -> dict[str, Any]:
    name = sheet.asked.compiled.name
    return {
        "day": day.isoformat(),
        "number": day.day,
        "said": _said(day, visit.language),
        "other": day.month != sheet.month.first.month,
        "today": day == sheet.today,
        "events": Html("".join(drawn[:ON_A_DAY])),
        "rest": Html("".join(drawn[ON_A_DAY:])),
        "more": len(drawn) - ON_A_DAY,
        "new": f"/o/{name}/new?{sheet.at.name}={day.isoformat()}" if visit.rights.grants(name, "create") else "",
    }


def _is_movable(visit: Visit, asked: Asked, at: Field) -> bool:
    name = asked.compiled.name
    return visit.rights.grants(name, "update") and editable_in_place(visit.rights, asked.compiled, at.name)


def _said(day: date, language: str) -> str:
    """Return a day in full: ``Thu, 26 Nov 2026``, ``2026-11-26 星期四``."""
    week, shown = _weekdays(language)[day.weekday()], show_day(day, language)
    return f"{week}, {shown}" if language == "en" else f"{shown} {week}"


def _weekdays(language: str) -> list[str]:
    """Return the days of a week, Monday first, as they stand over a column."""
    names = get_day_names("abbreviated" if language == "en" else "wide", locale=babel_locale(language))
    return [names[number] for number in range(WEEK)]


def _called(language: str, month: Month) -> str:
    name = get_month_names("wide", locale=babel_locale(language))[month.first.month] if language == "en" else ""
    return say("calendar_month", language, year=month.first.year, month=name or month.first.month)
