"""How far an import is, what came of it, and the list of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import sqlalchemy as sa

from engine.screens.formats import ago
from engine.screens.html import Html
from engine.screens.texts import say
from engine.storage.transfer_tables import import_record
from engine.transfer import orders
from engine.transfer.faults import count_warnings, read_faults, read_warnings
from engine.transfer.report import issues_bytes
from engine.transfer.undoing import count_records, read_left

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.screens.site import Visit
    from engine.transfer.jobs import Issue
    from engine.transfer.orders import Order

SHOWN = 20
NAMED = 400  # records that an address names one by one; more are told by their range
TONES = {"done": "green", "failed": "red", "stopped": "orange", "running": "blue", "queued": "blue", "checking": "blue",
         "undoing": "orange", "undone": "", "draft": ""}  # fmt: skip


def shown_orders(visit: Visit, found: Iterable[Order]) -> list[dict[str, Any]]:
    """Return orders as lists of them show each."""
    objects, language = visit.records.objects, visit.language
    return [
        {
            "url": f"/imports/{order.id}",
            "file": order.file,
            "object": objects[order.object].definition.label(language) if order.object in objects else order.object,
            "state": say(f"imports_state_{order.state}", language),
            "tone": TONES[order.state],
            "when": Html(ago(order.created_at, visit.context.now, language, visit.locale.zone)),
            "counts": _tiles(order, language),
            "progress": round(order.progress * 100) if order.under_way else None,
        }
        for order in found
    ]


def _tiles(order: Order, language: str) -> list[tuple[str, str, str]]:
    counts = order.counts
    pairs = (
        ("created", counts.created),
        ("updated", counts.updated),
        ("skipped", counts.skipped),
        ("faulty", counts.failed),
    )
    return [(name, say(f"imports_{name}", language), f"{number:,}") for name, number in pairs]


def list_page(visit: Visit) -> str:
    """Return the list of one's own imports."""
    return visit.page(
        "imports/list.html", here="/imports", orders=shown_orders(visit, orders.list_orders(visit.context))
    )


def report_page(visit: Visit, order: Order) -> str:
    """Return the page of an order that is under way or has ended."""
    objects, language = visit.records.objects, visit.language
    definition = objects[order.object].definition if order.object in objects else None
    label = definition.label(language) if definition else order.object
    return visit.page(
        "imports/report.html",
        here=f"/o/{order.object}",
        label=label,
        plural=(definition.plural or definition.label)(language) if definition else label,
        object=order.object,
        body=Html(_part(visit, order)),
        order=order,
    )


def progress_part(visit: Visit, number: int) -> str:
    """Return the part of the page that changes while a worker is at it."""
    return _part(visit, orders.read_order(visit.context, number))


def _part(visit: Visit, order: Order) -> str:
    language, connection = visit.language, visit.context.connection
    records = count_records(visit.context, order.id)
    created = _created(visit, order)
    return visit.part(
        "imports/progress.html",
        base=f"/imports/{order.id}",
        order=order,
        object=order.object,
        draft=order.state == orders.DRAFT,
        state=say(f"imports_state_{order.state}", language),
        tone=TONES[order.state],
        percent=round((_undone(records) if order.state == orders.UNDOING else order.progress) * 100),
        tiles=_tiles(order, language),
        problem=order.refusal(language) if order.refusal else "",
        ended=order.state in {orders.DONE, orders.STOPPED, orders.FAILED, orders.UNDONE},
        stops=order.state in {orders.QUEUED, orders.RUNNING, orders.CHECKING},
        resumes=order.state in {orders.STOPPED, orders.FAILED},
        undoes=order.state in {orders.DONE, orders.STOPPED, orders.FAILED} and records["standing"] > 0,
        records=records,
        undone=_undone_said(records, language),
        created=f"{created:,}",
        updated=f"{records['standing'] - created:,}",
        faults=[_fault(one, language) for one in read_faults(connection, order.id, limit=SHOWN)],
        failed=_many(order.counts.failed),
        warnings=[_fault(one, language) for one in read_warnings(connection, order.id, limit=SHOWN)],
        warned=_many(count_warnings(connection, order.id)),
        left=[
            {"url": f"/o/{order.object}/{one.id}", "row": one.row, "reason": one.reason(language)}
            for one in read_left(visit.context, order.id, SHOWN)
        ],
        shown=SHOWN,
    )


def _undone(records: Mapping[str, int]) -> float:
    """Return how much of an undoing is done, 0 to 1."""
    return 1 - records["standing"] / max(sum(records.values()), 1)


def _undone_said(records: Mapping[str, int], language: str) -> str:
    done, left = (f"{records[name]:,}" for name in ("done", "left"))
    return say("imports_undone_said", language, done=done, left=left) if records["done"] or records["left"] else ""


def _many(count: int) -> str:
    """Return a number as it is read, "" for none."""
    return f"{count:,}" if count else ""


def _created(visit: Visit, order: Order) -> int:
    own = import_record.c
    asked = sa.select(sa.func.count()).where(own.job_id == order.id, own.undone == "", own.created)
    return visit.context.connection.scalar(asked) or 0


def _fault(issue: Issue, language: str) -> dict[str, Any]:
    return {"row": issue.row, "column": issue.column, "value": issue.value[:120], "message": issue.message(language)}


def error_file(visit: Visit, number: int) -> tuple[str, bytes]:
    """Return the error file's name, as an address has it, and its content."""
    order = orders.read_order(visit.context, number)
    body = issues_bytes(read_faults(visit.context.connection, order.id), visit.language)
    return quote(f"{order.file}.errors.csv", safe=""), body


def records_address(visit: Visit, number: int) -> str:
    """Return the address of the list of the records that an import wrote."""
    order = orders.read_order(visit.context, number)
    own = import_record.c
    asked = sa.select(own.record_id).where(own.job_id == order.id, own.undone != "done").order_by(own.record_id)
    ids = list(visit.context.connection.scalars(asked.limit(NAMED + 1)))
    if not ids:
        return f"/o/{order.object}"
    if len(ids) <= NAMED:
        text = f"id in ({', '.join(map(str, ids))})"
    else:
        last = visit.context.connection.scalar(sa.select(sa.func.max(own.record_id)).where(own.job_id == order.id))
        text = f"id >= {ids[0]} and id <= {last} and updated_by = me"
    return f"/o/{order.object}?{urlencode({'filter': text})}"
