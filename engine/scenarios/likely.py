"""What a writer is told of likely duplicates, as scenarios see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.duplicates import likely_duplicates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.context import Context


def warned(
    context: Context, object_name: str, ids: Sequence[int], fields: frozenset[str] | None = None
) -> tuple[str, ...]:
    """Return the rules by which records just written are likely duplicates, each once."""
    found = likely_duplicates(context, object_name, ids, fields=fields)
    return tuple(dict.fromkeys(one.rule.name for one in found))
