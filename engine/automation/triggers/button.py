"""The trigger `button`: somebody presses a button on the record's page."""

from __future__ import annotations

from engine.automation.frame import Trigger
from engine.automation.triggering import WHEN
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

KIND = Trigger(
    name="button",
    label=Text(zh="按钮", en="Button"),
    help=Text(
        zh="记录页上的按钮；when 决定何时显示，roles 决定谁能按",
        en="A button on the record's page; `when` says when it is there, `roles` who may press it",
    ),
    options=OptionSorts(
        {
            "label": OptionSort(Takes.LABEL, Text(zh="按钮文字", en="Label"), required=True),
            "when": WHEN,
            "roles": OptionSort(Takes.ROLES, Text(zh="哪些角色", en="Which roles")),
        }
    ),
    pressed=True,
    examples=("{button: {label: {zh: 唤醒, en: Wake}, when: budget > 0, roles: [rep]}}",),
)
