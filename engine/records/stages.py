"""What the floors above add to a command: to refuse before anything is written, and to go on in the same transaction after. Records
know none of them; a runtime brings them along."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.context import Context
    from engine.records.batch import Command, Row
    from engine.records.compile import CompiledObject, Records
    from engine.refusals import Refusal

BACKFILL = "backfill"  # in an act's details: records come with their past (demo data), so that nothing is asked or set off anew
UNASKED = "unasked"  # in an act's details: no check is asked, since nobody enters anything (a state that is removed)
RECOMPUTED = (
    "recomputed"  # in what is told of lines written by themselves: (object, id) → computed fields as they were before
)
MERGE = "merge"  # an act's name: records follow one that was merged into another
NOTHING: Mapping[str, Any] = MappingProxyType({})
_KINDS = {"created": "create", "updated": "update", "deleted": "delete", "restored": "restore"}


@dataclass(frozen=True, slots=True)
class Act:
    """What a command does. ``kind``: create, update, delete, restore or transition; ``name``: which transition. ``moves``: the state
    and read-only fields that it may write, which no other command may. ``grant``: the act that one needs to be granted for it, where it is not its own kind. ``details`` travel to the stages as they are (a reason, say)."""

    kind: str
    name: str = ""
    moves: frozenset[str] = frozenset()
    details: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    grant: str = ""


CREATE, UPDATE, DELETE, RESTORE = Act("create"), Act("update"), Act("delete"), Act("restore")


def changed_fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """Return the fields whose value is another one than before."""
    return {name for name, value in new.items() if old.get(name) != value}


@dataclass(frozen=True)
class Staged:
    """One record of a command as the stages see it. ``old`` and ``new``: stored fields before and after (``old`` empty for a new record,
    ``id`` 0 before it is written)."""

    id: int
    version: int
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    is_new: bool = False
    index: int = 0

    @cached_property
    def changed(self) -> frozenset[str]:
        """The fields whose value is another one than before: most stages never ask."""
        return frozenset(changed_fields(self.old, self.new))


@dataclass(frozen=True, slots=True)
class Stage:
    """A floor's share in the commands over ``objects`` (None: over all).

    ``before`` is asked when the rows are parsed, computed and checked and nothing is written: it raises Refusal to stop the command.
    ``after`` runs when everything is written. Both take (context, object name, act, rows), are set-based, and run inside the
    command's transaction. ``divert`` (context, object name, act, record id, values) may take a transition over before its command
    begins: it returns the id of the approval that decides on it first, or None. Two tell beforehand what whoever asks would be refused:
    ``bars`` (context, object name, record ids) which records can't be changed or moved on at all, ``withholds`` (context, object name,
    record id, transitions) which transitions can't be taken with one."""

    name: str
    objects: frozenset[str] | None = None
    before: Callable[[Context, str, Act, Sequence[Staged]], None] | None = None
    after: Callable[[Context, str, Act, Sequence[Staged]], None] | None = None
    divert: Callable[[Context, str, Act, int, Mapping[str, object]], int | None] | None = None
    bars: Callable[[Context, str, Sequence[int]], Mapping[int, Refusal]] | None = None
    withholds: Callable[[Context, str, int, Sequence[str]], Mapping[str, Refusal]] | None = None


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages of a runtime, in the order they are asked."""

    all: tuple[Stage, ...] = ()
    _of: dict[str, tuple[Stage, ...]] = field(default_factory=dict)

    def of(self, object_name: str) -> tuple[Stage, ...]:
        """Return the stages that take part in an object's commands."""
        found = self._of.get(object_name)
        if found is None:
            found = tuple(stage for stage in self.all if stage.objects is None or object_name in stage.objects)
            self._of[object_name] = found
        return found


def ask_before(command: Command, compiled: CompiledObject, act: Act, rows: Sequence[Row]) -> None:
    """Let the stages refuse what is about to be written. Raises what they raise."""
    stages = command.records.stages.of(compiled.name)
    if not rows or not any(stage.before for stage in stages):
        return
    told = [_staged(row) for row in rows]
    for stage in stages:
        if stage.before is not None:
            stage.before(command.context, compiled.name, act, told)


def tell_after(command: Command) -> None:
    """Tell the stages what was written: of each object and act all rows at once."""
    for compiled, action, rows in command.done if command.records.stages.all else ():
        stages = command.records.stages.of(compiled.name)
        if not any(stage.after for stage in stages):
            continue
        kind = "update" if command.act.kind == "transition" else command.act.kind
        own = _KINDS[action] == kind and compiled.name == command.of
        act = command.act if own else Act(_KINDS[action])
        if own and compiled.parent:
            act = replace(act, details={**act.details, RECOMPUTED: command.recomputed})
        told = [_staged(row) for row in rows]
        for stage in stages:
            if stage.after is not None:
                stage.after(command.context, compiled.name, act, told)


def barred(context: Context, records: Records, object_name: str, ids: Sequence[int]) -> Mapping[int, Refusal]:
    """Return why records can't be changed by whoever asks as things stand: those alone that something bars, however many are asked for
    at the price of one."""
    found: dict[int, Refusal] = {}
    for stage in records.stages.of(object_name) if ids else ():
        if stage.bars is not None:
            found = {**stage.bars(context, object_name, ids), **found}
    return found


def refuse_barred(context: Context, records: Records, object_name: str, ids: Sequence[int]) -> None:
    """Raise the refusal that a change of any of the records would meet: for acts that write with more rights than whoever asks has."""
    for refusal in barred(context, records, object_name, ids).values():
        raise refusal


def withheld(
    context: Context, records: Records, object_name: str, number: int, transitions: Sequence[str]
) -> Mapping[str, Refusal]:
    """Return which transitions of a record would be refused to whoever asks, and why."""
    found: dict[str, Refusal] = {}
    for stage in records.stages.of(object_name) if transitions else ():
        if stage.withholds is not None:
            found = {**stage.withholds(context, object_name, number, transitions), **found}
    return found


def _staged(row: Row) -> Staged:
    return Staged(row.id, row.version, row.old, row.new, row.is_new, row.index)
