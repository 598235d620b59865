"""People's imports and exports as work that comes due: one import and one export at a time, beside the other jobs. What they do is
engine/transfer's; here they meet the store of files."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from engine.files.store import Store
from engine.storage.ticks import Tick
from engine.transfer import export_orders, export_work, orders
from engine.transfer.work import work_on

if TYPE_CHECKING:
    from datetime import datetime

    import sqlalchemy as sa

    from engine.config import Config
    from engine.storage.ticks import Do

TURN = 60.0  # seconds after which a worker lets go, so that it takes up a version published meanwhile


def make_ticks(config: Config) -> tuple[Tick, ...]:
    """Return the looks for imports and exports that were ordered. They go on beside a worker's other jobs, for they may take minutes."""
    store = Store(config.files_folder)

    def run_imports(do: Do) -> None:
        end = time.monotonic() + TURN
        while time.monotonic() < end and (waiting := do(lambda context: orders.waiting_orders(context.connection))):
            for number in waiting:
                work_on(number, do, store.place)

    def run_exports(do: Do) -> None:
        end = time.monotonic() + TURN
        while time.monotonic() < end:
            number = do(lambda context: export_orders.next_waiting(context.connection))
            if number is None:
                return
            export_work.work_on(number, do, store.put)

    return (
        Tick("imports", _imports_due, run_imports, often=True, leaves=True),
        Tick("exports", _exports_due, run_exports, often=True, leaves=True),
    )


def _imports_due(connection: sa.Connection, _now: datetime) -> bool:
    return bool(orders.waiting_orders(connection))


def _exports_due(connection: sa.Connection, _now: datetime) -> bool:
    return export_orders.next_waiting(connection) is not None
