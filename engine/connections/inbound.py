"""What other systems send in: proved by its sender, taken once, and written through the one door. Whatever was refused is kept with the
reason, where a person sees it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.connections.compile import Connections
from engine.connections.proofs import TIMESTAMP, is_proved
from engine.connections.values import flat, read_message, written
from engine.context import SYSTEM
from engine.expressions.roots import Known
from engine.fields.base import Locale, ValueFault
from engine.records.commands import Change, create, update
from engine.records.compile import Records
from engine.records.lookup import find_records
from engine.records.moments import HOME
from engine.refusals import FieldError, Refusal
from engine.storage.outbox import write_events
from engine.storage.work_tables import inbound
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.config import Config
    from engine.connections.compile import InboundMachine
    from engine.context import Context
    from engine.expressions.values import Value
    from engine.fields.base import Field

LOCK = 0x7E_07  # advisory lock class: messages of one way in are taken one after another
KEYS = ("idempotency-key", "x-request-id", "webhook-id", "x-github-delivery")  # as senders call the name of a message
HEARD = "webhook"  # the outbox's event: a message was taken
UNKNOWN = Text(zh="没有这个入口，或签名不正确", en="there is no such way in, or the message is not signed rightly")


@dataclass(frozen=True, slots=True)
class Message:
    """What came in; the names of ``headers`` in small letters."""

    connection: str
    name: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a message: the record it made or changed, None where it was refused (for ``refusal``). ``repeated``: it had been taken
    before, and nothing was done."""

    object: str
    id: int | None = None
    created: bool = False
    repeated: bool = False
    refusal: Refusal | None = None


def find_inbound(context: Context, connection: str, name: str) -> InboundMachine:
    """Return the way in of that name, or the only one that a connection has. Raises Refusal 401: nobody without the secret learns what
    there is."""
    known = context.runtime.part(Connections).inbound.get(connection, {})
    found = known.get(name) if name else next(iter(known.values())) if len(known) == 1 else None
    if found is None:
        raise Refusal(401, "UNAUTHORIZED", UNKNOWN)
    return found


def receive(context: Context, config: Config, message: Message) -> Taken:
    """Take a message: as the system, in the caller's transaction, which has to be committed where it was refused, too.

    Raises Refusal 401 where the sender is not proved, 413 where it is too large; neither leaves anything behind.
    """
    machine = find_inbound(context, message.connection, message.name)
    if len(message.body) > config.connections.largest:
        limit = config.connections.largest
        raise Refusal(413, "TOO_LARGE", Text(zh=f"内容超过 {limit} 字节", en=f"the body is larger than {limit} bytes"))
    try:
        proved = is_proved(config, machine.definition.verify, message.headers, message.body, context.now)
    except LookupError as error:
        said = Text(zh="此入口的密钥尚未设置", en="the secret of this way in is not set")
        raise Refusal(503, "NO_SECRET", said) from error
    if not proved:
        raise Refusal(401, "UNAUTHORIZED", UNKNOWN)
    inside = replace(context, actor=SYSTEM, source=f"hook {message.connection}")
    place = f"{message.connection}/{machine.definition.name}"
    context.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK, sa.func.hashtext(place))))
    return _take(inside, machine, message)


def _take(context: Context, machine: InboundMachine, message: Message) -> Taken:
    definition = machine.definition
    digest = _digest(context, message)
    row = {"connection": message.connection, "name": definition.name, "digest": digest}
    mine = [inbound.c[key] == value for key, value in row.items()]
    state = context.connection.scalar(sa.select(inbound.c.state).where(*mine))
    if state == "done":
        return Taken(definition.object, repeated=True)
    body = read_message(message.body)
    try:
        with context.connection.begin_nested():
            taken = _write(context, machine, body)
    except Refusal as refusal:
        taken = Taken(definition.object, refusal=refusal)
    said = taken.refusal
    reason = (
        "; ".join([said.message("en"), *(f"{one.field}: {one.message('en')}" for one in said.errors)]) if said else ""
    )
    values = {
        "received_at": context.now,
        "state": "refused" if said else "done",
        "error": reason[:2000],
        "body": body if body is not None else {"": message.body[:4000].decode(errors="replace").replace("\0", "")},
    }
    kept = insert(inbound).values(**row, **values)
    number = context.connection.scalar(
        kept.on_conflict_do_update(
            index_elements=[inbound.c.connection, inbound.c.name, inbound.c.digest], set_=values
        ).returning(inbound.c.id)
    )
    if taken.id is not None:
        told = {"connection": message.connection, "name": definition.name, "message": number}
        entries = [(definition.object, taken.id, told)]
        write_events(context.connection, at=context.now, event=HEARD, entries=entries)
    return taken


def said_in(context: Context, number: int) -> Mapping[str, Value]:
    """Return what a message that was taken says, flat (``order.id`` → value); nothing once it is forgotten."""
    body: Any = context.connection.scalar(sa.select(inbound.c.body).where(inbound.c.id == number))
    return flat(body)


def _digest(context: Context, message: Message) -> bytes:
    """Return what makes two messages the same: the name or the moment that the sender gave it, and the body. One without either is itself
    alone: the same stock may well be told twice with another in between."""
    given = next((message.headers[name] for name in KEYS if message.headers.get(name)), "")
    named = given or message.headers.get(TIMESTAMP.lower(), "") or context.now.isoformat()
    return sha256(named.encode("utf-8", "surrogateescape") + b"\0" + message.body).digest()


def _write(context: Context, machine: InboundMachine, body: Mapping[str, Any] | None) -> Taken:
    """Make or change the record that a message is about."""
    definition = machine.definition
    if body is None:
        raise Refusal(422, "NOT_JSON", Text(zh="内容不是 JSON 对象", en="the body is no JSON object"))
    values = written(context, machine.set, "body", flat(body), Known({}))
    fields = context.runtime.part(Records).objects[definition.object].fields
    missing = [name for name in definition.by if values.get(name) is None]
    if missing:
        said = Text(zh="缺少用于查找记录的值", en="the value that finds the record is missing")
        raise Refusal(422, "REQUIRED", said, tuple(FieldError(name, "REQUIRED", said) for name in missing))
    key = tuple(_stored(context, fields[name], values[name]) for name in definition.by)
    found = find_records(context, definition.object, definition.by, [key]).get(key, ())
    if len(found) > 1:
        said = Text(zh=f"有 {len(found)} 条记录符合", en=f"{len(found)} records fit")
        raise Refusal(422, "AMBIGUOUS", said)
    if found:
        update(context, definition.object, [Change(found[0].id, values)])
        return Taken(definition.object, found[0].id)
    (made,) = create(context, definition.object, [values])
    return Taken(definition.object, made.id, created=True)


def _stored(context: Context, field: Field, value: Any) -> Any:
    """Return a value as its column holds it, for looking it up. Raises Refusal 422 for one that the field does not take."""
    home = context.home or HOME
    try:
        return field.kind.parse(field, value, Locale(context.language, home, home))
    except ValueFault as fault:
        raise Refusal(422, fault.code, fault.message, (FieldError(field.name, fault.code, fault.message),)) from fault
