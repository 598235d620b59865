"""A record's version as an ETag, and If-Match read back into the version that a write expects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.records.query import read_one
from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.api.service import Call

LONGEST = 1000
STALE = Text(zh="记录已被修改，请刷新后重试。", en="The record has changed meanwhile: read it again.")
_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e]*")')
_LIST = re.compile(r'\s*(?:W/)?"[\x21\x23-\x7e]*"(?:\s*,\s*(?:W/)?"[\x21\x23-\x7e]*")*\s*')


def etag(version: int) -> str:
    """Return the ETag of a record's version."""
    return f'"{version}"'


def wanted_version(call: Call, name: str, record_id: int) -> int | None:
    """Return the version that If-Match demands, None where it demands none. Of several the record's own is taken.

    Raises Refusal 400 for a header that is no list of ETags, 412 where no version could match, 404 where there is no such record.
    """
    given = call.request.headers.get("If-Match")
    if given is None:
        return None
    if given.strip() == "*":
        return None
    if len(given) > LONGEST or _LIST.fullmatch(given) is None:
        raise Refusal(
            400, "BAD_CONDITION", Text(zh='If-Match 应为 ETag，如 "3"。', en='If-Match must be an ETag such as "3".')
        )
    # A weak ETag never matches here: what it stands for may differ in bytes.
    strong = [tag[1:-1] for weak, tag in _TAG.findall(given) if not weak]
    versions = {int(tag) for tag in strong if tag.isdigit() and len(tag) <= 9}
    if len(versions) == 1:
        return versions.pop()
    present = int(read_one(call.context, name, record_id, ("id",))["version"])
    if present in versions:
        return present
    raise Refusal(412, "STALE", STALE)


def demand_current(call: Call, name: str, record_id: int, version: int | None) -> None:
    """Raise Refusal 412 where the record is at another version than ``version``, 404 where there is none for this caller."""
    if version is None or not call.rights.grants(name, "update"):
        return
    if int(read_one(call.context, name, record_id, ("id",))["version"]) != version:
        raise Refusal(412, "STALE", STALE)
