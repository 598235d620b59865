"""The Idempotency-Key of a write: the first answer is kept in the transaction that makes it, and a repeat is given that answer.
A refused write keeps nothing, so it may be mended and sent again under its key."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.api.bodies import read_bytes
from engine.api.service import Answer
from engine.refusals import Refusal
from engine.storage.tables import idempotency as keys
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.api.service import Call

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
LONGEST = 200
KEPT = timedelta(hours=24)
_SEPARATOR = b"\0"


def answered_once(call: Call, key: str, run: Callable[[], Answer]) -> Answer:
    """Return the answer of ``run``, or the one kept under the key. A request under the same key that is still running is waited for.

    Raises Refusal 400 for a key that is none, 422 KEY_REUSED for one that another request was sent under.
    """
    if len(key) > LONGEST or not key.isprintable() or not key.isascii() or not key.strip():
        text = Text(
            zh=f"{KEY_HEADER} 应为 1 到 {LONGEST} 个可见的 ASCII 字符。",
            en=f"{KEY_HEADER} must be 1 to {LONGEST} visible ASCII characters.",
        )
        raise Refusal(400, "BAD_KEY", text)
    connection, now = call.context.connection, call.context.now
    mine = (keys.c.user_id == call.context.actor.id, keys.c.key == key)
    fingerprint = _fingerprint(call)
    claim = insert(keys).values(user_id=call.context.actor.id, key=key, fingerprint=fingerprint, created_at=now)
    outlived = claim.on_conflict_do_update(
        index_elements=[keys.c.user_id, keys.c.key],
        set_={"fingerprint": claim.excluded.fingerprint, "created_at": claim.excluded.created_at},
        where=keys.c.created_at < now - KEPT,
    )
    if connection.execute(outlived.returning(keys.c.key)).one_or_none() is None:
        kept = connection.execute(
            sa.select(keys.c.fingerprint, keys.c.status, keys.c.headers, keys.c.body).where(*mine)
        ).one()
        if bytes(kept.fingerprint) != fingerprint:
            text = Text(zh=f"该 {KEY_HEADER} 已用于另一个请求。", en=f"This {KEY_HEADER} was used for another request.")
            raise Refusal(422, "KEY_REUSED", text)
        return Answer(bytes(kept.body or b""), kept.status, {**(kept.headers or {}), REPLAYED_HEADER: "true"})
    answer = run()
    connection.execute(
        sa.update(keys).where(*mine).values(status=answer.status, headers=dict(answer.headers), body=answer.body)
    )
    return answer


def _fingerprint(call: Call) -> bytes:
    """Return what makes two requests the same: method, address, condition and body."""
    request = call.request
    parts = (request.method, request.full_path, request.headers.get("If-Match", ""), request.mimetype)
    return sha256(
        _SEPARATOR.join([*(part.encode("utf-8", "surrogatepass") for part in parts), read_bytes(request)])
    ).digest()
