"""Rules that people set off by a button: which are there for somebody on a record, and pressing one. Its actions run at once, in the same
transaction, so that whoever pressed it sees what came of it or why it was refused."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from engine.automation.keeping import Start
from engine.automation.pilot import applies
from engine.automation.rules import Automations
from engine.automation.runner import press
from engine.records.access import forbidden, not_found, rights_of
from engine.records.compile import Records
from engine.records.effects import Bound
from engine.records.hold import hold
from engine.records.judging import evaluate
from engine.records.query import read_one
from engine.records.rights import everything
from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.automation.rules import Rule
    from engine.context import Context

NOT_NOW = Text(zh="现在不能执行：条件不满足", en="not now: its condition does not hold")


def buttons_on(context: Context, object_name: str, record_id: int) -> list[Rule]:
    """Return the rules that the actor may set off on a record that they see, in definition order; one statement asks all conditions."""
    rules = [
        rule
        for rule in context.runtime.part(Automations).buttons(object_name)
        if _may_press(context, object_name, rule)
    ]
    conditions = {rule.name: rule.condition for rule in rules if rule.condition is not None}
    values = evaluate(context, object_name, [record_id], [*conditions.values()]).get(record_id, ())
    held = dict(zip(conditions, values, strict=False))
    return [rule for rule in rules if held.get(rule.name, True) is True and applies(context, rule, record_id)]


def press_button(context: Context, object_name: str, record_id: int, name: str) -> tuple[Rule, Bound | None]:
    """Set a rule off on a record; return it, and the record that it made where that is all that it does. Raises Refusal as ``demand_button`` does, 409 NOT_ALLOWED_NOW where its condition does not hold, and
    whatever its actions are refused for."""
    rule = demand_button(context, object_name, record_id, name)
    if rule not in buttons_on(context, object_name, record_id):
        raise Refusal(409, "NOT_ALLOWED_NOW", NOT_NOW)
    cause = {"kind": "button", "actor": context.actor.id}
    start = Start(rule.name, Bound(object_name, record_id), f"button:{uuid.uuid4()}", cause, context.chain)
    return rule, press(context, start, rule.definition.do)


def demand_button(context: Context, object_name: str, record_id: int, name: str) -> Rule:
    """Lock a record and return the rule of one of its buttons. Raises Refusal: 403 where a role or the right to change the record is
    lacking, 404 for a record or a button that is not there."""
    rule = next((one for one in context.runtime.part(Automations).buttons(object_name) if one.name == name), None)
    if object_name not in context.runtime.part(Records).objects:
        raise not_found()
    read_one(context, object_name, record_id, ("id",))
    if rule is None:
        raise Refusal(404, "UNKNOWN_BUTTON", Text(zh=f"没有按钮 {name[:60]}", en=f"there is no button {name[:60]}"))
    if not _may_press(context, object_name, rule):
        raise forbidden("update")
    hold(context, object_name, record_id, "" if rule.option("roles") else "update")
    return rule


def _may_press(context: Context, object_name: str, rule: Rule) -> bool:
    """Whether somebody may press a button at all: by one of its roles or, where it names none, by the right to change records."""
    actor, roles = context.actor, rule.option("roles")
    if everything(actor):
        return True
    if roles:
        return bool(actor.roles & set(roles))
    return rights_of(context.runtime.part(Records), actor).grants(object_name, "update")
