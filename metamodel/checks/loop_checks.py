"""Rules that set one another off: a circle that nothing on the way can break is a fault, one that a condition may break a warning.

Knows what the actions ``set``, ``create`` and ``transition`` cause and which triggers listen to that; other kinds are taken to cause
nothing. At run time the depth limit stands behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from metamodel.checks.context import below
from metamodel.definitions.common import Expression
from metamodel.definitions.processes import OPEN
from metamodel.expressions.checker import Scope, check_expression
from metamodel.expressions.types import ANY
from metamodel.states import processes_of
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from metamodel.checks.context import Checks
    from metamodel.definitions.actions import ActionDef
    from metamodel.definitions.automations import AutomationDef

_PAUSES = frozenset({"wait", "stop"})


@dataclass(frozen=True, slots=True)
class _Effect:
    """What an action does to records: ``event`` created, updated or moved; ``changing``: it changes something every time
    it runs (a value written twice does not); ``sure``: nothing holds it back."""

    event: str
    object: str
    fields: frozenset[str] = frozenset()
    into: frozenset[str] = frozenset()
    out_of: frozenset[str] = frozenset()
    changing: bool = True
    sure: bool = True


def check_loops(checks: Checks) -> None:
    """Check all rules together."""
    rules = checks.model.automations
    effects = {name: tuple(_effects(checks, rule)) for name, rule in rules.items()}
    if not any(effects.values()):
        return
    listeners: dict[str, list[AutomationDef]] = {}
    for rule in rules.values():
        listeners.setdefault(rule.object, []).append(rule)
    ways: dict[str, dict[str, bool]] = {}
    for name, caused in effects.items():
        ways[name] = {}
        for effect in caused:
            for other in listeners.get(effect.object, ()):
                heard = _heard(effect, other, itself=other is rules[name])
                if heard is not None and not _fails(effect, effects[other.name]):
                    ways[name][other.name] = ways[name].get(other.name, False) or heard
    sure = {name: [other for other, heard in found.items() if heard] for name, found in ways.items()}
    told: set[frozenset[str]] = set()
    for circle in _circles(sure):
        _tell(checks, circle, told, definite=True)
    for circle in _circles({name: list(found) for name, found in ways.items()}):
        _tell(checks, circle, told, definite=False)


def _effects(checks: Checks, rule: AutomationDef) -> Iterator[_Effect]:
    paused = False
    for action in rule.do:
        paused = paused or action.verb in _PAUSES
        effect = _effect(checks, rule, action)
        if effect is None or (rule.once == "per record" and effect.event != "created"):
            continue
        calm = rule.when is None and not paused
        yield effect if calm else replace(effect, sure=False)


def _effect(checks: Checks, rule: AutomationDef, action: ActionDef) -> _Effect | None:
    options = action.options
    if action.verb == "create":
        made = options.get("object")
        return _Effect("created", made) if isinstance(made, str) else None
    if not rule.object or rule.object not in checks.model.objects or "record" in options:
        return None
    if action.verb == "set":
        values: Mapping[str, object] = options.get("", {})
        changing = [name for name, value in values.items() if _changes(checks, rule, name, value)]
        return _Effect("updated", rule.object, frozenset(values), changing=bool(changing))
    if action.verb != "transition":
        return None
    for process in processes_of(checks.model.objects[rule.object], checks.model):
        way = process.transitions.get(options.get("name", ""))
        if way is not None:
            into, out_of = frozenset(process.targets_of(way)), frozenset(process.sources_of(way))
            sure = way.when is None and way.to != OPEN and OPEN not in way.sources
            return _Effect("moved", rule.object, frozenset({process.field}), into, out_of, sure=sure)
    return None


def _changes(checks: Checks, rule: AutomationDef, name: str, value: object) -> bool:
    """Whether a value is another one every time: it reads the very field it is written to."""
    if not isinstance(value, Expression):
        return False
    roots = {"me": ANY, "old": ANY, "record": ANY}
    checked = check_expression(value.text, Scope(checks.schema, rule.object, roots), checks.kinds.functions)
    paths = checked.depends.paths
    return len(value.text) > len(name) and any(path in {(name,), ("record", name)} for path in paths)


def _heard(effect: _Effect, rule: AutomationDef, *, itself: bool) -> bool | None:
    """Whether a rule is set off by an effect: True surely, False perhaps, None not at all."""
    trigger = rule.trigger
    if effect.event == "created":
        fits = trigger.kind == "created"
    elif trigger.kind == "updated":
        fields = trigger.options.get("fields") or ()
        fits = not fields or bool(effect.fields & set(fields))
    else:
        places = {"enters": effect.into, "leaves": effect.out_of}.get(trigger.kind, frozenset())
        fits = effect.event == "moved" and trigger.value in places
    if not fits:
        return None
    if itself and not effect.changing:
        return None
    calm = rule.when is None and "when" not in trigger.options and not rule.pilot
    return effect.sure and effect.changing and calm


def _fails(effect: _Effect, following: tuple[_Effect, ...]) -> bool:
    """Whether all that a rule does is to move the record on from states that the effect has not brought it to."""
    return bool(following) and all(
        one.event == effect.event == "moved"
        and (one.object, one.fields) == (effect.object, effect.fields)
        and not one.out_of & effect.into
        for one in following
    )


def _circles(ways: Mapping[str, list[str]]) -> Iterator[list[str]]:
    """Yield circles, at least one through every rule that is on one."""
    for start in ways:
        before: dict[str, str] = {}
        waiting = [start]
        while waiting:
            here = waiting.pop(0)
            for other in ways.get(here, ()):
                if other == start:
                    circle = [here]
                    while circle[-1] != start:
                        circle.append(before[circle[-1]])
                    yield circle[::-1]
                    waiting.clear()
                    break
                if other not in before:
                    before[other] = here
                    waiting.append(other)


def _tell(checks: Checks, circle: list[str], told: set[frozenset[str]], *, definite: bool) -> None:
    if frozenset(circle) in told:
        return
    told.add(frozenset(circle))
    names = " → ".join([*circle, circle[0]])
    mark = below(checks.tree("automation", circle[0]), "trigger").key_mark
    if definite:
        message = Text(zh=f"规则无休止地互相触发：{names}", en=f"these rules set one another off without end: {names}")
        checks.faults.add(
            "LOOP",
            message,
            mark,
            hint=Text(zh="加上条件，或 once: per record", en="add a condition, or once: per record"),
        )
    else:
        message = Text(zh=f"规则可能互相触发：{names}", en=f"these rules may set one another off: {names}")
        checks.faults.warn("LOOP_POSSIBLE", message, mark)
