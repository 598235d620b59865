"""Whom a rule applies to at first: users of some departments (with those below), of some roles, or by name. A record belongs to them by its
owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.people.roles import holders
from engine.records.compile import Records
from engine.records.matching import matching_ids
from engine.records.reading import RecordReader
from metamodel.expressions.types import BOOLEAN
from metamodel.names import USER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.automation.rules import Rule
    from engine.context import Context

DEPARTMENT = "department"


def pilots(context: Context, rule: Rule) -> list[int] | None:
    """Return the users whose records a rule applies to; None where it applies to everybody's."""
    pilot = rule.definition.pilot
    if not pilot or not rule.object or not rule.records.objects[rule.object].owner:
        return None
    found: set[int] = set()
    departments = _departments(context, pilot.get("departments", ()))
    if departments:
        found.update(_users(context, f"department in ({', '.join(map(str, departments))})"))
    if pilot.get("users"):
        found.update(_users(context, f"login in ({_listed(pilot['users'])})"))
    for role in pilot.get("roles", ()):
        found.update(holders(context.connection, role))
    return sorted(found)


def applies(context: Context, rule: Rule, number: int) -> bool:
    """Whether a rule applies to a record."""
    users = pilots(context, rule)
    if users is None:
        return True
    owner = RecordReader(context, rule.object, number).get((rule.records.objects[rule.object].owner,))
    return owner in users


def _departments(context: Context, names: Sequence[str]) -> list[int]:
    """Return departments by name, with all below them."""
    found = _matching(context, DEPARTMENT, f"name in ({_listed(names)})") if names else []
    below = found
    while below:
        below = _matching(context, DEPARTMENT, f"part_of in ({', '.join(map(str, below))})")
        below = [number for number in below if number not in found]
        found = [*found, *below]
    return found


def _users(context: Context, text: str) -> list[int]:
    return _matching(context, USER, text)


def _matching(context: Context, object_name: str, text: str) -> list[int]:
    shapes = context.runtime.part(Records).shapes
    return matching_ids(context, object_name, shapes.check(text, shapes.scope(object_name), BOOLEAN))


def _listed(names: Sequence[str]) -> str:
    return ", ".join('"' + name.replace('"', '""') + '"' for name in names)
