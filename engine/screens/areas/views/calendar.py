"""A view as a calendar: the days of a month, a week or a day, on each the records whose date or moment falls on it in the viewer's zone.
Moving one to another time changes its field (cell.py): nothing is written here."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from babel.dates import get_day_names, get_month_names

from engine.fields.base import called
from engine.fields.date import show_day
from engine.records.query import read_page
from engine.refusals import Refusal
from engine.screens import html
from engine.screens.areas.views.span import DAY, DAYS, KINDS, MONTH, WEEK, read_span, span_of
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
    from engine.screens.areas.views.span import Span
    from engine.screens.lists import Asked
    from engine.screens.site import Visit
    from metamodel.definitions.objects import ViewDef

MOST = 500  # records of a month
ON_A_DAY = 4  # of a month, before the rest is folded
OPEN = range(8, 20)  # the hours of a day that are shown although nothing stands in them
BEGIN = "09:00"  # of what is begun on a day as a whole

Drawn = list[tuple[int, str]]  # of a day: the hour and the markup of each record


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a calendar shows: the view that is asked for, the field that places records, the days, and which day it is. ``clocked``: the
    field says the time too, so that a week and a day have hours."""

    asked: Asked
    view: ViewDef
    at: Field
    span: Span
    today: date

    @property
    def clocked(self) -> bool:
        """Whether records stand at a time of their day."""
        return self.at.type.base is Base.DATETIME


def calendar_page(visit: Visit, address: ListAddress, *, part: bool = False) -> str:
    """Return a calendar as a page, or its body alone (``part``) for a swap. Raises Refusal 404 where the view is none, or its field is not
    for the viewer."""
    asked = ask(visit, address)
    view = asked.view
    at = listable(visit, asked.compiled).get(view.at) if view is not None and view.kind == "calendar" else None
    if view is None or at is None:
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    today = visit.context.now.astimezone(visit.locale.zone).date()
    span = read_span(address.span, address.month, today)
    sheet = Sheet(asked, view, at, span, today)
    notes = list(asked.filters.notes)
    days: dict[date, Drawn] = {}
    try:
        days = _read(visit, sheet, notes)
    except Refusal as refusal:
        if refusal.status != 400:
            raise
        notes.append(refusal.message(visit.language))
    name = asked.compiled.name
    hours = _hours(days) if sheet.clocked and span.kind != MONTH else range(0)
    values = frame_of(visit, asked, notes) | {
        "choosable": "",
        "sorts": "",
        "weekdays": _weekdays(visit.language),
        "days": [_day(visit, sheet, day, days.get(day, []), hours) for day in span.days],
        "hours": [_clock(hour) for hour in hours],
        "span": span.kind,
        "spans": _spans(visit, sheet),
        "called": _called(visit.language, span),
        "earlier": address.url(month=str(span.beside(-1))),
        "later": address.url(month=str(span.beside(1))),
        **_ways(visit.language, span.kind),
        "now": address.url(month=""),
        "at": at.name,
        "movable": _is_movable(visit, asked, at),
        "keys": say("calendar_keys_hours" if hours else "calendar_keys", visit.language),
    }
    body = visit.part("views/calendar.html", **values)
    return body if part else visit.page("list.html", here=f"/o/{name}", body=Html(body), **values)


def _read(visit: Visit, sheet: Sheet, notes: list[str]) -> dict[date, Drawn]:
    """Return day → the records on it, in the order of their times."""
    asked, at = sheet.asked, sheet.at
    shown = [
        name for name in sheet.view.card if name != asked.compiled.title and find_field(visit, asked.compiled, name)
    ]
    fields = tuple(dict.fromkeys(("id", asked.compiled.title, at.name, *shown)))
    query = asked.query(fields=fields, sort=(at.name, "id"), limit=MOST)
    own = _within(visit, at, sheet.span)
    narrowed = f"({asked.filters.expression}) and {own}" if asked.filters.expression else own
    page = read_page(visit.context, replace(query, filter=narrowed))
    if page.next:
        notes.append(say("calendar_many", visit.language, count=MOST))
    rows = list(page.items)
    mark_locked(visit, asked.compiled, rows)
    draw = _drawer(visit, asked, at, shown)
    found: dict[date, Drawn] = {}
    for row in rows:
        value = row[at.name]
        local = value.astimezone(visit.locale.zone) if isinstance(value, datetime) else datetime.combine(value, time())
        found.setdefault(local.date(), []).append((local.hour, draw(row)))
    return found


def _within(visit: Visit, at: Field, span: Span) -> str:
    """Return the condition that a record falls on one of the days shown."""
    days = span.days
    first, beyond = days[0], days[-1] + timedelta(days=1)
    if at.type.base is Base.DATE:
        return f'{at.name} >= "{first}" and {at.name} < "{beyond}"'
    begin, end = (datetime.combine(day, time(), visit.locale.zone).isoformat() for day in (first, beyond))
    return f'{at.name} >= "{begin}" and {at.name} < "{end}"'


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


def _hours(days: dict[date, Drawn]) -> range:
    """Return the hours that a week or a day shows: those of work, and all between that something stands in."""
    found = [hour for drawn in days.values() for hour, _ in drawn]
    return range(min([*found, OPEN.start]), max([*found, OPEN.stop - 1]) + 1)


def _clock(hour: int) -> str:
    return f"{hour:02}:00"


def _day(visit: Visit, sheet: Sheet, day: date, drawn: Drawn, hours: range) -> dict[str, Any]:
    span = sheet.span
    room = ON_A_DAY if span.kind == MONTH else len(drawn)
    slots = [
        {"clock": _clock(hour), "events": _joined(drawn, hour), "new": _new(visit, sheet, day, _clock(hour))}
        for hour in hours
    ]
    return {
        "day": day.isoformat(),
        "number": day.day,
        "week": _weekdays(visit.language)[day.weekday()],
        "said": _said(day, visit.language),
        "url": "" if span.kind == DAY else sheet.asked.address.url(span=DAY, month=day.isoformat()),
        "other": span.kind == MONTH and day.month != span.first.month,
        "today": day == sheet.today,
        "slots": slots,
        "bare": not drawn,
        "events": Html("" if slots else "".join(one for _, one in drawn[:room])),
        "rest": Html("".join(one for _, one in drawn[room:])),
        "more": len(drawn) - room,
        "new": _new(visit, sheet, day, BEGIN if sheet.clocked else ""),
    }


def _joined(drawn: Drawn, hour: int) -> Html:
    return Html("".join(one for at, one in drawn if at == hour))


def _new(visit: Visit, sheet: Sheet, day: date, clock: str) -> str:
    """Return the address of a new record of that day and time, "" where the viewer makes none; saving it leads back here."""
    name = sheet.asked.compiled.name
    if not visit.rights.grants(name, "create"):
        return ""
    given = {sheet.at.name: f"{day} {clock}".strip(), "next": sheet.asked.address.url()}
    return f"/o/{name}/new?{urlencode(given)}"


def _spans(visit: Visit, sheet: Sheet) -> list[dict[str, Any]]:
    """Return the ways to look at it: by month, week and day."""
    anchor, address = sheet.span.anchor(sheet.today), sheet.asked.address
    return [
        {
            "label": say(f"calendar_{kind}", visit.language),
            "url": address.url(
                span="" if kind == MONTH else kind, month="" if anchor == sheet.today else str(span_of(kind, anchor))
            ),
            "here": kind == sheet.span.kind,
        }
        for kind in KINDS
    ]


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
    return [names[number] for number in range(DAYS)]


def _ways(language: str, kind: str) -> dict[str, str]:
    """Return what the ways to the span before and after are called."""
    if kind == MONTH:
        return {"earlier_said": say("calendar_earlier", language), "later_said": say("calendar_later", language)}
    return {
        "earlier_said": say(f"calendar_earlier_{kind}", language),
        "later_said": say(f"calendar_later_{kind}", language),
    }


def _called(language: str, span: Span) -> str:
    """Return what stands over a calendar: the month, the days of the week, the day."""
    if span.kind == DAY:
        return _said(span.first, language)
    if span.kind == WEEK:
        begin, end = (show_day(day, language) for day in (span.first, span.days[-1]))
        year = f" {span.first.year}" if language == "en" else f"{span.first.year}-"  # said once
        once = span.first.year == span.days[-1].year
        return say(
            "calendar_days",
            language,
            first=begin.removesuffix(year) if once else begin,
            last=end.removeprefix(year) if once else end,
        )
    first = span.first
    name = get_month_names("wide", locale=babel_locale(language))[first.month] if language == "en" else ""
    return say("calendar_called", language, year=first.year, month=name or first.month)
