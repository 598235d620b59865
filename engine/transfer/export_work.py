"""A person's export being written: at once where it is small, else in a worker, within the rights that the person has at that moment."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.people.actors import load_profile
from engine.people.zones import zone_named
from engine.refusals import Refusal
from engine.transfer import export_orders
from engine.transfer.export import export_wanted
from engine.transfer.export_orders import DONE, FAILED, RUNNING
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.context import Context
    from engine.storage.ticks import Do
    from engine.transfer.export_orders import ExportOrder

    # Puts a written file into the store; answers its key there.
    Keep = Callable[[Path], str]

TELLING = 0.5  # seconds between two notes of how far it is
UNEXPECTED = Text(zh="导出意外中断，请重试。", en="The export broke off unexpectedly. Try again.")

log = logging.getLogger(__name__)


def write_at_once(context: Context, order: ExportOrder, keep: Keep) -> None:
    """Write an export in the transaction that ordered it. Raises Refusal."""
    export_orders.note_export(context.connection, order.id, DONE, **_write(context, order, keep, lambda _count: None))


def work_on(number: int, do: Do, keep: Keep) -> None:
    """Write an export that was ordered; what is refused is kept with it. Begun anew where a worker was killed at it."""
    order = do(lambda context: export_orders.find_export(context.connection, number))
    if order is None or not order.waits:
        return
    told = time.monotonic()

    def progress(count: int) -> None:
        nonlocal told
        if time.monotonic() - told > TELLING:
            told = time.monotonic()
            do(lambda context: _go_on(context, number, count))

    def write(context: Context) -> dict[str, Any]:
        context.connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        return _write(_as_person(context, order), order, keep, progress)

    try:
        written = do(write)
        # In a transaction of its own: in the snapshot of the writing one the order is not what it has become meanwhile.
        do(lambda context: export_orders.note_export(context.connection, number, DONE, **written))
    except Refusal as refusal:
        _give_up(order, do, refusal.code, refusal.message)
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated or isinstance(error, sa.exc.OperationalError):
            raise
        log.exception("export %s broke off", number)
        _give_up(order, do, "UNEXPECTED", UNEXPECTED)
    except Exception:
        log.exception("export %s broke off", number)
        _give_up(order, do, "UNEXPECTED", UNEXPECTED)


def _write(context: Context, order: ExportOrder, keep: Keep, progress: Callable[[int], None]) -> dict[str, Any]:
    """Write an export's file; return what is to be noted of it."""
    with TemporaryDirectory(prefix="tenon-export-") as folder:
        path = Path(folder) / f"export.{order.format}"
        count = export_wanted(context, order.wanted, path, progress)
        size = path.stat().st_size
        key = keep(path)
    return {"rows": count, "total": count, "stored": key, "size": size, "finished_at": context.now}


def _go_on(context: Context, number: int, count: int) -> None:
    """Note how far an export is. Raises Refusal 409 where whoever ordered it has stopped it."""
    export_orders.note_export(context.connection, number, RUNNING, rows=count)
    if not export_orders.is_wanted(context.connection, number):
        raise Refusal(409, export_orders.STOP, export_orders.STOPPED)


def _as_person(context: Context, order: ExportOrder) -> Context:
    profile = load_profile(context.connection, user_id=order.created_by)
    if profile is None or profile.frozen:
        raise Refusal(
            403, "FORBIDDEN", Text(zh="账号已停用，未导出。", en="The account is frozen: nothing was exported.")
        )
    return replace(
        context,
        actor=profile.actor,
        language=order.language,
        zone=zone_named(profile.zone) or context.zone,
        source="export",
        address=order.address,
        settings={"agent": order.agent},
    )


def _give_up(order: ExportOrder, do: Do, code: str, message: Text) -> None:
    error = {"code": code, "zh": message.zh, "en": message.en}
    do(lambda context: export_orders.note_export(context.connection, order.id, FAILED, error=error))
