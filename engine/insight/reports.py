"""Ad-hoc reports: measures of an object's records by rows and columns, as whoever asks says, within what they may see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.insight.buckets import key_bucket, time_axis
from engine.insight.narrowing import seen_field
from engine.insight.units import unit_named
from engine.insight.widget import records_url
from engine.records.compile import Records
from engine.records.filters import bad_query
from engine.records.measure import MOST_GROUPS, Measure, Split, labels_of, measure
from engine.records.measure_plan import demand_object, measure_of, split_of
from engine.records.rights import rights_of
from engine.records.units import unit_of
from engine.refusals import FieldError, Refusal
from metamodel.expressions.types import Base
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.context import Context
    from engine.insight.asks import Bucket
    from engine.insight.units import Unit
    from engine.records.rights import Rights

MOST_SPLITS, MOST_MEASURES = 4, 20


@dataclass(frozen=True, slots=True)
class Report:
    """What is asked. ``splits``: rows and columns, each a path, of a day or moment with its step behind a colon (``closed_at:month``);
    ``measures``: name → expression over ``rows``. ``sent``: what whoever asks calls each split (``rows[0]``), for what is wrong with it."""

    object: str
    splits: tuple[str, ...]
    measures: Mapping[str, str]
    filter: str = ""
    limit: int = 1000
    sent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """One group of the answer: its buckets, its values by the measures' names, the address of its records."""

    buckets: tuple[Bucket, ...]
    values: Mapping[str, Any]
    url: str


@dataclass(frozen=True, slots=True)
class Reported:
    """What is answered. ``units``: what each measure is a number of."""

    groups: list[Group] = field(default_factory=list)
    more: bool = False
    units: Mapping[str, Unit] = field(default_factory=dict)


def run_report(context: Context, asked: Report) -> Reported:
    """Return a report. Raises Refusal 400 for what is malformed or over fields that the viewer may not see, an error each, 403 for such an
    object."""
    records = context.runtime.part(Records)
    rights = rights_of(records, context.actor)
    demand_object(rights, asked.object)
    if not 1 <= len(asked.measures) <= MOST_MEASURES or len(asked.splits) > MOST_SPLITS:
        said = Text(
            zh=f"需要 1 到 {MOST_MEASURES} 个度量，最多 {MOST_SPLITS} 个分组。",
            en=f"A report takes 1 to {MOST_MEASURES} measures and at most {MOST_SPLITS} splits.",
        )
        raise bad_query("rows" if len(asked.splits) > MOST_SPLITS else "measures", "BAD_REPORT", said)
    units, splits = _read(records, rights, asked)
    filters = (asked.filter,) if asked.filter.strip() else ()
    limit = min(asked.limit, MOST_GROUPS)
    found = measure(
        context, Measure(asked.object, tuple(asked.measures.values()), splits, filters=filters, limit=limit)
    )
    axes = [
        _axis(context, asked.object, split, [keys[place] for keys, _ in found.groups], found.targets[place])
        for place, split in enumerate(splits)
    ]
    groups = []
    for keys, values in found.groups:
        buckets = tuple(axis[key] for axis, key in zip(axes, keys, strict=True))
        url = records_url(asked.object, (*filters, *(one.condition for one in buckets)))
        groups.append(Group(buckets, dict(zip(asked.measures, values, strict=True)), url))
    return Reported(groups, found.more, units)


def _read(records: Records, rights: Rights, asked: Report) -> tuple[dict[str, Unit], tuple[Split, ...]]:
    """Return the measures' units and the splits. Raises Refusal 400 with an error for each that can't be, under the name it was sent by."""
    shape, errors = records.shapes[asked.object], []
    units: dict[str, Unit] = {}
    splits: list[Split] = []
    for name, text in asked.measures.items():
        try:
            units[name] = unit_named(unit_of(shape, measure_of(rights, asked.object, text, asked=True).tree))
        except Refusal as refusal:
            errors.append(FieldError(f"measures.{name[:60]}", refusal.code, refusal.message))
    for place, said in enumerate(asked.splits):
        split = _split(rights, asked.object, said)
        try:
            split_of(rights, asked.object, split)
            splits.append(split)
        except Refusal as refusal:
            sent = asked.sent[place] if asked.sent else f"by[{place}]"
            errors.append(FieldError(sent, refusal.code, refusal.message))
    if errors:
        raise Refusal(400, errors[0].code, errors[0].message, tuple(errors))
    return units, tuple(splits)


def _split(rights: Rights, object_name: str, said: str) -> Split:
    path, _, step = said.partition(":")
    field = seen_field(rights, object_name, path)
    timed = field is not None and field.type.base in {Base.DATE, Base.DATETIME}
    return Split(path, step or ("day" if timed else ""))


def _axis(context: Context, object_name: str, split: Split, keys: list[Any], target: str) -> dict[Any, Bucket]:
    known = list(dict.fromkeys(keys))
    if split.step:
        ordered = sorted((key for key in known if key is not None), key=lambda key: key)
        axis = time_axis(split, [*ordered, *([None] if None in known else [])], None, context.language, full=False)
        return {one.value: one for one in axis}
    labels = labels_of(context, target, [key for key in known if key is not None]) if target else {}
    records = context.runtime.part(Records)
    field = seen_field(rights_of(records, context.actor), object_name, split.path)
    return {key: key_bucket(split.path, field, key, context.language, (target, labels)) for key in known}
