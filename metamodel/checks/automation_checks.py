"""Automations: triggers on what there is, conditions over the subject, actions in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metamodel.checks.action_checks import check_actions
from metamodel.checks.context import below, follow, roots_of
from metamodel.checks.ground import NO_OBJECT, Ground, Options
from metamodel.checks.named_checks import known_object
from metamodel.checks.option_checks import check_options
from metamodel.expressions.types import ANY, BOOLEAN, NUMBER
from metamodel.options import Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.checks.context import Checks
    from metamodel.definitions.automations import AutomationDef
    from metamodel.expressions.scope import Root
    from metamodel.expressions.types import Type
    from metamodel.kinds import OptionedSort
    from metamodel.options import OptionSort

_CLOCK = frozenset({Takes.CRON, Takes.TIME, Takes.METRIC})
_ALONE = frozenset({Takes.CRON, Takes.METRIC})  # what sets a rule off without any record


def check_automation(checks: Checks, automation: AutomationDef) -> None:
    """Check one automation."""
    tree = checks.tree("automation", automation.name)
    sort = checks.kinds.triggers.get(automation.trigger.kind)
    takes = _takes(sort)
    subject: str | None = automation.object
    if subject and not known_object(checks, subject, below(tree, "object").mark):
        subject = None
    if subject == NO_OBJECT and sort is not None and not takes & _ALONE:
        message = Text(zh="缺少 object：不知道是哪种记录", en="object is missing: which records is this about?")
        checks.faults.add("MISSING_KEY", message, next(iter(tree.map.values())).key_mark)
        subject = None
    ground = asked = Ground(subject, _roots(checks, subject, clock=bool(takes & (_CLOCK | {Takes.INBOUND}))))
    if sort is not None:
        ground = _check_trigger(checks, automation, sort, ground)
    if Takes.INBOUND in takes:
        ground = ground.bind("body", ANY)  # for what is done: a condition is asked of the record
    else:
        asked = ground
    if automation.when is not None:
        asked.judge(checks, automation.when, BOOLEAN)
    check_actions(checks, automation.do, below(tree, "do"), ground)
    check_actions(checks, automation.ends, below(tree, "ends"), ground)


def _takes(sort: OptionedSort | None) -> set[Takes]:
    if sort is None:
        return set()
    named = {one.takes for one in sort.options.named.values()}
    return named | ({sort.options.whole.takes} if sort.options.whole is not None else set())


def _roots(checks: Checks, subject: str | None, *, clock: bool) -> Mapping[str, Root]:
    """Return the roots of a rule: what the clock sets off has nobody who did it and nothing before it."""
    if not subject:
        return {}
    roots: dict[str, Root] = dict(roots_of(checks.model, subject, rule=True))
    if clock:
        roots.pop("me", None)
        roots.pop("old", None)
    return roots


def _check_trigger(checks: Checks, automation: AutomationDef, sort: OptionedSort, ground: Ground) -> Ground:
    """Check the trigger's options; return the ground of the actions, with what the trigger tells them."""
    trigger, whole = automation.trigger, sort.options.whole
    node = below(checks.tree("automation", automation.name), "trigger")
    place = below(node, trigger.kind)
    if whole is None:
        check_options(checks, sort.options, trigger.options, place, ground)
        return ground
    given: dict[str, Any] = {**({"": trigger.value} if trigger.value is not None else {}), **trigger.options}
    if whole.takes is not Takes.METRIC:
        check_options(checks, sort.options, given, node, ground, whole_at=place)
        return ground
    ground = _of_metric(Options(checks, ground, sort.options, given, node), whole)
    conditions = {key for key, one in sort.options.named.items() if one.takes is Takes.CONDITION}
    others = {key: value for key, value in given.items() if key not in conditions}
    check_options(checks, sort.options, others, node, ground, whole_at=place)
    for key in conditions & given.keys():  # about figures, not about a record
        checks.expression(given[key], None, BOOLEAN, ground.roots)
    return ground


def _of_metric(options: Options, whole: OptionSort) -> Ground:
    """Return the ground with ``group`` (what the metric is split by), ``value`` and ``average``."""
    group: dict[str, Type] = {}
    about, ground = options.about(whole), options.ground
    for key, sort in options.sorts.named.items():
        path = options.given.get(key)
        if sort.takes in {Takes.PATH, Takes.FIELD} and isinstance(path, str):
            type_ = follow(options.checks.schema, about, path)[0] if about else None
            group[path.rpartition(".")[2]] = type_ or ANY
    return Ground(ground.object, {**ground.roots, "value": NUMBER, "average": NUMBER, "group": group})
