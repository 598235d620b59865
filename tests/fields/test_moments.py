"""Moments in zones that change their clocks, and days in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fields.base import Locale, ValueFault
from engine.fields.moments import typed_date, typed_datetime
from tests.fields.support import CHINESE, ENGLISH, HOME, a_field

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


def test_a_naive_moment_is_read_in_the_organisations_zone_and_a_typed_one_in_the_viewers() -> None:
    field, abroad = a_field("datetime"), Locale("en", BERLIN, HOME)
    assert field.kind.parse(field, "2024-07-01T08:00:00", abroad) == datetime(2024, 7, 1, 0, 0, tzinfo=UTC)
    assert field.kind.parse_text(field, "2024-07-01 08:00", abroad) == datetime(2024, 7, 1, 6, 0, tzinfo=UTC)


def test_without_a_locale_a_moment_needs_its_offset() -> None:
    field = a_field("datetime")
    assert field.kind.parse(field, "2024-07-01T08:00:00Z") == datetime(2024, 7, 1, 8, 0, tzinfo=UTC)
    with pytest.raises(ValueFault):
        field.kind.parse(field, "2024-07-01T08:00:00")


@pytest.mark.parametrize("text", ["2024-03-10 02:30", "2024-11-03 01:30"])
def test_a_time_that_the_clocks_skip_or_show_twice_is_refused(text: str) -> None:
    with pytest.raises(ValueFault):
        typed_datetime(text, NEW_YORK)


def test_a_doubled_time_is_edited_with_its_offset() -> None:
    field, locale = a_field("datetime"), Locale("en", NEW_YORK, HOME)
    for hour in (5, 6):
        moment = datetime(2024, 11, 3, hour, 30, tzinfo=UTC)
        assert field.kind.parse_text(field, field.kind.edit(field, moment, locale), locale) == moment


@given(st.datetimes(datetime(1901, 1, 1), datetime(2200, 1, 1)), st.sampled_from([HOME, BERLIN, NEW_YORK]))  # noqa: DTZ001
def test_every_moment_survives_the_form(naive: datetime, zone: ZoneInfo) -> None:
    field, locale, moment = a_field("datetime"), Locale("zh", zone, HOME), naive.replace(tzinfo=UTC)
    assert field.kind.parse_text(field, field.kind.edit(field, moment, locale), locale) == moment


@given(st.dates(date(1000, 1, 1)))
def test_every_way_of_writing_a_day_gives_the_day(day: date) -> None:
    month = day.strftime("%b")
    for text in (
        f"{day.year}-{day.month}-{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}/{day.month:02}/{day.day:02}",
        f"{day:%Y%m%d}" if day.year < 3000 else str(day),
        f"{day.day} {month} {day.year}",
        f"{month} {day.day}, {day.year}",
    ):
        assert typed_date(text) == day


def test_days_and_moments_are_shown_in_the_viewers_language() -> None:
    day, moment = a_field("date"), a_field("datetime")
    assert day.kind.show(day, date(2024, 3, 5), ENGLISH) == "5 Mar 2024"
    assert moment.kind.show(moment, datetime(2024, 3, 5, 6, 30, tzinfo=UTC), CHINESE) == "2024-03-05 14:30"
    assert moment.kind.show(moment, datetime(2024, 3, 5, 6, 30, tzinfo=UTC), ENGLISH) == "5 Mar 2024 14:30"
