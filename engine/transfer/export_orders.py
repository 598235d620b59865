"""People's exports as they order and see them. Only who ordered one sees it; its file is kept for some days. Writing it is export_work.py's."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.records.query import read_page
from engine.refusals import Refusal
from engine.storage.transfer_tables import export_job
from engine.transfer.export import Wanted, columns_of
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.context import Context

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
TYPES: Mapping[str, str] = MappingProxyType(
    {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
)
FORMATS = tuple(TYPES)
KEPT_DAYS = 7
AT_ONCE = 2_000  # records that are written while the person waits
STOP = "STOPPED"
STOPPED = Text(zh="已取消，没有生成文件。", en="Stopped: no file was written.")
NO_SUCH = Text(zh="没有这次导出，或文件已过期。", en="There is no such export, or its file has expired.")


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """An export that somebody ordered. ``stored``: the store's key of the file, when it is there."""

    id: int
    object: str
    format: str
    wanted: Wanted
    state: str
    rows: int
    total: int
    stored: str
    size: int
    error: dict[str, str] | None
    language: str
    address: str
    agent: str
    created_by: int
    created_at: datetime
    expires_at: datetime | None

    @property
    def progress(self) -> float:
        """How much of it is written, 0 to 1."""
        if self.state == DONE:
            return 1.0
        return min(self.rows / self.total, 1.0) if self.total else 0.0

    @property
    def waits(self) -> bool:
        """Whether it is still to be written, wholly or in part."""
        return self.state in {QUEUED, RUNNING}

    @property
    def stopped(self) -> bool:
        """Whether whoever ordered it has stopped it."""
        return self.error is not None and self.error["code"] == STOP

    @property
    def refusal(self) -> Text | None:
        """Return why it could not be written."""
        return Text(zh=self.error["zh"], en=self.error["en"]) if self.error else None


def order_export(context: Context, wanted: Wanted, form: str) -> ExportOrder:
    """Keep an order of the actor's. Raises Refusal 400, 403, 404, 422 for one that can't be."""
    if form not in FORMATS:
        shown = ", ".join(FORMATS)
        said = Text(zh=f"格式应为 {shown}", en=f"the format must be one of {shown}")
        raise Refusal(422, "UNKNOWN_FORMAT", said)
    fields = tuple(column.path for column in columns_of(context, wanted))
    total = read_page(context, wanted.query(fields=fields, sort=wanted.sort, limit=1, count=True)).count or 0
    values = {
        "object": wanted.object, "format": form, "request": asdict(wanted), "state": QUEUED, "total": total,
        "language": context.language, "address": context.address[:100], "agent": context.settings.get("agent", "")[:300],
        "created_by": context.actor.id, "created_at": context.now,
        "expires_at": context.now + timedelta(days=KEPT_DAYS),
    }  # fmt: skip
    number = context.connection.execute(sa.insert(export_job).values(values).returning(export_job.c.id)).scalar_one()
    return read_export(context, int(number))


def read_export(context: Context, number: int) -> ExportOrder:
    """Return an order of the actor's. Raises Refusal 404 for what is none of theirs, or has expired."""
    own = export_job.c
    row = context.connection.execute(
        sa.select(export_job).where(own.id == number, own.created_by == context.actor.id, own.expires_at > context.now)
    ).one_or_none()
    if row is None:
        raise Refusal(404, "NOT_FOUND", NO_SUCH)
    return _order(row)


def find_export(connection: Connection, number: int) -> ExportOrder | None:
    """Return an order whoever it is of: for the worker."""
    row = connection.execute(sa.select(export_job).where(export_job.c.id == number)).one_or_none()
    return None if row is None else _order(row)


def list_exports(context: Context, limit: int = 30) -> list[ExportOrder]:
    """Return the actor's latest exports that have not expired."""
    own = export_job.c
    statement = sa.select(export_job).where(own.created_by == context.actor.id, own.expires_at > context.now)
    return [_order(row) for row in context.connection.execute(statement.order_by(own.id.desc()).limit(limit))]


def note_export(connection: Connection, number: int, state: str, **values: Any) -> None:
    """Note how far an export is."""
    statement = sa.update(export_job).where(export_job.c.id == number, export_job.c.state.in_((QUEUED, RUNNING)))
    connection.execute(statement.values(state=state, **values))


def stop_export(context: Context, number: int) -> None:
    """Stop an export of the actor's that is not written yet; its worker gives it up soon after. Raises Refusal 404."""
    order = read_export(context, number)
    error = {"code": STOP, "zh": STOPPED.zh, "en": STOPPED.en}
    note_export(context.connection, order.id, FAILED, error=error, finished_at=context.now)


def is_wanted(connection: Connection, number: int) -> bool:
    """Whether an export is still to be written: nobody has stopped it."""
    own = export_job.c
    wanted = sa.exists().where(own.id == number, own.state.in_((QUEUED, RUNNING)))
    return connection.execute(sa.select(wanted)).scalar_one() is True


def next_waiting(connection: Connection) -> int | None:
    """Return the export that a worker should write next."""
    own = export_job.c
    found: int | None = connection.scalar(
        sa.select(own.id).where(own.state.in_((QUEUED, RUNNING))).order_by(own.id).limit(1)
    )
    return found


def held_keys(connection: Connection, keys: Sequence[str]) -> set[str]:
    """Return which of these keys of the store an export holds."""
    return set(connection.scalars(sa.select(export_job.c.stored).where(export_job.c.stored.in_(keys))))


def _order(row: sa.Row[Any]) -> ExportOrder:
    kept = dict(row.request)
    several = {name: tuple(kept[name]) for name in ("sort", "columns")}
    ids = None if kept["ids"] is None else tuple(kept["ids"])
    return ExportOrder(
        row.id, row.object, row.format, Wanted(**{**kept, **several, "ids": ids}), row.state, row.rows, row.total,
        row.stored, row.size, row.error, row.language, row.address, row.agent, row.created_by, row.created_at,
        row.expires_at,
    )  # fmt: skip
