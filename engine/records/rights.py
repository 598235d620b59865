"""What the roles of a definition set grant: scopes per object and act, rights per field, added up over several roles. Pure; how a
scope becomes SQL is access.py's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from metamodel.definitions.roles import ScopeDef

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.context import Actor
    from engine.records.compile import Records
    from metamodel.definitions.objects import ObjectDef

ADMIN = "admin"
NOTHING = frozenset({"none"})
# What each named scope takes in beside itself: several roles' scopes shrink to the widest ones.
_WITHIN: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "own": frozenset(),
        "reports": frozenset({"own"}),
        "department": frozenset({"own"}),
        "department_tree": frozenset({"own", "department"}),
        "team": frozenset(),
        "pool": frozenset(),
        "all": frozenset({"own", "reports", "department", "department_tree", "team", "pool"}),
        "record": frozenset(),
    }
)


class Right(IntEnum):
    """What one may do with a field of a record. Several roles give the highest."""

    HIDDEN = 0
    MASKED = 1
    READ = 2
    EDIT = 3


Scopes = frozenset[ScopeDef]
ALL: Scopes = frozenset({ScopeDef("all")})
NONE: Scopes = frozenset()
BY_RECORD: Scopes = frozenset({ScopeDef("record")})  # of what is about a record: as that record admits, see about.py


@dataclass(frozen=True, slots=True)
class FieldRight:
    """A field's right: ``least`` on every record that is seen at all, ``most`` on some. ``roles`` says who gives what, and is
    empty where all records are alike."""

    least: Right
    most: Right
    roles: tuple[tuple[str, Right], ...] = ()


_FULL = FieldRight(Right.EDIT, Right.EDIT)


def everything(actor: Actor) -> bool:
    """Whether the actor is the system or an administrator, for whom every door is open."""
    return actor.is_system or ADMIN in actor.roles


def add_up(scopes: Iterable[ScopeDef]) -> Scopes:
    """Return the scopes that matter out of several: without empty ones and those that another takes in."""
    found = {scope for scope in scopes if scope.where is not None or scope.name not in NOTHING}
    names = {scope.name for scope in found if scope.where is None}
    if "all" in names:
        return ALL
    inner = frozenset().union(*(_WITHIN[name] for name in names)) if names else frozenset()
    return frozenset(scope for scope in found if scope.where is not None or scope.name not in inner)


def _means(definition: ObjectDef, scope: ScopeDef) -> bool:
    """Whether a scope can take in any record of an object: one without a pool or a team has none of these."""
    if scope.where is not None:
        return True
    return definition.pool is not None if scope.name == "pool" else scope.name != "team" or definition.team is not None


def covers(wide: Scopes, narrow: Scopes) -> bool:
    """Whether every record in ``narrow`` is certainly in ``wide`` too."""
    return add_up(wide | narrow) == wide


class Rights:
    """The rights of one set of roles. ``roles`` None: everything."""

    def __init__(self, records: Records, roles: frozenset[str] | None) -> None:
        self.records = records
        self.full = roles is None
        self.roles = tuple(sorted(name for name in roles or () if name in records.model.roles))
        self._scopes: dict[tuple[str, str, str], Scopes] = {}
        self._fields: dict[tuple[str, str], FieldRight] = {}

    def scopes(self, object_name: str, act: str, role: str = "") -> Scopes:
        """Return the scopes granted for an act, by all roles or by one. The rows of `lines` follow their parent: to write one is
        to update the parent."""
        if self.full:
            return ALL
        key = (object_name, act, role)
        found = self._scopes.get(key)
        if found is None:
            found = self._scopes[key] = self._granted(object_name, act, role)
        return found

    def _granted(self, object_name: str, act: str, role: str) -> Scopes:
        compiled = self.records.objects[object_name]
        if compiled.about:
            return BY_RECORD
        if compiled.parent:
            parent = compiled.fields[compiled.parent].targets[0]
            return self.scopes(parent, act if act in {"read", "export", "backfill"} else "update", role)
        roles = (role,) if role else self.roles
        return add_up(
            scope
            for name in roles
            for scope in self.records.model.roles[name].objects.get(object_name, {}).get(act, ())
            if _means(compiled.definition, scope)
        )

    def grants(self, object_name: str, act: str) -> bool:
        """Whether the act is granted on some record at least."""
        if act == "create" and self.records.objects[object_name].made_elsewhere:
            return False
        return bool(self.scopes(object_name, act))

    def field(self, object_name: str, name: str) -> FieldRight:
        """Return the right to one field, over the records that the viewer may read."""
        if self.full:
            return _FULL
        found = self._fields.get((object_name, name))
        if found is None:
            found = self._fields[object_name, name] = self._field(object_name, name)
        return found

    def _field(self, object_name: str, name: str) -> FieldRight:
        key = f"{object_name}.{name}"
        given = {
            role: Right[self.records.model.roles[role].fields.get(key, "edit").upper()]
            for role in self.roles
            if self.scopes(object_name, "read", role)
        }
        if not given:
            return FieldRight(Right.HIDDEN, Right.HIDDEN)
        reach = {role: self.scopes(object_name, "read", role) for role in given}
        # A record that a role admits is admitted by every role of a wider scope as well: their highest right is sure.
        least = min(max(given[wide] for wide in given if covers(reach[wide], reach[role])) for role in given)
        most = max(given.values())
        return FieldRight(least, most, () if least == most else tuple(given.items()))

    def names(self, object_name: str) -> bool:
        """Whether the viewer may read what names a record of the object, where another record links to it."""
        if self.full:
            return True
        key = f"{object_name}.{self.records.objects[object_name].title}"
        given = [self.records.model.roles[role].fields.get(key, "edit") for role in self.roles]
        return not given or any(right in {"read", "edit"} for right in given)

    def shows_link(self, object_name: str, name: str) -> bool:
        """Whether the viewer may see, on every record of the object, what its link leads to: without that they may not come to the
        records from the other side of the link either."""
        return self.grants(object_name, "read") and self.field(object_name, name).least >= Right.READ

    def write_right(self, object_name: str, name: str) -> Right:
        """Return the right to a field of a record that does not exist yet: what any role that may create gives."""
        if self.full:
            return Right.EDIT
        key = f"{object_name}.{name}"
        given = [
            Right[self.records.model.roles[role].fields.get(key, "edit").upper()]
            for role in self.roles
            if self.scopes(object_name, "create", role)
        ]
        return max(given, default=Right.HIDDEN)


def rights_of(records: Records, actor: Actor) -> Rights:
    """Return the rights of an actor, kept per set of roles."""
    roles = None if everything(actor) else actor.roles
    return records.memory.get(("rights", roles), lambda: Rights(records, roles))


def named_to_all(records: Records, object_name: str) -> bool:
    """Whether no role covers what names records of an object, so that it may be said in what is told to several people alike."""
    key = f"{object_name}.{records.objects[object_name].title}"
    return all(role.fields.get(key, "edit") in {"read", "edit"} for role in records.model.roles.values())
