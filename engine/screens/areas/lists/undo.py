"""Undoing a change, a deletion or a restoring: as far as nobody has changed the same since, which is told record by record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.fields.base import called
from engine.records import commands
from engine.records.query import Query, read_page
from engine.refusals import Refusal
from engine.screens import undoing
from engine.screens.areas.lists.partly import partly
from engine.screens.texts import TEXTS, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.screens.areas.lists.partly import Refused
    from engine.screens.site import Visit

MOST_TOLD = 20
LONGEST_TOKEN = 40


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing came to: how many records, what of them was refused (label and reason), whether there is more, and the token that
    does it all again."""

    count: int
    refused: list[tuple[str, str]]
    left: bool
    again: str


def undo(visit: Visit, object_name: str, token: str, again: str = "") -> Undone:
    """Undo the part of a token's doings that was done last. ``again``: the token that the parts before it are done again by.

    Raises Refusal 404 where there is nothing to undo, or nothing of one's own.
    """
    compiled = visit.object(object_name)
    kept = undoing.take(visit.context, token[:LONGEST_TOKEN]) if token else None
    if kept is None or kept["object"] != object_name:
        raise Refusal(404, "NOT_FOUND", TEXTS["undo_gone"])
    context, rows = visit.context, kept["rows"]
    ids = [int(one[0] if isinstance(one, list) else one) for one in rows]
    if kept["act"] == undoing.UPDATE:
        changes = [commands.Change(number, before, base=after) for number, before, after in rows]
        done, refused = partly(context.connection, changes, lambda some: commands.update(context, object_name, some))
        back = [[number, after, before] for number, before, after in (rows[place] for place in done)]
        again = undoing.remember(context, object_name, undoing.UPDATE, back, again)
    elif kept["act"] == undoing.DELETE:
        done, refused = partly(context.connection, ids, lambda some: commands.restore(context, object_name, some))
        again = undoing.remember(context, object_name, undoing.RESTORE, [ids[place] for place in done], again)
    else:
        done, refused = partly(
            context.connection, ids, lambda some: commands.delete(context, object_name, [(one, None) for one in some])
        )
        again = undoing.remember(context, object_name, undoing.DELETE, [ids[place] for place in done], again)
    left = undoing.is_left(context, token[:LONGEST_TOKEN])
    return Undone(len(done), told(visit, compiled.name, ids, refused), left, again)


def told(visit: Visit, object_name: str, ids: Sequence[int], refused: Sequence[Refused]) -> list[tuple[str, str]]:
    """Return the labels of refused records with the reasons: of the first ones, so that they can be read."""
    some = list(refused)[:MOST_TOLD]
    wanted = tuple(ids[one.place] for one in some)
    labels: dict[int, str] = {}
    if wanted:
        compiled = visit.records.objects[object_name]
        for binned in (False, True):
            query = Query(object_name, ("id", compiled.title), ids=wanted, limit=len(wanted), binned=binned)
            for row in read_page(visit.context, query).items:
                value: Any = row.get(compiled.title)
                labels[row["id"]] = called(value) or say("no_label", visit.language)
    return [(labels.get(ids[one.place], f"#{ids[one.place]}"), one.message(visit.language)) for one in some]
