"""The first stage of a command: what was sent becomes values, or errors that say what is wrong with it. Nothing is guessed, dropped
or converted in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.fields.base import Locale, ValueFault
from engine.records.batch import Row
from engine.records.moments import HOME
from engine.records.renamed import field_names
from engine.records.rights import Right
from metamodel.expressions.types import Base
from metamodel.faults import near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.fields.base import Field
    from engine.records.batch import Command
    from engine.records.compile import CompiledObject

Refused = tuple[str, Text]
NOT_WRITTEN = Text(zh="这是系统字段，不能写入", en="the system writes this field")
COMPUTED = Text(zh="这是计算字段，不能写入", en="this field is computed and can't be written")
SERIAL = Text(zh="编号由系统生成", en="the system gives this number")
RENAMED = Text(
    zh="此字段已改名为 {now}，不能同时使用两个名称",
    en="this field is called {now} now and can't be sent under both names",
)
READONLY = Text(zh="您不能修改此字段", en="you may not change this field")
BY_TRANSITION = Text(zh="状态只能通过流转改变", en="a state changes by its transitions alone")


class Parser:
    """Reads records of one object. What may be written is settled once a field, not once a record."""

    def __init__(self, command: Command, compiled: CompiledObject, *, creating: bool, text: bool) -> None:
        self.command, self.compiled = command, compiled
        self.creating, self.text = creating, text
        context = command.context
        self.locale = Locale(context.language, context.zone or context.home or HOME, context.home or HOME)
        self._gates: dict[str, Refused | Callable[[Row, Any], None]] = {}
        named = field_names(compiled).items()
        self._renamed = {former: now for former, now in named if self._right(now) is not Right.HIDDEN}

    def read(self, row: Row, values: Mapping[str, object]) -> None:
        """Parse what was sent for one record into ``row.given`` and ``row.lines``."""
        gates = self._gates
        if not self._renamed.keys().isdisjoint(values):
            values = self._under_todays_names(row, values)
        for name, value in values.items():
            gate = gates.get(name)
            if gate is None:
                gate = gates[name] = self._gate(name)
            if isinstance(gate, tuple):
                self.command.errors.add(row, name, *gate)
                continue
            try:
                gate(row, value)
            except ValueFault as fault:
                self.command.errors.add(row, name, fault.code, fault.message)

    def refused(self, name: str) -> Refused | None:
        """Return why a field may not be written in any record; None where that is for each record to say."""
        gate = self._gate(name)
        return gate if isinstance(gate, tuple) else None

    def _under_todays_names(self, row: Row, values: Mapping[str, object]) -> Mapping[str, object]:
        """Return what was sent with renamed fields under their names of today; both names at once leave open which one is meant."""
        found: dict[str, object] = {}
        for name, value in values.items():
            now = self._renamed.get(name, name)
            if now != name and now in values:
                self.command.errors.add(row, name, "RENAMED_FIELD", RENAMED.format(now=now))
            else:
                found[now] = value
        return found

    def _gate(self, name: str) -> Refused | Callable[[Row, Any], None]:
        """Return how a field is read, or why it may not be written."""
        field = self.compiled.fields.get(name)
        if field is None:
            return self._no_field(name)
        rights, full = self.command.rights, self.command.rights.full
        right = self._right(name)
        if right is Right.HIDDEN:
            return self._no_field(name)
        if field.kind.computed:
            return "COMPUTED_FIELD", COMPUTED
        if field.kind.moved:
            return self._reader(field) if self._may_move(name) else ("STATE_FIELD", BY_TRANSITION)
        if name in self.compiled.rules.serials and not (full or rights.grants(self.compiled.name, "backfill")):
            return "SERIAL_FIELD", SERIAL
        closed = field.definition.readonly and not (
            self.command.context.actor.is_system or name in self.command.act.moves
        )
        if right < Right.EDIT or closed:
            return "READONLY_FIELD", READONLY
        return self._reader(field)

    def _may_move(self, name: str) -> bool:
        """Whether a state may be written: by the transition that moves it, or when a record is born with the grant to backfill."""
        if not self.creating:
            return name in self.command.act.moves
        return self.command.rights.full or self.command.rights.grants(self.compiled.name, "backfill")

    def _right(self, name: str) -> Right:
        """Return the highest right that the writer has; where it differs among records, the lock decides on each."""
        if self.creating:
            return self.command.rights.write_right(self.compiled.name, name)
        return self.command.rights.field(self.compiled.name, name).most

    def _no_field(self, name: object) -> Refused:
        if name in self.compiled.system:
            return "SYSTEM_FIELD", NOT_WRITTEN
        seen = [one for one in self.compiled.fields if self._right(one) is not Right.HIDDEN]
        hint = near_miss(str(name), seen)
        shown = str(name)[:60]
        return "UNKNOWN_FIELD", Text(
            zh=f"没有字段 {shown}" + (f"，{hint.zh}" if hint else ""),
            en=f"there is no field {shown}" + (f"; {hint.en}" if hint else ""),
        )

    def _reader(self, field: Field) -> Callable[[Row, Any], None]:
        name, parse, locale = field.name, field.kind.parse, self.locale
        if field.type.base is Base.ROWS:
            return lambda row, value: self._read_lines(field, row, value)
        if self.text:
            return self._text_reader(field)

        def from_json(row: Row, value: Any) -> None:
            row.given[name] = None if value is None else parse(field, value, locale)

        return from_json

    def _text_reader(self, field: Field) -> Callable[[Row, Any], None]:
        """Return how a field is read from typed text. Columns of a table hold the same few texts again and again: each is read once."""
        name, locale, parse, parse_text = field.name, self.locale, field.kind.parse, field.kind.parse_text
        read: dict[str, Any] = {}

        def from_text(row: Row, value: Any) -> None:
            if isinstance(value, str):
                if value not in read:
                    read[value] = parse_text(field, value, locale) if value.strip() else None
                row.given[name] = read[value]
            else:
                row.given[name] = None if value is None else parse(field, value, locale)

        return from_text

    def _read_lines(self, field: Field, row: Row, value: Any) -> None:
        lines = [] if value is None else field.kind.parse(field, value, self.locale)
        row.lines[field.name] = lines


def parse_lines(
    command: Command, child: CompiledObject, parents: Sequence[Row], name: str, *, text: bool
) -> tuple[list[Row], list[Row], list[Row]]:
    """Parse the lines of many records. Returns new lines, changed ones, and those to remove."""
    fresh: list[Row] = []
    changed: list[Row] = []
    removed: list[Row] = []
    make = Parser(command, child, creating=True, text=text)
    change = Parser(command, child, creating=False, text=text)
    for parent in parents:
        for place, line in enumerate(parent.lines.get(name, ())):
            row = Row(parent.index, f"{parent.path}{name}.{place}.", parent=parent)
            if line.remove and line.id is not None:
                row.id = line.id
                removed.append(row)
                continue
            if child.parent in line.values:
                command.errors.add(row, child.parent, "SYSTEM_FIELD", NOT_WRITTEN)
                continue
            if line.id is None or parent.is_new:
                if line.id is not None:
                    command.errors.add(row, "id", "UNKNOWN_LINE", Text(zh="没有这一行", en="there is no such row"))
                make.read(row, line.values)
                fresh.append(row)
            else:
                row.id = line.id
                change.read(row, line.values)
                changed.append(row)
    return fresh, changed, removed
