"""How far an export is, its file, and the list of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.files.store import Store
from engine.refusals import Refusal
from engine.screens.formats import ago, show_moment
from engine.screens.html import Html
from engine.screens.texts import TEXTS, say
from engine.transfer import export_orders

if TYPE_CHECKING:
    from pathlib import Path

    from engine.screens.site import Visit
    from engine.transfer.export_orders import ExportOrder

TONES = {"done": "green", "failed": "red", "running": "blue", "queued": "blue"}
_STEPS = ((2**20, "MB"), (2**10, "KB"))


def list_page(visit: Visit) -> str:
    """Return the list of one's own exports."""
    found = [_shown(visit, one) for one in export_orders.list_exports(visit.context)]
    return visit.page("exports/list.html", here="/exports", orders=found)


def _shown(visit: Visit, order: ExportOrder) -> dict[str, Any]:
    objects, language = visit.records.objects, visit.language
    label = objects[order.object].definition.label(language) if order.object in objects else order.object
    done = order.state == export_orders.DONE
    rows = {"rows": f"{order.rows:,}", "total": f"{order.total:,}"}
    return {
        "url": f"/exports/{order.id}",
        "name": f"{label}.{order.format}",
        "label": label,
        "state": say("exports_state_stopped" if order.stopped else f"exports_state_{order.state}", language),
        "tone": "gray" if order.stopped else TONES[order.state],
        "when": Html(ago(order.created_at, visit.context.now, language, visit.locale.zone)),
        "rows": say("exports_done_rows" if done else "exports_rows", language, **rows),
        "size": _size(order.size) if done else "",
        "file": f"/exports/{order.id}/file" if done else "",
        "running": order.waits,
        "percent": round(order.progress * 100),
        "problem": order.refusal(language) if order.refusal and not order.stopped else "",
        "until": show_moment(order.expires_at, language, visit.locale.zone) if order.expires_at else "",
    }


def _size(size: int) -> str:
    for step, unit in _STEPS:
        if size >= step:
            return f"{size / step:.1f}".removesuffix(".0") + f" {unit}"
    return f"{size} B"


def export_page(visit: Visit, number: int) -> str:
    """Return the page of an export."""
    order = export_orders.read_export(visit.context, number)
    definition = visit.records.objects[order.object].definition if order.object in visit.records.objects else None
    plural = (definition.plural or definition.label)(visit.language) if definition else order.object
    return visit.page(
        "exports/one.html",
        here=f"/o/{order.object}",
        object=order.object,
        plural=plural,
        body=Html(visit.part("exports/progress.html", one=_shown(visit, order))),
    )


def progress_part(visit: Visit, number: int) -> str:
    """Return the part of the page that changes while a worker is at it."""
    order = export_orders.read_export(visit.context, number)
    return visit.part("exports/progress.html", one=_shown(visit, order))


def stop(visit: Visit, number: int) -> None:
    """Stop an export that is still being written. Raises Refusal 404 for none of one's own."""
    export_orders.stop_export(visit.context, number)


def content(visit: Visit, number: int) -> tuple[Path, str, str, str]:
    """Return where the file lies, what to call it, its format and its print. Raises Refusal 404 for none of one's own."""
    order = export_orders.read_export(visit.context, number)
    path = Store(visit.site.config.files_folder).place(order.stored) if order.stored else None
    if path is None or not path.is_file():
        raise Refusal(404, "NOT_FOUND", TEXTS["exports_gone"])
    shown = _shown(visit, order)
    local = order.created_at.astimezone(visit.locale.zone)
    return path, f"{shown['label']}-{local:%Y%m%d-%H%M}.{order.format}", order.format, order.stored
