"""The plan of a publication: the present version and the database as it is, against the new definitions, give ordered steps. Pure:
touches nothing and asks nobody; what the rows have to say against it is survey.py's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.publishing import sentences
from engine.publishing.catalog import normal_type
from engine.publishing.dependents import to_recompute
from engine.publishing.desired import Desired
from engine.publishing.naming import Move, Naming, name_physical
from engine.publishing.plan_states import plan_states
from engine.publishing.plan_table import Turn, plan_created, plan_existing
from engine.publishing.steps import CONTRACT, EXPAND, SLOW, Plan, Step
from engine.records.associations import with_associations
from engine.records.compile import Records, compile_records
from engine.records.derived import SEARCH
from engine.records.duplicate_terms import COLUMN
from engine.records.shape import Shapes
from metamodel.collecting import uncollected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.publishing.catalog import Catalog
    from engine.publishing.plan_table import There
    from engine.records.shape import ObjectShape
    from engine.storage.physical import Physical
    from metamodel.definitions.model import Model
    from metamodel.kinds import Kinds


@dataclass(frozen=True, slots=True)
class Base:
    """The version that serves now; number 0 before the first. ``model`` is what its packs say; ``records`` have an object for each
    association beside, since that is a table."""

    number: int
    hash: str
    canonical: str
    records: Records
    model: Model

    @property
    def physical(self) -> Physical:
        """Return its mapping."""
        return self.records.physical


# Steps are carried out in this order within their phase, whatever the table.
_ORDER = {
    EXPAND: (
        "retire", "drop_table", "drop_carry", "drop_index", "drop_column", "create_table", "link_table", "add_column", "alter_type", "drop_not_null",
        "add_foreign_key", "validate", "carry", "fill", "convert", "number", "recompute", "search", "create_index", "drop_constraint", "relax_index",
    ),
    CONTRACT: (
        "convert", "drop_carry", "fill", "number", "drop_default", "recompute", "search", "rename_stays", "move_states", "open_stays", "set_not_null", "add_check", "clear_dangling",
        "add_foreign_key", "validate", "create_index", "replace_index", "drop_index",
    ),
}  # fmt: skip


def make_plan(base: Base, new: Model, kinds: Kinds, there: There, hint: Physical | None = None) -> Plan:
    """Plan the way from ``base`` to ``new``. ``there`` is what the database holds; ``hint`` the mapping of a version gone back to."""
    with uncollected():
        return _make_plan(base, with_associations(new, kinds, base.physical.tables), kinds, there, hint)


def _make_plan(base: Base, new: Model, kinds: Kinds, there: There, hint: Physical | None) -> Plan:
    shapes = Shapes(new, kinds)
    unfit: frozenset[tuple[str, str]] = frozenset()
    while True:
        naming = name_physical(base.records.shapes, base.physical, shapes, unfit=unfit, hint=hint)
        records = compile_records(new, naming.physical, kinds)
        desired = Desired(records)
        touched = set(new.objects) if there.thorough else _touched(base.records.model, new, naming)
        found = unfit | {
            (move.table, move.source or move.column)
            for move in naming.moves
            if move.object in touched and not _fits(move, base.records.shapes, shapes, desired, there.catalog)
        }
        if found == unfit:
            turn = Turn(base, shapes, naming, there)
            return Plan(naming, records, desired, _steps(turn, desired, touched))
        unfit = found


def _touched(old: Model, new: Model, naming: Naming) -> set[str]:
    """Return the objects whose tables may have to change: those that say something else, or stand elsewhere."""
    changed = {
        name
        for name, definition in new.objects.items()
        if name not in naming.sources or old.objects[naming.sources[name]] != definition
    }
    moved = {move.object for move in naming.moves if move.verb != "kept"}
    measured = {name for name, _ in _measured(old) ^ _measured(new) if name in new.objects}
    return changed | moved | measured


def _measured(model: Model) -> set[tuple[str, str]]:
    """Return (object, field) by which metrics put records into periods: what is indexed for them."""
    return {(one.object, one.at) for one in model.metrics.values() if one.at}


def _fits(move: Move, old: Shapes, new: Shapes, desired: Desired, catalog: Catalog) -> bool:
    """Whether a column that a move keeps can hold what the field now is."""
    if move.verb not in {"kept", "renamed", "returned"}:
        return True
    if move.old_object and not _kind_fits(move, old, new):
        return False
    state = catalog.get(move.table)
    if state is None or move.column not in state.columns:
        return True
    return widens(state.columns[move.column].type, desired[move.table].types[move.column])


def _kind_fits(move: Move, old: Shapes, new: Shapes) -> bool:
    """Whether every stored value of the field as it was is a value of it as it now is."""
    before, after = old[move.old_object], new[move.object]
    definition, next_definition = (
        before.definition.fields[_field(move.old_key)],
        after.definition.fields[_field(move.key)],
    )
    if definition.type == next_definition.type:
        return True
    return next_definition.type in before.kind(definition).widens_to and not after.is_computed(next_definition.name)


def _field(key: str) -> str:
    return key.split(".", maxsplit=1)[0]


def widens(present: str, wanted: str) -> bool:
    """Whether a column's type can become another one without touching its rows (types in their normal spelling)."""
    if present == wanted:
        return True
    (name, size), (next_name, next_size) = _parts(present), _parts(wanted)
    if name == "character varying":
        return next_name == "text" or (
            next_name == name and (not next_size or (bool(size) and next_size[0] >= size[0]))
        )
    if name == "numeric" and next_name == name:
        return not next_size or (
            len(size) == 2 and len(next_size) == 2 and size[1] == next_size[1] and next_size[0] >= size[0]
        )
    return False


def _parts(kind: str) -> tuple[str, tuple[int, ...]]:
    name, _, size = normal_type(kind).partition("(")
    return name, tuple(int(part) for part in size.rstrip(")").split(",") if part.isdigit())


def _steps(turn: Turn, desired: Desired, touched: set[str]) -> tuple[Step, ...]:
    naming, catalog = turn.naming, turn.there.catalog
    known = {*turn.base.physical.tables.values(), *turn.base.physical.retired.values()}
    stale = to_recompute(turn.base.records.model, turn.shapes, naming)
    steps: list[Step] = [
        Step(EXPAND, "drop_table", name, name, sentences.leftover(name))
        for name, state in catalog.items()
        if name not in known and (name, "") in turn.there.begun and state.empty
    ]
    for name, table in naming.physical.tables.items():
        if table not in known or table not in catalog:
            steps += plan_created(turn.shapes.model.objects[name], desired[table])
        elif name in touched or name in stale or turn.there.unsettled(table):
            steps += plan_existing(turn, name, desired[table], catalog[table])
    steps += _retired(naming, catalog)
    steps += _computed(turn, known, stale)
    steps += [one for one in plan_states(turn) if all(one.key != other.key for other in steps)]
    return tuple(sorted(steps, key=lambda step: (step.phase == CONTRACT, _ORDER[step.phase].index(step.operation))))


def _computed(turn: Turn, known: set[str], stale: dict[str, tuple[str, ...]]) -> list[Step]:
    """Compute columns that nobody reads yet before the new version serves; those that the old version reads after it."""
    naming, shapes = turn.naming, turn.shapes
    fresh = {(move.object, move.key) for move in naming.moves if move.verb in {"new", "returned", "replaced"}}
    moved = {(move.object, move.key) for move in naming.moves if move.verb != "kept"}
    steps: list[Step] = []
    for name in compiled_order(shapes, naming, stale) if stale else ():
        if naming.physical.tables[name] in known:
            early = [field for field in stale[name] if (name, field) in fresh]
            steps += _recompute(EXPAND, shapes, naming, name, early)
            steps += _recompute(CONTRACT, shapes, naming, name, list(stale[name]))
    for name, table in naming.physical.tables.items():
        shape, before = shapes[name], naming.sources.get(name, "")
        if table not in known or not before:
            continue
        there = turn.there.catalog[table].columns if table in turn.there.catalog else ()
        past = {column: told for column, told, _ in _derived(turn.base.records.shapes[before]) if column in there}
        touched = {*stale.get(name, ()), *(key for owner, key in moved if owner == name)}
        for column, told, reads in _derived(shape):
            if told == past.get(column) and not touched & reads:
                continue
            for phase in (CONTRACT,) if column in past else (EXPAND, CONTRACT):
                sentence = sentences.derived(shape.definition, column)
                steps.append(Step(phase, "search", table, column, sentence, SLOW, {"object": name}))
    return steps


def _derived(shape: ObjectShape) -> Iterator[tuple[str, object, set[str]]]:
    """Yield the columns that follow from an object's fields: what they are made by, and the fields that they hang on."""
    if shape.search_fields:
        yield SEARCH, shape.search_fields, set(shape.search_fields)
    rules = shape.definition.duplicates
    if rules:
        told = {
            name: (one.exact, one.similar, one.at_least, one.when.text if one.when is not None else "")
            for name, one in rules.items()
        }
        asked = " ".join(one.when.text for one in rules.values() if one.when is not None)
        reads = {name for one in rules.values() for name in one.fields}
        yield COLUMN, told, reads | {name for name in shape.definition.fields if name in asked}


def _recompute(phase: str, shapes: Shapes, naming: Naming, name: str, fields: list[str]) -> list[Step]:
    if not fields:
        return []
    sentence = sentences.recompute(shapes[name].definition, fields)
    details = {"object": name, "fields": fields}
    return [Step(phase, "recompute", naming.physical.tables[name], ",".join(fields), sentence, SLOW, details)]


def compiled_order(shapes: Shapes, naming: Naming, names: Iterable[str]) -> list[str]:
    """Return objects in the order in which their computed fields build on each other."""
    return compile_records(shapes.model, naming.physical, shapes.kinds).dependents.in_order(names)


def _retired(naming: Naming, catalog: Catalog) -> list[Step]:
    """Free the tables of removed objects of what other objects' records could trip over."""
    return [
        Step(EXPAND, "drop_constraint", table, one.name, sentences.dropped(one.name))
        for table in naming.physical.retired.values()
        if table in catalog
        for one in catalog[table].named.values()
        if one.kind == "f"
    ]
