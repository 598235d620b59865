"""Runs scenarios on a scratch database, each in a transaction that is rolled back, through the same doors as everybody. Makes no
database and publishes nothing: that is for the caller."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.people.roles import grant_roles
from engine.records import commands
from engine.refusals import Refusal
from engine.scenarios import verbs as verb_files
from engine.scenarios.expect import differences
from engine.scenarios.parts import Placed
from engine.scenarios.passing import Passing, troubles
from engine.scenarios.stage import Stage
from engine.scenarios.verb import Known, Outcome, Takes, Verb
from metamodel.definitions.common import Expression
from metamodel.expressions.types import Base
from metamodel.faults import Mark
from metamodel.kinds import discover
from metamodel.names import USER
from metamodel.text import Text, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Engine

    from engine.context import Runtime
    from engine.scenarios.parts import Scenario, ScenarioAction, ScenarioStep

ALONE = Passing()  # nobody works on anything
BEGINNING = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Shanghai


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a scenario failed: at which step, what was expected and what came instead, line by line."""

    step: str
    message: Text
    details: tuple[Text, ...] = ()
    mark: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class Result:
    """One scenario's outcome. ``seconds`` is the time it really took."""

    scenario: Scenario
    failure: Failure | None
    seconds: float


def load_verbs() -> Mapping[str, Verb]:
    """Return the verbs there are, by name."""
    return MappingProxyType(dict(discover(verb_files, Verb)))


def run_scenarios(
    scenarios: Sequence[Scenario],
    runtime: Runtime,
    engine: Engine,
    verbs: Mapping[str, Verb],
    passing: Passing = ALONE,
) -> list[Result]:
    """Run checked scenarios one after another; none leaves anything behind. ``passing``: who works on what they bring about."""
    results: list[Result] = []
    for scenario in scenarios:
        began = time.perf_counter()
        with engine.connect() as connection, connection.begin() as transaction:
            failure = _run(scenario, Stage(runtime, connection, scenario.now or BEGINNING), verbs, passing)
            transaction.rollback()
        results.append(Result(scenario, failure, time.perf_counter() - began))
    return results


def _run(scenario: Scenario, stage: Stage, verbs: Mapping[str, Verb], passing: Passing) -> Failure | None:
    try:
        with stage.connection.begin_nested():
            _set_the_stage(scenario, stage)
        passing.forget(stage)
    except Refusal as refusal:
        message = Text(zh="given 无法建立", en="what is given can't be set up")
        return Failure("given", message, told(refusal), scenario.mark)
    for step in scenario.steps.values():
        failure = _step(step, stage, verbs, passing)
        if failure is not None:
            failed = [
                Text(zh=f"规则 {name} 失败：{error}", en=f"the rule {name} failed: {error}")
                for name, error in troubles(stage)
            ]
            return replace(failure, details=(*failure.details, *failed))
    return None


def _set_the_stage(scenario: Scenario, stage: Stage) -> None:
    """Make the users, then the records, then what links the users to each other and to records."""
    later: dict[str, dict[str, object]] = {}
    fields = stage.records.objects[USER].fields
    for user in scenario.users.values():
        own = {"login": user.name, "name": user.name}
        now = {name: value for name, value in user.values.items() if fields[name].type.base is not Base.LINK}
        later[user.name] = {name: value for name, value in user.values.items() if name not in now}
        values = {**own, **stage.json_values(USER, now, "")}
        made = commands.create(stage.context(), USER, [values])[0]
        stage.names[user.name] = Known(USER, made.id)
        grant_roles(stage.connection, made.id, user.roles, at=stage.now)
    for record in scenario.records.values():
        values = stage.json_values(record.object, record.values, record.by)
        made = commands.create(stage.context(record.by), record.object, [values])[0]
        stage.names[record.name] = Known(record.object, made.id)
    for name, links in later.items():
        if links:
            change = commands.Change(stage.names[name].id, stage.json_values(USER, links, ""))
            commands.update(stage.context(), USER, [change])


@dataclass(frozen=True, slots=True)
class _Given:
    """An action's options, evaluated when the verb asks."""

    stage: Stage
    action: ScenarioAction
    verb: Verb
    by: str

    def record(self, name: str) -> Known:
        return self.stage.record(self.action.options[name].value, self.by)

    def get(self, name: str) -> object:
        given = self.action.options.get(name)
        if given is None:
            return None
        if self.verb.options[name].takes is Takes.VALUES:
            return self.stage.json_values(self._object(), given.value, self.by)
        if self.verb.options[name].takes is Takes.FILTERS:
            written = {key: one.value if isinstance(one, Placed) else one for key, one in dict(given.value).items()}
            names = self.stage.names
            return {key: names[one].id if one in names else one for key, one in written.items()}
        return given.value.text if isinstance(given.value, Expression) else given.value

    def _object(self) -> str:
        for name, option in self.verb.options.items():
            if name in self.action.options and option.takes is Takes.OBJECT:
                return str(self.action.options[name].value)
            if name in self.action.options and option.takes is Takes.RECORD:
                return self.record(name).object
        raise KeyError(self.verb.name)


def _step(step: ScenarioStep, stage: Stage, verbs: Mapping[str, Verb], passing: Passing) -> Failure | None:
    """Do one step, let everything happen that follows, and compare what came of it with what was expected."""
    if step.wait:
        moment = stage.evaluate(stage.typed(Expression(f"NOW() + {step.wait}", step.mark)))
        passing.wait(stage, moment if isinstance(moment, datetime) else stage.now)
    outcome, refusal = _act(step, stage, verbs)
    expected = step.expect.refused if step.expect is not None else ""
    if refusal is not None and not expected:
        message = Text(zh=f"被拒绝：{refusal.code}", en=f"refused: {refusal.code}")
        return Failure(step.name, message, told(refusal), step.action.mark if step.action else step.mark)
    passing.settle(stage)
    if step.expect is None:
        return None
    found = differences(step.expect, stage, step.by, outcome, refusal)
    if found is None:
        return None
    message, details = found
    return Failure(step.name, message, details, step.expect.mark)


def _act(step: ScenarioStep, stage: Stage, verbs: Mapping[str, Verb]) -> tuple[Outcome | None, Refusal | None]:
    """Do a step's action; a refused one leaves nothing behind, as in life."""
    if step.action is None:
        return None, None
    verb = verbs[step.action.verb]
    try:
        with stage.connection.begin_nested():
            outcome = verb.run(stage.context(step.by), _Given(stage, step.action, verb, step.by))
    except Refusal as refusal:
        return None, refusal
    for name, option in verb.options.items():
        if option.takes is Takes.NEW_NAME and name in step.action.options:
            stage.names[str(step.action.options[name].value)] = Known(outcome.object, outcome.ids[0])
    return outcome, None


def told(refusal: Refusal) -> tuple[Text, ...]:
    """Return what a refusal says, its own message first, then a line a field."""
    lines = [Text(zh=f"{refusal.code}：{refusal.message('zh')}", en=f"{refusal.code}: {refusal.message('en')}")]
    for error in refusal.errors:
        where = plain(f"{error.field}  {error.code}  ") if error.field else plain(f"{error.code}  ")
        lines.append(Text(zh=where.zh + error.message("zh"), en=where.en + error.message("en")))
    return tuple(lines)
