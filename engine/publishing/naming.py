"""Physical names for a new version, chosen from the present one: what keeps its column, what is renamed, retired or comes back.
Pure; types and DDL are the planner's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from engine.records.associations import natural_name
from engine.storage.physical import SYSTEM_COLUMNS, Physical, Spent, physical_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.records.shape import ObjectShape, Shapes
    from metamodel.definitions.objects import FieldDef, ObjectDef

# PostgreSQL keeps these for itself in every table.
_FORBIDDEN = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"}) | frozenset(SYSTEM_COLUMNS)


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of one column. ``verb``: new, kept, renamed, returned, replaced (a column, new or back from retirement, that takes
    over, converted, what ``source`` holds) or retired. ``key`` is the new key, the old one for retired; ``source`` the column before."""

    verb: str
    object: str
    table: str
    key: str
    column: str
    source: str = ""
    old_object: str = ""
    old_key: str = ""
    live: bool = False  # retired, though its field lives on: a link that lost one of its targets


@dataclass(frozen=True, slots=True)
class Naming:
    """The chosen mapping and how it came from the present one. ``sources``: object → the object it was."""

    physical: Physical
    moves: tuple[Move, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)


def column_keys(shape: ObjectShape) -> dict[str, dict[str, str]]:
    """Return field → key of each of its columns → the object that column links to ("" for what is no link)."""
    found: dict[str, dict[str, str]] = {}
    for key, stored in shape.columns.items():
        found.setdefault(stored.field, {})[key] = stored.target
    return found


def name_physical(
    old: Shapes,
    physical: Physical,
    new: Shapes,
    *,
    unfit: frozenset[tuple[str, str]] = frozenset(),
    hint: Physical | None = None,
) -> Naming:
    """Choose tables and columns for ``new``. ``unfit``: (table, column) whose type can't serve the field any more. ``hint`` is the
    mapping of a version gone back to, which says what renames since then have to be undone."""
    return _Namer(old, physical, new, unfit, hint or Physical()).run()


class _Claim(NamedTuple):
    """A key of a new field, and what it goes on from: ``verb`` kept, convert or new."""

    object: str
    table: str
    field: FieldDef
    key: str
    verb: str
    old_key: str
    source: str


class _Namer:
    def __init__(
        self, old: Shapes, physical: Physical, new: Shapes, unfit: frozenset[tuple[str, str]], hint: Physical
    ) -> None:
        self.old, self.new = old.model, new.model
        self.physical, self.unfit, self.hint = physical, unfit, hint
        self.sources = self._object_sources()
        self.old_keys = {name: column_keys(old[name]) for name in physical.tables}
        self.new_keys = {name: column_keys(new[name]) for name in self.new.objects}
        self.renamed = {before: now for now, before in self.sources.items()}
        self.spent = {table: dict(columns) for table, columns in physical.spent.items()}
        self.moves: list[Move] = []
        self.tables: dict[str, str] = {}

    def run(self) -> Naming:
        tables = self.tables = self._tables()
        columns = {name: self._columns(definition, tables[name]) for name, definition in self.new.objects.items()}
        retired = {name: table for name, table in self.physical.retired.items() if table not in tables.values()}
        for name, table in self.physical.tables.items():
            if name not in self.renamed:
                retired[name] = table
                self._retire(name, table, self.physical.columns.get(name, {}))
        spent = {table: held for table, held in self.spent.items() if held}
        physical = Physical(tables, columns, spent, retired, self._renames())
        return Naming(physical, tuple(self.moves), self.sources)

    def _renames(self) -> dict[str, dict[str, str]]:
        """Return the renamed fields of which no column tells: lines, formulas that are not stored."""
        found: dict[str, dict[str, str]] = {}
        for name, before in self.sources.items():
            present, former = self.new.objects[name].fields, self.old.objects[before].fields
            columns = {key.split(".")[0] for key in self.old_keys[before]}
            for one in present.values():
                gone = one.was in former and one.was not in present and one.was not in columns
                if gone and one.name not in former and not self.new_keys[name].get(one.name):
                    found.setdefault(name, {})[one.was] = one.name
        return found

    def _object_sources(self) -> dict[str, str]:
        """Return object → the present object whose table it takes over."""
        found: dict[str, str] = {name: name for name in self.new.objects if name in self.physical.tables}
        gone = {name for name in self.physical.tables if name not in self.new.objects}
        for name, definition in self.new.objects.items():
            if name not in found and definition.was in gone:
                found[name] = definition.was
                gone.discard(definition.was)
        by_table = {self.physical.tables[name]: name for name in gone}
        for name in self.new.objects:
            before = by_table.pop(self.hint.tables.get(name, ""), "")
            if name not in found and before:
                found[name] = before
        return found

    def _tables(self) -> dict[str, str]:
        taken = {*self.physical.tables.values(), *self.physical.retired.values()}
        tables: dict[str, str] = {}
        for name in self.new.objects:
            if name in self.sources:
                tables[name] = self.physical.tables[self.sources[name]]
            elif name in self.physical.retired:
                tables[name] = self.physical.retired[name]
            else:
                tables[name] = _free(natural_name(name), taken)
                taken.add(tables[name])
        return tables

    def _columns(self, definition: ObjectDef, table: str) -> dict[str, str]:
        source = self.sources.get(definition.name, "")
        before = self.physical.columns.get(source, {})
        taken = {*_FORBIDDEN, *before.values(), *self.spent.get(table, {})}
        columns: dict[str, str] = {}
        claimed: set[str] = set()
        for one in definition.fields.values():
            for key, (verb, old_key) in self._claims(one, definition, source).items():
                move = self._column(_Claim(definition.name, table, one, key, verb, old_key, source), taken)
                columns[key] = move.column
                claimed.add(old_key if verb == "kept" else "")
                taken.add(move.column)
                self.moves.append(move)
        alive = {self._field_source(one, definition, source) for one in definition.fields.values()}
        self._retire(source, table, {key: column for key, column in before.items() if key not in claimed}, alive)
        return columns

    def _claims(self, one: FieldDef, definition: ObjectDef, source: str) -> dict[str, tuple[str, str]]:
        """Return key → (kept | convert | new, old key) for a field's columns."""
        keys = self.new_keys[definition.name].get(one.name, {})
        before = self._field_source(one, definition, source)
        if not before:
            return dict.fromkeys(keys, ("new", ""))
        olds = {
            key: self.renamed.get(target, target)
            for key, target in self.old_keys[source].get(before, {}).items()
            if key in self.physical.columns[source]
        }
        targets = {target: key for key, target in olds.items()}
        parts = {
            (key.partition(".")[2], target): key for key, target in olds.items()
        }  # several may have one target, or none
        claims = {}
        for key, target in keys.items():
            part = key.partition(".")[2]
            same = parts.get((part, target), targets.get(target, "") if target or not part else "")
            claims[key] = ("kept", same) if same else ("new", "")  # a part of a value goes on from that part alone
        if len(keys) == 1 and len(targets) == 1 and all(verb == "new" for verb, _ in claims.values()):
            return {key: ("convert", next(iter(targets.values()))) for key in keys}
        return claims

    def _field_source(self, one: FieldDef, definition: ObjectDef, source: str) -> str:
        """Return the present field that ``one`` goes on from, or nothing."""
        if not source:
            return ""
        fields = self.old.objects[source].fields
        if one.name in fields:
            return one.name
        gone = {name for name in fields if name not in definition.fields}
        if one.was in gone:
            return one.was
        hinted = {
            self.hint.columns.get(definition.name, {}).get(key, "")
            for key in self.new_keys[definition.name].get(one.name, {})
        }
        taken = {other.was for other in definition.fields.values()}
        for key, column in self.physical.columns.get(source, {}).items():
            name = key.split(".")[0]
            if column in hinted and name in gone - taken:
                return name
        return ""

    def _column(self, claim: _Claim, taken: set[str]) -> Move:
        """Choose the column of one key."""
        name, table, one, key, verb, old_key, source = claim
        present = self.physical.columns.get(source, {}).get(old_key, "")
        if verb == "kept" and (table, present) not in self.unfit:
            return Move("kept" if key == old_key else "renamed", name, table, key, present, present, source, old_key)
        column = self._back(table, key, _type(one, self.tables.get(self.new_keys[name][one.name][key], "")), present)
        verb = "returned" if column else "new"
        column = column or _free(physical_name(*key.split(".")), taken)
        if not present:
            return Move(verb, name, table, key, column)
        self._spend(table, present, old_key, source, successor=column)
        return Move("replaced", name, table, key, column, present, source, old_key)

    def _back(self, table: str, key: str, kind: str, present: str) -> str:
        """Take the latest retired column that held this key with this type; "" where there is none. Where a column is present, only
        the one that it was converted from: another one's values are not these."""
        held = self.spent.get(table, {})
        back = [
            column
            for column, what in held.items()
            if (what.key, what.type) == (key, kind)
            and (table, column) not in self.unfit
            and (not present or what.successor == present)
        ]
        if not back:
            return ""
        del held[back[-1]]
        return back[-1]

    def _retire(self, source: str, table: str, columns: Mapping[str, str], alive: Iterable[str] = ()) -> None:
        """Note that nobody maps these columns any more; those that are being replaced are noted already."""
        living = set(alive)
        for key, column in columns.items():
            if column in self.spent.get(table, {}):
                continue
            before = key.split(".", maxsplit=1)[0]
            self._spend(table, column, key, source)
            self.moves.append(
                Move(
                    "retired",
                    self.renamed.get(source, source),
                    table,
                    key,
                    column,
                    column,
                    source,
                    key,
                    before in living,
                )
            )

    def _spend(self, table: str, column: str, key: str, source: str, successor: str = "") -> None:
        """Note what a column without a field holds."""
        name = key.split(".", maxsplit=1)[0]
        target = self.old_keys.get(source, {}).get(name, {}).get(key, "")
        kind = _type(self.old.objects[source].fields[name], self.physical.tables.get(target, ""))
        self.spent.setdefault(table, {})[column] = Spent(key, kind, successor)


def _type(one: FieldDef, target: str) -> str:
    """Return what a column must have held for a field to take it up again: ids of one table's records are none of another's."""
    return f"{one.type}:{target}" if target else one.type


def _free(name: str, taken: set[str]) -> str:
    """Return ``name``, or the first of ``name_2``, ``name_3`` … that nobody has."""
    if name not in taken:
        return name
    number = 2
    while physical_name(name, str(number)) in taken:
        number += 1
    return physical_name(name, str(number))
