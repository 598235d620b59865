"""What a person does with an order: start it, have all rows looked at, stop it, let it go on, mend what is left, undo it, throw a draft away."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.refusals import Refusal
from engine.screens.areas.imports import columns, report, starting
from engine.screens.texts import TEXTS
from engine.storage.transfer_tables import import_job, import_row
from engine.transfer import orders
from engine.transfer.binding import bind, open_order
from engine.transfer.faults import faulty_rows
from engine.transfer.intake import target_of
from engine.transfer.jobs import Counts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.screens.site import Visit


def order_page(visit: Visit, number: int) -> str:
    """Return the page of an order, by what state it is in."""
    order = orders.read_order(visit.context, number)
    if order.state == orders.DRAFT:
        return columns.columns_page(visit, number, _said(order))
    return report.report_page(visit, order)


def _said(order: orders.Order) -> Refusal | None:
    message = order.refusal
    return Refusal(422, "BROKEN_OFF", message) if message else None


def _turn(visit: Visit, number: int, states: tuple[str, ...], state: str) -> str:
    order = orders.read_order(visit.context, number, lock=True)
    if not orders.turn(visit.context.connection, order.id, states, state):
        raise Refusal(409, "NOT_ALLOWED_NOW", TEXTS["imports_not_now"])
    return f"/imports/{number}"


def _bound(visit: Visit, number: int) -> orders.Order:
    """Return a draft that can go on as it is. Raises Refusal."""
    order = orders.read_order(visit.context, number, lock=True)
    target_of(visit.context, order.object)
    found = bind(visit.context, order, open_order(order, starting.store_of(visit).place))
    return replace(order, mapping=found.mapping)


def start(visit: Visit, number: int) -> str:
    """Have a worker bring the rows in."""
    order = _bound(visit, number)
    if order.settings.remember and order.settings.only is None:
        orders.remember_mapping(visit.context, order)
    orders.keep(visit.context.connection, replace(order, state=orders.QUEUED, done=0, error=None))
    visit.context.connection.execute(sa.delete(import_row).where(import_row.c.job_id == order.id))
    return f"/imports/{number}"


def check(visit: Visit, number: int) -> str:
    """Have a worker look at all rows."""
    order = _bound(visit, number)
    orders.keep(visit.context.connection, replace(order, state=orders.CHECKING, done=0, error=None))
    return f"/imports/{number}"


def stop(visit: Visit, number: int) -> str:
    """Stop: what is in stays in; a look ends without a result."""
    order = orders.read_order(visit.context, number, lock=True)
    if order.state == orders.CHECKING:
        return _turn(visit, number, (orders.CHECKING,), orders.DRAFT)
    return _turn(visit, number, (orders.QUEUED, orders.RUNNING), orders.STOPPED)


def again(visit: Visit, number: int) -> str:
    """Go on where it was."""
    return _turn(visit, number, (orders.STOPPED, orders.FAILED), orders.QUEUED)


def undo(visit: Visit, number: int) -> str:
    """Undo it as a whole."""
    order = orders.read_order(visit.context, number, lock=True)
    if order.settings.trial:
        raise Refusal(409, "NOT_ALLOWED_NOW", TEXTS["imports_not_now"])
    return _turn(visit, number, (orders.DONE, orders.STOPPED, orders.FAILED), orders.UNDOING)


def rest(visit: Visit, number: int) -> str:
    """Make a draft of the rows that did not come in, with the mapping and all that was mended."""
    order = orders.read_order(visit.context, number)
    rows = faulty_rows(visit.context.connection, order.id)
    if order.state not in {orders.DONE, orders.STOPPED, orders.FAILED, orders.UNDONE} or not rows:
        raise Refusal(409, "NOT_ALLOWED_NOW", TEXTS["imports_not_now"])
    settings = replace(order.settings, only=tuple(rows), total=len(rows), checked=None, trial=False)
    fresh = replace(order, id=0, state=orders.DRAFT, settings=settings, counts=Counts(), origin="page")
    found = orders.create_order(visit.context, fresh)
    return f"/imports/{found}/preview"


def discard(visit: Visit, number: int) -> str:
    """Throw a draft away; return its object."""
    order = orders.read_order(visit.context, number, lock=True)
    own = import_job.c
    gone = visit.context.connection.execute(
        sa.delete(import_job).where(own.id == order.id, own.state == orders.DRAFT)
    ).rowcount
    if not gone:
        raise Refusal(409, "NOT_ALLOWED_NOW", TEXTS["imports_not_now"])
    return order.object


ACTS: Mapping[str, Callable[[Visit, int], str]] = MappingProxyType(
    {"start": start, "check": check, "stop": stop, "again": again, "undo": undo, "rest": rest}
)
