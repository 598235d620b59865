"""What the groups of a metric's trigger are, as expressions know them (``group.region``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.expressions.types import ANY, Base, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.automation.rules import Rule


def group_types(rule: Rule) -> Mapping[str, Type]:
    """Return the type of what a metric is split by, under the name that conditions and actions use."""
    by, metric = rule.option("by"), rule.records.model.metrics.get(str(rule.definition.trigger.value))
    if not isinstance(by, str) or metric is None:
        return {}
    here = Type(Base.LINK, (metric.object,))
    for step in by.split("."):
        members = rule.records.shapes.members(here.objects[0]) if len(here.objects) == 1 else None
        here = (members or {}).get(step, ANY)
    return {by.rpartition(".")[2]: here}
