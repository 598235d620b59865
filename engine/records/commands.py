"""The one door for writing: create, update, delete to the bin and restore, always over a batch, in the caller's transaction.

Stages: parse → access → compute → check → write → history → outbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.context import Context


@dataclass(frozen=True, slots=True)
class Change:
    """An update of one record. ``values``: only what changes. ``version``: refuse with 412 STALE when the record is at another one.
    ``base``: what the writer saw before typing (field → JSON value); with it, and without ``version``, changes merge field by field:
    refused only where someone else changed the same field since."""

    id: int
    values: Mapping[str, object]
    version: int | None = None
    base: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """One written record: its id and new version. ``serials``: serial numbers drawn."""

    id: int
    version: int
    serials: Mapping[str, str] = field(default_factory=dict)


def create(
    context: Context,
    object_name: str,
    batch: Sequence[Mapping[str, object]],
    *,
    text: bool = False,
    partial: bool = False,
) -> list[Written]:
    """Create records from JSON values (``text``: from what people type). One statement a stage, whatever the batch's size.

    Raises Refusal with every error of every row (``FieldError.row``). ``partial`` is for imports: see ``try_create``.
    """
    raise NotImplementedError


def update(context: Context, object_name: str, batch: Sequence[Change], *, text: bool = False) -> list[Written]:
    """Update records. Raises Refusal: 404, 403, 409, 412, 422."""
    raise NotImplementedError


def delete(context: Context, object_name: str, batch: Sequence[tuple[int, int | None]]) -> list[Written]:
    """Move records (id, expected version or None) to the bin, as ``on_delete`` says; lines go with their parent."""
    raise NotImplementedError


def restore(context: Context, object_name: str, ids: Sequence[int]) -> list[Written]:
    """Bring records back from the bin, with what went along. Raises Refusal 409 DUPLICATE where a unique place is taken."""
    raise NotImplementedError
