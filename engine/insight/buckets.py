"""What figures are split by, ready to be shown: keys with their labels, and the condition that a list of their records has. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.fields.literals import literal, quoted
from engine.insight.asks import Bucket
from engine.insight.periods import WEEKDAYS, bucket_label, end_of, key_of, steps_between
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.fields.base import Field
    from engine.insight.periods import Period
    from engine.records.measure import Split

MOST_STEPS = 400  # of a chart whose gaps are filled in
NONE = Text(zh="（空）", en="(none)")
Records: TypeAlias = "tuple[str, Mapping[int, str]]"
NO_RECORDS: Records = ("", MappingProxyType({}))
YES, NO = Text(zh="是", en="Yes"), Text(zh="否", en="No")


def span_condition(path: str, first: date, after: date) -> str:
    """Return the condition that a day or moment lies in a span of days."""
    return f'{path} >= "{first}" and {path} < "{after}"'


def key_bucket(path: str, field: Field | None, key: Any, language: str, records: Records = NO_RECORDS) -> Bucket:
    """Return the bucket of a value. ``records``: the object that a link leads to, with the labels of its records."""
    target, labels = records
    if key is None:
        return Bucket(None, NONE(language), f"ISBLANK({path})")
    if target:
        return Bucket(key, labels.get(key, f"#{key}"), f"{path} = {key}", key, target=target)
    if field is not None and field.choices:
        choice = field.choices.get(key)
        label = choice.label(language) if choice else str(key)
        # A name that is no choice any more is no literal of the choice either: it is compared as text.
        written = f"{path} = {quoted(key)}" if choice else f'{path} & "" = {quoted(key)}'
        return Bucket(key, label, written, key, color=choice.color if choice else "")
    if isinstance(key, bool):
        return Bucket(str(key).lower(), (YES if key else NO)(language), f"{path} = {str(key).upper()}", key)
    if isinstance(key, Decimal | int):
        shown = f"{Decimal(key).normalize():f}"
        given: Any = shown if field is None else field.kind.dump(field, key)  # as the record has it
        return Bucket(given, shown, f"{path} = {f'({shown})' if key < 0 else shown}", key)
    return Bucket(str(key), str(key), f"{path} = {literal(key)}", key)


def time_axis(
    split: Split, keys: Sequence[Any], period: Period | None, language: str, *, full: bool
) -> tuple[Bucket, ...]:
    """Return the buckets of a step, gaps filled in where ``full``; what is blank stands last."""
    known = [key for key in keys if key is not None]
    if split.step == "hour":
        wanted: list[Any] = list(range(min(known), max(known) + 1)) if full and known else known
        found = [Bucket(key, f"{key}:00", f"HOUR({split.path}) = {key}", key) for key in wanted]
    elif split.step == "weekday":
        wanted = list(range(1, 8)) if full else known
        found = [Bucket(key, WEEKDAYS[key - 1](language), f"WEEKDAY({split.path}, 2) = {key}", key) for key in wanted]
    else:
        wanted = _filled(split.step, known, period) if full else known
        years = len({key.year for key in wanted}) > 1
        found = [_step(split, key, language, whole=years) for key in wanted]
    blank = [Bucket(None, NONE(language), f"ISBLANK({split.path})")] if len(known) < len(keys) else []
    return (*found, *blank)


def _filled(unit: str, known: Sequence[date], period: Period | None) -> list[date]:
    """Return the beginnings of all steps of the period, or from the first to the last that there are."""
    if period is not None:
        first, after = period.first, period.after
    elif known:
        first, after = min(known), max(known) + timedelta(days=1)
    else:
        return []
    rough = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}[unit]
    if (after - first).days / rough > MOST_STEPS:
        return sorted(known)
    return list(steps_between(first, after, unit))


def _step(split: Split, first: date, language: str, *, whole: bool) -> Bucket:
    condition = span_condition(split.path, first, end_of(first, split.step))
    label = bucket_label(first, split.step, language, whole=whole and split.step in {"month", "week"})
    return Bucket(key_of(first, split.step), label, condition, first)
