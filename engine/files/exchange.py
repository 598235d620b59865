"""Files in and out: a content that has arrived becomes a `file` record, and a record that somebody may read gives its content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.files.naming import clean_name
from engine.files.telling import told_type
from engine.records import commands
from engine.records.access import not_found
from engine.records.compile import Records
from engine.records.query import Query, read_one, read_page
from engine.records.stages import Act
from engine.refusals import Refusal
from engine.storage.file_tables import content
from metamodel.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from engine.context import Context
    from engine.files.store import Received, Store

FILE = "file"
MOST_LOOSE = 200  # uploads of one person that belong to no record
UPLOAD = Act("create", "upload", moves=frozenset({"size", "type"}), grant="read")


@dataclass(frozen=True, slots=True)
class Held:
    """A file as its content is served."""

    id: int
    name: str
    type: str
    size: int
    digest: str
    path: Path
    key: str


def add_file(context: Context, store: Store, received: Received, name: str, *, about: str = "", tag: str = "") -> int:
    """Make the `file` record of a content and keep it. ``about``: the record it belongs to (``customer/7``); without one its uploader alone
    sees it. Returns the record's id. Raises Refusal as any create does; 429 TOO_MANY for one with too many uploads that belong to none."""
    _demand_files(context)
    named = clean_name(name)
    values: dict[str, object] = {
        "name": named,
        "size": received.size,
        "type": received.type or told_type(received.head, received.path),
    }
    if about:
        values["about"] = about
    else:
        _demand_few(context)
    if tag:
        values["tag"] = tag
    written = commands.create(context, FILE, [values], act=UPLOAD)[0]
    row = {"file_id": written.id, "key": received.key, "size": received.size, "digest": received.digest}
    context.connection.execute(sa.insert(content).values(**row, stored_at=context.now))
    store.keep(received)
    return written.id


def find_file(context: Context, store: Store, number: int) -> Held:
    """Return a file that the actor may read. Raises Refusal 404; 410 GONE where its content is missing in the store."""
    _demand_files(context)
    row = read_one(context, FILE, number, ("name", "type", "size"))
    held = context.connection.execute(sa.select(content.c.key, content.c.digest).where(content.c.file_id == number))
    found = held.one_or_none()
    if found is None or not store.place(found.key).is_file():
        said = Text(zh="文件内容已不在服务器上。", en="The content of this file is not on the server any more.")
        raise Refusal(410, "GONE", said)
    return Held(number, row["name"], row["type"], row["size"], found.digest, store.place(found.key), found.key)


def _demand_files(context: Context) -> None:
    if FILE not in context.runtime.part(Records).objects:
        raise not_found()


def _demand_few(context: Context) -> None:
    """Refuse to be anybody's store: what is uploaded is for a record."""
    asked = Query(FILE, ("id",), filter="ISBLANK(about) and created_by = me", limit=1, count=True)
    if not context.actor.is_system and (read_page(context, asked).count or 0) >= MOST_LOOSE:
        said = Text(
            zh=f"您有 {MOST_LOOSE} 个上传的文件还不属于任何记录，请先保存或删除它们。",
            en=f"{MOST_LOOSE} files that you uploaded belong to no record yet: save or delete those first.",
        )
        raise Refusal(429, "TOO_MANY", said)


def held_keys(connection: sa.Connection, keys: list[str]) -> set[str]:
    """Return which of these keys a record holds."""
    return set(connection.scalars(sa.select(content.c.key).where(content.c.key.in_(keys))))
