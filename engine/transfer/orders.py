"""People's imports as they order and see them: the draft with its mapping and mended cells, how far it is, what came of it. Only who ordered
one sees it. Running it is work.py's, its journal jobs.py's."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.refusals import Refusal
from engine.storage.transfer_tables import import_job, import_mapping
from engine.transfer.jobs import Counts
from engine.transfer.mapping import ImportMap, mapping_from_json
from engine.transfer.sources import Reading
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.context import Context

DRAFT, CHECKING, QUEUED, RUNNING = "draft", "checking", "queued", "running"
DONE, FAILED, STOPPED, UNDOING, UNDONE = "done", "failed", "stopped", "undoing", "undone"
UNDER_WAY = (QUEUED, RUNNING, CHECKING, UNDOING)
NO_SUCH = Text(zh="没有这次导入。", en="There is no such import.")


@dataclass(frozen=True, slots=True)
class Settings:
    """How an order's file is read and what people changed of it. ``total``: rows with anything in them. ``edits``: row → column → text;
    ``left_out``: rows that don't come in; ``only``: none but these. ``trial``: everything is looked at and nothing stays; ``hold``: likely duplicates
    stay out. ``checked``: what the
    last look at the whole file found (counts, and ``of``: a print of what was looked at)."""

    reading: Reading = field(default_factory=lambda: Reading(lenient=True))
    about: str = ""
    sheets: tuple[str, ...] = ()
    notes: tuple[Text, ...] = ()
    header: tuple[str, ...] = ()
    total: int = 0
    edits: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    left_out: tuple[int, ...] = ()
    only: tuple[int, ...] | None = None
    trial: bool = False
    remember: bool = True
    hold: bool = False
    language: str = "zh"
    checked: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the form that is kept."""
        return {**asdict(self), "notes": [[one.zh, one.en] for one in self.notes]}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Settings:
        """Return what ``to_json`` gave."""
        several = {name: tuple(kept[name]) for name in ("sheets", "header", "left_out")}
        notes = tuple(Text(zh=zh, en=en) for zh, en in kept["notes"])
        only = None if kept["only"] is None else tuple(kept["only"])
        return cls(**{**kept, **several, "reading": Reading(**kept["reading"]), "notes": notes, "only": only})

    def print_of(self, mapping: ImportMap, on_duplicate: str) -> str:
        """Return a print of all that decides what an import does, beside the file."""
        parts = (self.edits, self.left_out, self.only, self.reading, self.hold, mapping.to_json(), on_duplicate)
        return sha256(repr(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Order:
    """An import that somebody ordered. ``stored`` and ``sheet``: the store's keys of the file and of the sheet read out of it."""

    id: int
    object: str
    file: str
    digest: bytes
    state: str
    origin: str
    on_duplicate: str
    stored: str
    sheet: str
    size: int
    done: int
    counts: Counts
    settings: Settings
    mapping: ImportMap
    error: Mapping[str, str] | None
    created_by: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def under_way(self) -> bool:
        """Whether a worker is at it, or will be."""
        return self.state in UNDER_WAY

    @property
    def progress(self) -> float:
        """How much of it is done, 0 to 1."""
        if self.state in {DONE, UNDONE}:
            return 1.0
        return min(self.done / self.size, 1.0) if self.size else 0.0

    @property
    def refusal(self) -> Text | None:
        """Return why it could not go on."""
        return Text(zh=self.error["zh"], en=self.error["en"]) if self.error else None


def create_order(context: Context, order: Order) -> int:
    """Keep a new order of the actor's and return its number."""
    values = {
        "object": order.object, "file": order.file, "digest": order.digest, "mapping": order.mapping.to_json(),
        "on_duplicate": order.on_duplicate, "state": order.state, "rows": 1, "created_by": context.actor.id,
        "created_at": context.now, "origin": order.origin, "stored": order.stored, "sheet": order.sheet,
        "size": order.size, "settings": order.settings.to_json(),
    }  # fmt: skip
    statement = sa.insert(import_job).values(values).returning(import_job.c.id)
    return int(context.connection.execute(statement).scalar_one())


def read_order(context: Context, number: int, *, lock: bool = False) -> Order:
    """Return an order of the actor's. Raises Refusal 404 for what is none of theirs."""
    statement = sa.select(import_job).where(
        import_job.c.id == number, import_job.c.created_by == context.actor.id, import_job.c.origin != ""
    )
    row = context.connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise Refusal(404, "NOT_FOUND", NO_SUCH)
    return _order(row)


def find_order(connection: Connection, number: int) -> Order | None:
    """Return an order whoever it is of: for the worker."""
    row = connection.execute(sa.select(import_job).where(import_job.c.id == number)).one_or_none()
    return None if row is None else _order(row)


def list_orders(context: Context, object_name: str = "", limit: int = 30) -> list[Order]:
    """Return the actor's latest orders, of one object or of all."""
    conditions = [import_job.c.created_by == context.actor.id, import_job.c.origin != ""]
    if object_name:
        conditions.append(import_job.c.object == object_name)
    statement = sa.select(import_job).where(*conditions).order_by(import_job.c.id.desc()).limit(limit)
    return [_order(row) for row in context.connection.execute(statement)]


def _order(row: sa.Row[Any]) -> Order:
    counts = Counts(row.created, row.updated, row.skipped, row.failed)
    kept = row.mapping or {"key": [], "set": {}, "columns": {}}
    return Order(
        row.id, row.object, row.file, row.digest, row.state, row.origin, row.on_duplicate, row.stored, row.sheet,
        row.size, row.done, counts, Settings.from_json(row.settings), mapping_from_json(row.object, kept), row.error,
        row.created_by, row.created_at, row.started_at, row.finished_at,
    )  # fmt: skip


def keep(connection: Connection, order: Order, *, states: Sequence[str] = (DRAFT,)) -> None:
    """Write an order down as it is now. Raises Refusal 409 IMPORT_RUNNING where it is no longer in one of ``states``."""
    values = {
        "state": order.state, "on_duplicate": order.on_duplicate, "mapping": order.mapping.to_json(),
        "settings": order.settings.to_json(), "size": order.size, "done": order.done, "error": order.error,
        "sheet": order.sheet,
    }  # fmt: skip
    statement = sa.update(import_job).where(import_job.c.id == order.id, import_job.c.state.in_(states))
    if connection.execute(statement.values(values)).rowcount != 1:
        said = Text(zh="这次导入的状态已改变，请刷新页面。", en="This import has gone on meanwhile: reload the page.")
        raise Refusal(409, "IMPORT_RUNNING", said)


def turn(connection: Connection, number: int, states: Sequence[str], state: str, **values: Any) -> bool:
    """Bring an order from one of ``states`` to another; return whether it was in one of them."""
    statement = sa.update(import_job).where(import_job.c.id == number, import_job.c.state.in_(states))
    return connection.execute(statement.values(state=state, **values)).rowcount == 1


def with_settings(order: Order, **changes: Any) -> Order:
    """Return an order with some of its settings changed."""
    return replace(order, settings=replace(order.settings, **changes))


def header_print(header: Sequence[str]) -> bytes:
    """Return the print by which a header is known again."""
    return sha256("\x1f".join(header).encode()).digest()


def remember_mapping(context: Context, order: Order) -> None:
    """Keep an order's mapping for the actor's next file with the same header."""
    values = {
        "object": order.object,
        "header": header_print(order.settings.header),
        "mapping": {**order.mapping.to_json(), "on_duplicate": order.on_duplicate},
        "created_by": context.actor.id,
        "used_at": context.now,
    }
    statement = insert(import_mapping).values(values)
    statement = statement.on_conflict_do_update(
        index_elements=["object", "header", "created_by"],
        set_={"mapping": statement.excluded.mapping, "used_at": statement.excluded.used_at},
    )
    context.connection.execute(statement)


def recall_mapping(context: Context, object_name: str, header: Sequence[str]) -> tuple[ImportMap, str] | None:
    """Return the mapping that the actor kept for such a header, and what was to happen to duplicates."""
    own = import_mapping.c
    kept = context.connection.scalar(
        sa.select(own.mapping).where(
            own.object == object_name, own.header == header_print(header), own.created_by == context.actor.id
        )
    )
    if kept is None:
        return None
    return mapping_from_json(object_name, kept), str(kept["on_duplicate"])


def earlier_import(context: Context, order: Order) -> datetime | None:
    """Return when this very file came into the object before, by whomever."""
    own = import_job.c
    found: datetime | None = context.connection.scalar(
        sa.select(own.finished_at)
        .where(own.object == order.object, own.digest == order.digest, own.state == DONE, own.id != order.id)
        .order_by(own.id.desc())
        .limit(1)
    )
    return found


def waiting_orders(connection: Connection) -> list[int]:
    """Return the orders that a worker should be at, the oldest first."""
    own = import_job.c
    statement = sa.select(own.id).where(own.origin != "", own.state.in_(UNDER_WAY)).order_by(own.id)
    return list(connection.scalars(statement))


def held_keys(connection: Connection, keys: Sequence[str]) -> set[str]:
    """Return which of these keys of the store an order holds."""
    own = import_job.c
    found = connection.execute(
        sa.select(own.stored, own.sheet).where(sa.or_(own.stored.in_(keys), own.sheet.in_(keys)))
    )
    return {key for row in found for key in row} & set(keys)
