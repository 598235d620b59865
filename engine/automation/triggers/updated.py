"""The trigger `updated`: a record was changed, in some fields or in any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.automation.frame import Trigger
from engine.automation.triggering import WHEN
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.automation.rules import Rule
    from engine.storage.outbox import Event


def _concerns(rule: Rule, event: Event) -> bool:
    fields = rule.option("fields")
    changes = event.payload.get("changes") or {}
    return not fields or any(name in changes for name in fields)


KIND = Trigger(
    name="updated",
    label=Text(zh="修改时", en="Updated"),
    help=Text(
        zh="记录修改之后；fields 限定哪些字段；条件里的 old. 是修改前的记录",
        en="After a record was changed; `fields` says in which fields; `old.` in a condition is the record before",
    ),
    options=OptionSorts({"fields": OptionSort(Takes.FIELDS, Text(zh="哪些字段", en="Which fields")), "when": WHEN}),
    events=frozenset({"updated"}),
    concerns=_concerns,
    examples=("updated", "{updated: {fields: [budget], when: budget > old.budget}}"),
)
