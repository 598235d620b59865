"""The compiled approvals of a version: each with its expressions typed, found by object, by where they start, by what they protect.
Instances of earlier versions run on with the definitions that they were started with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.approvals.assignee import AssigneeKind
from engine.approvals.course import steps_of
from engine.approvals.looking import Looked, looked_at
from engine.records.compile import compile_records
from engine.records.shape import PERSON
from engine.storage.physical import Physical
from engine.storage.tables import version as versions
from metamodel.expressions.types import BOOLEAN, SEVERAL, Base, Type
from metamodel.names import USER
from metamodel.read import read_canonical

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.context import Context, Part, Runtime
    from engine.records.compile import Records
    from metamodel.definitions.approvals import ApprovalDef, ApprovalStepDef, ApproversDef
    from metamodel.definitions.model import Model
    from metamodel.expressions.typed import TypedExpression


@dataclass(frozen=True, eq=False)
class ApprovalMachine:
    """One approval ready to use."""

    definition: ApprovalDef
    records: Records

    @property
    def name(self) -> str:
        """Return the approval's name."""
        return self.definition.name

    @property
    def object(self) -> str:
        """Return the object whose records it is about."""
        return self.definition.object

    @cached_property
    def steps(self) -> Mapping[str, ApprovalStepDef]:
        """All steps by their dotted names."""
        return steps_of(self.definition.steps)

    @cached_property
    def _known(self) -> dict[tuple[str, Type | None], TypedExpression]:
        return {}

    def typed(self, text: str, want: Type | None = None) -> TypedExpression:
        """Return an expression over the record: bare names and ``record.`` are the record, ``old.`` what it was before. Read once."""
        found = self._known.get((text, want))
        if found is None:
            shapes = self.records.shapes
            found = self._known[text, want] = shapes.check(text, shapes.rule_scope(self.object), want)
        return found

    def candidate(self, text: str) -> TypedExpression:
        """Return the condition that narrows who is asked: ``user.`` is the candidate."""
        shapes = self.records.shapes
        return shapes.check(text, shapes.rule_scope(self.object, user=PERSON), BOOLEAN)

    def assignee(self, approvers: ApproversDef) -> AssigneeKind:
        """Return the kind of an assignee."""
        found = self.records.kinds.assignees[approvers.kind]
        assert isinstance(found, AssigneeKind)  # noqa: S101 - the registry holds no others
        return found

    @cached_property
    def when(self) -> TypedExpression | None:
        """The condition under which it starts."""
        return None if self.definition.when is None else self.typed(self.definition.when.text, BOOLEAN)

    @cached_property
    def step_conditions(self) -> Mapping[str, TypedExpression]:
        """Step → the condition under which it is not passed over."""
        return {name: self.typed(step.when.text, BOOLEAN) for name, step in self.steps.items() if step.when is not None}

    @cached_property
    def looked(self) -> Mapping[str, Looked]:
        """Step ("" : the start) → what the start and the step look at."""
        return looked_at(self)

    @cached_property
    def naming(self) -> Mapping[str, TypedExpression]:
        """The expressions over the record that name who is asked in a step, by their text; not those that lead to several."""
        texts = [
            text
            for step in self.steps.values()
            for one in (step.approvers, step.copy_to)
            if one is not None and one.where is None
            for text in self.assignee(one).reads(one)
        ]
        return {text: self.typed(text) for text in texts if not self.rows_of_users(text)}

    def rows_of_users(self, text: str) -> tuple[str, ...]:
        """Return the path of an expression that leads to several users; () where it gives one."""
        steps = tuple(text.strip().removeprefix("record.").split("."))
        here: tuple[str, ...] = (self.object,)
        for place, step in enumerate(steps):
            members = self.records.shapes.members(here[0]) if len(here) == 1 else None
            found = (members or {}).get(step)
            if found is None:
                return ()
            if found.base in SEVERAL:
                return steps if place == len(steps) - 1 and found.objects == (USER,) else ()
            here = found.objects if found.base is Base.LINK else ()
        return ()


@dataclass(frozen=True, eq=False)
class Approvals:
    """The approvals floor's part of a Runtime (``ctx.runtime.part(Approvals)``)."""

    records: Records

    @cached_property
    def machines(self) -> Mapping[str, ApprovalMachine]:
        """Approval → machine, in the order in which several are asked."""
        found = sorted(self.records.model.approvals.values(), key=lambda one: (one.priority, one.name))
        return {one.name: ApprovalMachine(one, self.records) for one in found}

    def of(self, object_name: str) -> tuple[ApprovalMachine, ...]:
        """Return the approvals of an object, by priority."""
        return tuple(one for one in self.machines.values() if one.object == object_name)

    def starting(self, object_name: str, at: str, name: str = "") -> tuple[ApprovalMachine, ...]:
        """Return the approvals of an object that start at a point, by priority."""
        return tuple(one for one in self.of(object_name) if one.definition.at == at and one.definition.at_name == name)

    def protecting(self, object_name: str, act: str, name: str) -> tuple[ApprovalMachine, ...]:
        """Return the approvals of an object without which an act is refused."""
        return tuple(
            one
            for one in self.of(object_name)
            if any(guarded.act == act and guarded.name == name for guarded in one.definition.protects)
        )

    @cached_property
    def creations(self) -> Mapping[str, tuple[ApprovalMachine, ...]]:
        """Object → approvals without which no record of it is made that links to what they are about."""
        found: dict[str, tuple[ApprovalMachine, ...]] = {}
        for machine in self.machines.values():
            for guarded in machine.definition.protects:
                if guarded.act == "create":
                    found[guarded.name] = (*found.get(guarded.name, ()), machine)
        return found


def concerned(model: Model) -> frozenset[str]:
    """Return the objects in whose commands approvals have a say: their own, those of their lines, those whose creation they protect."""
    own = {one.object for one in model.approvals.values()}
    made = {guarded.name for one in model.approvals.values() for guarded in one.protects if guarded.act == "create"}
    lines = {
        name
        for name, definition in model.objects.items()
        for field in definition.fields.values()
        if field.options.get("parent") and field.options.get("to") in own
    }
    return frozenset(own | made | lines)


def compile_approvals(records: Records) -> Approvals:
    """Compile the approvals of a checked model; each machine is made when first asked for."""
    return Approvals(records)


@dataclass(frozen=True, eq=False)
class Pinned:
    """As much of an earlier version as its running approvals need: to ask and to read, never to write."""

    version: int
    parts: Mapping[type, object]

    def part(self, kind: type[Part]) -> Part:
        """Return a part. Raises KeyError for one that an earlier version does not keep."""
        found = self.parts[kind]
        assert isinstance(found, kind)  # noqa: S101 - parts are stored by their class
        return found


def runtime_of(context: Context, number: int) -> Runtime:
    """Return what an approval of version ``number`` is asked and read with: the runtime itself, or that earlier version, kept."""
    runtime = context.runtime
    if number == runtime.version:
        return runtime
    records = runtime.part(Approvals).records

    def make() -> Runtime:
        asked = sa.select(versions.c.canonical, versions.c.physical).where(versions.c.number == number)
        row = context.connection.execute(asked).one_or_none()
        if row is None:
            return runtime
        model = read_canonical(row.canonical, records.kinds)
        earlier = compile_records(model, Physical.from_json(row.physical), records.kinds)
        parts = (earlier, Approvals(earlier))
        return Pinned(number, MappingProxyType({type(part): part for part in parts}))

    return records.memory.get(("approvals of", number), make)
