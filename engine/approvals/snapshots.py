"""A record as it is at a decision, kept with it as JSON: all of its fields, as the system reads them. What a viewer gets of it is cut to
their rights in reading.py."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from engine.context import SYSTEM
from engine.records.query import read_one_json
from engine.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.context import Context


def snapshot_of(context: Context, object_name: str, record_id: int) -> Mapping[str, Any]:
    """Return a record with its lines as JSON values; empty where it is gone."""
    try:
        _, body = read_one_json(replace(context, actor=SYSTEM), object_name, record_id)
    except Refusal as refusal:
        if refusal.status != 404:
            raise
        return {}
    found: Mapping[str, Any] = orjson.loads(body)
    return found
