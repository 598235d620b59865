"""The list of reports, and the page of one: its chart, and the table that tells the same with every figure's records behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from engine.insight.compile import label_at
from engine.insight.saved import MOST_ROWS, answer_report, visible_reports
from engine.insight.widget import records_url
from engine.screens.html import Html
from engine.screens.texts import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.insight.asks import Bucket
    from engine.insight.reports import Reported
    from engine.insight.saved import Answered
    from engine.screens.site import Visit
    from metamodel.definitions.insight import MeasureDef, ReportDef

MOST_SERIES, MOST_STEPS = 10, 60  # that a chart can show

Key = tuple[str | int | None, ...]


def reports_page(visit: Visit) -> str:
    """Return the list."""
    language = visit.language
    groups: dict[str, list[dict[str, str]]] = {}
    for name, one in visible_reports(visit.records, visit.rights, visit.context.actor).items():
        compiled = visit.records.objects[one.object]
        entry = {"url": f"/reports/{name}", "label": one.label(language), "about": _about(visit, one)}
        groups.setdefault((compiled.definition.plural or compiled.definition.label)(language), []).append(entry)
    return visit.page("reports/list.html", here="/reports", groups=list(groups.items()))


def _about(visit: Visit, report: ReportDef) -> str:
    """Return what is said of a report: what its author says, else what it is split by."""
    if report.help:
        return report.help(visit.language)
    compiled = visit.records.objects[report.object]
    splits = [label_at(compiled, one.partition(":")[0], visit.language) for one in report.splits]
    return (
        say("reports_by", visit.language, splits=" × ".join(splits)) if splits else say("reports_whole", visit.language)
    )


def report_page(visit: Visit, name: str) -> str:
    """Return the page of a report. Raises Refusal 404 for what is none of the viewer's."""
    answered = answer_report(visit.context, name)
    report, language = answered.report, visit.language
    measures = list(report.measures.values())
    columns = _columns(answered)
    rows = [_row(visit, answered, columns, key, buckets) for key, buckets in _keys(answered.by_row, len(report.rows))]
    compiled = visit.records.objects[report.object]
    chart = _chart(visit, answered, columns)
    return visit.page(
        "reports/report.html",
        here="/reports",
        title=report.label(language),
        about=_about(visit, report),
        heads=[label_at(compiled, one.partition(":")[0], language) for one in report.rows],
        columns=[
            {"label": " · ".join(one.label for one in buckets) or say("reports_total", language), "span": len(measures)}
            for _, buckets in columns
        ],
        measures=[measure.label(language) for measure in measures],
        split=bool(report.columns),
        rows=rows,
        total=[
            *(
                one
                for column, _ in columns
                if report.columns
                for one in _figures(visit, measures, answered.by_column, column)
            ),
            *_figures(visit, measures, answered.whole, (), records_url(report.object, _own(report))),
        ],
        several=bool(report.splits),
        nothing=not answered.whole.groups or not rows,
        more=say("reports_more", language, count=MOST_ROWS) if answered.cells.more or answered.by_row.more else "",
        chart=report.chart if chart else "",
        script=Html(orjson.dumps(chart).decode().replace("<", "\\u003c")) if chart else "",
    )


def _own(report: ReportDef) -> tuple[str, ...]:
    return () if report.filter is None else (report.filter.text,)


def _key(buckets: Sequence[Bucket]) -> Key:
    return tuple(one.key for one in buckets)


def _keys(found: Reported, count: int, skip: int = 0) -> list[tuple[Key, tuple[Bucket, ...]]]:
    """Return the different beginnings (after ``skip``) of the groups' buckets, in their order."""
    seen: dict[Key, tuple[Bucket, ...]] = {}
    for group in found.groups:
        part = group.buckets[skip : skip + count]
        seen.setdefault(_key(part), part)
    return list(seen.items())


def _columns(answered: Answered) -> list[tuple[Key, tuple[Bucket, ...]]]:
    """Return the columns in the order of their values where they are of time, else as they come."""
    report = answered.report
    found = _keys(answered.cells, len(report.columns), len(report.rows))
    if any(":" in one for one in report.columns):
        found.sort(key=_by_value)
    return found


def _by_value(pair: tuple[Key, tuple[Bucket, ...]]) -> tuple[tuple[bool, str], ...]:
    """Return what steps of time are put in order by: their values, blanks last."""
    return tuple((one.value is None, str(one.value)) for one in pair[1])


def _figures(
    visit: Visit, measures: Sequence[MeasureDef], found: Reported, key: Key, url: str = ""
) -> list[dict[str, str]]:
    """Return the measures of a group, each with the address of its records."""
    group = next((one for one in found.groups if _key(one.buckets) == key), None)
    if group is None:
        return [{"shown": "–", "url": ""} for _ in measures]
    return [
        {"shown": found.units[one.name].show(group.values[one.name], visit.language), "url": url or group.url}
        for one in measures
    ]


def _row(
    visit: Visit,
    answered: Answered,
    columns: Sequence[tuple[Key, tuple[Bucket, ...]]],
    key: Key,
    buckets: Sequence[Bucket],
) -> dict[str, Any]:
    report = answered.report
    measures = list(report.measures.values())
    cells = [one for column, _ in columns for one in _figures(visit, measures, answered.cells, (*key, *column))]
    own = _figures(visit, measures, answered.by_row, key)
    return {
        "labels": [one.label for one in buckets],
        "cells": [*cells, *own] if report.columns else own,
    }


def _chart(
    visit: Visit, answered: Answered, columns: Sequence[tuple[Key, tuple[Bucket, ...]]]
) -> dict[str, Any] | None:
    """Return what the chart draws: the first measure, by rows, a series for each column; without columns a series for each measure that
    is a number of the same."""
    report, language = answered.report, visit.language
    measures, units = list(report.measures.values()), answered.cells.units
    axis = _keys(answered.by_row, len(report.rows))[:MOST_STEPS]
    if not report.chart or not report.rows or not axis:
        return None
    if any(":" in one for one in report.rows[:1]):
        axis.sort(key=_by_value)
    unit = units[measures[0].name]
    groups = {_key(one.buckets): one for one in answered.cells.groups}
    wanted: list[tuple[str, str, str, Key]] = (
        [
            (" · ".join(one.label for one in buckets), buckets[-1].color, measures[0].name, key)
            for key, buckets in columns
        ]
        if report.columns
        else [(one.label(language), "", one.name, ()) for one in measures if units[one.name] == unit]
    )
    series = []
    for label, color, measure, column in wanted[:MOST_SERIES]:
        found = [groups.get((*key, *column)) for key, _ in axis]
        values = [None if one is None else one.values[measure] for one in found]
        series.append(
            {
                "key": "",
                "label": label,
                "color": color,
                "values": [unit.json(value) for value in values],
                "shown": [unit.show(value, language) for value in values],
                "urls": ["" if one is None else one.url for one in found],
                "compared": False,
            }
        )
    by_row = {_key(one.buckets): one.url for one in answered.by_row.groups}
    steps = [
        {
            "key": str(key),
            "label": " · ".join(one.label for one in buckets),
            "color": buckets[0].color,
            "url": by_row.get(key, ""),
        }
        for key, buckets in axis
    ]
    return {
        "unit": {"kind": unit.kind, "symbol": unit.symbol, "label": unit.label(language)},
        "axis": steps,
        "series": series,
    }
