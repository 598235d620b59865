"""Scenarios against the model they are about: every name, value and expression is checked before any step runs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.records.compile import compile_records
from engine.scenarios.parts import Placed
from engine.scenarios.read import read_scenarios
from engine.scenarios.verb import Takes
from engine.storage.physical import Physical
from metamodel.definitions.common import Expression
from metamodel.expressions.checker import check_expression
from metamodel.expressions.durations import parse_duration
from metamodel.expressions.types import BOOLEAN, Base, Type
from metamodel.faults import Faults, Mark, offered
from metamodel.names import USER, WORDS, is_name
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from engine.records.compile import Records
    from engine.scenarios.parts import Expectation, Notified, Scenario, ScenarioAction, ScenarioStep
    from engine.scenarios.verb import Verb
    from metamodel.definitions.model import Model
    from metamodel.expressions.scope import Scope
    from metamodel.faults import Fault
    from metamodel.kinds import Kinds

CODE = re.compile(r"[A-Z][A-Z0-9_]*")
BUILT_IN_ROLES = ("admin",)


def check_scenario(scenario: Scenario, records: Records, verbs: Mapping[str, Verb], faults: Faults) -> None:
    """Add to ``faults`` whatever in ``scenario`` the model or the verbs do not know."""
    _Check(records, verbs, faults).scenario(scenario)


def check_packs(packs: Sequence[Path], model: Model, kinds: Kinds, verbs: Mapping[str, Verb]) -> Faults:
    """Return the faults of all scenarios of packs, against the model that the packs make together; no database is needed."""
    faults = Faults()
    records = compile_records(model, Physical(), kinds)
    for pack in packs:
        for scenario in read_scenarios(pack, own := Faults()):
            check_scenario(scenario, records, verbs, own)
        faults.extend(_without_consequences(own))
    return faults


def _without_consequences(faults: Faults) -> list[Fault]:
    """Return the faults without those of the pieces that YAML leaves of an expression it has cut off."""
    cut = {_around(fault.mark) for fault in faults if fault.code == "EXPR_CUT"}
    return [fault for fault in faults if fault.code == "EXPR_CUT" or not _among(fault.mark, cut)]


def _around(mark: Mark) -> tuple[str, str]:
    return mark.file, mark.path.rpartition("/")[0]


def _among(mark: Mark, places: Collection[tuple[str, str]]) -> bool:
    steps = mark.path.split("/")
    return any((mark.file, "/".join(steps[:depth])) in places for depth in range(1, len(steps) + 1))


@dataclass(slots=True)
class _Check:
    """One check: what is known so far, step by step. ``names``: record → its object ("" where that is at fault)."""

    records: Records
    verbs: Mapping[str, Verb]
    faults: Faults
    names: dict[str, str] = field(default_factory=dict)
    users: frozenset[str] = frozenset()

    def scenario(self, scenario: Scenario) -> None:
        model = self.records.model
        self.users = frozenset(scenario.users)
        self.names = dict.fromkeys(scenario.users, USER)
        for user in scenario.users.values():
            for role in user.roles:
                if role not in model.roles and role not in BUILT_IN_ROLES:
                    self._unknown("ROLE", Text(zh="角色", en="role"), role, model.roles, user.mark)
        for record in scenario.records.values():
            self._by(record.by, record.mark)
            known = self._object(record.object, record.mark)
            if known:
                self.values(record.object, record.values)
            self.names[record.name] = record.object if known else ""
        for user in scenario.users.values():  # a user's department may be a record of the scenario
            self.values(USER, user.values)
        for step in scenario.steps.values():
            self.step(step)

    def step(self, step: ScenarioStep) -> None:
        self._by(step.by, step.mark)
        if step.wait and parse_duration(step.wait) is None:
            message = Text(zh=f"{step.wait} 不是时长，如 49h、3wd", en=f"{step.wait} is no duration, like 49h, 3wd")
            self.faults.add("MALFORMED", message, step.mark)
        if step.action is not None:
            self.action(step.action, refused=step.expect is not None and bool(step.expect.refused))
        if step.expect is not None:
            self.expect(step, step.expect)

    def action(self, action: ScenarioAction, *, refused: bool) -> None:
        verb = self.verbs.get(action.verb)
        if verb is None:
            self._unknown("ACTION", Text(zh="动作", en="action"), action.verb, self.verbs, action.mark)
            return
        self._required(action, verb)
        of = self._object_of(action, verb)
        for name, given in action.options.items():
            known = verb.options.get(name)
            if known is None:
                self._unknown("OPTION", Text(zh="选项", en="option"), name, verb.options, given.called)
            elif known.takes in {Takes.METRIC, Takes.DASHBOARD}:
                self._figure(known.takes, given)
            elif known.takes is Takes.VALUES and of:
                self.values(of, given.value, known_only=not refused, mark=given.mark)
            elif known.takes is Takes.CONDITION and of:
                self.expression(Expression(str(given.value), given.mark), BOOLEAN, of)
            elif known.takes is Takes.NEW_NAME:
                self._new_name(given, of)
            elif known.takes is Takes.TRANSITION and of and not refused:
                self._transition(given, of)
            elif known.takes is Takes.NUMBER and (isinstance(given.value, bool) or not isinstance(given.value, int)):
                self.faults.add("WRONG_TYPE", Text(zh="应为整数", en="must be a whole number"), given.mark)

    def _required(self, action: ScenarioAction, verb: Verb) -> None:
        for name, option in verb.options.items():
            if option.required and name not in action.options:
                message = Text(zh=f"{verb.name} 缺少 {name}", en=f"{verb.name} wants {name}")
                self.faults.add("REQUIRED", message, action.mark)
        if verb.one_of and sum(name in action.options for name in verb.one_of) != 1:
            names = " / ".join(verb.one_of)
            message = Text(zh=f"{verb.name} 需要且只能有 {names} 之一", en=f"{verb.name} takes exactly one of {names}")
            self.faults.add("REQUIRED", message, action.mark)

    def _figure(self, takes: Takes, given: Placed) -> None:
        model = self.records.model
        if takes is Takes.METRIC and given.value not in model.metrics:
            self._unknown("METRIC", Text(zh="指标", en="metric"), str(given.value), model.metrics, given.mark)
        if takes is Takes.DASHBOARD and given.value not in model.dashboards:
            self._unknown("DASHBOARD", Text(zh="看板", en="dashboard"), str(given.value), model.dashboards, given.mark)

    def _object_of(self, action: ScenarioAction, verb: Verb) -> str:
        """Return the object that an action is about, after a look at the option that says it."""
        for name, option in verb.options.items():
            given = action.options.get(name)
            if given is None:
                continue
            if option.takes is Takes.OBJECT:
                return str(given.value) if self._object(str(given.value), given.mark) else ""
            if option.takes is Takes.RECORD:
                return self._record(given)
        return ""

    def _record(self, given: Placed) -> str:
        if isinstance(given.value, Expression):
            found = self.expression(given.value, None)
            if found is not None and (found.base is not Base.LINK or len(found.objects) != 1):
                message = Text(zh="应为一条记录", en="must be a record")
                self.faults.add("WRONG_TYPE", message, given.mark)
                return ""
            return found.objects[0] if found is not None else ""
        if given.value not in self.names:
            self._unknown("RECORD", Text(zh="记录", en="record"), str(given.value), self.names, given.mark)
        return self.names.get(str(given.value), "")

    def _transition(self, given: Placed, of: str) -> None:
        processes = (one for one in self.records.model.processes.values() if one.object == of)
        names = [name for process in processes for name in process.transitions]
        if given.value not in names:
            self._unknown("TRANSITION", Text(zh="流转", en="transition"), str(given.value), names, given.mark)

    def _new_name(self, given: Placed, of: str) -> None:
        name = str(given.value)
        if not is_name(name) or name in WORDS or name in self.names:
            message = Text(zh=f"{name} 不能作名称，或已被使用", en=f"{name} can't be a name here, or is taken")
            self.faults.add("BAD_NAME", message, given.mark)
        self.names[name] = of

    def values(self, of: str, values: object, *, known_only: bool = True, mark: Mark | None = None) -> None:
        """Check field values; where a refusal is what is wanted, wrong names may be its very reason (``known_only`` False)."""
        if not isinstance(values, dict):
            self.faults.add("WRONG_TYPE", Text(zh="应为一张表", en="must be a map"), mark or Mark())
            return
        fields = self.records.objects[of].fields
        for name, given in values.items():
            value, at = (given.value, given.mark) if isinstance(given, Placed) else (given, mark or Mark())
            found = fields.get(name)
            if found is None:
                if known_only:
                    called = given.called if isinstance(given, Placed) else at
                    self._unknown("FIELD", Text(zh="字段", en="field"), name, fields, called)
                continue
            if isinstance(value, Expression):
                self.expression(value, found.type)
            elif found.targets and isinstance(value, str) and value not in self.names and known_only:
                self._unknown("RECORD", Text(zh="记录", en="record"), value, self.names, at)
            elif isinstance(value, list) and found.type.base is Base.ROWS and found.type.objects:
                for row in value:
                    self.values(found.type.objects[0], row, known_only=known_only, mark=at)

    def expect(self, step: ScenarioStep, expect: Expectation) -> None:
        if expect.holds is not None:
            self.expression(expect.holds, BOOLEAN)
        if expect.refused and not CODE.fullmatch(expect.refused):
            message = Text(
                zh=f"{expect.refused} 不是拒绝代码，如 FORBIDDEN", en=f"{expect.refused} is no code, like FORBIDDEN"
            )
            self.faults.add("MALFORMED", message, expect.mark)
        if step.action is None and (
            expect.refused or (expect.count, expect.records, expect.shows, expect.warned) != (None,) * 4
        ):
            message = Text(zh="这一步没有动作，无从谈起结果", en="the step has no action that this could come of")
            self.faults.add("NOTHING_DONE", message, expect.mark)
        if expect.notified is not None:
            self._notified(expect.notified)
        for name in expect.records or ():
            if name not in self.names:
                self._unknown("RECORD", Text(zh="记录", en="record"), name, self.names, expect.mark)

    def _notified(self, notified: Notified) -> None:
        channels = self.records.kinds.channels
        if isinstance(notified.to, Expression):
            found = self.expression(notified.to, None)
            if found is not None and found.objects != (USER,):
                message = Text(zh="应为一个用户", en="must be a user")
                self.faults.add("WRONG_TYPE", message, notified.to.mark)
        elif notified.to not in self.users:
            self._unknown("USER", Text(zh="用户", en="user"), notified.to, self.users, notified.mark)
        if notified.by and notified.by not in channels:
            self._unknown("CHANNEL", Text(zh="渠道", en="channel"), notified.by, channels, notified.mark)

    def expression(self, expression: Expression, want: Type | None, of: str | None = None) -> Type | None:
        """Return the type of a good expression over the names so far; else add its faults."""
        scope = scope_of(self.records, self.names, of)
        checked = check_expression(expression.text, scope, self.records.kinds.functions, want=want)
        for fault in checked.faults:
            at = expression.mark
            mark = Mark(at.file, at.line, at.column + fault.start, at.path)
            self.faults.add(fault.code, fault.message, mark, hint=fault.hint, severity=fault.severity)
        return checked.expression.type if checked.expression is not None else None

    def _object(self, name: str, mark: Mark) -> bool:
        if name in self.records.objects:
            return True
        self._unknown("OBJECT", Text(zh="对象", en="object"), name, self.records.objects, mark)
        return False

    def _by(self, name: str, mark: Mark) -> None:
        if name and name not in self.users:
            self._unknown("USER", Text(zh="用户", en="user"), name, self.users, mark)

    def _unknown(self, code: str, what: Text, name: str, known: object, mark: Mark) -> None:
        message = Text(zh=f"没有名为 {name} 的{what.zh}", en=f"there is no {what.en} {name}")
        names = [str(one) for one in known] if hasattr(known, "__iter__") else []
        self.faults.add(f"UNKNOWN_{code}", message, mark, hint=offered(name, names))


def scope_of(records: Records, names: Mapping[str, str], of: str | None = None) -> Scope:
    """Return the scope of a scenario's expressions: its records and users by name, ``me`` who acts; bare names are ``of``'s."""
    known = {name: Type(Base.LINK, (target,)) for name, target in names.items() if target}
    return records.shapes.scope(of, **known)
