"""The records of one command in flight: their old and new values, what is wrong with them, and how expressions read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.fields.base import Target
from engine.records.stages import UPDATE, changed_fields
from engine.refusals import FieldError, Refusal
from metamodel.expressions.types import Base
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.context import Context
    from engine.expressions.values import Moment, Reader, Value
    from engine.fields.base import Line
    from engine.records.compile import CompiledObject, Records
    from engine.records.linked import Linked
    from engine.records.rights import Rights
    from engine.records.stages import Act

FAILED = Text(zh="有 {n} 处需要修改：{first}", en="{n} things to mend: {first}")


@dataclass(eq=False, slots=True)
class Row:
    """One record in flight. ``old`` and ``new`` hold the stored fields (``old`` is empty for a new record). ``index`` is the record's
    place in the batch, ``path`` what stands before its field names in errors (``lines.2.``)."""

    index: int
    path: str = ""
    id: int = 0
    is_new: bool = True  # until it is read from the database
    system: dict[str, Any] = field(default_factory=dict)  # created_at …, of a record that exists
    old: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)  # what the writer set, parsed
    lines: dict[str, list[Line]] = field(default_factory=dict)
    version: int = 1
    parent: Row | None = None
    flags: Mapping[str, bool] = field(default_factory=dict)  # what the viewer may do with it: act or role → granted
    serials: dict[str, str] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)  # fields with an error: nothing further is said of them
    late: set[str] = field(default_factory=set)  # checks to ask when everything is written
    touched: dict[str, Any] = field(
        default_factory=dict
    )  # lines field → [ids before, ids after] of rows written with it

    def changed(self) -> set[str]:
        """Return the stored fields whose value is another one than before."""
        return changed_fields(self.old, self.new)


class Errors:
    """What is wrong with the records of a command: collected over all of them, then refused at once."""

    def __init__(self, *, single: bool) -> None:
        self.items: list[FieldError] = []
        self._single = single

    def add(self, row: Row, name: str, code: str, message: Text) -> None:
        """Note a bad value of a record's field ("" for the record itself)."""
        row.bad.add(name)
        path = (row.path + name).rstrip(".")
        self.items.append(FieldError(path, code, message, None if self._single else row.index))

    def bad_rows(self) -> set[int]:
        """Return the places of the records with errors."""
        return {error.row or 0 for error in self.items}

    def raise_any(self, status: int = 422) -> None:
        """Raise everything noted so far."""
        if not self.items:
            return
        first = self.items[0]
        code = first.code if len({error.code for error in self.items}) == 1 else "INVALID"
        said = first.message if len(self.items) == 1 else FAILED.format(n=len(self.items), first="{first}")
        if len(self.items) > 1:
            said = Text(
                zh=said.zh.replace("{first}", first.message.zh), en=said.en.replace("{first}", first.message.en)
            )
        raise Refusal(status, code, said, tuple(self.items))


@dataclass(eq=False)
class Command:
    """What the stages of one command share."""

    context: Context
    records: Records
    rights: Rights
    moment: Moment
    errors: Errors
    linked: Linked
    act: Act = UPDATE
    of: str = ""  # the object that the command is about; lines and what is recomputed come along
    locked: set[tuple[str, int]] = field(default_factory=set)
    late: dict[str, dict[int, set[str]]] = field(default_factory=dict)  # object → id → checks asked once all is written
    places: dict[tuple[str, int], Row] = field(default_factory=dict)  # where the errors of a late check belong
    recomputed: dict[tuple[str, int], dict[str, Any]] = field(
        default_factory=dict
    )  # (object, id) → computed fields that followed, as they were before
    done: list[tuple[CompiledObject, str, list[Row]]] = field(
        default_factory=list
    )  # what was written, for the stages above

    @property
    def connection(self) -> Any:
        """The connection of the caller's transaction."""
        return self.context.connection

    def ask_late(self, object_name: str, number: int, checks: Iterable[str]) -> None:
        """Have checks asked of a record when everything is written and recomputed."""
        names = set(checks)
        if names:
            self.late.setdefault(object_name, {}).setdefault(number, set()).update(names)


class RowReader:
    """A record in flight as expressions read it: own values, paths over links that were read before, rows of lines.

    ``values`` are the new ones or, for ``old``, the former ones.
    """

    __slots__ = ("_command", "_compiled", "_row", "_values")

    def __init__(self, command: Command, compiled: CompiledObject, row: Row, values: Mapping[str, Any]) -> None:
        self._command, self._compiled, self._row, self._values = command, compiled, row, values

    def get(self, path: tuple[str, ...]) -> Value:
        """Return the value at ``path``."""
        name = path[0]
        if len(path) == 1:
            return self._own(name)
        if name == "old":
            return RowReader(self._command, self._compiled, self._row, self._row.old).get(path[1:])
        if name == "record":
            return self.get(path[1:])
        if name == self._compiled.parent and self._row.parent is not None:
            parent = self._row.parent
            above = self._command.records.objects[self._compiled.fields[name].targets[0]]
            return RowReader(self._command, above, parent, parent.new).get(path[1:])
        link = self._values.get(name) if name in self._compiled.fields else self._own(name)
        if link is None:
            return None
        if isinstance(link, dict | list):
            return None  # data of any kind: nothing of it is a value of its own
        if isinstance(link, Target):
            return self._command.linked.value(link.object, link.id, path[1:])
        target = self._compiled.shape.members[name].objects[0]
        return link if path[1:] == ("id",) else self._command.linked.value(target, int(str(link)), path[1:])

    def _own(self, name: str) -> Value:
        if name in self._values:
            value = self._values[name]
            if type(value) is int and self._compiled.anything[name].type.base is Base.NUMBER:
                return Decimal(value)
            return value.id if isinstance(value, Target) else value
        if name in self._compiled.system:
            value = self._system(name)
            return (
                Decimal(value) if type(value) is int and self._compiled.system[name].type.base is Base.NUMBER else value
            )
        computed = self._compiled.computed.get(name)
        if computed is not None and not computed.stored:
            return self._compiled.rules.closure(computed.expression)(self, self._command.moment)
        return self._values.get(name)

    def _system(self, name: str) -> Any:
        """Return a system field: of a new record what it is about to have."""
        if not self._row.is_new:
            return self._row.system.get(name)
        context = self._command.context
        coming = {"created_at": context.now, "updated_at": context.now, "version": 1}
        return context.author if name in {"created_by", "updated_by"} else coming.get(name)

    def rows(self, path: tuple[str, ...]) -> Iterable[Reader]:
        """Return the rows on the other side of a link, those in the database; the records that a field of several links leads to."""
        if len(path) > 1 and path[0] in {"old", "record"}:
            values = self._row.old if path[0] == "old" else self._values
            return RowReader(self._command, self._compiled, self._row, values).rows(path[1:])
        association = self._compiled.associations.get(path[0])
        if association is not None and len(path) == 1:
            return self._command.linked.members(association.to, self._values.get(path[0]) or ())
        if len(path) > 1 or self._row.is_new:
            return ()
        return self._command.linked.children(self._compiled, path[0], self._row.id)
