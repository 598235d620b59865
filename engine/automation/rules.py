"""Rules as a version holds them: each compiled when first asked for, found by what may set it off without asking the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from engine.automation.frame import Action, Trigger
from metamodel.definitions.common import Expression
from metamodel.expressions.types import BOOLEAN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.context import Runtime
    from engine.records.compile import Records
    from metamodel.definitions.automations import AutomationDef
    from metamodel.definitions.processes import ProcessDef
    from metamodel.expressions.typed import TypedExpression

PER_RECORD, PER_EPISODE = "per record", "per episode"


@dataclass(frozen=True, eq=False)
class Rule:
    """One automation ready to be set off."""

    definition: AutomationDef
    trigger: Trigger
    records: Records = field(repr=False)

    @property
    def name(self) -> str:
        """Return its name."""
        return self.definition.name

    @property
    def object(self) -> str:
        """Return the object whose records it is about, "" for none."""
        return self.definition.object

    @property
    def episodic(self) -> bool:
        """Whether it begins and ends with its condition: once for as long as that holds."""
        return self.trigger.episodes or self.definition.once == PER_EPISODE

    def option(self, name: str) -> Any:
        """Return an option of its trigger, None where it is not given."""
        return self.definition.trigger.options.get(name)

    @cached_property
    def condition(self) -> TypedExpression | None:
        """What must hold of a record: the trigger's condition, its ``when`` and the rule's own; None where nothing must."""
        given = [self.option("when"), self.definition.when]
        if isinstance(self.definition.trigger.value, Expression):
            given.insert(0, self.definition.trigger.value)
        texts = [one.text for one in given if isinstance(one, Expression)]
        if not texts or not self.object or self.trigger.judges:
            return None
        text = texts[0] if len(texts) == 1 else " and ".join(f"({one})" for one in texts)
        return self.records.shapes.check(text, self.records.shapes.rule_scope(self.object), BOOLEAN)

    @cached_property
    def reads(self) -> frozenset[str]:
        """The fields of the record itself that its condition reads."""
        if self.condition is None:
            return frozenset()
        return self.records.objects[self.object].rules.reads_of(self.condition)

    @cached_property
    def processes(self) -> tuple[ProcessDef, ...]:
        """The processes that move its records."""
        return tuple(one for one in self.records.model.processes.values() if one.object == self.object)

    @cached_property
    def digest(self) -> str:
        """What tells one way of setting it off from another: a rule whose trigger has changed begins anew."""
        trigger = self.definition.trigger
        told = (self.object, self.definition.when, trigger.kind, trigger.value, sorted(trigger.options.items()))
        return sha256(repr(told).encode()).hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class Automations:
    """The automation floor's part of a Runtime (``ctx.runtime.part(Automations)``)."""

    records: Records

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """The rules by name."""
        triggers = self.records.kinds.triggers
        found = {}
        for name, one in self.records.model.automations.items():
            trigger = triggers[one.trigger.kind]
            assert isinstance(trigger, Trigger)  # noqa: S101 - the registry is the engine's own
            found[name] = Rule(one, trigger, self.records)
        return found

    @cached_property
    def actions(self) -> Mapping[str, Action]:
        """The kinds of action by name."""
        return {name: one for name, one in self.records.kinds.actions.items() if isinstance(one, Action)}

    @cached_property
    def _hearing(self) -> Mapping[tuple[str, str], tuple[Rule, ...]]:
        found: dict[tuple[str, str], list[Rule]] = {}
        for rule in self.rules.values():
            for event in rule.trigger.events:
                found.setdefault((rule.object, event), []).append(rule)
        return {key: tuple(rules) for key, rules in found.items()}

    def hearing(self, object_name: str, event: str) -> tuple[Rule, ...]:
        """Return the rules that an event of an object may set off."""
        return self._hearing.get((object_name, event), ())

    def warm(self) -> None:
        """Check the conditions of all rules now: jobs that are forked from this process then need not do it again, each for itself."""
        for rule in self.rules.values():
            _ = rule.condition, rule.reads
        _ = self._hearing, self.actions, self.clocked

    @cached_property
    def clocked(self) -> Mapping[str, Rule]:
        """The rules that the clock sets off."""
        return {name: rule for name, rule in self.rules.items() if rule.trigger.next is not None}

    def buttons(self, object_name: str) -> tuple[Rule, ...]:
        """Return the rules of an object that people set off by hand, in definition order."""
        return tuple(rule for rule in self.rules.values() if rule.object == object_name and rule.trigger.pressed)


def rule_of(runtime: Runtime, name: str) -> Rule | None:
    """Return a rule of a version, None where it has none of that name."""
    return runtime.part(Automations).rules.get(name)
