"""Saved views follow renames: the names in them are rewritten in the transaction in which the new version comes to serve."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

import sqlalchemy as sa

from engine.storage.tables import saved_view
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Collection

    from engine.publishing.naming import Naming
    from engine.records.shape import Shapes

    Renames = dict[tuple[str, str], str]  # object and field as they were → the field's name now


LONGEST_NAME = 60  # characters that a view's name has at most


def follow_renames(connection: sa.Connection, old: Shapes, new: Shapes, naming: Naming) -> int:
    """Rewrite the views of renamed objects, and those that name renamed fields; return how many."""
    renames = _renames(old, new, naming)
    objects = {before: now for now, before in naming.sources.items() if before != now}
    if not renames and not objects:
        return 0
    rows = connection.execute(sa.select(saved_view).order_by(saved_view.c.id).with_for_update()).all()
    taken = {(row.user_id, row.object, row.name) for row in rows}
    changed = 0
    for row in rows:
        query = str(row.definition.get("query", ""))
        made = _rewritten(query, row.object, old, renames) if row.object in old else query
        if row.object in objects:
            name = _free(taken, row.user_id, objects[row.object], row.name)
            taken.add((row.user_id, objects[row.object], name))
            values = {"object": objects[row.object], "name": name}
        elif made == query:
            continue
        else:
            values = {}
        _store(connection, row.id, **values, definition={**row.definition, "query": made})
        changed += 1
    return changed


def _store(connection: sa.Connection, key: int, **values: object) -> None:
    connection.execute(sa.update(saved_view).where(saved_view.c.id == key).values(**values))


def _free(taken: Collection[tuple[int, str, str]], user: int, object_name: str, name: str) -> str:
    """Return the view's name, or with the first number that makes it free: an object of that name had such a view once, and neither
    is lost."""
    made, number = name, 1
    while (user, object_name, made) in taken:
        number += 1
        made = f"{name[: LONGEST_NAME - 1 - len(str(number))]} {number}"
    return made


def _renames(old: Shapes, new: Shapes, naming: Naming) -> Renames:
    """Return the renamed fields: by what became of their columns, and by what those without a column say they were."""
    found = {
        (move.old_object, move.old_key.split(".")[0]): move.key.split(".")[0]
        for move in naming.moves
        if move.verb in {"kept", "renamed", "replaced"} and move.old_object
    }
    for name, before in naming.sources.items():
        present, former = new.model.objects[name].fields, old.model.objects[before].fields
        for one in present.values():
            if one.was in former and one.was not in present and one.name not in former:
                found.setdefault((before, one.was), one.name)
    return {place: name for place, name in found.items() if place[1] != name}


def _rewritten(query: str, object_name: str, old: Shapes, renames: Renames) -> str:
    """Return the part of a list's address that a view keeps, under new names; as it stands where none of them is in it."""
    pairs: list[tuple[str, str]] = []
    for key, value in (given := parse_qsl(query, keep_blank_values=True)):
        if key in {"sort", "columns"}:
            pairs.append((key, ",".join(_path(one, object_name, old, renames) for one in value.split(","))))
        elif "." in key:
            path, _, operator = key.rpartition(".")
            pairs.append((f"{_path(path, object_name, old, renames)}.{operator}", value))
        else:
            pairs.append((key, value))
    return query if pairs == given else urlencode(pairs, safe=",:*")


def _path(path: str, object_name: str, old: Shapes, renames: Renames) -> str:
    """Return a path of names, descending (``-``) or not, as it is to be written now."""
    sign = "-" if path.startswith("-") else ""
    present: tuple[str, ...] = (object_name,)
    parts: list[str] = []
    for name in path.removeprefix("-").split("."):
        parts.append(next((renames[owner, name] for owner in present if (owner, name) in renames), name))
        types = [old[owner].members.get(name) for owner in present if owner in old]
        present = tuple(to for one in types if one is not None and one.base is Base.LINK for to in one.objects)
    return sign + ".".join(parts)
