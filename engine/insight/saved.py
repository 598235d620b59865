"""Reports that packs define: which of them a viewer may see, and what one of them comes to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.insight.narrowing import seen_field
from engine.insight.reports import Report, run_report
from engine.insight.units import Unit
from engine.records.compile import Records
from engine.records.filters import check_filter
from engine.records.measure_plan import measure_of
from engine.records.rights import everything, rights_of
from engine.refusals import Refusal
from metamodel.faults import near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.context import Actor, Context
    from engine.insight.reports import Reported
    from engine.records.rights import Rights
    from metamodel.definitions.insight import ReportDef

MOST_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Answered:
    """A report answered. ``cells``: by rows and columns; ``by_row`` and ``by_column``: by these alone; ``whole``: in all. Each is asked by
    itself: an average of averages is none."""

    report: ReportDef
    cells: Reported
    by_row: Reported
    by_column: Reported
    whole: Reported


def visible_reports(records: Records, rights: Rights, actor: Actor) -> Mapping[str, ReportDef]:
    """Return the reports of a viewer: those for one of their roles of which they may see all that is read."""
    key = ("reports", rights.roles, rights.full, actor.roles)
    return records.memory.get(
        key,
        lambda: {
            name: one
            for name, one in records.model.reports.items()
            if (not one.roles or everything(actor) or actor.roles & set(one.roles)) and _is_seen(rights, one)
        },
    )


def _is_seen(rights: Rights, report: ReportDef) -> bool:
    if not rights.grants(report.object, "read"):
        return False
    try:
        for measure in report.measures.values():
            measure_of(rights, report.object, measure.value.text, asked=True)
        if report.filter is not None:
            check_filter(rights, report.object, report.filter.text)
    except Refusal:
        return False
    return all(seen_field(rights, report.object, one.partition(":")[0]) is not None for one in report.splits)


def answer_report(context: Context, name: str) -> Answered:
    """Return what a report comes to for the viewer. Raises Refusal 404 for what is none of theirs."""
    records = context.runtime.part(Records)
    seen = visible_reports(records, rights_of(records, context.actor), context.actor)
    report = seen.get(name)
    if report is None:
        hint = near_miss(name, seen)
        said = Text(
            zh=f"没有报表 {name[:60]}，或您无权查看。{hint.zh}",
            en=f"There is no report {name[:60]} for you. {hint.en}".rstrip(),
        )
        raise Refusal(404, "UNKNOWN_REPORT", said)

    def ask(splits: tuple[str, ...]) -> Reported:
        measures = {one.name: one.value.text for one in report.measures.values()}
        condition = "" if report.filter is None else report.filter.text
        found = run_report(context, Report(report.object, splits, measures, condition, MOST_ROWS))
        said = {one.name: Unit(one.unit) for one in report.measures.values() if one.unit}
        return replace(found, units={**found.units, **said})

    cells = ask(report.splits)
    whole = ask(()) if report.splits else cells
    by_row = ask(report.rows) if report.columns else cells
    return Answered(report, cells, by_row, ask(report.columns) if report.rows and report.columns else whole, whole)
