"""A record's version as an ETag, and If-Match read back into the version that a write expects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.query import read_one
from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.api.service import Call


def etag(version: int) -> str:
    """Return the ETag of a record's version."""
    return f'"{version}"'


def wanted_version(call: Call, name: str, record_id: int) -> int | None:
    """Return the version that If-Match demands, None where it demands none. Of several the record's own is taken.

    Raises Refusal 412 where no version could match, 404 where there is no such record.
    """
    if "If-Match" not in call.request.headers:
        return None
    given = call.request.if_match
    if given.star_tag:
        return None
    versions = {int(tag) for tag in given.as_set() if tag and tag.isascii() and tag.isdigit() and len(tag) <= 9}
    if len(versions) == 1:
        return versions.pop()
    present = int(read_one(call.context, name, record_id, ("id",))["version"])
    if present in versions:
        return present
    raise Refusal(
        412, "STALE", Text(zh="记录已被修改，请刷新后重试。", en="The record has changed meanwhile: read it again.")
    )
