"""The addresses of reports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.insight.saved import visible_reports
from engine.screens.area import Area, Way
from engine.screens.areas.reports import report
from engine.screens.responses import caller_of, get, html_answer
from engine.screens.site import visit

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response

    from engine.context import Actor
    from engine.records.compile import Records
    from engine.records.rights import Rights
    from engine.screens.site import Site


def add(pages: Blueprint, site: Site) -> None:
    """Add the addresses to the blueprint."""

    @get(pages, "/reports")
    def show_reports() -> Response:
        return html_answer(visit(site, caller_of(), report.reports_page, reading=True))

    @get(pages, "/reports/<name>")
    def show_report(name: str) -> Response:
        return html_answer(visit(site, caller_of(), lambda one: report.report_page(one, name), reading=True))


def _seen(records: Records, rights: Rights, actor: Actor) -> bool:
    return bool(visible_reports(records, rights, actor))


AREA = Area("reports", add, Path(__file__).parent, (Way("/reports", "report-analytics", "reports", _seen),))
