"""The steps of one table: from what it is and what it should be. Pure; the order among tables is plan.py's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.fields import make_field
from engine.fields.base import ValueFault
from engine.publishing import sentences
from engine.publishing.steps import CONTRACT, EXPAND, LOSES, SAFE, SLOW, Step, carry_name
from engine.storage.physical import SYSTEM_COLUMNS
from metamodel.definitions.common import Expression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.publishing.catalog import Catalog, ColumnState, TableState
    from engine.publishing.desired import NamedWant, TableWant
    from engine.publishing.naming import Move, Naming
    from engine.publishing.plan import Base
    from engine.records.shape import Shapes
    from metamodel.definitions.objects import FieldDef, ObjectDef


def plan_created(definition: ObjectDef, want: TableWant) -> list[Step]:
    """Return the steps that make a table nobody uses yet. Foreign keys come after all tables, since they may go in circles."""
    table = want.table.name
    steps = [Step(EXPAND, "create_table", table, table, sentences.created(definition))]
    if any(one.kind == "f" for one in want.named.values()):
        steps.append(Step(EXPAND, "link_table", table, table, sentences.linked(definition)))
    return steps


@dataclass(frozen=True, slots=True)
class There:
    """What the database holds. ``begun``: (table, column; "" for the table itself) that publications ever began to make, so that what no
    version has is known as a leftover, and what others made is left alone. ``thorough``: look at all tables, also those of
    objects that stay as they are."""

    catalog: Catalog
    begun: frozenset[tuple[str, str]] = frozenset()
    thorough: bool = True

    def unsettled(self, table: str) -> bool:
        """Whether a publication that was not finished has left its traces on a table."""
        state = self.catalog[table]
        return bool(state.triggers) or not all(one.valid for one in state.named.values())


@dataclass(frozen=True, slots=True)
class Turn:
    """The whole change that a table's steps are part of."""

    base: Base
    shapes: Shapes
    naming: Naming
    there: There


def plan_existing(turn: Turn, name: str, want: TableWant, state: TableState) -> list[Step]:
    """Return the steps that bring a table in use to what it should be."""
    return list(_Existing(turn, name, want, state).steps())


def _foreign_key(phase: str, table: str, one: NamedWant, details: dict[str, Any]) -> Iterator[Step]:
    yield Step(phase, "add_foreign_key", table, one.name, sentences.constraint(one.name), SAFE, details)
    yield Step(phase, "validate", table, one.name, sentences.validated(one.name), SLOW)


class _Existing:
    def __init__(self, turn: Turn, name: str, want: TableWant, state: TableState) -> None:
        base, naming = turn.base, turn.naming
        self.base, self.name, self.want, self.state = base, name, want, state
        self.begun = turn.there.begun
        self.shape = turn.shapes[name]
        self.definition = self.shape.definition
        self.table = want.table.name
        self.moves = {move.column: move for move in naming.moves if move.table == self.table and move.verb != "retired"}
        self.retired = [move for move in naming.moves if move.table == self.table and move.verb == "retired"]
        before = naming.sources.get(name, "")
        self.known = {
            *SYSTEM_COLUMNS,
            *base.physical.columns.get(before, {}).values(),
            *base.physical.spent.get(self.table, {}),
        }
        self.fresh = {column for column in want.types if column not in state.columns or column not in self.known}
        self.filled: set[str] = set()

    def steps(self) -> Iterator[Step]:
        for trigger in self.state.triggers:
            yield Step(EXPAND, "drop_carry", self.table, trigger, sentences.leftover(trigger))
        for column in self.state.columns:
            if column not in self.known and (self.table, column) in self.begun:
                yield Step(EXPAND, "drop_column", self.table, column, sentences.leftover(column))
        for column in self.want.types:
            yield from self._new_column(column) if column in self.fresh else self._present_column(column)
        for column, state in self.state.columns.items():
            if column in self.known and column not in self.want.types and not state.nullable:
                yield Step(EXPAND, "drop_not_null", self.table, column, sentences.relaxed(column))
        for move in self.retired:
            yield from self._retire(move)
        yield from self._dropped()
        for one in self.want.named.values():
            yield from self._named(one)

    def _new_column(self, column: str) -> Iterator[Step]:
        """Add a column: blank at first, then with what it converts or defaults to, and required when all rows have a value."""
        wanted = self.want.table.columns[column]
        move = self.moves.get(column)
        one = self.definition.fields[move.key.split(".")[0]] if move else None
        required = not wanted.nullable and wanted.server_default is None
        constant = self._constant(one) if one and required and move and move.verb != "replaced" else None
        details: dict[str, Any] = {} if constant is None else {"default": constant}
        sentence = sentences.added(self.definition, one, column)
        yield Step(EXPAND, "add_column", self.table, column, sentence, SAFE, details)
        computed = one is not None and self.shape.is_computed(one.name)
        yield from self._carry(one, move)
        yield from self._numbered(column, one, move)
        if constant is not None:
            self.filled.add(column)
            yield Step(CONTRACT, "drop_default", self.table, column, sentences.entering_default(column))
        if required and not computed:
            yield from self._required(column, one, settled=False, given=constant is not None)

    def _carry(self, one: FieldDef | None, move: Move | None) -> Iterator[Step]:
        """Convert a column into its successor while the old version still writes it."""
        if one is None or move is None or move.verb != "replaced" or self.shape.is_computed(one.name):
            return
        details = {
            "object": self.name,
            "field": one.name,
            "key": move.key,
            "source": move.source,
            "old_object": move.old_object,
            "old_field": move.old_key.split(".")[0],
        }
        self.filled.add(move.column)
        before = self.base.records.model.objects[move.old_object].fields[details["old_field"]]
        sentence = sentences.converted(self.definition, one, before)
        yield Step(EXPAND, "carry", self.table, move.column, sentences.carried(move.source, move.column), SAFE, details)
        yield Step(EXPAND, "convert", self.table, move.column, sentence, LOSES, details)
        yield Step(CONTRACT, "convert", self.table, move.column, sentence, SLOW, details)
        yield Step(
            CONTRACT, "drop_carry", self.table, carry_name(self.table, move.column), sentences.carried_over(move.column)
        )

    def _numbered(self, column: str, one: FieldDef | None, move: Move | None) -> Iterator[Step]:
        """Number the records that are there when a serial field comes; once more those that the old version made meanwhile."""
        if one is None or move is None or one.type != "serial" or move.verb not in {"new", "returned", "replaced"}:
            return
        self.filled.add(column)
        details = {"object": self.name, "field": one.name, "held": move.verb != "new"}
        for phase in (CONTRACT,) if move.verb == "replaced" else (EXPAND, CONTRACT):
            yield Step(phase, "number", self.table, column, sentences.numbered(self.definition, one), SLOW, details)

    def _required(self, column: str, one: FieldDef | None, *, settled: bool, given: bool = False) -> Iterator[Step]:
        """Fill blanks with the default, if there is one, and require a value once nobody writes blanks any more."""
        details = {"object": self.name, "field": one.name if one else column, "settled": settled or given}
        if one is not None and one.default is not None and not settled and not given:
            self.filled.add(column)
            # What the old version reads stays as it is until nobody is on it.
            for phase in (EXPAND, CONTRACT) if column in self.fresh else (CONTRACT,):
                yield Step(phase, "fill", self.table, column, sentences.filled(self.definition, one), SLOW, details)
        yield Step(
            CONTRACT,
            "set_not_null",
            self.table,
            column,
            sentences.required(self.definition, one, column),
            SLOW,
            details,
        )

    def _present_column(self, column: str) -> Iterator[Step]:
        wanted, state = self.want.table.columns[column], self.state.columns[column]
        move = self.moves.get(column)
        one = self.definition.fields[move.key.split(".")[0]] if move else None
        if self.want.types[column] != state.type:
            details = {"type": self.want.types[column]}
            yield Step(
                EXPAND,
                "alter_type",
                self.table,
                column,
                sentences.widened(column, state.type, details["type"]),
                SAFE,
                details,
            )
        if not state.nullable and (wanted.nullable or (move and move.verb == "replaced")):
            yield Step(EXPAND, "drop_not_null", self.table, column, sentences.relaxed(column))
        yield from self._carry(one, move)
        yield from self._numbered(column, one, move)
        if not wanted.nullable and state.nullable:
            yield from self._required(column, one, settled=self._was_required(move))
        if self._leftover_default(column, state):
            yield Step(CONTRACT, "drop_default", self.table, column, sentences.entering_default(column))

    def _leftover_default(self, column: str, state: ColumnState) -> bool:
        wanted = self.want.table.columns[column]
        return state.default is not None and wanted.server_default is None

    def _was_required(self, move: Move | None) -> bool:
        """Whether the field was required already, so that rows left blank by an accepted loss are nothing new."""
        if move is None or not move.old_object:
            return False
        return self.base.records.model.objects[move.old_object].fields[move.old_key.split(".")[0]].required

    def _retire(self, move: Move) -> Iterator[Step]:
        details = {"object": self.name, "field": move.old_key, "live": move.live}
        before = self.base.records.model.objects[move.old_object].fields[move.old_key.split(".")[0]]
        yield Step(
            EXPAND,
            "retire",
            self.table,
            move.column,
            sentences.retired(self.definition, before),
            LOSES if move.live else SAFE,
            details,
        )

    def _dropped(self) -> Iterator[Step]:
        """Take away what is not wanted any more, last before the new version serves; plain indexes after nobody uses them."""
        for one in self.state.named.values():
            wanted = self.want.named.get(one.name)
            if wanted is not None and wanted.kind == one.kind:
                continue
            if one.kind == "i":
                operation, phase = ("relax_index", EXPAND) if one.unique else ("drop_index", CONTRACT)
                yield Step(
                    phase if one.valid else EXPAND,
                    operation if one.valid else "drop_index",
                    self.table,
                    one.name,
                    sentences.dropped(one.name),
                )
            else:
                yield Step(EXPAND, "drop_constraint", self.table, one.name, sentences.dropped(one.name))

    def _named(self, one: NamedWant) -> Iterator[Step]:
        state = self.state.named.get(one.name)
        if state is not None and state.kind != one.kind:
            state = None
        if state is not None and state.digest == one.digest and state.valid:
            return
        details = {"replace": state is not None}
        unwritten = bool(one.needs & (self.fresh - self.filled))  # the old version can't break it
        if one.kind == "i":
            operation = "create_index" if state is None or not state.valid else "replace_index"
            phase = EXPAND if (unwritten or not one.unique) and operation == "create_index" else CONTRACT
            yield Step(phase, operation, self.table, one.name, sentences.index(one.name, unique=one.unique), SLOW)
        elif one.kind == "f":
            phase = EXPAND if one.needs <= self.fresh - self.filled else CONTRACT
            if phase == CONTRACT:
                yield Step(
                    CONTRACT,
                    "clear_dangling",
                    self.table,
                    one.name,
                    sentences.dangling(one.name),
                    SLOW,
                    {"object": self.name},
                )
            yield from _foreign_key(phase, self.table, one, details)
        else:
            yield Step(CONTRACT, "add_check", self.table, one.name, sentences.constraint(one.name), SAFE, details)
            yield Step(CONTRACT, "validate", self.table, one.name, sentences.validated(one.name), SLOW)

    def _constant(self, one: FieldDef) -> str | None:
        """Return the default of a field as text that PostgreSQL reads as the column's type; None for one to be computed."""
        if one.default is None or isinstance(one.default.value, Expression):
            return None
        model = self.shape.shapes.model
        try:
            value = self.shape.kind(one).parse(
                make_field(one, self.shape.kind(one), object_name=self.name, model=model), one.default.value
            )
        except ValueFault:
            return None
        return constant_text(value) if isinstance(value, str | bool | int | Decimal | date) else None


def constant_text(value: object) -> str:
    """Return a value as PostgreSQL reads it in an untyped literal."""
    return str(value).lower() if isinstance(value, bool) else str(value)
